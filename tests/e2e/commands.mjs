// The commands as an operator types them: help, exit codes, refusals with a remedy, and what they do beside a
// running server.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { equal, freePort, holds, Site, test, until } from "./support.mjs";

let site;
const run = (...words) => {
  const done = spawnSync(site.program, words, { encoding: "utf8", maxBuffer: 64 << 20 });
  return { code: done.status, out: done.stdout, err: done.stderr };
};
const configured = (...words) => run(...words, "--config", site.config);
const secrets = () => [site.token, site.aes, site.secret];

test("commands: a site that serves", async () => { site = await Site.start(process.env.QIANGJIAN_ROOT, { sandbox: false }); });

test("commands: every one explains itself, a wrong one is a usage error", () => {
  const listed = run("--help").out.split("Subcommands:")[1].match(/^ {2}(\S+)/gm).map((s) => s.trim());
  for (const name of ["serve", "sandbox", "migrate", "backup", "user", "company", "demo", "version", "restore", "export-state", "selfcheck", "audit", "hub", "config", "check-config"])
    holds(listed.includes(name), `${name} is listed`);
  for (const name of listed) {
    const help = run(name, "--help");
    equal(help.code, 0, `${name} --help`);
    holds(help.out.includes("Usage:"), `${name} --help says how`);
  }
  equal(run("nonsense").code, 2);
  equal(run().code, 2);
  equal(run("backup", "--config", site.config).code, 2, "without its target");
  holds(/^qiangjian \d+\.\d+\.\d+\n$/.test(run("version").out), "version");
});

test("commands: a missing or wrong configuration names key and remedy, exit 1", () => {
  const none = run("serve", "--config", join(site.folder, "none.toml"));
  equal(none.code, 1);
  holds(none.err.includes("qiangjian config"), none.err);
  const wrong = join(site.folder, "wrong.toml");
  writeFileSync(wrong, readFileSync(site.config, "utf8").replace("[log]", "[limits]\nidle = 5\n[log]"));
  const refused = run("check-config", "--config", wrong);
  equal(refused.code, 1);
  holds(refused.err.includes("limits.idle: is not a setting. Did you mean limits.idle_s"), refused.err);
});

test("S12 commands: no output holds a secret", () => {
  for (const words of [["check-config"], ["selfcheck"], ["export-state"]]) {
    const said = configured(...words);
    equal(said.code, 0, words.join(" ") + said.err);
    for (const s of secrets()) holds(!(said.out + said.err).includes(s), `${words} prints a secret`);
  }
  holds(configured("check-config").out.includes("(secret)"), "secrets are shown as such");
});

test("D4 commands: a second server on the same database refuses to start", () => {
  const second = spawnSync(site.program, ["serve", "--config", site.config], { encoding: "utf8", env: { ...process.env, QIANGJIAN_SERVER__PORT: "0" } });
  equal(second.status, 1);
  holds(second.stderr.includes("stop it first"), second.stderr);
});

test("D7 commands: backup while serving; restore refuses while serving, and afterwards brings the same state back", async () => {
  const copy = join(site.folder, "copy.db");
  equal(configured("backup", copy).code, 0);
  holds(existsSync(copy), "the copy");
  equal(configured("restore", copy).code, 1, "beside a running server");
  equal(configured("db", "check").code, 0, "beside a running server");
  equal(configured("db", "rebuild").code, 1, "beside a running server");
  const before = configured("export-state").out;
  equal(configured("user", "create", "made.later", "--role", "platform_admin").code, 0);
  holds(configured("export-state").out !== before, "the state shows the new person");
  site.server.kill("SIGTERM");
  equal((await site.server.over).code, 0, "SIGTERM ends with 0");
  equal(configured("db", "rebuild").code, 0);
  equal(configured("db", "check").code, 0);
  const restored = configured("restore", copy);
  equal(restored.code, 0, restored.err);
  equal(configured("export-state").out, before, "state");
  equal(configured("selfcheck").code, 0);
  await site.startServer();
  equal((await site.get("/healthz")).status, 200);
});

