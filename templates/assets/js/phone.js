// The sandbox's phone: shows the chat live, sends what is typed and tapped, opens pages in its frame.
const phone = document.querySelector(".phone");
const openid = phone.dataset.openid;
const chat = document.querySelector(".chat");
const frame = document.querySelector(".inapp");
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
  const bubble = element("div", "", `item ${item.kind}`);
  if (item.kind === "template") {
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
document.addEventListener("click", (e) => {
  const link = e.target.closest("[data-inapp]");
  if (link) { e.preventDefault(); open(link.dataset.inapp); }
  const button = e.target.closest("[data-key]");
  if (button) act("tap", { key: button.dataset.key });
  if (e.target.closest("[data-scan]")) { const text = prompt("二维码的内容（网址或单号）"); if (text) act("scan", { text }); }
  if (e.target.closest("[data-follow]")) act("follow");
  if (e.target.closest("[data-unfollow]")) act("unfollow");
  if (e.target.closest("[data-shut]")) { frame.hidden = true; frame.querySelector("iframe").src = "about:blank"; }
  for (const d of document.querySelectorAll(".menu details[open]")) if (!d.contains(e.target)) d.open = false;
  if (e.target.closest(".menu .below")) e.target.closest("details").open = false;
});
document.querySelector(".say").addEventListener("submit", (e) => {
  e.preventDefault();
  const field = e.target.elements.text;
  if (field.value) act("say", { text: field.value });
  field.value = "";
});
poll();
