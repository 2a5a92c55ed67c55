// Pages inside WeChat: the JS-SDK's scanner and camera over a stub of the client's bridge, with a signature that is
// checked apart from wechat/mp; and the desktop's sign-in by the Open Platform (qrconnect) against the sandbox.
import { createHash } from "node:crypto";
import { equal, holds, Site, test, until } from "./support.mjs";
import { Browser, faults } from "./browser.mjs";

const agent = "Mozilla/5.0 (Linux; Android 14; sandbox) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0.50.2701";
const openid = "oSandboxPhone0000000000000003";
// One grey pixel.
const jpeg = "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AKp//2Q==";
let site, phone, desktop, reports = 0;

// What WeChat's client puts into a page; what was asked of it stays in window.asked.
function bridge({ jpeg, refuses }) {
  window.asked = [];
  window.scanned = "CODE_128,E2E-0042";
  const answers = {
    preVerifyJSAPI: () => ({ errMsg: refuses ? "preVerifyJSAPI:fail invalid signature" : "preVerifyJSAPI:ok" }),
    getNetworkType: () => ({ errMsg: "getNetworkType:network_type:wifi", subtype: "wifi" }),
    scanQRCode: () => ({ errMsg: "scanQRCode:ok", resultStr: window.scanned }),
    chooseImage: () => ({ errMsg: "chooseImage:ok", localIds: JSON.stringify(["wxLocalResource://1", "wxLocalResource://2"]) }),
    getLocalImgData: () => ({ errMsg: "getLocalImgData:ok", localData: jpeg }),
  };
  window.WeixinJSBridge = { on() {}, invoke(name, given, done) { window.asked.push({ name, given }); setTimeout(() => done(answers[name]?.() ?? { errMsg: `${name}:fail` }), 5); } };
}

async function open(viewport, { refuses = false } = {}) {
  const b = await Browser.open(site, viewport, { userAgent: agent });
  await b.context.addInitScript(bridge, { jpeg, refuses });
  await b.context.route("https://open.weixin.qq.com/**", (r) => { reports++; return r.fulfill({ status: 204 }); });
  return b;
}

test("jssdk: the site, with a website application", async () => {
  Object.assign(process.env, { QIANGJIAN_WECHAT__WEBSITE_APPID: "wxfedcba9876543210", QIANGJIAN_WECHAT__WEBSITE_SECRET: "secret-of-the-website" });
  site = await Site.start(process.env.QIANGJIAN_ROOT);
  for (const name of ["APPID", "SECRET"]) delete process.env[`QIANGJIAN_WECHAT__WEBSITE_${name}`];
  phone = await open({ width: 390, height: 844 });
  desktop = await Browser.open(site, { width: 1440, height: 900 });
});

test("U3 inside WeChat the page is signed for the address it shows, and the buttons appear", async () => {
  await phone.bindPhone(openid, "chenzhiming");
  await phone.goto("/instruments/new?from=singlemessage&isappinstalled=0#part");
  await phone.page.getByRole("button", { name: "扫码填写" }).waitFor();
  equal(await phone.page.getByRole("button", { name: "拍照或选图" }).count(), 2);
  const { given } = await phone.page.evaluate(() => window.asked.find((a) => a.name === "preVerifyJSAPI"));
  const post = (path, body) => site.request(site.sandboxUrl, path, { method: "POST", body: JSON.stringify(body) }).then((r) => JSON.parse(r.body));
  const { access_token } = await post("/cgi-bin/stable_token", { grant_type: "client_credential", appid: site.appid, secret: site.secret });
  const { ticket } = JSON.parse((await site.request(site.sandboxUrl, `/cgi-bin/ticket/getticket?access_token=${access_token}&type=jsapi`)).body);
  const url = `${site.url}/instruments/new?from=singlemessage&isappinstalled=0`;
  const text = `jsapi_ticket=${ticket}&noncestr=${given.verifyNonceStr}&timestamp=${given.verifyTimestamp}&url=${url}`;
  equal(given.verifySignature, createHash("sha1").update(text).digest("hex"), "signature");
  equal(given.verifyAppId, site.appid);
  equal(JSON.stringify(given.verifyJsApiList.slice(0, 3)), JSON.stringify(["scanQRCode", "chooseImage", "getLocalImgData"]));
  await until("the SDK's report goes out, as the policy allows", async () => reports > 0);
  await phone.sound("wechat-instrument-form");
});

