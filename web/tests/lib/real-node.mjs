import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { checkAxe, checkNoOverflow, checkQuiet, settle, sizes } from "./harness.mjs";
import { webRoot } from "./load.mjs";

// A node as people run it: salusd from SALUS_BIN on a fresh directory, the built portal, a real
// browser. Nothing of it outlives the test.

const binaries = process.env.SALUS_BIN ?? join(webRoot, "..", "build", "release", "bin");
const portal = process.env.SALUS_PORTAL ?? join(webRoot, "dist");
const chromiumPath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const chromiumFlags = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

function need(path, remedy) {
    assert.ok(existsSync(path), `${path} is missing: ${remedy}`);
    return path;
}

export async function startNode() {
    const salusd = need(join(binaries, "salusd"), "build salusd, or name its folder in SALUS_BIN");
    need(join(portal, "index.html"), "run npm run build in web/");
    need(chromiumPath, "install chromium, or name it in CHROMIUM");
    const folder = mkdtempSync(join(tmpdir(), "salus-web-"));
    const config = join(folder, "node.json");
    const data_dir = join(folder, "data");
    writeFileSync(
        config,
        JSON.stringify({ data_dir, listen: "127.0.0.1:0", demo: true, web_dir: portal }),
    );
    const process_ = spawn(salusd, ["--config", config], { stdio: ["ignore", "pipe", "pipe"] });
    const exited = new Promise((resolve) => process_.once("exit", resolve));
    try {
        const { url, token } = await readGreeting(process_, exited);
        const browser = await chromium.launch({
            executablePath: chromiumPath,
            args: chromiumFlags,
        });
        return new RealNode({ folder, url, token, browser, process_, exited });
    } catch (error) {
        process_.kill("SIGTERM");
        await exited;
        rmSync(folder, { recursive: true, force: true });
        throw error;
    }
}

/** What salusd prints before it serves: its one-time token and its address. */
function readGreeting(process_, exited) {
    return new Promise((resolve, reject) => {
        let out = "";
        let err = "";
        process_.stderr.on("data", (bytes) => (err = (err + bytes).slice(-4_000)));
        process_.stdout.on("data", (bytes) => {
            out += bytes;
            const url = /^ready (\S+)$/m.exec(out)?.[1];
            const token = /^setup token (\S+)$/m.exec(out)?.[1];
            if (url) resolve({ url, token });
        });
        void exited.then((code) => reject(new Error(`salusd ended with ${code}: ${err}`)));
        setTimeout(() => reject(new Error(`salusd did not get ready: ${err}`)), 30_000).unref();
    });
}

class RealNode {
    #contexts = [];

    constructor(parts) {
        Object.assign(this, parts);
    }

    /** A person at a browser of their own: no cookie, key or fault is seen by another. */
    async person({ size = "wide", dark = false } = {}) {
        const context = await this.browser.newContext({
            viewport: sizes[size],
            baseURL: this.url,
            colorScheme: dark ? "dark" : "light",
            reducedMotion: "reduce",
            locale: "en-GB",
            acceptDownloads: true,
        });
        this.#contexts.push(context);
        const page = await context.newPage();
        page.setDefaultTimeout(20_000);
        return { context, page, problems: watch(page) };
    }

    salus(...args) {
        const salus = need(join(binaries, "salus"), "build salus, or name its folder in SALUS_BIN");
        const done = spawnSync(salus, args, { encoding: "utf8", maxBuffer: 1 << 26 });
        assert.equal(done.status, 0, `salus ${args.join(" ")}: ${done.stderr}`);
        return done.stdout;
    }

    /** What everybody saw when a walk failed, kept in the folder SALUS_FAILED names. */
    async keepPictures(name) {
        if (!process.env.SALUS_FAILED) return;
        for (const [i, context] of this.#contexts.entries()) {
            const path = join(
                process.env.SALUS_FAILED,
                `${name.replace(/\W+/g, "-").slice(0, 60)}-${i}.png`,
            );
            await context
                .pages()[0]
                ?.screenshot({ path })
                .catch(() => undefined);
        }
    }

    async stop() {
        for (const context of this.#contexts) await context.close().catch(() => undefined);
        await this.browser.close().catch(() => undefined);
        const killed = setTimeout(() => this.process_.kill("SIGKILL"), 10_000);
        this.process_.kill("SIGTERM");
        await this.exited;
        clearTimeout(killed);
        rmSync(this.folder, { recursive: true, force: true });
    }
}

function watch(page) {
    const problems = [];
    // A refusal that a walk provokes is shown by the page; every other fault counts.
    const refused = /Failed to load resource: the server responded with a status of 4\d\d/;
    page.on("console", (message) => {
        const text = message.text();
        if (["error", "warning"].includes(message.type()) && !refused.test(text))
            problems.push(text);
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("response", (response) => {
        if (response.status() >= 500) problems.push(`${response.status()} ${response.url()}`);
    });
    return problems;
}

/** One page: the dark one at 1280 and the light one at 390 px to axe, sideways scrolling at both. */
export async function inspect({ page, problems }, where) {
    await settle(page);
    await page.emulateMedia({ colorScheme: "dark" });
    await checkNoOverflow(page, where);
    await checkAxe(page, `${where}, dark`);
    await page.setViewportSize(sizes.phone);
    await page.emulateMedia({ colorScheme: "light" });
    await checkNoOverflow(page, `${where} at 390 px`);
    await checkAxe(page, `${where} at 390 px`);
    await page.setViewportSize(sizes.wide);
    checkQuiet(problems, where);
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * An authenticator app: RFC 6238 with SHA-1, 6 digits, 30 s. The node accepts the step before the
 * current one and no step twice: the oldest that is still good leaves the newer for the next proof.
 */
export class Authenticator {
    #key;
    #used = 0;

    constructor(secret) {
        let bits = "";
        for (const letter of secret.replace(/\s/g, ""))
            bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
        this.#key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
    }

    /** `fresh`: the current step, for a code that is kept a while before it is sent. */
    async code({ fresh = false } = {}) {
        for (;;) {
            const now = Date.now() / 30_000;
            // A step within its last ten seconds of grace could run out on the way.
            const oldest = Math.floor(fresh ? now : now - 2 / 3);
            const step = Math.max(oldest, this.#used + 1);
            if (step <= Math.floor(now)) {
                this.#used = step;
                return this.#at(step);
            }
            await new Promise((resolve) => setTimeout(resolve, 500));
        }
    }

    #at(step) {
        const counter = Buffer.alloc(8);
        counter.writeBigUInt64BE(BigInt(step));
        const mac = createHmac("sha1", this.#key).update(counter).digest();
        const at = mac[mac.length - 1] & 15;
        return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
    }
}
