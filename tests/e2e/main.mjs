// Runs the chosen parts (all without a choice) and prints the closing line that scripts/test counts.
import { runAll } from "./support.mjs";

const [root, ...chosen] = process.argv.slice(2);
process.env.QIANGJIAN_ROOT = root;
for (const part of ["commands", "durability", "account", "callback", "faults", "path", "inbox", "jssdk", "sdk", "followers", "torture"]) if (!chosen.length || chosen.includes(part)) await import(`./${part}.mjs`);
const { passed, failed } = await runAll();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
