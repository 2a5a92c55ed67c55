// The page with a QR code follows what happens on the phone. Without this file its button does the same.
const box = document.querySelector("[data-scan]");
const waiting = (state) => state === "shown" || state === "scanned";
if (box && waiting(box.dataset.scan)) {
  const look = async () => {
    try {
      const { state } = await (await fetch("/scan/state", { headers: { accept: "application/json" } })).json();
      if (state === "confirmed") return box.querySelector("[data-scan-use]").submit();
      if (!waiting(state)) return location.reload();
      if (state === "scanned") box.querySelector("[data-scan-word]").textContent = "已扫描，请在手机上确认。";
    } catch { /* the network is away; the next round tells */ }
    setTimeout(look, document.hidden ? 5000 : 1500);
  };
  setTimeout(look, 1500);
}