test("commands: user create refuses what does not fit, passwd gives a new password", () => {
  const refused = [
    ["user", "create", "X"],
    ["user", "create", "a.b.c", "--role", "king"],
    ["user", "create", "a.b.c", "--role", "verifier"],
    ["user", "create", "a.b.c", "--role", "verifier", "--institution", "不存在的机构"],
    ["user", "create", "linxiaomin", "--role", "platform_admin"],
    ["user", "passwd", "nobody.here"],
  ];
  for (const words of refused) {
    const said = configured(...words);
    holds(said.code === 1 || said.code === 2, `${words.join(" ")} gives ${said.code}`);
    holds(said.err.length > 20 || said.out.length > 20, `${words.join(" ")} says why`);
  }
  const made = configured("user", "create", "new.verifier", "--role", "verifier", "--institution", "佛山市质量计量监督检测中心", "--one-time");
  equal(made.code, 0, made.err);
  holds(/password [0-9a-f]{12}, once/.test(made.out), made.out);
  equal(configured("user", "passwd", "new.verifier").code, 0);
});

test("commands: settings are listed with their ranges, changed in range, refused otherwise", () => {
  const listed = configured("setting", "list");
  equal(listed.code, 0, listed.err);
  for (const name of ["filings.decide_days", "second_factor.required", "privacy.contact_days"]) holds(listed.out.includes(name), name);
  for (const words of [["filings.decide", "3"], ["filings.decide_days", "61"], ["filings.decide_days", "x"], ["second_factor.required", "some"], ["reminders.days", "ten"]]) {
    const refused = configured("setting", "set", ...words);
    equal(refused.code, 1, words.join(" "));
    holds(refused.err.length > 20, refused.err);
  }
  equal(configured("setting", "set", "filings.decide_days", "7").code, 0);
  holds(/filings\.decide_days +7 /.test(configured("setting", "list").out), "it is kept");
});

test("commands: rules of appointments are listed and set, of the platform and of one institution", () => {
  const place = "佛山市质量计量监督检测中心";
  const value = (...words) => Number(/^orders\.auto_confirm +(\d+)/m.exec(configured("rule", "list", ...words).out)[1]);
  equal(value(), 0);
  for (const words of [["orders.auto_confirm", "2"], ["orders.nothing", "1"], ["orders.auto_confirm", "x"], ["orders.auto_confirm", "1", "--institution", "不存在的机构"]]) {
    const refused = configured("rule", "set", ...words);
    equal(refused.code, 1, words.join(" "));
    holds(refused.err.length > 15, refused.err);
  }
  equal(configured("rule", "set", "orders.auto_confirm", "1", "--institution", place).code, 0);
  equal(value(), 0);
  equal(value("--institution", place), 1);
  equal(configured("rule", "set", "orders.auto_confirm", "usual", "--institution", place).code, 0);
  equal(value("--institution", place), 0);
});

test("commands: reference data are checked by line, taken whole or not at all, and again change nothing", () => {
  const file = join(site.folder, "holidays.csv");
  const data = (verb, set = "holidays", ...words) => configured("data", verb, set, file, ...words);
  writeFileSync(file, "day,is_working,name\n2028-10-01,否,国庆节\n2028-13-01,否,国庆节\n");
  const wrong = data("import");
  equal(wrong.code, 1);
  holds(/^line 3, day: /m.test(wrong.out), wrong.out);
  writeFileSync(file, "day,is_working,name\n2028-10-01,否,国庆节\n");
  for (const verb of ["check", "check", "import"]) {
    const said = data(verb);
    equal(said.code, 0, said.out + said.err);
    holds(said.out.includes("1 rows: 1 new, 0 changed, 0 removed, 0 as they are; 0 problems"), said.out);
  }
  holds(data("check").out.includes("1 rows: 0 new, 0 changed, 0 removed, 1 as they are"), "it is there");
  writeFileSync(file, Buffer.from([0x64, 0x61, 0x79, 0x0a, 0xb9, 0xfa, 0xc7, 0xec, 0x0a])); // GBK
  holds(data("check").out.includes("CSV UTF-8"), "how to save it");
  equal(data("check", "nothing").code, 1);
  equal(configured("data", "check", "holidays", join(site.folder, "none.csv")).code, 1);
});