test("M10 a bar code fills 出厂编号, without the name of its kind", async () => {
  await phone.page.getByRole("button", { name: "扫码填写" }).click();
  await until("the number stands in the field", async () => (await phone.page.locator("#f-serial_no").inputValue()) === "E2E-0042");
});

test("M13 pictures of the camera go up with the form, for both kinds, and one can be taken out again", async () => {
  const fill = (name, value) => phone.page.locator(`#f-${name}`).fill(value);
  const choose = (name, label) => phone.page.locator(`#f-${name}`).selectOption({ label });
  await fill("name", "压力表");
  await fill("model", "Y-100");
  await fill("measuring_range", "(0~1.6) MPa");
  await fill("manufacturer", "示例仪表厂");
  await choose("purpose", "安全防护");
  await phone.page.locator("#l1").first().selectOption({ label: "压力仪表" });
  await choose("catalogue_id", "压力表（指示类、显示类）");
  await choose("method", "送检");
  await fill("location_text", "锅炉房");
  await phone.page.locator("#f-region_code").selectOption("440606");
  const [material, evaluation] = await phone.page.locator("[data-files]").all();
  await material.getByRole("button", { name: "拍照或选图" }).click();
  await until("two pictures are listed", async () => (await material.locator("[data-chosen] li").count()) === 2);
  await material.getByRole("button", { name: /^移除/ }).first().click();
  equal(await material.locator("[data-chosen] li").count(), 1);
  await evaluation.getByRole("button", { name: "拍照或选图" }).click();
  await until("two more", async () => (await evaluation.locator("[data-chosen] li").count()) === 2);
  await phone.sound("wechat-pictures");
  await phone.page.getByRole("button", { name: "保存" }).click();
  await phone.page.getByText("已保存").waitFor();
  equal(await phone.page.getByRole("link", { name: /^照片-\d+-\d\.jpg$/ }).count(), 3);
  await phone.sound("wechat-instrument-saved");
  await phone.page.getByRole("button", { name: /^删除 照片/ }).first().click();
  await phone.page.getByText("已删除").waitFor();
  equal(await phone.page.getByRole("link", { name: /^照片-/ }).count(), 2);
});

test("M30 scanning finds: an instrument by its number, an order on the open page, an order at the desk", async () => {
  await phone.goto("/instruments");
  await phone.page.evaluate(() => { window.scanned = "E2E-0042"; });
  await phone.page.getByRole("button", { name: "扫码查找" }).click();
  await phone.page.waitForURL(/[?&]q=E2E-0042/);
  equal(await phone.page.locator(".rows li").count(), 1);
  await phone.sound("wechat-instruments");
  const desk = await open({ width: 390, height: 844 });
  await desk.signIn("/staff/login", "guopeng");
  const scheduler = await open({ width: 1440, height: 900 });
  await scheduler.signIn("/staff/login", "linxiaomin");
  await scheduler.goto("/staff/orders?status=confirmed"); // the desk's own list is empty after hours
  const number = (await scheduler.page.locator("a.no").first().textContent()).replace(/\s/g, "");
  await desk.goto("/staff/desk");
  await desk.page.evaluate((n) => { window.scanned = `${location.origin}/query?number=${n}`; }, number);
  await desk.sound("wechat-desk");
  await desk.page.getByRole("button", { name: "扫码", exact: true }).click();
  await desk.page.waitForURL(/\/staff\/desk\/\d+/);
  await phone.goto("/query");
  await phone.page.evaluate((n) => { window.scanned = n; }, number);
  await phone.page.getByRole("button", { name: "扫码查询" }).click();
  await phone.page.getByText("登录后可查看器具明细").waitFor();
  await desk.close();
});

