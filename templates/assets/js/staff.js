// Staff pages: selection and batch bar, keyboard, menu on a phone, the scan field. htmx replaces table and tabs
// when filtering; without it the filters are ordinary forms.
import "htmx.org";
import "./shared.js";
import { all } from "./dom.js";

document.documentElement.classList.add("js");
const boxes = () => all("tbody input[type=checkbox]");

function count() {
  const bar = document.querySelector(".batch");
  const on = boxes().filter((b) => b.checked);
  if (!bar) return;
  bar.hidden = on.length === 0;
  for (const n of all("[data-n]")) n.textContent = on.length;
  for (const n of all("[data-pcs]", bar)) n.textContent = on.reduce((sum, b) => sum + Number(b.dataset.pcs || 1), 0);
  const every = document.querySelector("#every");
  if (every) { every.checked = on.length > 0 && on.length === boxes().length; every.indeterminate = on.length > 0 && !every.checked; }
  for (const b of boxes()) b.closest("tr").classList.toggle("sel", b.checked);
}
document.addEventListener("change", (e) => {
  if (e.target.id === "every") for (const b of boxes()) b.checked = e.target.checked;
  if (e.target.matches("tbody input[type=checkbox], #every")) count();
  if (e.target.matches("[data-verdict]")) e.target.closest("tr").classList.toggle("differs", e.target.value === "bad");
});
document.addEventListener("click", (e) => {
  if (e.target.closest("[data-clear]")) { for (const b of boxes()) b.checked = false; count(); }
  if (e.target.closest(".menu")) document.body.classList.toggle("menu-open");
  for (const d of all("details.me[open]")) if (!d.contains(e.target)) d.open = false;
  const same = e.target.closest("[data-same]");
  if (same) { for (const b of boxes()) b.checked = b.dataset.of === same.dataset.same; count(); document.querySelector(".batch .field")?.focus(); }
  const batch = e.target.closest("[data-batch]");
  if (batch) {
    const into = document.querySelector(`#${batch.dataset.batch} [data-ids]`);
    into.replaceChildren(...boxes().filter((b) => b.checked).map((b) => Object.assign(document.createElement("input"), { type: "hidden", name: "id", value: b.value })));
  }
});
// A row of tabs wider than the screen starts where the open tab is.
function reveal() {
  for (const tab of all(".tabs [aria-current]")) {
    const bar = tab.parentElement;
    bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2;
  }
}
document.addEventListener("htmx:afterSwap", () => { count(); reveal(); });
count();
reveal();

let row = -1;
document.addEventListener("keydown", (e) => {
  if (e.target.closest("input, textarea, select, dialog") && e.key !== "Escape") return;
  if (e.key === "Escape") for (const d of all("details.me[open]")) { d.open = false; d.querySelector("summary").focus(); }
  const rows = all("tbody tr");
  if (e.key === "/") { e.preventDefault(); document.querySelector(".find input")?.focus(); }
  else if (e.key === "j" || e.key === "k") {
    row = Math.max(0, Math.min(rows.length - 1, row + (e.key === "j" ? 1 : -1)));
    rows.forEach((r, i) => r.classList.toggle("at", i === row));
    rows[row]?.scrollIntoView({ block: "nearest" });
  } else if (e.key === "x") rows[row]?.querySelector("input[type=checkbox]")?.click();
  else if (e.key === "Enter") rows[row]?.querySelector("a")?.click();
  else if (e.key === "?") document.querySelector("#keys")?.showModal();
  else if (e.key === "F2") for (const r of all("[data-verdict][value=ok]")) r.checked = true;
});

// 检定日期 + 周期 proposes 有效期至; typing one's own wins.
document.addEventListener("change", (e) => {
  const line = e.target.closest("[data-months]");
  if (!line) return;
  const until = line.querySelector("[data-until]");
  const on = line.querySelector("[data-on]");
  const passed = line.querySelector("[data-result]").value === "passed";
  until.disabled = !passed;
  line.querySelector("[data-failed]").disabled = passed;
  if (!passed || !on.value || !Number(line.dataset.months) || e.target === until) return;
  const [y, m, d] = on.value.split("-").map(Number);
  const last = new Date(Date.UTC(y, m - 1 + Number(line.dataset.months) + 1, 0)).getUTCDate();
  const at = new Date(Date.UTC(y, m - 1 + Number(line.dataset.months), Math.min(d, last)) - 86400000);
  until.value = at.toISOString().slice(0, 10);
});
