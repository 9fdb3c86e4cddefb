import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

// dist/verify.html from a file: address in a real browser without a network: what the C++ accepts is
// accepted, and a receipt with any byte changed is not.

const web = fileURLToPath(new URL("..", import.meta.url));
const vectors = join(web, "../tests/vectors/ledger-receipt");
const read = (name) => JSON.parse(readFileSync(join(vectors, name), "utf8"));
const bytesOf = (hex) => Buffer.from(hex, "hex");

async function withPage(use) {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        args: ["--no-sandbox"],
    });
    const folder = mkdtempSync(join(tmpdir(), "salus-verify-"));
    try {
        const context = await browser.newContext({ offline: true });
        const page = await context.newPage();
        const asked = [];
        page.on("request", (request) => asked.push(request.url()));
        await page.goto(pathToFileURL(join(web, "dist/verify.html")).href);
        await use(page, async (bytes, trust) => {
            const path = join(folder, "receipt.bin");
            writeFileSync(path, bytes);
            await page.fill("#trust", trust);
            await page.evaluate(() => delete document.getElementById("answer").dataset.tone);
            await page.setInputFiles("#file", []);
            await page.setInputFiles("#file", path);
            await page.waitForSelector("#answer[data-tone]");
            return {
                tone: await page.getAttribute("#answer", "data-tone"),
                text: await page.textContent("#answer"),
            };
        });
        assert.deepEqual(asked.length, 1, "the page asked for something");
    } finally {
        rmSync(folder, { recursive: true });
        await browser.close();
    }
}

const given = read("bundle.json");
const state = read("state.json");
const all = [
    { name: "transaction", bundle: given.transaction, trust: given.trust, tone: "fits" },
    { name: "operation", bundle: given.operation, trust: given.trust, tone: "fits" },
    ...state.bundles.map((one) => ({
        name: one.name,
        bundle: one.bundle,
        trust: state.trust,
        tone: one.not_permitted === false || one.not_opened === false ? "no" : "fits",
    })),
];

test("every receipt that the program accepts fits, and says the same", async () => {
    await withPage(async (page, check) => {
        for (const one of all) {
            const answer = await check(bytesOf(one.bundle), one.trust);
            assert.equal(answer.tone, one.tone, `${one.name}: ${answer.text}`);
        }
        const last = await check(bytesOf(all.at(-1).bundle), state.trust);
        assert.match(last.text, /Was permitted/);
        assert.match(last.text, /An anchored opening/);
        const hasEd25519 = await page.evaluate(() =>
            crypto.subtle?.generateKey("Ed25519", false, ["sign", "verify"]).then(
                () => true,
                () => false,
            ),
        );
        console.log(`# WebCrypto Ed25519 in this browser: ${hasEd25519}`);
    });
});

test("a receipt with a changed byte does not fit, nor one under other keys", async () => {
    await withPage(async (_page, check) => {
        for (const one of all) {
            const good = bytesOf(one.bundle);
            for (let i = 0; i < 6; i += 1) {
                const bad = Buffer.from(good);
                bad[Math.floor((i * (good.length - 1)) / 5)] ^= 1 << (i % 8);
                assert.equal((await check(bad, one.trust)).tone, "broken", `${one.name}, ${i}`);
            }
        }
        const stranger = given.trust.split("\n")[0].replace("salus/test", "salus/tesu");
        assert.equal((await check(bytesOf(given.transaction), stranger)).tone, "broken");
        const lone = given.trust.split("\n").slice(0, 2).join("\n");
        assert.equal((await check(bytesOf(given.transaction), lone)).tone, "fits");
    });
});
