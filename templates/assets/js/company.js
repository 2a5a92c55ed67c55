// Company pages: day tabs and slot choice, selection counts, dialogs, the two-level catalogue and the region
// choice. Without this file every day is listed, every choice is one long list, and every form still works.
import "./shared.js";
import "./scan.js";
import "./files.js";
import { all } from "./dom.js";

document.documentElement.classList.add("js");

const tabs = all("[role=tab][data-day]");
function showDay(tab) {
  for (const t of tabs) {
    const on = t === tab;
    t.setAttribute("aria-selected", on);
    t.tabIndex = on ? 0 : -1;
    document.getElementById(t.getAttribute("aria-controls")).classList.toggle("on", on);
  }
}
tabs.forEach((tab, i) => {
  tab.addEventListener("click", () => showDay(tab));
  tab.addEventListener("keydown", (e) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (!step) return;
    const next = tabs[(i + step + tabs.length) % tabs.length];
    next.focus();
    showDay(next);
  });
});

function showSlot(r) {
  for (const l of all(".slot")) l.classList.toggle("picked", l.contains(r));
  const out = { day: r.dataset.label, time: r.dataset.time, both: r.dataset.label + r.dataset.time };
  for (const o of all("[data-out]")) o.textContent = out[o.dataset.out];
}
document.addEventListener("change", (e) => { if (e.target.name === "slot") showSlot(e.target); });
const kept = document.querySelector("input[name=slot]:checked"); // back from 核对提交, or after an error
if (kept) showSlot(kept);

// Choosing instruments: others of another institution or method are greyed out (M27).
const picks = all("input[data-group]");
function countPicks() {
  const on = picks.filter((p) => p.checked);
  const group = on[0]?.dataset.group;
  for (const p of picks) {
    const other = group !== undefined && p.dataset.group !== group;
    p.disabled = other;
    p.closest("label, tr, li").classList.toggle("dim", other);
  }
  for (const o of all("[data-picked]")) o.textContent = on.length;
  for (const b of all("[data-needs-pick]")) b.disabled = on.length === 0;
}
picks.forEach((p) => p.addEventListener("change", countPicks));
if (picks.length) countPicks();

// 种别 narrows 类别; P+V says at once that papers are needed (M12, M14).
const upper = document.querySelector("[data-l1]");
const lower = document.querySelector("[data-l2]");
if (upper && lower) {
  const options = all("option[data-of]", lower);
  const narrow = () => {
    for (const o of options) o.hidden = o.disabled = upper.value !== "" && o.dataset.of !== upper.value;
    if (lower.selectedOptions[0]?.disabled) lower.value = "";
    hint();
  };
  const hint = () => {
    const needs = lower.selectedOptions[0]?.dataset.supervision === "P+V";
    for (const h of all("[data-pv]")) h.hidden = !needs;
  };
  const chosen = lower.selectedOptions[0];
  if (chosen?.dataset.of) upper.value = chosen.dataset.of;
  upper.addEventListener("change", narrow);
  lower.addEventListener("change", () => { if (lower.selectedOptions[0]?.dataset.of) upper.value = lower.selectedOptions[0].dataset.of; hint(); });
  upper.closest("[hidden]")?.removeAttribute("hidden");
  narrow();
}

// City, then district, out of one list (M11).
const city = document.querySelector("[data-city]");
const place = document.querySelector("[data-place]");
if (city && place) {
  const options = all("option[data-of]", place);
  const narrow = () => { for (const o of options) o.hidden = o.disabled = city.value !== "" && o.dataset.of !== city.value; };
  if (place.selectedOptions[0]?.dataset.of) city.value = place.selectedOptions[0].dataset.of;
  city.addEventListener("change", () => { narrow(); if (place.selectedOptions[0]?.disabled) place.value = options.find((o) => !o.disabled)?.value ?? ""; });
  city.closest("[hidden]")?.removeAttribute("hidden");
  narrow();
}
