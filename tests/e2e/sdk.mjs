// Two published client SDKs, written by others for the real WeChat, work against our sandbox: each call answers as the
// SDK expects it, and a wrong one ends in the error that the SDK makes of WeChat's.
import { Agent, globalAgent } from "node:https";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { equal, holds, Site, test } from "./support.mjs";
import { load } from "./packages.mjs";

const API = load("co-wechat-api");
const { OfficialAccount } = load("node-easywechat");
const first = "oSandboxPhone0000000000000001";
const second = "oSandboxPhone0000000000000002";
const website_secret = "secret-of-the-website";
const photo = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
const samples = { thing: "广东省计量院", character_string: "261148273058", number: "12", time: "2026年11月25日 09:30", date: "2026年11月25日", phrase: "已确认", const: "已确认", name: "陈志明", phone_number: "0757-12345678", amount: "￥12.50", letter: "A", symbol: "!", car_number: "粤A12345", short_thing: "已确认" };
let site, api, app, client;

const post = (path, fields = {}) => site.request(site.sandboxUrl, path, { method: "POST", body: new URLSearchParams(fields).toString(), headers: { "content-type": "application/x-www-form-urlencoded" } });
const act = (name, fields = {}) => post(`/phone/${name}`, { phone: first, ...fields });
async function refusal(what) {
  try {
    await what();
  } catch (e) {
    return e;
  }
  throw new Error("expected a refusal");
}
// Values of the right kinds for a template as the platform lists it.
function filled(template) {
  const names = [...template.content.matchAll(/\{\{(\w+)\.DATA\}\}/g)].map((m) => m[1]);
  return Object.fromEntries(names.map((n) => [n, { value: samples[n.replace(/\d+$/, "")] }]));
}

test("sdk: a site, and both SDKs pointed at its sandbox", async () => {
  const website = { QIANGJIAN_WECHAT__WEBSITE_APPID: "wxfedcba9876543210", QIANGJIAN_WECHAT__WEBSITE_SECRET: website_secret };
  Object.assign(process.env, website);
  site = await Site.start(process.env.QIANGJIAN_ROOT);
  for (const name of Object.keys(website)) delete process.env[name];
  api = new API(site.appid, site.secret);
  api.setOpts({ agent: new Agent({ ca: site.ca, keepAlive: true }), timeout: 10000 });
  api.prefix = `${site.sandboxUrl}/cgi-bin/`;
  api.snsPrefix = `${site.sandboxUrl}/sns/`;
  api.mpPrefix = `${site.sandboxUrl}/cgi-bin/`;
  globalAgent.options.ca = site.ca;
  app = new OfficialAccount({ app_id: site.appid, secret: site.secret, token: site.token, aes_key: site.aes, use_stable_access_token: true, oauth: { scopes: ["snsapi_base"], redirect_url: `${site.url}/wx/oauth` }, file_cache: { path: site.folder }, http: { baseURL: `${site.sandboxUrl}/` } });
  client = app.getClient();
  await act("follow");
});

test("co-wechat-api: a token is fetched, kept, and fetched again when it has ended", async () => {
  const token = await api.ensureAccessToken();
  holds(token.accessToken.length > 20, "a token");
  equal((await api.ensureAccessToken()).accessToken, token.accessToken, "kept");
  await post("/control/expire");
  equal((await api.getUser(first)).openid, first, "after the SDK's own retry");
  holds((await api.ensureAccessToken()).accessToken !== token.accessToken, "a new one");
});

test("co-wechat-api: a wrong secret is a WeChatAPIError with WeChat's code", async () => {
  const wrong = new API(site.appid, "0".repeat(32));
  wrong.setOpts(api.defaults);
  wrong.prefix = api.prefix;
  const e = await refusal(() => wrong.getUser(first));
  equal(e.name, "WeChatAPIError");
  equal(e.code, 40125);
  holds(/ rid: [0-9a-f-]+$/.test(e.message), e.message);
});

