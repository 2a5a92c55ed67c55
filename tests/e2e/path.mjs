// The life of one appointment, from following the account to the 完检通知, as people walk it (issue's path; M6-M9,
// M19, M26, M28, M30-M34, M37, U4, U6-U8). Screenshots of every page on phone and desktop.
import { equal, holds, Site, test, until } from "./support.mjs";
import { Browser, faults } from "./browser.mjs";

let site, desktop, phone, staff, number;
const openid = "oSandboxPhone0000000000000001";
const serial = `E2E-${Date.now()}`;

test("path: the site with demo data", async () => {
  site = await Site.start(process.env.QIANGJIAN_ROOT);
  desktop = await Browser.open(site, { width: 1440, height: 900 });
  phone = await Browser.open(site, { width: 390, height: 844 });
  staff = await Browser.open(site, { width: 1440, height: 900 });
});

test("M1 the first page has sign-in and free registration", async () => {
  for (const b of [desktop, phone]) {
    await b.goto("/");
    await b.page.getByRole("link", { name: "免费注册" }).waitFor();
    await b.sound("public-home");
    for (const [path, name] of [["/login", "login"], ["/help", "help"], ["/register", "register"], ["/query", "query"]]) {
      await b.goto(path);
      await b.sound(`public-${name}`);
    }
  }
});

test("S7 a wrong password is refused with the tries left", async () => {
  await desktop.signIn("/login", "chenzhiming", "wrong-password");
  await desktop.page.getByText("还可以试 4 次").waitFor();
  await desktop.sound("login-wrong");
});

test("the user signs in on a desktop browser", async () => {
  await desktop.signIn("/login", "chenzhiming");
  await desktop.page.getByRole("heading", { name: "我的强检", level: 1 }).waitFor();
  await desktop.sound("company-home");
});

test("U4 M8 binds WeChat through OAuth with the password once; M7 the next time one tap", async () => {
  await phone.bindPhone(openid, "chenzhiming");
  await phone.sound("company-home");
  await phone.page.goto(`${site.url}/wx/enter?to=/orders`);
  await phone.page.getByRole("heading", { name: "检定查询", level: 1 }).waitFor();
  await phone.sound("orders");
  await phone.goto("/bind");
  await phone.sound("bind");
});

test("M9 M10 enters an instrument; an empty form names every missing field", async () => {
  await desktop.goto("/instruments/new");
  await desktop.sound("instrument-new");
  await desktop.page.locator("form.fields").evaluate((f) => { f.noValidate = true; });
  await desktop.page.getByRole("button", { name: "保存" }).click();
  await desktop.page.getByText("请填写出厂编号").first().waitFor();
  await desktop.sound("instrument-errors");
  await desktop.page.locator("#f-name").fill("压力表");
  await desktop.page.locator("#f-model").fill("Y-100");
  await desktop.page.locator("#f-measuring_range").fill("(0~1.6) MPa");
  await desktop.page.locator("#f-serial_no").fill(serial);
  await desktop.page.locator("#f-manufacturer").fill("示例仪表厂");
  await desktop.page.locator("#f-purpose").selectOption({ label: "安全防护" });
  await desktop.page.locator("#l1").first().selectOption({ label: "压力仪表" });
  await desktop.page.locator("#f-catalogue_id").selectOption({ label: "压力表（指示类、显示类）" });
  await desktop.page.locator("#f-method").selectOption({ label: "送检" });
  await desktop.page.locator("#f-location_text").fill("锅炉房");
  await desktop.page.locator("#f-region_code").selectOption("440606");
  await desktop.page.getByRole("button", { name: "保存" }).click();
  await desktop.page.getByText("已保存").waitFor();
  await desktop.sound("instrument");
});

test("M19 files it with the city institution", async () => {
  await desktop.goto("/filings?status=unfiled");
  await desktop.sound("filings");
  await desktop.page.locator("li.pick").filter({ hasText: serial }).locator("input").check();
  await desktop.page.getByRole("button", { name: /提交备案/ }).click();
  await desktop.page.getByText("佛山市质量计量监督检测中心").waitFor();
  await desktop.sound("filing-submit");
  await desktop.page.getByRole("button", { name: "确定" }).click();
  await desktop.page.getByRole("heading", { name: "备案管理", level: 1 }).waitFor();
  await desktop.page.getByText(serial).waitFor();
});

