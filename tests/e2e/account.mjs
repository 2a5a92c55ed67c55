// The account of a person: a temporary password must be changed first (S5), the own one may be, codes on the
// desktop sign in and bind after the phone has confirmed (M5, S4).
import { spawnSync } from "node:child_process";
import { equal, holds, Site, test, until } from "./support.mjs";
import { Browser } from "./browser.mjs";

let site, staff, desktop, handset, seen = 0;
const phone = "oSandboxPhone0000000000000002";
const fresh = "Metrology-2026";

test("account: a site with a new member of staff", async () => {
  site = await Site.start(process.env.QIANGJIAN_ROOT);
  const made = spawnSync(site.program, ["user", "create", "new.person", "--role", "scheduler", "--institution", "佛山市质量计量监督检测中心", "--config", site.config], { encoding: "utf8" });
  site.temporary = /password (\S+), once/.exec(made.stdout)?.[1];
  holds(site.temporary, made.stdout + made.stderr);
  staff = await Browser.open(site, { width: 1440, height: 900 });
  desktop = await Browser.open(site, { width: 1440, height: 900 });
});

test("S5 a temporary password opens one page: the one that asks for a new one", async () => {
  await staff.signIn("/staff/login", "new.person", site.temporary);
  for (const path of ["/staff", "/staff/orders"]) {
    await staff.goto(path);
    equal(new URL(staff.page.url()).pathname, "/staff/password", path);
  }
  await staff.sound("password");
  const fill = async (current, password, again = password) => {
    await staff.page.locator("#f-current").fill(current);
    await staff.page.locator("#f-password").fill(password);
    await staff.page.locator("#f-again").fill(again);
    await staff.page.getByRole("button", { name: "修改密码" }).click();
  };
  await fill(site.temporary, fresh, "other-Password-1");
  await staff.page.getByText("两次输入的新密码不一样").first().waitFor();
  await fill("wrong-password", fresh);
  await staff.page.getByText("现在的密码不对").first().waitFor();
  await fill(site.temporary, "short");
  await staff.page.getByText("密码").first().waitFor();
  equal(new URL(staff.page.url()).pathname, "/staff/password");
  await fill(site.temporary, fresh);
  await staff.page.getByText("密码已修改").waitFor();
  await staff.goto("/staff/orders");
  equal(new URL(staff.page.url()).pathname, "/staff/orders");
  const again = await Browser.open(site, { width: 1440, height: 900 });
  await again.signIn("/staff/login", "new.person", site.temporary);
  await again.page.getByText("账号或密码不对").first().waitFor();
  await again.close();
});

// What the person at the phone does after scanning: reads the chat, opens the link in WeChat, decides.
async function confirmOnPhone(who, button) {
  const chat = await until("the chat tells who asks", async () => JSON.parse((await site.request(site.sandboxUrl, `/phone/events?phone=${phone}&after=${seen}`)).body).items.findLast((i) => i.text.includes("/scan/") && i.kind === "reply"));
  seen = chat.seq;
  const link = /<a href="([^"]+)">点此确认<\/a>/.exec(chat.text);
  holds(link, chat.text);
  await who.page.goto(link[1]);
  await who.page.getByRole("button", { name: button }).waitFor();
  return chat.text;
}
async function scanNewestCode() {
  const codes = JSON.parse((await site.request(site.sandboxUrl, "/phone/codes")).body).codes;
  await site.request(site.sandboxUrl, "/phone/scan", { method: "POST", body: new URLSearchParams({ phone, text: codes[0].url }).toString(), headers: { "content-type": "application/x-www-form-urlencoded" } });
}

test("M5 the desktop shows a code, the phone that scans it confirms, and is bound to the account on the screen", async () => {
  await desktop.signIn("/login", "chenzhiming");
  await desktop.goto("/bind");
  await desktop.page.getByRole("button", { name: "扫码绑定" }).click();
  const number = (await desktop.page.locator(".big").textContent()).trim();
  await desktop.sound("scan-bind");
  handset = await Browser.open(site, { width: 390, height: 844 });
  await handset.onPhone(phone);
  await scanNewestCode();
  const said = await confirmOnPhone(handset, "确认绑定");
  holds(said.includes(`屏幕上的数字：${number}`), said);
  holds(said.includes("佛山示例制造有限公司"), "the chat names the company");
  holds((await handset.page.locator("main").textContent()).includes(number), "the page shows the number");
  await handset.sound("scanned");
  await desktop.page.getByText("已扫描，请在手机上确认").waitFor();
  await handset.page.getByRole("button", { name: "确认绑定" }).click();
  await handset.page.getByText("已确认").waitFor();
  await desktop.page.getByText("已绑定").first().waitFor(); // by itself: the page follows the phone
});

test("M5 S4 later a scan signs another browser in, after the person has confirmed", async () => {
  const other = await Browser.open(site, { width: 1440, height: 900 });
  await other.goto("/login");
  await other.page.getByRole("button", { name: "微信扫码登录" }).click();
  await other.sound("scan-sign-in");
  await scanNewestCode();
  await other.page.getByText("已扫描，请在手机上确认").waitFor();
  equal(new URL(other.page.url()).pathname, "/scan", "scanning alone signs nobody in");
  await confirmOnPhone(handset, "确认登录");
  await handset.page.getByRole("button", { name: "确认登录" }).click();
  await other.page.getByRole("heading", { name: "我的强检", level: 1 }).waitFor();
  await other.close();
});

test("S4 who says no on the phone leaves the other browser outside", async () => {
  const other = await Browser.open(site, { width: 1440, height: 900 });
  await other.goto("/login");
  await other.page.getByRole("button", { name: "微信扫码登录" }).click();
  await scanNewestCode();
  await confirmOnPhone(handset, "不是我操作");
  await handset.page.getByRole("button", { name: "不是我操作" }).click();
  await handset.page.getByText("已拒绝").waitFor();
  await other.page.getByText("没有登录").waitFor();
  await other.close();
});

test("account: it ends cleanly", async () => {
  await staff.close();
  await desktop.close();
  await handset.close();
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
  holds(!/ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(site.log), site.log.slice(-3000));
});
