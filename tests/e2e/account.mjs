// The account of a person: a temporary password must be changed first (S5), the own one may be, codes on the
// desktop sign in and bind after the phone has confirmed (M5, S4).
import { spawnSync } from "node:child_process";
import { equal, holds, Site, test, until } from "./support.mjs";
import { Browser } from "./browser.mjs";

let site, staff, desktop;
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

test("account: it ends cleanly", async () => {
  await staff.close();
  await desktop.close();
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
  holds(!/ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(site.log), site.log.slice(-3000));
});
