// 消息, 消息设置, 到期器具, 推送记录 and 待电话通知 in a browser, by pointer and by keyboard, on phone and desktop
// (N13, N15, N17, U9). Every page is also looked at for accessibility, complaints of the browser and sideways scroll.
import { equal, holds, Site, test, until } from "./support.mjs";
import { Browser, faults } from "./browser.mjs";

let site, desktop, phone, staff, pocket;
const openid = "oSandboxPhone0000000000000001";
const bell = (b) => b.page.locator("a.bell");
const unread = async (b) => Number((await bell(b).getAttribute("aria-label")).match(/(\d+)\+? 条未读/)?.[1] ?? 0);

test("inbox: the site with demo data", async () => {
  site = await Site.start(process.env.QIANGJIAN_ROOT);
  desktop = await Browser.open(site, { width: 1440, height: 900 });
  phone = await Browser.open(site, { width: 390, height: 844 });
  staff = await Browser.open(site, { width: 1440, height: 900 });
  pocket = await Browser.open(site, { width: 390, height: 844 });
  await desktop.signIn("/login", "chenzhiming");
  await desktop.page.getByRole("heading", { name: "我的强检", level: 1 }).waitFor();
  await phone.bindPhone(openid, "chenzhiming");
  await staff.signInStaff("linxiaomin");
  await pocket.signInStaff("guopeng");
});

test("N15 the bell of every page counts; one message opened by keyboard is read, everywhere", async () => {
  await bell(desktop).focus();
  await desktop.page.keyboard.press("Enter");
  await desktop.page.getByRole("heading", { name: "消息", level: 1 }).waitFor();
  const before = await unread(desktop);
  holds(before > 1, `unread at first: ${before}`);
  await desktop.sound("messages");
  await desktop.page.locator(".mail a.new").first().focus();
  await desktop.page.keyboard.press("Enter");
  await desktop.page.getByRole("link", { name: "返回消息" }).waitFor();
  await desktop.sound("message");
  equal(await unread(desktop), before - 1, "after opening one");
  await phone.goto("/instruments");
  equal(await unread(phone), before - 1, "on the same person's phone");
  await desktop.page.getByRole("button", { name: "标为未读" }).click();
  await desktop.page.getByText("已标为未读").waitFor();
  equal(await unread(desktop), before, "marked unread again");
});

test("N15 on the phone: filter, unread only, all read, and the empty state", async () => {
  await phone.goto("/messages?topic=filing");
  await phone.sound("messages-filing");
  await phone.page.getByRole("link", { name: "只看未读" }).click();
  holds((await phone.page.locator(".mail a").count()) > 0, "unread filings");
  equal(await phone.page.locator(".mail a:not(.new)").count(), 0, "nothing read among them");
  await phone.page.getByRole("button", { name: "全部标为已读" }).click();
  await phone.page.getByText("已全部标为已读").waitFor();
  equal(await bell(phone).getAttribute("aria-label"), "消息，没有未读");
  await phone.page.getByRole("link", { name: "只看未读" }).click();
  await phone.page.getByText("没有符合条件的消息").waitFor();
  await phone.sound("messages-empty");
});

test("N13 switches and quiet hours are set by keyboard, saved with a word, and kept", async () => {
  await phone.goto("/messages");
  await phone.page.getByRole("link", { name: "消息设置" }).click();
  await phone.sound("message-settings");
  const moved = phone.page.getByLabel("预约改期");
  holds(await moved.isChecked(), "on by default");
  await moved.focus();
  await phone.page.keyboard.press("Space");
  holds(await phone.page.getByLabel(/有人绑定微信/).isDisabled(), "a notice of safety");
  await phone.page.getByLabel("自己设置").check();
  await phone.page.getByLabel("勿扰开始").fill("21:00");
  await phone.page.getByLabel("勿扰结束").fill("07:30");
  await phone.page.getByRole("button", { name: "保存" }).click();
  await phone.page.getByText("已保存").waitFor();
  await phone.sound("message-settings-saved");
  holds(!(await phone.page.getByLabel("预约改期").isChecked()), "off now");
  equal(await phone.page.getByLabel("勿扰开始").inputValue(), "21:00");
  await desktop.goto("/messages/settings");
  await desktop.sound("message-settings");
  holds(!(await desktop.page.getByLabel("预约改期").isChecked()), "the same for the person's desktop");
});

test("U9 due instruments are booked in one step on the phone; the institution hears of it", async () => {
  await phone.goto("/due");
  await phone.sound("due");
  const before = await unread(staff);
  await phone.page.getByRole("link", { name: /预约全部到期器具/ }).click();
  await phone.page.getByRole("heading", { name: "预约到期器具" }).waitFor();
  await phone.sound("due-book");
  await phone.page.locator("#f-contact_phone").fill("13800001234");
  await phone.page.locator("#f-contact_phone").blur();
  await phone.page.getByRole("button", { name: /提交 \d+ 个预约单/ }).click();
  await phone.page.getByText("预约已提交").waitFor();
  await phone.goto("/due/book");
  await phone.page.getByText("没有需要预约的到期器具").waitFor();
  await phone.sound("due-empty");
  await staff.goto("/staff/messages?topic=order");
  await staff.page.getByText("新预约待确认").first().waitFor();
  await staff.sound("staff-messages");
  holds((await unread(staff)) >= Math.min(before, 100), "the institution's count did not fall");
});