test("U3 when WeChat refuses, and outside WeChat, the plain fields are there and no button", async () => {
  const refused = await open({ width: 390, height: 844 }, { refuses: true });
  await refused.signIn("/login", "chenzhiming");
  await refused.goto("/instruments/new");
  await until("WeChat has refused", async () => refused.page.evaluate(() => window.asked.some((a) => a.name === "preVerifyJSAPI")));
  await refused.page.waitForTimeout(200);
  equal(await refused.page.getByRole("button", { name: /扫码|拍照/ }).count(), 0);
  await refused.page.locator("#f-material").setInputFiles({ name: "铭牌.jpg", mimeType: "image/jpeg", buffer: Buffer.from(jpeg, "base64") });
  await refused.page.getByText("铭牌.jpg").waitFor();
  await refused.close();
  const plain = await Browser.open(site, { width: 390, height: 844 }, { hasTouch: true, isMobile: true });
  await plain.signIn("/login", "chenzhiming");
  await plain.goto("/instruments/new");
  equal(await plain.page.locator('script[src*="wechat"]').count(), 0);
  await plain.page.locator("#f-material-photo").waitFor();
  await plain.page.locator("#f-material").setInputFiles({ name: "大图.png", mimeType: "image/png", buffer: Buffer.alloc(11 * 1024 * 1024, 1) });
  await plain.page.getByText(/^文件共 .*超过 10 MB/).waitFor();
  await plain.sound("instrument-form-touch");
  await plain.close();
});

// The confirmation in WeChat, as the phone does it after scanning the page of the Open Platform.
async function confirmInWechat(page) {
  await page.waitForURL(/\/connect\/qrconnect\?.*uuid=/);
  const uuid = new URL(page.url()).searchParams.get("uuid");
  const answer = await site.request(site.sandboxUrl, "/connect/confirm", { method: "POST", body: `uuid=${uuid}&allow=1`, headers: { "content-type": "application/x-www-form-urlencoded", cookie: `phone=${openid}` } });
  equal(answer.status, 200, answer.body);
}

test("M5 qrconnect signs the desktop in as who is bound; who is not is shown what to do", async () => {
  await desktop.goto("/login");
  await desktop.page.getByRole("link", { name: "微信扫码登录" }).click();
  await confirmInWechat(desktop.page);
  await desktop.page.getByRole("heading", { name: "我的强检", level: 1 }).waitFor();
  equal(new URL(desktop.page.url()).search, "");
  await phone.goto("/bind");
  await phone.page.getByRole("button", { name: "解绑" }).click();
  const other = await Browser.open(site, { width: 1440, height: 900 });
  await other.goto("/login");
  await other.page.getByRole("link", { name: "微信扫码登录" }).click();
  await confirmInWechat(other.page);
  await other.page.getByRole("link", { name: "用密码登录并绑定" }).waitFor();
  await other.sound("website-unbound");
  await other.close();
});

test("the open pages: 强检目录 and 机构与地址", async () => {
  for (const b of [phone, desktop]) {
    await b.goto("/catalogue?q=压力表");
    await b.sound("catalogue");
    await b.page.locator(".rows a").first().click();
    await b.page.locator("#purpose").selectOption({ label: "安全防护" });
    await b.page.getByRole("button", { name: "判断" }).click();
    await b.page.getByText(/须强制检定|需要判断|不强制检定/).first().waitFor();
    await b.sound("catalogue-entry");
    await b.goto("/institutions?city=440600");
    await b.page.getByText("佛山市质量计量监督检测中心").first().waitFor();
    await b.sound("institutions");
  }
});

test("U4 staff's WeChat on the desktop, and the self-check with every line", async () => {
  const staff = await Browser.open(site, { width: 1440, height: 900 });
  await staff.signIn("/staff/login", "admin");
  await staff.goto("/staff/wechat");
  await staff.sound("staff-wechat");
  await staff.page.getByRole("button", { name: "扫码绑定" }).click();
  await staff.page.locator("img.qr").waitFor();
  await staff.sound("staff-wechat-code");
  await staff.goto("/staff/doctor");
  for (const name of ["微信看到的网络", "域名验证文件", "微信网页能力", "开放平台登录", "机构人员标签", "时钟"]) await staff.page.getByRole("cell", { name, exact: true }).waitFor();
  await staff.page.getByText(/与微信相差 \d+ 秒/).waitFor(); // the sandbox says what time it is
  await staff.sound("staff-doctor");
  await staff.close();
});

test("jssdk: nothing wrong on any page", async () => {
  equal(faults.splice(0).join("\n"), "");
  await Browser.closeAll();
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
});