test("the city institution accepts it", async () => {
  await staff.goto("/staff");
  await staff.sound("staff-login");
  await staff.signInStaff("linxiaomin");
  await staff.sound("staff-home");
  await staff.goto(`/staff/filings?status=submitted&q=${serial}`);
  await staff.sound("staff-filings");
  await staff.page.getByRole("link", { name: "压力表", exact: true }).click();
  await staff.sound("staff-filing");
  await staff.page.getByRole("button", { name: "受理，备案成功" }).click();
  await staff.page.getByText("已受理，备案成功").waitFor();
});

test("M26 M28 books a time on the phone", async () => {
  await phone.goto("/book");
  await phone.sound("book");
  await phone.page.locator("label").filter({ hasText: serial }).locator("input").check();
  await phone.page.getByRole("button", { name: "下一步" }).click();
  await phone.page.getByRole("heading", { name: "选择送检时间" }).filter({ visible: true }).waitFor();
  await phone.page.locator(".day.on label.slot:not(.no)").first().click();
  await phone.sound("book-time");
  await phone.page.locator("#f-contact_phone").fill("1380000123");
  await phone.page.locator("#f-contact_phone").blur();
  await phone.page.getByRole("button", { name: /下一步/ }).filter({ visible: true }).first().click();
  await phone.page.getByText("手机号只有 10 位").first().waitFor();
  await phone.sound("book-time-wrong");
  await phone.page.locator("#f-contact_phone").fill("13800001234");
  await phone.page.locator("#f-contact_phone").blur();
  await phone.page.getByRole("button", { name: /下一步/ }).filter({ visible: true }).first().click();
  await phone.page.getByRole("heading", { name: "核对提交" }).waitFor();
  await phone.sound("book-check");
  await phone.page.getByRole("button", { name: "提交预约" }).click();
  await phone.page.getByText("预约已提交").waitFor();
  number = (await phone.page.locator(".voucher .no").textContent()).trim();
  await phone.sound("order-pending");
  holds(/^\d{4} \d{4} \d{4}$/.test(number), `order number ${number}`);
});

test("the same page on the desktop shows the whole week", async () => {
  await desktop.goto("/book");
  await desktop.sound("book");
  await desktop.page.locator("fieldset").first().locator("input[type=checkbox]").first().check();
  await desktop.page.getByRole("button", { name: "下一步" }).click();
  await desktop.page.getByRole("heading", { name: "选择送检时间" }).filter({ visible: true }).waitFor();
  await desktop.sound("book-time");
});

const chat = () => phone.sandboxPage;

test("M31 staff confirm; the phone gets the template message", async () => {
  await staff.goto("/staff/orders?status=pending");
  await staff.sound("staff-orders");
  const row = staff.page.locator("tbody tr").filter({ hasText: number });
  await row.getByRole("button", { name: "拒绝" }).click();
  await staff.page.getByRole("heading", { name: "拒绝预约" }).waitFor();
  await staff.shot("staff-reject");
  await staff.page.keyboard.press("Escape");
  await row.getByRole("button", { name: "确认", exact: true }).click();
  await staff.page.getByText("已确认，企业会收到通知").waitFor();
  const message = chat().locator(".item.template").filter({ hasText: "预约成功提醒" }).filter({ hasText: number.replaceAll(" ", "") });
  await message.waitFor();
  await chat().screenshot({ path: `${process.env.QIANGJIAN_ROOT}/.build/test/shots/sandbox-phone.png` });
});

test("M32 检定查询 in the menu answers with the state", async () => {
  await chat().getByText("查询服务").click();
  await chat().getByRole("button", { name: "检定查询" }).click();
  const reply = chat().locator(".item.reply").filter({ hasText: /您最近的 \d+ 个预约单/ });
  await reply.waitFor();
  holds((await reply.last().textContent()).includes(`${number} 已确认`), "the order is in the list with its state");
});

test("M30 the order number typed in the chat answers with the state", async () => {
  await chat().getByPlaceholder("发消息").fill(`帮我查一下 ${number.replaceAll(" ", "-")}`);
  await chat().getByRole("button", { name: "发送" }).click();
  await chat().locator(".item.reply").filter({ hasText: `预约单 ${number}` }).filter({ hasText: "状态：已确认" }).waitFor();
});

test("M30 another phone, not bound, sees state, institution and time only", async () => {
  const other = await phone.context.newPage();
  await other.goto(`${site.sandboxUrl}/?phone=oSandboxPhone0000000000000002`);
  await other.getByRole("button", { name: "关注", exact: true }).click();
  await other.getByPlaceholder("发消息").fill(number);
  await other.getByRole("button", { name: "发送" }).click();
  const reply = other.locator(".item.reply").filter({ hasText: "状态：已确认" });
  await reply.waitFor();
  const text = await reply.textContent();
  for (const secret of ["佛山示例制造有限公司", "陈志明", serial, "13800001234"]) holds(!text.includes(secret), `${secret} is shown to a stranger`);
  await other.close();
  await chat().goto(`${site.sandboxUrl}/?phone=${openid}`);
});

