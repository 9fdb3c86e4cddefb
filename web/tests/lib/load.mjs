import { build } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { webcrypto } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

// Node 18 has no global crypto; Salus' own client code runs here as it does in a browser's worker.
globalThis.crypto ??= webcrypto;

const web = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
createRequire(import.meta.url);

/** Bundles one TypeScript module of the portal and imports it, so that tests use the product's code. */
export async function loadTs(path) {
    const out = mkdtempSync(join(web, "node_modules", ".salus-"));
    try {
        const file = join(out, "module.mjs");
        await build({
            entryPoints: [join(web, path)],
            bundle: true,
            platform: "node",
            format: "esm",
            target: "node18",
            outfile: file,
            logLevel: "error",
        });
        return await import(pathToFileURL(file).href);
    } finally {
        rmSync(out, { recursive: true, force: true });
    }
}

export const webRoot = web;
