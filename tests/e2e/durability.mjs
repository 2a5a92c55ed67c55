// D1: an answer leaves only after what it promises is on disk, shown by the order of system calls.
import { spawn } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { equal, holds, Site, test, until } from "./support.mjs";
import { load } from "./packages.mjs";

const wecom = load("@wecom/crypto");
let site;
const messages = 10;

function callback(id) {
  const time = String(Math.floor(Date.now() / 1000)), nonce = String(randomInt(2 ** 31));
  const plain = `<xml><ToUserName><![CDATA[${site.account}]]></ToUserName><FromUserName><![CDATA[oDurable00000000000000000001]]></FromUserName><CreateTime>${time}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[帮助]]></Content><MsgId>${id}</MsgId></xml>`;
  const sealed = wecom.encrypt(site.aes, plain, site.appid);
  const signature = createHash("sha1").update([site.token, time, nonce].sort().join("")).digest("hex");
  const query = new URLSearchParams({ signature, timestamp: time, nonce, encrypt_type: "aes", msg_signature: wecom.getSignature(site.token, time, nonce, sealed) });
  return site.get(`/wx/callback?${query}`, { method: "POST", headers: { "content-type": "text/xml" }, body: `<xml><ToUserName><![CDATA[${site.account}]]></ToUserName><Encrypt><![CDATA[${sealed}]]></Encrypt></xml>` });
}

test("D1 every answered message was synced to the log before its answer was written", async () => {
  process.env.ASAN_OPTIONS = `${process.env.ASAN_OPTIONS ?? ""}:detect_leaks=0`; // the leak checker and strace exclude each other
  site = await Site.start(process.env.QIANGJIAN_ROOT, { sandbox: false });
  site.agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  equal((await site.get("/healthz")).status, 200);
  const trace = join(site.folder, "trace");
  const strace = spawn("strace", ["-f", "-y", "-o", trace, "-e", "trace=fdatasync,fsync,write,writev,sendto,sendmsg", "-p", String(site.server.pid)], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  strace.stderr.on("data", (d) => { said += d; });
  await until("strace attached", () => said.includes("attached"));
  for (let i = 0; i < messages; i++) equal((await callback(1000 + i)).status, 200);
  strace.kill("SIGINT");
  await new Promise((done) => strace.on("exit", done));
  // A call is over when its result is seen: `fdatasync(…) = 0`, or the line `<... fdatasync resumed>) = 0`.
  let synced = 0, answers = 0, early = 0;
  const begun = new Map();
  for (const line of readFileSync(trace, "utf8").split("\n")) {
    const thread = line.split(" ")[0];
    if (/f(data)?sync\(\d+<[^>]*-wal>/.test(line)) begun.set(thread, true);
    if (/f(data)?sync(\(| resumed)/.test(line) && / = 0$/.test(line) && begun.get(thread)) { synced++; begun.delete(thread); }
    if (/(write|writev|sendto|sendmsg)\(\d+<(socket|TCP)/.test(line)) {
      answers++;
      if (synced === 0) early++;
      synced = 0;
    }
  }
  equal(answers, messages, "answers seen by strace");
  equal(early, 0, "answers written before their commit was synced");
});

test("D1 the site ends cleanly", async () => {
  site.agent.destroy();
  for (const end of await site.stop()) equal(end.code, 0, site.log.slice(-2000));
  holds(!/ERROR: AddressSanitizer|runtime error:/.test(site.log), site.log.slice(-3000));
  process.env.ASAN_OPTIONS = process.env.ASAN_OPTIONS.replace(":detect_leaks=0", "");
});
