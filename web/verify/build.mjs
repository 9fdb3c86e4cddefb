import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

// dist/verify.html: the receipt checker as one file, its script inside it. It must ask nobody.

const here = dirname(fileURLToPath(import.meta.url));
const { outputFiles } = await build({
    entryPoints: [join(here, "../src/verify/main.ts")],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "ascii",
    write: false,
});
const script = outputFiles[0].text.trim();
for (const word of ["fetch(", "XMLHttpRequest", "WebSocket", "EventSource", "sendBeacon", "import("]) {
    if (script.includes(word)) throw new Error(`verify.html would hold ${word}`);
}
if (/<\/script/i.test(script)) throw new Error("verify.html: the script would end itself");
const page = readFileSync(join(here, "verify.html"), "utf8");
writeFileSync(join(here, "../dist/verify.html"), page.replace("/* SCRIPT */", () => script));
console.log(`dist/verify.html: ${script.length} bytes of script`);
