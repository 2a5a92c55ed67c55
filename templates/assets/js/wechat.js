// Inside WeChat only (partials/js_sdk): its scanner fills fields, its camera and album fill file fields. The
// buttons stay hidden until WeChat has agreed; without it fields are typed in and files chosen as elsewhere.
import wx from "weixin-js-sdk";
import { all } from "./dom.js";

const call = (name, options = {}) => new Promise((done, fail) => { wx[name]({ ...options, success: done, fail, cancel: () => done(null) }); });

// "CODE_128,0012345" of a bar code; a QR code comes as it is.
const plain = (text) => text.replace(/^[A-Z]+[_-]?[A-Z0-9]*,/, "").trim();

async function scan(button) {
  const found = await call("scanQRCode", { needResult: 1, scanType: ["qrCode", "barCode"] });
  if (!found?.resultStr) return;
  const field = document.getElementById(button.dataset.wxScan);
  field.value = plain(found.resultStr);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if ("wxSubmit" in button.dataset) field.form.requestSubmit ? field.form.requestSubmit() : field.form.submit();
  else field.focus();
}

// iOS gives a data: address, Android bare base64, with line breaks at times.
function fileOf(data, name) {
  const bytes = Uint8Array.from(atob(data.replace(/^data:[^,]*,/, "").replace(/\s/g, "")), (c) => c.charCodeAt(0));
  const png = bytes[0] === 0x89;
  return new File([bytes], `${name}.${png ? "png" : "jpg"}`, { type: png ? "image/png" : "image/jpeg" });
}

async function take(button) {
  const chosen = await call("chooseImage", { count: 9, sizeType: ["compressed"], sourceType: ["camera", "album"] });
  if (!chosen?.localIds?.length) return;
  const field = document.getElementById(button.dataset.wxPicture);
  const files = new DataTransfer();
  for (const f of field.files) files.items.add(f);
  const stamp = new Date().toISOString().slice(0, 19).replace(/\D/g, "");
  for (const [i, localId] of chosen.localIds.entries()) { // one after the other: WeChat answers one at a time
    const picture = await call("getLocalImgData", { localId });
    files.items.add(fileOf(picture.localData, `照片-${stamp}-${i + 1}`));
  }
  field.files = files.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-wx-scan], [data-wx-picture]");
  if (!button) return;
  try {
    await (button.dataset.wxScan ? scan(button) : take(button));
  } catch { // WeChat refused: the field beside it works without
    button.hidden = true;
  }
});

async function begin() {
  const answer = await fetch(`/wx/js-config?url=${encodeURIComponent(location.href.split("#")[0])}`, { headers: { accept: "application/json" } });
  if (!answer.ok) return;
  let refused = false;
  wx.error(() => { refused = true; });
  wx.config({ debug: false, ...(await answer.json()), jsApiList: ["scanQRCode", "chooseImage", "getLocalImgData"] });
  wx.ready(() => { if (!refused) for (const b of all("[data-wx-scan], [data-wx-picture]")) b.hidden = false; });
}
begin().catch(() => { /* offline: as without WeChat */ });
