// What the end-to-end tests share: a program with its sandbox in a folder of its own, a tiny test list.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import https from "node:https";

const tests = [];
export const test = (name, run) => tests.push({ name, run });
export function equal(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what ?? "value"}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}
export function holds(condition, what) {
  if (!condition) throw new Error(what);
}
export async function runAll() {
  let passed = 0, failed = 0;
  for (const t of tests) {
    try {
      await t.run();
      passed++;
      console.log(`ok ${t.name}`);
    } catch (e) {
      failed++;
      console.log(`not ok ${t.name}\n  ${e.stack}`);
    }
  }
  return { passed, failed };
}
export async function until(what, probe, most = 20000) {
  const end = Date.now() + most;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not seen in ${most} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export async function freePort() {
  return new Promise((done) => {
    const s = createServer().listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => done(port));
    });
  });
}

export class Site {
  static async start(root, { sandbox = true } = {}) {
    const s = new Site();
    s.root = root;
    s.program = process.env.QIANGJIAN_PROGRAM ?? join(root, ".build/sanitize/qiangjian");
    s.folder = mkdtempSync(join(tmpdir(), "qiangjian-e2e-"));
    s.port = await freePort();
    s.sandboxPort = await freePort();
    s.url = `https://localhost:${s.port}`;
    s.sandboxUrl = `https://localhost:${s.sandboxPort}`;
    s.once(join(root, "scripts/dev-config"), s.folder, String(s.port), String(s.sandboxPort));
    s.config = join(s.folder, "qiangjian.toml");
    s.once(s.program, "migrate", "--config", s.config);
    s.once(s.program, "demo", "--config", s.config);
    s.ca = readFileSync(join(s.folder, "ca.pem"));
    for (const name of ["token", "aes", "secret"]) s[name] = readFileSync(join(s.folder, `wechat.${name}`), "utf8").trim();
    s.appid = "wx0123456789abcdef";
    s.account = "gh_0123456789ab";
    s.log = "";
    if (sandbox) await s.startSandbox();
    await s.startServer();
    return s;
  }
  once(...command) {
    const done = spawnSync(command[0], command.slice(1), { encoding: "utf8", maxBuffer: 64 << 20 });
    if (done.status !== 0) throw new Error(`${command.join(" ")}: ${done.stderr}${done.stdout}`);
    return done.stdout;
  }
  launch(command, ready) {
    const child = spawn(this.program, [command, "--config", this.config], { stdio: ["ignore", "pipe", "pipe"] });
    const seen = { text: "" };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (d) => { seen.text += d; this.log += d; });
    child.over = new Promise((done) => child.on("exit", (code, signal) => done({ code, signal })));
    return until(`${command} ready`, () => {
      if (child.exitCode !== null) throw new Error(`${command} ended: ${seen.text}`);
      return seen.text.includes(ready) && child;
    });
  }
  async startServer() { this.server = await this.launch("serve", "serving "); }
  async startSandbox() { this.sandbox = await this.launch("sandbox", "sandbox "); }
  async kill() {
    this.server.kill("SIGKILL");
    await this.server.over;
  }
  // Also sees that nothing secret stands in the log: what the account was given, and what WeChat gave out (S12).
  async stop() {
    const secrets = [this.token, this.aes, this.secret, ...await this.givenOut()];
    const ends = [];
    for (const child of [this.server, this.sandbox]) {
      if (!child || child.exitCode !== null || child.signalCode) continue;
      child.kill("SIGTERM");
      ends.push(child.over);
    }
    const all = await Promise.all(ends);
    rmSync(this.folder, { recursive: true, force: true });
    for (const secret of secrets) holds(!this.log.includes(secret), `S12: a secret is in the log: ${secret.slice(0, 6)}…`);
    return all;
  }
  async givenOut() {
    if (!this.sandbox || this.sandbox.exitCode !== null || this.sandbox.signalCode) return [];
    return JSON.parse((await this.request(this.sandboxUrl, "/control/secrets")).body).secrets;
  }
  // One HTTPS request; gives { status, headers, body }.
  request(base, path, { method = "GET", body, headers = {} } = {}) {
    return new Promise((done, fail) => {
      const r = https.request(base + path, { method, headers, ca: this.ca, agent: this.agent }, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (d) => { text += d; });
        answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, body: text }));
      });
      r.on("error", fail);
      r.end(body);
    });
  }
  get(path, options) { return this.request(this.url, path, options); }
  async control(fields) {
    return this.request(this.sandboxUrl, "/control/fault", { method: "POST", body: new URLSearchParams(fields).toString(), headers: { "content-type": "application/x-www-form-urlencoded" } });
  }
  async sent() {
    return JSON.parse((await this.request(this.sandboxUrl, "/control/sent")).body);
  }
}
