// A person at a browser: Debian's Chromium driven by playwright-core, with the words of the pages.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "./packages.mjs";

const { chromium } = load("playwright-core");
const axeSource = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");
let shared;
export const faults = []; // of pages, collected while the path goes on; a test of its own reports them

export class Browser {
  static async open(site, viewport, more = {}) { // more: of the context, such as userAgent
    shared ??= await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
    const b = new Browser();
    b.site = site;
    b.phone = viewport.width < 600;
    b.context = await shared.newContext({ viewport, locale: "zh-CN", timezoneId: "Asia/Shanghai", ignoreHTTPSErrors: true, bypassCSP: false, ...more });
    b.context.setDefaultTimeout(20000);
    b.page = await b.context.newPage();
    b.complaints = [];
    b.context.on("console", (m) => { if (m.type() === "error" && !/status of (4|5)\d\d/.test(m.text())) b.complaints.push(m.text()); });
    b.context.on("weberror", (e) => b.complaints.push(String(e.error())));
    return b;
  }
  static async closeAll() { await shared?.close(); shared = undefined; }
  async close() { await this.context.close(); }
  async goto(path) { return this.page.goto(this.site.url + path); }
  async shot(name) {
    const size = this.phone ? "phone" : "desktop";
    await this.page.screenshot({ path: join(process.env.QIANGJIAN_ROOT, ".build/test/shots", `${name}-${size}.png`), fullPage: true });
  }
  // No accessibility fault, no complaint of the browser (content security policy, scripts), no sideways scroll.
  async sound(name) {
    await this.shot(name);
    const found = await this.page.evaluate(`(async () => { ${axeSource}; const r = await axe.run(document, { resultTypes: ["violations"] }); return r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).slice(0, 3).join(" | ")); })()`);
    const size = `${name} (${this.phone ? "phone" : "desktop"})`;
    for (const f of found) faults.push(`${size}: accessibility: ${f}`);
    for (const c of this.complaints.splice(0)) faults.push(`${size}: the browser complains: ${c}`);
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) faults.push(`${size}: scrolls sideways by ${wide} px`);
  }
  async signIn(path, username, password = "demo-2026") {
    await this.goto(path);
    if (!(await this.page.locator("#f-username").count())) return;
    await this.page.locator("#f-username").fill(username);
    await this.page.locator("#f-password").fill(password);
    await this.page.getByRole("button", { name: "登录", exact: true }).click();
  }
  async signInStaff(username) {
    await this.signIn("/staff/login", username);
    await this.page.getByRole("heading", { name: "工作台" }).waitFor();
  }
  // This browser is the one inside that phone's WeChat.
  async onPhone(openid) {
    this.sandboxPage = await this.context.newPage();
    await this.sandboxPage.goto(`${this.site.sandboxUrl}/?phone=${openid}`);
  }
  // Follows the account in the sandbox, opens 我的强检 and binds with the password once.
  async bindPhone(openid, username) {
    await this.onPhone(openid);
    await this.sandboxPage.getByRole("button", { name: "关注", exact: true }).click();
    await this.sandboxPage.getByText("发送 12 位单号可查询预约单").waitFor();
    await this.goto("/wx/enter");
    await this.page.locator("#f-username").fill(username);
    await this.page.locator("#f-password").fill("demo-2026");
    await this.page.getByRole("button", { name: "绑定并进入" }).click();
    await this.page.getByRole("heading", { name: "我的强检", level: 1 }).waitFor();
  }
  // Books `n` of the bookable instruments; gives the order number.
  async book(n) {
    await this.goto("/book");
    const boxes = this.page.locator("fieldset").filter({ hasText: "送检" }).first().locator("input[type=checkbox]");
    for (let i = 0; i < n; i++) await boxes.nth(i).check();
    await this.page.getByRole("button", { name: "下一步" }).click();
    if (this.phone) await this.page.locator(".day.on label.slot:not(.no)").first().click();
    else await this.page.locator("label.slot:not(.no)").first().click();
    await this.page.locator("#f-contact_phone").fill("13800001234");
    await this.page.locator("#f-contact_phone").blur();
    await this.page.getByRole("button", { name: /下一步/ }).filter({ visible: true }).first().click();
    await this.page.getByRole("button", { name: "提交预约" }).click();
    await this.page.getByText("预约已提交").waitFor();
    return (await this.page.locator(".voucher .no").textContent()).trim();
  }
}
