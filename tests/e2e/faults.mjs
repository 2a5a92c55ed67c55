// N1-N3, U6: a killed process and a failing WeChat lose nothing and send nothing twice.
import { equal, holds, Site, test, until } from "./support.mjs";
import { Browser } from "./browser.mjs";

let site;
let company;
let staff;
const phone = "oSandboxPhone0000000000000001";

async function pendingOrder() {
  await staff.goto("/staff/orders?status=pending"); // of the bound company: after hours others come before it
  return staff.page.locator("tbody tr").filter({ hasText: "佛山示例制造有限公司" }).first();
}
async function confirmOne() {
  const row = await pendingOrder();
  const number = (await row.locator("a.no").textContent()).replaceAll(" ", "");
  await row.getByRole("button", { name: "确认" }).click();
  await staff.page.getByText("已确认，企业会收到通知").waitFor();
  return number;
}
const confirmations = async (number) => (await site.sent()).sent.filter((m) => m.title === "预约成功提醒" && m.data.character_string1.value === number);

// What WeChat sends a browser back to after /wx/enter.
async function oauthReturn() {
  const agent = { "user-agent": "MicroMessenger/8.0.49" };
  const gone = await site.get("/wx/enter?to=/me", { headers: agent });
  const state = /[?&]state=([0-9a-f]+)/.exec(gone.headers.location)[1];
  const cookie = gone.headers["set-cookie"].map((c) => c.split(";")[0]).join("; ");
  return { path: `/wx/oauth?code=none&state=${state}`, headers: { cookie, ...agent } };
}

test("N a site whose first company is bound to a phone", async () => {
  site = await Site.start(process.env.QIANGJIAN_ROOT);
  company = await Browser.open(site, { width: 390, height: 844 });
  await company.bindPhone(phone, "chenzhiming");
  staff = await Browser.open(site, { width: 1440, height: 900 });
  await staff.signInStaff("linxiaomin");
  await company.book(1);
  await company.book(1);
  await company.book(1);
  await company.book(1);
});

test("the sandbox told to reset cuts the connection without an answer", async () => {
  await site.control({ path: "/cgi-bin/stable_token", times: 1, reset: 1 });
  const ask = () => site.request(site.sandboxUrl, "/cgi-bin/stable_token", { method: "POST", body: "{}" });
  const how = await ask().then(() => "answered", (e) => e.code);
  equal(how, "ECONNRESET");
  equal((await ask()).status, 200, "once");
});

test("N9 the answer is lost, the receipt comes: that settles it, there is no second try", async () => {
  await site.control({ path: "/cgi-bin/message/template/send", times: 1, html: 1, after: 1 });
  const before = (await site.sent()).duplicates;
  const number = await confirmOne();
  await until("delivered", async () => {
    await staff.goto("/staff/deliveries?status=delivered");
    return (await staff.page.getByRole("link", { name: "预约成功提醒" }).count()) > 0;
  });
  equal((await confirmations(number)).length, 1, "messages the phone saw");
  equal((await site.sent()).duplicates, before, "second tries");
});

test("N2 answer and receipt are lost after WeChat did the work: sent once, the second try is a duplicate", async () => {
  await site.control({ path: "/cgi-bin/message/template/send", times: 1, html: 1, after: 1, drop_receipts: 1 });
  const before = (await site.sent()).duplicates;
  const number = await confirmOne();
  await until("the second try", async () => (await site.sent()).duplicates > before, 30000);
  equal((await confirmations(number)).length, 1, "messages the phone saw");
});

test("N2 kill -9 while WeChat is slow: after the restart the message is there once", async () => {
  await site.control({ path: "/cgi-bin/message/template/send", times: 1, delay_ms: 1500, drop_receipts: 0 });
  const number = await confirmOne();
  await site.kill();
  await site.startServer();
  await until("the message", async () => (await confirmations(number)).length > 0, 30000);
  await until("the sandbox's slow call to end", async () => (await site.sent()).sent.length > 0);
  equal((await confirmations(number)).length, 1);
});

async function restart(stopSeconds) {
  process.env.QIANGJIAN_LIMITS__STOP_S = String(stopSeconds);
  site.server.kill("SIGTERM");
  await site.server.over;
  try { await site.startServer(); } finally { delete process.env.QIANGJIAN_LIMITS__STOP_S; }
}

test("D8 a thread of ours that waits for WeChat does not hold up the stop beyond its limit", async () => {
  await restart(2);
  await site.control({ clear: 1 });
  await site.control({ path: "/sns/oauth2/access_token", times: 1, delay_ms: 9000 });
  const door = await oauthReturn();
  const cut = site.get(door.path, { headers: door.headers }).then(() => false, () => true);
  await until("WeChat is asked", async () => (await site.sent()).faults_left === 0);
  const begun = Date.now();
  site.server.kill("SIGTERM");
  equal((await site.server.over).code, 0);
  holds(Date.now() - begun < 6000, `left after ${Date.now() - begun} ms`);
  holds(await cut, "a request that could not be answered is cut, not answered falsely");
  await site.startServer();
});

