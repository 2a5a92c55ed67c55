// N1, N2, N4, N11, D1: the short form of scripts/torture; the long one is for a machine of its own.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { equal, test } from "./support.mjs";

test("N2 N4 N11 changes under kill -9 and a misbehaving WeChat: each told once, in order, none lost", () => {
  const root = process.env.QIANGJIAN_ROOT;
  const run = spawnSync(join(root, "scripts/torture"), ["12", "1"], { encoding: "utf8", env: { ...process.env, TORTURE_BUILT: "1" } });
  console.log(run.stdout.split("\n").filter((line) => !line.includes("passed")).join("\n").trim()); // scripts/test takes such a line for the sum
  equal(run.status, 0, run.stdout + run.stderr);
});
