// Bundles the extension into dist/extension.js; with --tests its unit tests, too; with --release small and without a source map.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const HERE = import.meta.dirname;
const release = process.argv.includes("--release");
const shared = { bundle: true, platform: "node", format: "cjs", target: "node20", external: ["vscode"], logLevel: "warning" };

rmSync(join(HERE, "dist"), { recursive: true, force: true });
await build({ ...shared, entryPoints: [join(HERE, "src/extension.ts")], outfile: join(HERE, "dist/extension.js"), minify: release, sourcemap: !release });
if (process.argv.includes("--tests")) {
  const tests = readdirSync(join(HERE, "test")).filter((name) => name.endsWith(".test.ts"));
  await build({ ...shared, entryPoints: tests.map((name) => join(HERE, "test", name)), outdir: join(HERE, "dist/test"), sourcemap: "inline" });
}