test("co-wechat-api: users, followers, remarks, tags", async () => {
  const user = await api.getUser({ openid: first, lang: "zh_CN" });
  equal(user.subscribe, 1);
  holds(user.unionid.length > 10 && Math.abs(user.subscribe_time - Date.now() / 1000) < 600, "unionid and time");
  const both = await api.batchGetUsers([first, second]);
  equal(both.user_info_list.map((u) => u.subscribe).join(), "1,0");
  const followers = await api.getFollowers();
  equal(followers.total, 1);
  equal(followers.data.openid[0], first);
  equal((await api.getFollowers(followers.next_openid)).count, 0, "behind the last page");
  equal((await api.updateRemark(first, "设备科")).errcode, 0);
  equal((await api.getUser(first)).remark, "设备科");
  const { tag } = await api.createTags("检定员");
  equal((await api.batchTagging([first], tag.id)).errcode, 0);
  equal((await api.getIdList(first)).tagid_list[0], tag.id);
  equal((await api.getUsersFromTag(tag.id)).data.openid[0], first);
  equal((await api.getTags()).tags.find((t) => t.id === tag.id).count, 1);
  equal((await api.batchUnTagging([first], tag.id)).errcode, 0);
  equal((await api.deleteTag(tag.id)).errcode, 0);
  equal((await refusal(() => api.getUser("oNobody"))).code, 40003);
});

test("co-wechat-api: template messages, by the list that the platform gives", async () => {
  const { template_list } = await api.getAllPrivateTemplate();
  holds(template_list.length > 10, "templates");
  for (const t of template_list) {
    const sent = await api.sendTemplate(first, t.template_id, `${site.url}/orders`, "", filled(t));
    equal(sent.errcode, 0, t.title);
    holds(String(sent.msgid).length === 19, `64-bit id, got ${sent.msgid}`);
  }
  const t = template_list[0];
  const data = filled(t);
  const name = Object.keys(data).find((n) => n.startsWith("thing"));
  data[name] = { value: "字".repeat(21) };
  const e = await refusal(() => api.sendTemplate(first, t.template_id, "", "", data));
  equal(e.code, 47003);
  holds(e.message.startsWith(`argument invalid! data.${name}.value invalid`), e.message);
  equal((await refusal(() => api.sendTemplate(second, t.template_id, "", "", filled(t)))).code, 43004);
  equal((await refusal(() => api.sendTemplate(first, "none", "", "", filled(t)))).code, 40037);
  equal((await refusal(() => api.addTemplate("TM00015"))).code, 45026, "25 templates an account, and our kinds have one each");
  for (const one of template_list.slice(24)) await api.delPrivateTemplate(one.template_id);
  const added = await api.addTemplate("TM00015");
  equal((await api.delPrivateTemplate(added.template_id)).errcode, 0);
  equal((await refusal(() => api.delPrivateTemplate(added.template_id))).code, 40037);
  holds((await api.getIndustry()).primary_industry.first_class.length > 0, "industry");
});

test("co-wechat-api: menus, with one for a tag", async () => {
  const menu = { button: [{ type: "click", name: "检定查询", key: "query" }, { name: "服务", sub_button: [{ type: "view", name: "使用说明", url: `${site.url}/help` }] }] };
  equal((await api.createMenu(menu)).errcode, 0);
  equal((await api.getMenu()).menu.button[1].sub_button[0].name, "使用说明");
  equal((await api.getMenuConfig()).selfmenu_info.button[1].sub_button.list[0].type, "view");
  const { tag } = await api.createTags("员工");
  const { menuid } = await api.addConditionalMenu({ button: [{ type: "view", name: "工作台", url: `${site.url}/staff` }], matchrule: { tag_id: String(tag.id) } });
  equal((await api.tryConditionalMenu(first)).button[0].name, "检定查询");
  await api.batchTagging([first], tag.id);
  equal((await api.tryConditionalMenu(first)).button[0].name, "工作台");
  equal((await api.delConditionalMenu(menuid)).errcode, 0);
  equal((await refusal(() => api.createMenu({ button: [] }))).code, 40016);
  equal((await api.removeMenu()).errcode, 0);
  equal((await refusal(() => api.getMenu())).code, 46003);
});

test("co-wechat-api: parametric QR codes and their pictures", async () => {
  const code = await api.createTmpQRCode("bind_3f9c", 600);
  equal(code.expire_seconds, 600);
  holds(code.url.startsWith("http://weixin.qq.com/q/"), code.url);
  const picture = await site.request("", api.showQRCodeURL(encodeURIComponent(code.ticket)));
  equal(picture.status, 200);
  holds(picture.headers["content-type"].startsWith("image/"), "a picture");
  equal((await site.request("", api.showQRCodeURL("wrong"))).status, 404);
  holds((await api.createLimitQRCode(123)).ticket.length > 10, "a permanent one");
  equal((await refusal(() => api.createLimitQRCode(100001))).code, 40053);
});

