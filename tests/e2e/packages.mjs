// The pinned npm packages lie in .build/e2e, beside the build, so that the source tree stays clean.
import { createRequire } from "node:module";
import { join } from "node:path";

export const load = createRequire(join(process.env.QIANGJIAN_ROOT, ".build/e2e/package.json"));