test("N7 43101 a kind refused in WeChat is shown to the person with the way back, and to staff with the reason", async () => {
  await site.control({ path: "/cgi-bin/message/template/send", times: 1, errcode: 43101, openid });
  await staff.goto("/staff/orders?status=pending");
  const row = staff.page.locator("tbody tr").filter({ hasText: "佛山示例制造有限公司" }).first();
  const number = (await row.locator("a.no").textContent()).trim();
  await row.getByRole("button", { name: "确认", exact: true }).click();
  await staff.page.getByText("已确认，企业会收到通知").waitFor();
  await until("the refusal", async () => {
    await phone.goto("/messages/settings");
    return (await phone.page.getByText("您在微信里拒收了以下通知").count()) > 0;
  });
  await phone.page.getByText("“预约成功提醒”").waitFor();
  await phone.sound("message-settings-refused");
  await staff.goto(`/staff/deliveries?q=${encodeURIComponent(number)}&status=blocked`);
  await staff.sound("staff-deliveries-found");
  await staff.page.getByRole("link", { name: "预约成功提醒" }).click();
  await staff.page.getByText("对方在微信里拒收了这类通知").first().waitFor();
  await staff.sound("staff-delivery-blocked");
  await staff.page.getByText("重发…").focus();
  await staff.page.keyboard.press("Enter");
  await staff.page.getByRole("button", { name: "确认重发" }).waitFor();
  await staff.sound("staff-delivery-resend");
  await phone.page.getByRole("button", { name: "已在微信恢复接收" }).click();
  await phone.page.getByText("已记下").waitFor();
  equal(await phone.page.getByText("您在微信里拒收了以下通知").count(), 0, "forgotten");
  await staff.page.getByRole("button", { name: "确认重发" }).click();
  await staff.page.getByText("已放回发送队列").waitFor();
  await until("delivered", async () => {
    await staff.page.reload();
    return (await staff.page.getByText("回执：已送达").count()) > 0;
  });
  await staff.sound("staff-delivery-delivered");
  const message = phone.sandboxPage.locator(".item.template").filter({ hasText: "预约成功提醒" }).filter({ hasText: number.replaceAll(" ", "") });
  await message.waitFor();
});

test("who was reached by no channel is phoned and marked, at the desk and on a phone", async () => {
  await staff.goto("/staff/deliveries");
  await staff.page.getByRole("link", { name: /待电话通知/ }).first().click();
  await staff.page.getByRole("heading", { name: "待电话通知" }).waitFor();
  await staff.sound("staff-unreached");
  await pocket.goto("/staff/deliveries/unreached");
  await pocket.sound("staff-unreached");
  const first = staff.page.locator("tbody tr").first();
  const action = await first.locator("form").getAttribute("action");
  await first.getByRole("button", { name: "已电话通知" }).click();
  await staff.page.getByText("已记下电话通知").waitFor();
  equal(await staff.page.locator(`form[action="${action}"]`).count(), 0, "no longer in the list");
  // One call to a company tells all that waits for it.
  const same = staff.page.getByRole("button", { name: "选择该企业全部" }).first();
  const company = await same.getAttribute("data-same");
  const told = await staff.page.locator(`input[data-of="${company}"]`).count();
  await same.click();
  equal(await staff.page.locator("#phoned [data-n]").innerText(), String(told), "ticked");
  await staff.page.getByLabel("通话记录").fill("已告知联系人");
  await staff.page.getByRole("button", { name: "所选已电话通知" }).click();
  await staff.page.getByText("已记下电话通知").waitFor();
  await staff.goto("/staff/deliveries/unreached?tab=closed");
  equal(await staff.page.getByText("已告知联系人").count(), told, "with the note of the call");
});

test("the platform's administrator sees how the hub stands", async () => {
  const admin = await Browser.open(site, { width: 1440, height: 900 });
  await admin.signInStaff("admin");
  await admin.goto("/staff/deliveries");
  await admin.page.getByRole("heading", { name: "发送情况" }).waitFor();
  await admin.sound("staff-deliveries-platform");
  await admin.close();
  await staff.goto("/staff/messages/settings");
  await staff.sound("staff-message-settings");
  for (const path of ["/staff/messages", "/staff/messages/settings", "/staff/deliveries"]) {
    await pocket.goto(path);
    await pocket.sound(`pocket${path.replaceAll("/", "-")}`);
  }
});

test("inbox: no page has an accessibility fault, a complaint of the browser, or scrolls sideways", async () => {
  equal(faults.join("\n"), "", "faults");
});

test("inbox: everything ends cleanly, sanitizers silent", async () => {
  for (const b of [desktop, phone, staff, pocket]) await b.close();
  await Browser.closeAll();
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
  holds(!/ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(site.log), site.log.slice(-3000));
});
