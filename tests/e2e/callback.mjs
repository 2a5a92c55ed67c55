// U3, K3-K6: callbacks signed and encrypted by two independent npm implementations, their replies opened again.
import { createHash, randomInt } from "node:crypto";
import { equal, holds, Site, test, until } from "./support.mjs";
import { load } from "./packages.mjs";

const wecom = load("@wecom/crypto");
const WXBizMsgCrypt = load("wechat-crypto");
let site;
const xml = { "content-type": "text/xml" };
const openid = "oIndependentClient0000000001";

function inner(type, extra, from = openid, time = Math.floor(Date.now() / 1000)) {
  return `<xml><ToUserName><![CDATA[${site.account}]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName><CreateTime>${time}</CreateTime><MsgType><![CDATA[${type}]]></MsgType>${extra}</xml>`;
}
const textMessage = (text, id = randomInt(2 ** 40), from) => inner("text", `<Content><![CDATA[${text}]]></Content><MsgId>${id}</MsgId>`, from);

const clients = {
  "@wecom/crypto": {
    seal: (plain) => wecom.encrypt(site.aes, plain, site.appid),
    sign: (t, n, e) => wecom.getSignature(site.token, t, n, e),
    open: (e) => wecom.decrypt(site.aes, e),
  },
  "wechat-crypto": {
    seal: (plain) => new WXBizMsgCrypt(site.token, site.aes, site.appid).encrypt(plain),
    sign: (t, n, e) => new WXBizMsgCrypt(site.token, site.aes, site.appid).getSignature(t, n, e),
    open: (e) => { const d = new WXBizMsgCrypt(site.token, site.aes, site.appid).decrypt(e); return { message: d.message, id: d.id }; },
  },
};
const element = (text, name) => new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([\\s\\S]*?)(?:\\]\\]>)?</${name}>`).exec(text)?.[1];

async function post(client, plain, { time = Math.floor(Date.now() / 1000), nonce = String(randomInt(2 ** 31)), query, body } = {}) {
  const sealed = client.seal(plain);
  const q = query ?? new URLSearchParams({ signature: createHash("sha1").update([site.token, String(time), nonce].sort().join("")).digest("hex"), timestamp: time, nonce, openid, encrypt_type: "aes", msg_signature: client.sign(String(time), nonce, sealed) });
  const answer = await site.get(`/wx/callback?${q}`, { method: "POST", headers: xml, body: body ?? `<xml><ToUserName><![CDATA[${site.account}]]></ToUserName><Encrypt><![CDATA[${sealed}]]></Encrypt></xml>` });
  if (answer.status !== 200 || answer.body === "success" || answer.body === "") return { ...answer, text: null };
  const reply = element(answer.body, "Encrypt");
  equal(element(answer.body, "MsgSignature"), client.sign(element(answer.body, "TimeStamp"), element(answer.body, "Nonce"), reply), "signature of the reply");
  const opened = client.open(reply);
  equal(opened.id, site.appid, "AppID at the tail of the reply");
  return { ...answer, plain: opened.message, text: element(opened.message, "Content") };
}

test("K the site starts with its own sandbox", async () => { site = await Site.start(process.env.QIANGJIAN_ROOT); });

test("URL check: echostr comes back exactly, only when signed", async () => {
  const q = (token) => { const t = "1714036504", n = "1514711492"; return `signature=${createHash("sha1").update([token, t, n].sort().join("")).digest("hex")}&timestamp=${t}&nonce=${n}&echostr=4375120948345356249`; };
  const good = await site.get(`/wx/callback?${q(site.token)}`);
  equal(good.body, "4375120948345356249");
  holds(good.headers["content-type"].startsWith("text/plain"), "echo is plain text");
  equal((await site.get(`/wx/callback?${q("another")}`)).status, 403);
});

for (const [name, client] of Object.entries(clients)) {
  test(`U3 ${name}: text in, encrypted help out, addresses swapped`, async () => {
    const got = await post(client, textMessage("你好 <b>&]]]]><![CDATA[>"));
    holds(got.text?.includes("12 位单号"), `help text, got ${got.status} ${got.body}`);
    equal(element(got.plain, "ToUserName"), openid);
    equal(element(got.plain, "FromUserName"), site.account);
    holds(Math.abs(Number(element(got.plain, "CreateTime")) - Date.now() / 1000) < 60, "CreateTime in seconds");
  });
  test(`K3 ${name}: a retry gets the same reply, signed anew or not`, async () => {
    const plain = textMessage("查询");
    const first = await post(client, plain);
    const again = await post(client, plain);
    equal(again.text, first.text);
    equal(element(again.plain, "CreateTime"), element(first.plain, "CreateTime"), "the stored reply itself");
  });
  test(`M6 ${name}: following is welcomed, leaving is accepted`, async () => {
    const person = `oFollower${name.length}00000000000000000`;
    const welcome = await post(client, inner("event", "<Event><![CDATA[subscribe]]></Event><EventKey><![CDATA[]]></EventKey>", person));
    holds(welcome.text.includes("广东计量强检"), "welcome text");
    equal((await post(client, inner("event", "<Event><![CDATA[unsubscribe]]></Event><EventKey><![CDATA[]]></EventKey>", person))).body, "success");
  });
  test(`K6 ${name}: unknown types and events are accepted`, async () => {
    equal((await post(client, inner("never_heard_of", ""))).body, "success");
    equal((await post(client, inner("event", "<Event><![CDATA[debug_demo]]></Event>"))).body, "success");
  });
}

test("K4 everything that is not genuine gets the same 403", async () => {
  const client = clients["@wecom/crypto"];
  const now = Math.floor(Date.now() / 1000);
  const refused = [
    await site.get("/wx/callback", { method: "POST", headers: xml, body: "<xml/>" }),
    await post(client, textMessage("x"), { time: now - 660 }),
    await post(client, textMessage("x"), { time: now + 660 }),
    await post({ ...client, sign: () => "0".repeat(40) }, textMessage("x")),
    await post({ ...client, sign: (...a) => client.sign(...a).toUpperCase() }, textMessage("x")),
    await post(client, textMessage("x"), { body: "<!DOCTYPE a [<!ENTITY b 'c'>]><xml><Encrypt>x</Encrypt></xml>" }),
    await post(client, textMessage("x"), { body: "<xml><Encrypt></Encrypt></xml>" }),
    await post(client, textMessage("x"), { body: "not xml" }),
    await post({ ...client, seal: (p) => wecom.encrypt(site.aes, p, "wxffffffffffffffff") }, textMessage("x")),
    await post(client, textMessage("x").replace(site.account, "gh_ffffffffffff")),
    await post(client, "<notxml"),
    await site.get(`/wx/callback?signature=${createHash("sha1").update([site.token, String(now), "1"].sort().join("")).digest("hex")}&timestamp=${now}&nonce=1`, { method: "POST", headers: xml, body: textMessage("x") }),
  ];
  for (const [n, r] of refused.entries()) {
    equal(r.status, 403, `refusal ${n}`);
    equal(r.body, refused[0].body, `body of refusal ${n}`);
  }
  const big = await site.get("/wx/callback?timestamp=1", { method: "POST", headers: xml, body: "x".repeat(64 * 1024 + 1) });
  equal(big.status, 413, "a body over 64 KB");
});

test("M30 unbound: a wrong number is said to be wrong, and counted", async () => {
  const client = clients["@wecom/crypto"];
  const person = "oGuesser00000000000000000001";
  const first = await post(client, textMessage("2611 0000 0003", 1, person));
  holds(first.text.includes("没有找到单号 2611 0000 0003"), first.text);
  for (let i = 2; i <= 10; i++) await post(client, textMessage("261100000003", i, person));
  holds((await post(client, textMessage("261100000003", 11, person))).text.includes("1 小时后再试"), "limited after ten");
});

test("M32 unbound: the menu's 检定查询 explains how to bind", async () => {
  const got = await post(clients["wechat-crypto"], inner("event", "<Event><![CDATA[CLICK]]></Event><EventKey><![CDATA[VERIFY_LATEST10]]></EventKey>"));
  holds(got.text.includes("还没有绑定平台账号"), got.text);
  holds(got.text.includes(`${site.url}/wx/enter`), "link to bind");
});

test("K3 the inbox survives a restart: the same message, the same reply", async () => {
  const plain = textMessage("电话");
  const before = await post(clients["@wecom/crypto"], plain);
  await site.kill();
  await site.startServer();
  const after = await post(clients["@wecom/crypto"], plain);
  equal(element(after.plain, "CreateTime"), element(before.plain, "CreateTime"));
});

test("D8 S12 SIGTERM ends both programs with exit 0, sanitizers and log silent of secrets", async () => {
  for (const end of await site.stop()) equal(end.code, 0, `exit code; log: ${site.log.slice(-2000)}`);
  holds(!/ERROR: AddressSanitizer|runtime error:|LeakSanitizer/.test(site.log), site.log.slice(-3000));
});
