// Behaviour of both sides: dialogs, reasons with preview, confirm before destroying, offline banner, focus on
// the first error, no double submit. Everything works without it.
import { all } from "./dom.js";

document.addEventListener("click", (e) => {
  const open = e.target.closest("[data-open]");
  if (open) {
    const dialog = document.getElementById(open.dataset.open);
    for (const [name, value] of Object.entries(open.dataset)) {
      const field = dialog.querySelector(`[name="${name}"]`);
      if (field && name !== "open") field.value = value;
    }
    const form = dialog.querySelector("form");
    if (open.dataset.action && form) form.action = open.dataset.action;
    dialog.showModal();
  }
  if (e.target.closest("[data-close]")) e.target.closest("dialog")?.close();
  if (e.target.closest("[data-print]")) window.print();
});

document.addEventListener("input", (e) => {
  const dialog = e.target.closest("[data-reason]");
  if (!dialog) return;
  const text = dialog.querySelector("[name=reason]");
  if (e.target.matches("[data-text]")) text.value = e.target.dataset.text;
  const characters = [...text.value];
  for (const p of all("[data-preview]", dialog))
    p.textContent = characters.length > 20 ? characters.slice(0, 19).join("") + "…" : text.value || "（请填写原因）";
  for (const l of all("[data-left]", dialog)) l.textContent = 100 - characters.length;
});

let sending = null;
document.addEventListener("submit", (e) => {
  if (e.target === sending) return e.preventDefault();
  if (e.target.method === "post") sending = e.target;
  setTimeout(() => { sending = null; }, 3000);
});
window.addEventListener("pageshow", () => { sending = null; });

const offline = document.querySelector("[data-offline]");
if (offline) {
  const show = () => { offline.hidden = navigator.onLine; };
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
}
document.querySelector("[data-errors]")?.focus();

// The action bar of a phone must not cover the field being typed in.
const bar = document.querySelector(".actionbar");
if (bar && matchMedia("(max-width: 959px)").matches) {
  const typing = (e) => e.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
  document.addEventListener("focusin", (e) => { if (typing(e)) bar.hidden = true; });
  document.addEventListener("focusout", (e) => { if (typing(e)) { bar.hidden = false; window.scrollBy(0, 0); } });
}