test("D8 a stop does not wait for WeChat beyond its limit, and nothing is lost by it", async () => {
  const shown = await company.book(1);
  await restart(2);
  await site.control({ path: "/cgi-bin/message/template/send", times: 1, delay_ms: 9000 });
  await staff.goto("/staff/orders?status=pending");
  await staff.page.locator("tbody tr").filter({ hasText: shown }).getByRole("button", { name: "确认" }).click();
  await staff.page.getByText("已确认，企业会收到通知").waitFor();
  const begun = Date.now();
  site.server.kill("SIGTERM");
  equal((await site.server.over).code, 0);
  holds(Date.now() - begun < 6000, `left after ${Date.now() - begun} ms`);
  await site.startServer();
  await until("the message", async () => (await confirmations(shown.replace(/\D/g, ""))).length > 0, 30000);
});

test("W4 WeChat being down delays the push and nothing else", async () => {
  await site.control({ path: "/cgi-bin/message/template/send", times: 2, errcode: 45011 });
  await staff.signInStaff("linxiaomin");
  const begun = Date.now();
  const number = await confirmOne();
  holds(Date.now() - begun < 5000, "staff work on while WeChat fails");
  equal((await site.get("/healthz")).status, 200);
  equal((await confirmations(number)).length, 0);
});

// Told by the order in which things end, not by time: what is slow is still under way when the others are answered.
test("W4 sign-in, JS-SDK and self-check wait for a slow WeChat; pages and the chat do not, and what finds no room is told so", async () => {
  const admin = await Browser.open(site, { width: 1440, height: 900 });
  await admin.signInStaff("admin");
  await site.control({ clear: 1 });
  for (const [path, times] of [["/sns/oauth2/access_token", 2], ["/cgi-bin/ticket/getticket", 1], ["/cgi-bin/callback/check", 1]]) await site.control({ path, times, delay_ms: 9000 });
  const ended = [];
  const ask = (name, path) => site.get(path).then((answer) => { ended.push(name); return answer; });
  const doors = [await oauthReturn(), await oauthReturn()];
  const slow = [
    ...doors.map((d) => site.get(d.path, { headers: d.headers }).then((a) => { ended.push("slow"); return a; })),
    ask("slow", `/wx/js-config?url=${encodeURIComponent(`${site.url}/instruments`)}`),
    admin.goto("/staff/doctor").then((a) => { ended.push("slow"); return { status: a.status() }; }),
  ];
  await until("WeChat is asked four times", async () => (await site.sent()).faults_left === 0);
  const answered = await Promise.all([ask("page", "/query"), ask("page", "/login"), ask("page", "/healthz"), staff.context.request.get(`${site.url}/staff/orders`).then((a) => { ended.push("page"); return { status: a.status() }; })]);
  for (const a of answered) equal(a.status, 200);
  const before = JSON.parse((await site.request(site.sandboxUrl, `/phone/events?phone=${phone}&after=0`)).body).items.length;
  await site.request(site.sandboxUrl, "/phone/say", { method: "POST", body: new URLSearchParams({ phone, text: "帮助" }).toString(), headers: { "content-type": "application/x-www-form-urlencoded" } });
  await until("the chat answers", async () => JSON.parse((await site.request(site.sandboxUrl, `/phone/events?phone=${phone}&after=0`)).body).items.slice(before).some((i) => i.kind === "reply"));
  ended.push("chat");
  equal(ended.join(" "), "page page page page chat", "what ended while WeChat was asked");
  // More than may wait: the room is 64 behind the four.
  const crowd = Array.from({ length: 70 }, () => ask("crowd", "/wx/oauth?code=none&state=none"));
  const refused = await Promise.race(crowd);
  equal(refused.status, 503);
  holds(refused.body.includes("访问的人较多，请稍等几秒再试"), refused.body);
  equal(refused.headers["retry-after"], "5");
  holds(!ended.includes("slow"), "refused while the others still waited");
  equal((await site.get("/query")).status, 200);
  for (const a of await Promise.all(slow)) holds(a.status < 500, `a slow answer is an answer: ${a.status}`);
  equal((await Promise.all(crowd)).filter((a) => a.status === 503).length, 6, "refused of the crowd");
  await site.control({ clear: 1 });
  await admin.close();
});

test("N the browsers and the site end cleanly", async () => {
  await company.close();
  await staff.close();
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
  holds(!/ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(site.log), site.log.slice(-3000));
});
