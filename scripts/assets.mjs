// Bundles templates/assets for the binary: minified by esbuild, fingerprinted, precompressed, with a manifest.
// usage: node assets.mjs SOURCE OUT NODE_MODULES
import { createRequire } from "node:module";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [source, out, modules] = process.argv.slice(2);
const esbuild = createRequire(join(modules, "package.json"))("esbuild");
const entries = ["css/company.css", "css/staff.css", "css/sandbox.css", "js/company.js", "js/staff.js", "js/wechat.js", "js/phone.js"];

for (const name of readdirSync(out)) if (/\.(css|js|svg|br|gz|json|txt)$/.test(name)) rmSync(join(out, name));
mkdirSync(out, { recursive: true });
const manifest = {};
const files = [];
const sizes = [];

function put(logical, stem, ending, bytes) {
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 8).replace(/[-_]/g, "x");
  const name = `${stem}-${hash}.${ending}`;
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  writeFileSync(join(out, name), bytes);
  writeFileSync(join(out, `${name}.br`), br);
  writeFileSync(join(out, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  manifest[logical] = name;
  files.push(name, `${name}.br`, `${name}.gz`);
  sizes.push(`${logical} ${(br.length / 1024).toFixed(1)} KB`);
}

for (const entry of entries) {
  const built = await esbuild.build({
    entryPoints: [join(source, entry)], bundle: true, minify: true, write: false, format: "esm",
    target: "es2019", nodePaths: [modules], legalComments: "none", logLevel: "error",
  });
  const [folder, file] = entry.split("/");
  const [stem, ending] = file.split(".");
  put(entry, stem, ending, Buffer.from(built.outputFiles[0].contents), folder);
}

const symbols = readFileSync(join(source, "icons/icons.txt"), "utf8").split(/\s+/).filter(Boolean).map((icon) => {
  const svg = readFileSync(join(modules, "lucide-static/icons", `${icon}.svg`), "utf8");
  const inner = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[\s\S]*?>/, "").replace("</svg>", "");
  return `<symbol id="${icon}" viewBox="0 0 24 24">${inner.replace(/\s+/g, " ").trim()}</symbol>`;
});
put("icons/icons.svg", "icons", "svg", Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`));

const licences = ["htmx.org", "lucide-static", "weixin-js-sdk"].map((p) => `${p}\n\n${readFileSync(join(modules, p, "LICENSE"), "utf8")}`);
writeFileSync(join(out, "licences.txt"), licences.join("\n\n"));
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest));
files.push("manifest.json", "licences.txt");
writeFileSync(join(out, "files.txt"), files.join("\n") + "\n");
console.log(`assets (brotli): ${sizes.join(", ")}`);