test("M33 M34 the front desk finds it by number and receives it", async () => {
  const desk = await Browser.open(site, { width: 1440, height: 900 });
  await desk.signInStaff("guopeng");
  await desk.goto("/staff/desk");
  await desk.sound("staff-desk");
  await desk.page.locator("#scan").fill(`${site.url}/query?number=${number.replaceAll(" ", "")}`);
  await desk.page.keyboard.press("Enter");
  await desk.page.getByRole("heading", { name: /收检/ }).waitFor();
  await desk.sound("staff-desk-order");
  await desk.page.getByRole("button", { name: "完成核对" }).click();
  await desk.page.getByText("已收检，企业会收到通知").waitFor();
  await desk.page.getByRole("link", { name: "收检下一单" }).waitFor();
  await desk.sound("staff-desk-received");
  await chat().locator(".item.template").filter({ hasText: "收检结果" }).filter({ hasText: number.replaceAll(" ", "") }).waitFor();
  await desk.close();
});

test("M37 M38 results with certificate and validity; the phone gets the 完检通知", async () => {
  const bench = await Browser.open(site, { width: 1440, height: 900 });
  await bench.signInStaff("yejianhua");
  await bench.goto("/staff/results");
  await bench.sound("staff-results");
  await bench.page.getByRole("link", { name: number }).click();
  await bench.sound("staff-result-form");
  await bench.page.getByRole("button", { name: "保存结果" }).click();
  await bench.page.getByText("证书编号").first().waitFor();
  await bench.page.locator("input[name^=certificate_no_]").fill(`JD-${serial}`);
  await bench.page.getByRole("button", { name: "保存结果" }).click();
  await bench.page.getByText("已完检，企业会收到完检通知").waitFor();
  await bench.sound("staff-order");
  const notice = chat().locator(".item.template").filter({ hasText: "检定完成通知" }).filter({ hasText: "合格 1 台件" });
  await notice.waitFor();
  await chat().screenshot({ path: `${process.env.QIANGJIAN_ROOT}/.build/test/shots/sandbox-done.png` });
  await bench.close();
});

test("the company sees certificate number and validity on the order and the instrument", async () => {
  await phone.page.goto(`${site.url}/orders?status=completed`);
  await phone.page.getByRole("link", { name: number }).click();
  await phone.page.getByText(`JD-${serial}`).waitFor();
  await phone.sound("order-done");
  await desktop.goto(`/instruments?q=${serial}`);
  await desktop.sound("instruments");
  await phone.goto("/instruments");
  await phone.sound("instruments");
});

test("N17 staff see every message with its state", async () => {
  await staff.goto("/staff/deliveries");
  await staff.page.getByRole("link", { name: "检定完成通知" }).first().waitFor();
  await staff.sound("staff-deliveries");
  await staff.page.getByRole("link", { name: "检定完成通知" }).first().click();
  await staff.page.getByText("回执：已送达").waitFor();
  await staff.sound("staff-delivery");
  const { sent } = await site.sent();
  const ids = sent.map((m) => m.client_msg_id);
  equal(new Set(ids).size, ids.length, "each message once");
});

test("staff pages on a phone: the desk and the list stay usable", async () => {
  const pocket = await Browser.open(site, { width: 390, height: 844 });
  await pocket.signInStaff("linxiaomin");
  await pocket.sound("staff-home");
  for (const [path, name] of [["/staff/orders", "staff-orders"], ["/staff/orders?status=completed", "staff-orders-completed"], ["/staff/filings", "staff-filings"], ["/staff/deliveries", "staff-deliveries"]]) {
    await pocket.goto(path);
    await pocket.sound(name);
  }
  holds(await pocket.page.locator("tbody td").first().isVisible(), "the deliveries are shown");
  await pocket.goto("/staff/orders?status=completed");
  await pocket.page.getByLabel("关键字").waitFor();
  await pocket.page.getByRole("link", { name: "查看" }).first().click();
  await pocket.page.getByText("经过").waitFor();
  await pocket.sound("staff-order");
  await pocket.close();
});

test("no page has an accessibility fault, a complaint of the browser, or scrolls sideways", async () => {
  equal(faults.join("\n"), "", "faults");
});

test("path: everything ends cleanly, sanitizers silent", async () => {
  for (const b of [desktop, phone, staff]) await b.close();
  await Browser.closeAll();
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
  holds(!/ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(site.log), site.log.slice(-3000));
});