test("S15 commands: a person's and a company's data are written to a private file, and erased", () => {
  const person = join(site.folder, "person.json"), company = join(site.folder, "company.json");
  equal(configured("user", "export", "nobody.here", "--to", person).code, 1);
  holds(!existsSync(person), "nothing is written for nobody");
  equal(configured("user", "export", "chenzhiming", "--to", person).code, 0);
  equal(statSync(person).mode & 0o777, 0o600, "for its owner only");
  const told = JSON.parse(readFileSync(person, "utf8"));
  equal(told.username, "chenzhiming");
  equal(told.companies.length, 1);
  equal(configured("user", "export", "chenzhiming", "--to", person).code, 1, "an export is never written over");
  const uscc = told.companies[0].uscc;
  equal(configured("company", "export", uscc, "--to", company).code, 0);
  holds(JSON.parse(readFileSync(company, "utf8")).instruments.length > 0, "with its instruments");
  const last = configured("user", "erase", "chenzhiming", "--reason", "本人申请");
  equal(last.code, 1, "the last owner of a working company stays");
  holds(last.err.includes("another owner"), last.err);
  equal(configured("company", "erase", uscc, "--reason", "已注销").code, 1, "a working company stays");
  equal(configured("user", "erase", "new.verifier", "--reason", "离职").code, 0);
  equal(configured("user", "passwd", "new.verifier").code, 1, "the name is gone");
  equal(configured("selfcheck").code, 0);
});

test("commands: hub status tells what waits, what is in trouble, who is to be phoned, and whether all is held", () => {
  const at_rest = configured("hub", "status");
  equal(at_rest.code, 0, at_rest.err);
  for (const line of ["waiting: changes of status", "waiting: reminders", "in flight", "uncertain", "oldest waiting, seconds", "reached by no channel, to be phoned"])
    holds(new RegExp(`^${line} +\\d+$`, "m").test(at_rest.out), line);
  holds(at_rest.out.includes("/metrics on the admin port"), "where the breaker is seen");
  holds(/HELD/.test(at_rest.out), "held since the restore");
  equal(configured("hub", "hold", "for a test").code, 1, "its reason stays");
  equal(configured("hub", "release").code, 0);
  equal(configured("hub", "hold", "for a test").code, 0);
  holds(/HELD .*for a test/.test(configured("hub", "status").out), "held");
  equal(configured("hub", "release").code, 0);
  holds(!configured("hub", "status").out.includes("HELD"), "released");
});

test("commands: figures and readiness on the admin listener", async () => {
  site.server.kill("SIGTERM");
  await site.server.over;
  for (const once of ["once", "--once"]) {
    const round = configured("hub", once);
    equal(round.code, 0, round.err);
    holds(/^\d+ messages handed to the channel/.test(round.out), round.out);
  }
  const port = String(await freePort());
  process.env.QIANGJIAN_ADMIN__PORT = port;
  try {
    await site.startServer();
    const get = async (path) => {
      const r = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: r.status, text: await r.text() };
    };
    equal((await get("/readyz")).text, "ready\n");
    equal((await get("/healthz")).status, 200);
    const figures = await until("figures", async () => (await get("/metrics")).text);
    for (const name of ["http_requests_total", "http_connections", "db_actions_waiting", "sqlite_wal_bytes", "messages", "message_oldest_waiting_seconds", "messages_held", "channel_stopped", "channel_breaker_open", "channel_pause_seconds", "channel_answers_total"])
      holds(figures.includes(`# TYPE qiangjian_${name} `), name);
    equal((await get("/me")).status, 404, "nothing else is served there");
    equal((await site.get("/metrics")).status, 404, "not on the public listener");
  } finally {
    delete process.env.QIANGJIAN_ADMIN__PORT;
  }
});

test("commands: it all ends cleanly", async () => {
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
  holds(!/ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(site.log), site.log.slice(-3000));
});