test("co-wechat-api: the page ticket signs as the platform's example", async () => {
  const ticket = await api.getLatestTicket();
  equal((await api.getTicket()).ticket, ticket.ticket, "the same while it lives");
  const url = `${site.url}/instruments?page=2`;
  const config = await api.getJsConfig({ debug: false, jsApiList: ["scanQRCode"], url });
  const expected = createHash("sha1").update(`jsapi_ticket=${ticket.ticket}&noncestr=${config.nonceStr}&timestamp=${config.timestamp}&url=${url}`).digest("hex");
  equal(config.signature, expected);
});

test("co-wechat-api: customer-service messages inside their window", async () => {
  await act("say", { text: "请问几点上班" });
  for (let n = 0; n < 5; n++) equal((await api.sendText(first, `第 ${n + 1} 条`)).errcode, 0);
  // Following gave three more in the first minute; they are used up as well.
  let e;
  for (let n = 0; n < 4 && !e; n++) e = await api.sendText(first, "还有").then(() => undefined, (x) => x);
  equal(e.code, 45047);
  equal((await refusal(() => api.sendText(second, "您好"))).code, 45015);
  const uploaded = await api.uploadMedia(photo, "image", "a.png", "image/png");
  holds(uploaded.media_id.length > 20 && uploaded.created_at > 0, "media");
  equal(Buffer.compare(await api.getMedia(uploaded.media_id), photo), 0, "the same bytes");
  equal((await refusal(() => api.getMedia("none"))).code, 40007);
  await act("tap", { key: "query" });
  equal((await api.sendImage(first, uploaded.media_id)).errcode, 0);
  equal((await refusal(() => api.sendImage(first, "none"))).code, 40007);
});

