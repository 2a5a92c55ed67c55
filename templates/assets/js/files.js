// Files chosen for upload: shown with picture, size and a way to take one out again; more than 10 MB is said
// before sending. Without this file the browser's own words stand beside the field.
import { all } from "./dom.js";

const most = 10 * 1024 * 1024; // a kind, as the server counts
const shown = (bytes) => bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`;

function without(field, index) {
  const kept = new DataTransfer();
  [...field.files].forEach((f, i) => { if (i !== index) kept.items.add(f); });
  field.files = kept.files;
}
function rowOf(box, field, file, index) {
  const row = document.createElement("li");
  if (file.type.startsWith("image/")) {
    const picture = Object.assign(document.createElement("img"), { alt: "", width: 48, height: 48 });
    const reader = new FileReader();
    reader.onload = () => { picture.src = reader.result; };
    reader.readAsDataURL(file);
    row.append(picture);
  }
  const name = document.createElement("span");
  name.textContent = `${file.name}，${shown(file.size)}`;
  const out = Object.assign(document.createElement("button"), { type: "button", className: "link", textContent: "移除" });
  out.setAttribute("aria-label", `移除 ${file.name}`);
  out.addEventListener("click", () => { without(field, index); show(box); });
  row.append(name, out);
  return row;
}
function show(box) {
  const list = box.querySelector("[data-chosen]");
  const rows = [];
  let total = 0;
  for (const field of all("input[type=file]", box)) [...field.files].forEach((f, i) => { total += f.size; rows.push(rowOf(box, field, f, i)); });
  list.replaceChildren(...rows);
  list.hidden = rows.length === 0;
  const word = box.querySelector("[data-chosen-word]");
  word.classList.toggle("late", total > most);
  word.textContent = total > most ? `文件共 ${shown(total)}，超过 10 MB。请移除一些，或压缩后再选。` : "";
}
for (const box of all("[data-files]")) box.addEventListener("change", () => show(box));
