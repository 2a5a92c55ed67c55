// The sandbox's phone: shows the chat live, sends what is typed and tapped, opens pages in its frame.
const phone = document.querySelector(".phone");
const openid = phone.dataset.openid;
const chat = document.querySelector(".chat");
const frame = document.querySelector(".inapp:not(.codes)");
const codes = document.querySelector(".codes");
let after = 0;

function open(url) {
  frame.querySelector("iframe").src = url;
  frame.hidden = false;
}
function element(name, text, className) {
  const e = document.createElement(name);
  if (text) e.textContent = text;
  if (className) e.className = className;
  return e;
}
// Replies may hold <a href>: everything else is text.
function withLinks(text) {
  const out = document.createDocumentFragment();
  let rest = text;
  const link = /<a href="([^"]+)">([^<]*)<\/a>/;
  for (let m = link.exec(rest); m; m = link.exec(rest)) {
    out.append(rest.slice(0, m.index));
    const a = element("a", m[2]);
    a.href = m[1];
    a.dataset.inapp = m[1];
    out.append(a);
    rest = rest.slice(m.index + m[0].length);
  }
  out.append(rest);
  return out;
}
function show(item) {
  const card = item.kind === "template" || item.kind === "subscription";
  const bubble = element("div", "", `item ${item.kind}${card ? " template" : ""}`);
  if (card) {
    bubble.append(element("h3", item.title), element("time", item.at));
    const list = element("dl");
    for (const f of item.fields) list.append(element("dt", f.name), element("dd", f.text));
    bubble.append(list);
    if (item.url) {
      const a = element("a", "详情");
      a.href = item.url;
      a.dataset.inapp = item.url;
      bubble.append(a);
    }
  } else bubble.append(withLinks(item.text));
  chat.append(bubble);
  chat.scrollTop = chat.scrollHeight;
}
async function poll() {
  try {
    const answer = await fetch(`/phone/events?phone=${openid}&after=${after}`);
    const events = await answer.json();
    for (const item of events.items) { show(item); after = item.seq; }
    phone.classList.toggle("following", events.following);
  } catch { /* the sandbox is stopping; the next round tells */ }
  setTimeout(poll, document.hidden ? 2000 : 400);
}
function act(name, fields = {}) {
  return fetch(`/phone/${name}`, { method: "POST", body: new URLSearchParams({ phone: openid, ...fields }) });
}
// The account's codes that pages showed last, to choose from: this phone has no camera.
async function openScan() {
  const list = document.querySelector("[data-codes]");
  list.replaceChildren();
  codes.hidden = false;
  const answer = await (await fetch("/phone/codes")).json();
  for (const c of answer.codes) {
    const row = document.createElement("li");
    const button = element("button", `${c.at} 生成的二维码`);
    button.type = "button";
    button.dataset.code = c.url;
    row.append(button);
    list.append(row);
  }
  if (!answer.codes.length) list.append(element("li", "还没有。在电脑上点“微信扫码登录”或“扫码绑定”。"));
}
function scan(text) {
  act("scan", { text });
  codes.hidden = true;
}
// The words of an option, as the form offers them; what a script set otherwise is shown as it is.
function wordOf(name, value) {
  return [...document.querySelector(`[data-fault] [name=${name}]`).options].find((o) => o.value === value)?.textContent ?? value;
}
async function listFaults() {
  const { calls, receipts } = await (await fetch("/control/faults")).json();
  const lines = calls.map((c) => `${wordOf("path", c.path)}：${wordOf("kind", c.kind)}，还有 ${c.times} 次${c.person ? `，只对${c.person}` : ""}`);
  lines.push(...receipts.map((r) => `回执：${wordOf("receipt", r)}`));
  document.querySelector("[data-faults]").replaceChildren(...lines.map((l) => element("li", l)));
  document.querySelector("[data-faults-head]").hidden = !lines.length;
}
async function fail(fields, said) {
  await fetch("/control/fault", { method: "POST", body: new URLSearchParams(fields) });
  document.querySelector("[data-fault-word]").textContent = said;
  listFaults();
}
document.addEventListener("click", (e) => {
  const link = e.target.closest("[data-inapp]");
  if (link) { e.preventDefault(); open(link.dataset.inapp); }
  const button = e.target.closest("[data-key]");
  if (button) act("tap", { key: button.dataset.key });
  if (e.target.closest("[data-scan], [data-open-scan]")) openScan();
  if (e.target.closest("[data-shut-scan]")) codes.hidden = true;
  const code = e.target.closest("[data-code]");
  if (code) scan(code.dataset.code);
  if (e.target.closest("[data-clear-faults]")) fail({ clear: 1 }, "已恢复正常。");
  if (e.target.closest("[data-follow]")) act("follow");
  if (e.target.closest("[data-unfollow]")) act("unfollow");
  if (e.target.closest("[data-shut]")) { frame.hidden = true; frame.querySelector("iframe").src = "about:blank"; }
  for (const d of document.querySelectorAll(".menu details[open]")) if (!d.contains(e.target)) d.open = false;
  if (e.target.closest(".menu .below")) e.target.closest("details").open = false;
});
document.querySelector("[data-scan-form]").addEventListener("submit", (e) => {
  e.preventDefault();
  if (e.target.elements.text.value) scan(e.target.elements.text.value);
});
document.querySelector("[data-fault]").addEventListener("submit", (e) => {
  e.preventDefault();
  const { path, kind, times, receipt, openid: whose } = e.target.elements;
  fail({ path: path.value, times: times.value, openid: whose.value, ...Object.fromEntries(new URLSearchParams(`${kind.value}&${receipt.value}`)) }, `已设置：接下来 ${times.value} 次。`);
});
document.querySelector("[data-fault]").closest("details").addEventListener("toggle", listFaults);
document.querySelector("[data-new-phone]").addEventListener("submit", async (e) => {
  e.preventDefault();
  const made = `oSandboxPhone${String(Date.now()).padStart(15, "0")}`;
  await fetch("/control/phone", { method: "POST", body: new URLSearchParams({ openid: made, name: e.target.elements.name.value }) });
  location.search = `?phone=${made}`;
});
document.querySelector("[data-script]").addEventListener("submit", async (e) => {
  e.preventDefault();
  const word = document.querySelector("[data-script-word]");
  word.textContent = "正在运行…";
  const played = await (await fetch("/control/script", { method: "POST", headers: { "content-type": "text/plain" }, body: e.target.elements.script.value })).json();
  word.textContent = played.steps.map((s) => `${s.good ? "✓" : "✗"} ${s.text}${s.seen ? `\n    ${s.seen.replaceAll("\n", "\n    ")}` : ""}`).join("\n");
});
document.querySelector(".say").addEventListener("submit", (e) => {
  e.preventDefault();
  const field = e.target.elements.text;
  if (field.value) act("say", { text: field.value });
  field.value = "";
});
poll();