test("co-wechat-api: quotas and the request behind an error", async () => {
  const call = async (path, body) => api.request(`${api.prefix}${path}?access_token=${(await api.ensureAccessToken()).accessToken}`, { method: "POST", data: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  const { quota } = await call("openapi/quota/get", { cgi_path: "/cgi-bin/message/template/send" });
  equal(quota.daily_limit, 100000);
  holds(quota.used > 10 && quota.used + quota.remain === quota.daily_limit, "counted");
  await post("/control/quota", { path: "/cgi-bin/user/get", daily: "1" });
  const e = await refusal(() => api.getFollowers());
  equal(e.code, 45009);
  const { request } = await call("openapi/rid/get", { rid: e.message.split("rid: ")[1] });
  equal(request.request_url, "/cgi-bin/user/get");
  equal((await call("clear_quota", { appid: site.appid })).errcode, 0);
  equal((await api.getFollowers()).count, 1, "after clearing");
  holds((await api.getIp()).ip_list.length > 0, "addresses of callbacks");
});

test("node-easywechat: stable token, users and errors as its responses tell them", async () => {
  const token = await app.getAccessToken().getToken();
  equal(await app.getAccessToken().getStableAccessToken(), token, "the same while it lives");
  const user = (await client.get("cgi-bin/user/info", { params: { openid: first } })).toObject();
  equal(user.openid, first);
  const list = (await client.postJson("cgi-bin/user/info/batchget", { user_list: [{ openid: first, lang: "zh_CN" }] })).toObject();
  equal(list.user_info_list.length, 1);
  equal((await client.get("cgi-bin/user/info", { params: { openid: "oNobody" } })).toObject().errcode, 40003);
  const wrong = new OfficialAccount({ app_id: site.appid, secret: "0".repeat(32), use_stable_access_token: true, file_cache: { path: site.folder }, http: { baseURL: `${site.sandboxUrl}/` } });
  const e = await refusal(() => wrong.getAccessToken().getStableAccessToken());
  holds(e.message.startsWith("Failed to get stable access_token") && e.message.includes("40125"), e.message);
});

test("node-easywechat: subscription messages are sent once an acceptance", async () => {
  await post("/control/subscription", { template: "S1", title: "到期提醒" });
  const body = { touser: first, template_id: "S1", page: `${site.url}/orders`, data: { thing1: { value: "检定证书将到期" } } };
  const send = async () => (await client.postJson("cgi-bin/message/subscribe/bizsend", body)).toObject().errcode;
  equal(await send(), 43101);
  await act("accept", { template: "S1" });
  equal(await send(), 0);
  equal(await send(), 43101);
  const listed = (await client.get("wxaapi/newtmpl/gettemplate")).toObject();
  equal(listed.data.find((t) => t.priTmplId === "S1").title, "到期提醒");
});

test("node-easywechat: JS-SDK, media from a file, web sign-in", async () => {
  const url = `${site.url}/instruments`;
  const config = await app.getUtils().buildJsSdkConfig(url, ["chooseImage"]);
  const ticket = await app.getTicket().getTicket();
  equal(config.signature, createHash("sha1").update(`jsapi_ticket=${ticket}&noncestr=${config.nonceStr}&timestamp=${config.timestamp}&url=${url}`).digest("hex"));
  const file = join(site.folder, "photo.png");
  writeFileSync(file, photo);
  const media = (await client.withFile(file, "media").post("cgi-bin/media/upload", { params: { type: "image" } })).toObject();
  holds(media.media_id.length > 20, JSON.stringify(media));

  const oauth = app.getOAuth();
  oauth._baseUrl = `${site.sandboxUrl}/sns`;
  const made = new URL(oauth.withState("0123456789abcdef").redirect());
  equal(made.hash, "#wechat_redirect");
  const open = (names) => site.request(site.sandboxUrl, `/connect/oauth2/authorize?${names.map((n) => `${n}=${encodeURIComponent(made.searchParams.get(n))}`).join("&")}`, { headers: { cookie: `phone=${first}` } });
  equal((await open(["appid", "redirect_uri", "scope", "response_type", "state"])).status, 400, "WeChat insists on its order");
  const back = await open(["appid", "redirect_uri", "response_type", "scope", "state"]);
  equal(back.status, 302, back.body);
  const returned = new URL(back.headers.location);
  equal(returned.searchParams.get("state"), "0123456789abcdef");
  const got = await oauth.tokenFromCode(returned.searchParams.get("code"));
  equal(got.openid, first);
  const again = (await client.get("sns/oauth2/access_token", { params: { appid: site.appid, secret: site.secret, code: returned.searchParams.get("code"), grant_type: "authorization_code" } })).toObject();
  equal(again.errcode, 40163, "a code works once");
});

test("sdk: scan sign-in of a website, confirmed on the phone, ends with the code", async () => {
  const asked = `/connect/qrconnect?appid=wxfedcba9876543210&redirect_uri=${encodeURIComponent(`${site.url}/wx/website`)}&response_type=code&scope=snsapi_login&state=abc`;
  const begun = await site.request(site.sandboxUrl, asked);
  equal(begun.status, 302);
  const page = await site.request(site.sandboxUrl, begun.headers.location);
  holds(page.body.includes("请用微信扫描二维码"), page.body);
  const code = JSON.parse((await site.request(site.sandboxUrl, "/phone/codes")).body).codes[0].url;
  await act("scan", { text: code });
  holds((await site.request(site.sandboxUrl, begun.headers.location)).body.includes("请在手机上确认"), "scanned");
  const uuid = new URL(code).searchParams.get("uuid");
  await site.request(site.sandboxUrl, "/connect/confirm", { method: "POST", body: `uuid=${uuid}&allow=1`, headers: { cookie: `phone=${first}`, "content-type": "application/x-www-form-urlencoded" } });
  const done = new URL((await site.request(site.sandboxUrl, begun.headers.location)).headers.location);
  equal(done.searchParams.get("state"), "abc");
  const who = JSON.parse((await site.request(site.sandboxUrl, `/sns/oauth2/access_token?appid=wxfedcba9876543210&secret=${website_secret}&grant_type=authorization_code&code=${done.searchParams.get("code")}`)).body);
  equal(who.unionid, (await api.getUser(first)).unionid, "joined by unionid");
  holds(who.openid !== first, "the website's own openid");
});

test("sdk: a script drives two phones through our chat", async () => {
  const script = ["phone 2", "follow", "expect 您已关注公众号", "expect 发送 12 位单号可查询预约单", "say 帮助", "expect 12 位单号，查询预约单", "click query", "expect 绑定"].join("\n");
  const played = JSON.parse((await site.request(site.sandboxUrl, "/control/script?wait=8", { method: "POST", body: script, headers: { "content-type": "text/plain" } })).body);
  holds(played.passed, JSON.stringify(played.steps.at(-1)));
  equal(played.steps.length, 8);
  const failing = JSON.parse((await site.request(site.sandboxUrl, "/control/script?wait=0", { method: "POST", body: "say 你好\nexpect 一句没有的话", headers: { "content-type": "text/plain" } })).body);
  equal(failing.passed, false);
});

test("sdk: everything ends cleanly, sanitizers silent", async () => {
  delete globalAgent.options.ca; // an agent's options go before a request's own
  holds(site.sandbox.exitCode === null && !site.sandbox.signalCode, "the sandbox still runs");
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
  holds(!/ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(site.log), site.log.slice(-3000));
});
