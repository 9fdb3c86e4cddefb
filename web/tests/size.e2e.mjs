import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { webRoot } from "./lib/load.mjs";

const dist = join(webRoot, "dist");
const assets = readdirSync(join(dist, "assets"));
const sent = (path) => gzipSync(readFileSync(join(dist, path))).length;

test("the first load stays within 250 KB", () => {
    const html = readFileSync(join(dist, "index.html"), "utf8");
    const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]);
    const font = assets.find((name) => name.startsWith("inter-latin-wght"));
    const worker = assets.find((name) => /^worker-.*\.js$/.test(name));
    const total = ["index.html", ...named, `assets/${font}`, `assets/${worker}`]
        .map(sent)
        .reduce((sum, size) => sum + size, 0);
    assert.ok(total <= 250_000, `${total} bytes`);
});

test("nothing is inline and nothing comes from elsewhere", () => {
    const html = readFileSync(join(dist, "index.html"), "utf8");
    assert.doesNotMatch(html, /<style|style="|<script>|https?:/);
    const css = readFileSync(
        join(
            dist,
            "assets",
            assets.find((name) => name.endsWith(".css")),
        ),
        "utf8",
    );
    assert.doesNotMatch(css, /url\((?:["']?)(?:https?:|data:)/);
});
