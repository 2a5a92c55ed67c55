// Followers by the command line against the sandbox: a list of several pages, people who left unnoticed, and the move of
// the account to new openids with a dry run before it.
import { createHash } from "node:crypto";
import { equal, holds, Site, test, until } from "./support.mjs";
import { Browser } from "./browser.mjs";

const phone = "oSandboxPhone0000000000000001";
const moved = `oMoved${createHash("sha256").update(phone).digest("hex").slice(0, 22)}`;
let site, company;

const post = (path, fields = {}) => site.request(site.sandboxUrl, path, { method: "POST", body: new URLSearchParams(fields).toString(), headers: { "content-type": "application/x-www-form-urlencoded" } });
const run = (...command) => site.once(site.program, "followers", ...command, "--config", site.config);
const figure = (text, name) => Number(text.split("\n").find((l) => l.startsWith(name))?.slice(34));
const chat = async (openid, after) => JSON.parse((await site.request(site.sandboxUrl, `/phone/events?phone=${openid}&after=${after}`)).body).items;
const answer = async (openid, words, expected) => {
  const seen = (await chat(openid, 0)).at(-1)?.seq ?? 0;
  await post("/phone/say", { phone: openid, text: words });
  return until(`an answer with ${expected}`, async () => (await chat(openid, seen)).find((i) => i.kind === "reply" && i.text.includes(expected)));
};

test("followers: a site with a bound phone fetches its first list by itself", async () => {
  site = await Site.start(process.env.QIANGJIAN_ROOT);
  company = await Browser.open(site, { width: 390, height: 844 });
  await company.bindPhone(phone, "chenzhiming");
  await until("the first list", () => run("status").includes("finished"));
});

test("followers sync: ten thousand and one more than one page; unionid of all by the hundred", async () => {
  await post("/control/crowd", { count: "10001" });
  const told = run("sync");
  equal(figure(told, "followers by WeChat's count"), 10002);
  equal(figure(told, "in its list"), 10002);
  equal(figure(told, "new to us"), 10001);
  holds(figure(told, "unionid and scene fetched") >= 10001, told);
  const again = run("sync");
  equal(figure(again, "new to us"), 0);
  equal(figure(again, "unionid and scene fetched"), 0);
});

test("followers sync: at the day's quota it stops, says so, and goes on where it was", async () => {
  await post("/control/fault", { path: "/cgi-bin/user/get", times: "1", errcode: "-1" });
  let refused = "";
  try { run("sync"); } catch (e) { refused = e.message; }
  holds(refused.includes("goes on where it is"), refused);
  holds(run("status").includes("stands still"), "told by status");
  holds(run("sync").includes("finished"), "goes on");
});

test("followers move: the dry run changes nothing; --yes moves bindings, and the chat knows the person again", async () => {
  holds((await answer(phone, "查询", "您最近的")).text.length > 0, "bound before");
  await post("/control/move");
  const dry = run("move", "--from", "wx9999999999999999");
  equal(figure(dry, "WeChat users with a new openid"), 10002);
  equal(figure(dry, "bindings moved"), 1, "the dry run has the figures of the real one");
  holds(dry.includes("nothing was changed"), dry);
  holds((await answer(moved, "查询", "还没有绑定")).text.length > 0, "a stranger until then");
  const done = run("move", "--from", "wx9999999999999999", "--yes");
  for (const what of ["people moved", "bindings moved", "sessions moved", "staff tags moved", "waiting messages sent to new ones"])
    equal(figure(done, what), figure(dry, what), what);
  await answer(moved, "查询", "您最近的");
  equal(figure(run("move", "--from", "wx9999999999999999", "--yes"), "people moved"), 0, "again");
});

test("followers: everything ends cleanly, sanitizers silent", async () => {
  await company.close();
  holds(site.sandbox.exitCode === null && !site.sandbox.signalCode, "the sandbox still runs");
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
  holds(!/ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(site.log), site.log.slice(-3000));
});
