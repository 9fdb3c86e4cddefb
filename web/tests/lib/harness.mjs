import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { startMock } from "../mock-node.mjs";

// A real browser against a node: the one at SALUS_URL, else the mock with its demo people. A real
// demo node gives its links in SALUS_DEMO ("key.name,key.name").

const axeSource = readFileSync(
    createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
    "utf8",
);

export const sizes = { wide: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

const launchOptions = {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--force-color-profile=srgb"],
};

export async function start({ empty = false, demo = true } = {}) {
    const given = empty ? undefined : process.env.SALUS_URL;
    const mock = given ? null : await startMock({ empty, demo: demo && !empty });
    const browser = await chromium.launch(launchOptions);
    const base = given ?? mock.url;
    const links = mock?.links ?? (process.env.SALUS_DEMO ?? "").split(",").filter(Boolean);
    return {
        base,
        links,
        mock,
        browser,
        isMock: mock !== null,
        async stop() {
            await browser.close();
            mock?.close();
        },
        open: (options) => openContext(browser, base, options),
    };
}

/** The node of a walk that begins empty: the mock, or a fresh real one. */
export async function openNode({ empty }) {
    const given = process.env.SALUS_SETUP_TOKEN ? process.env.SALUS_URL : undefined;
    const mock = given ? null : await startMock({ empty });
    const browser = await chromium.launch(launchOptions);
    const base = given ?? mock.url;
    return {
        base,
        token: process.env.SALUS_SETUP_TOKEN ?? mock.world.token,
        async stop() {
            await browser.close();
            mock?.close();
        },
        open: (options) => openContext(browser, base, options),
    };
}

/** A browser of its own: nothing that one walk keeps is seen by another. */
async function openContext(browser, base, { size = "wide", dark = false } = {}) {
    const context = await browser.newContext({
        viewport: sizes[size],
        baseURL: base,
        colorScheme: dark ? "dark" : "light",
        reducedMotion: "reduce",
        locale: "en-GB",
        acceptDownloads: true,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const problems = [];
    page.on("console", (message) => {
        // A refused request is part of some walks and is shown by the page; everything else is a fault.
        const refused = /Failed to load resource: the server responded with a status of 4\d\d/;
        if (message.type() === "error" && !refused.test(message.text()))
            problems.push(message.text());
    });
    page.on("pageerror", (error) => problems.push(String(error)));
    return { context, page, problems, base };
}

export const demoUrl = (links, first) => {
    const own = links.find((link) => link.endsWith(`.${first}`));
    return `/#demo=${[own, ...links.filter((link) => link !== own)].join(",")}`;
};

export async function settle(page) {
    // Live events keep a connection open for ever, so "network idle" never comes.
    const quiet = () => document.querySelector("h1") && !document.querySelector(".skeleton");
    await page.waitForFunction(quiet, null, { timeout: 30_000 });
    await page.waitForTimeout(120);
    await page.waitForFunction(quiet, null, { timeout: 30_000 });
}

export async function checkAxe(page, where) {
    // Evaluated through the debugger, which the page's own policy does not bind.
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() =>
        globalThis.axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        }),
    );
    const said = violations.map(
        (one) => `${one.id}: ${one.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`,
    );
    assert.deepEqual(said, [], `axe on ${where}`);
}

export async function checkNoOverflow(page, where) {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${where} scrolls sideways by ${wide} px`);
}

export function checkQuiet(problems, where) {
    assert.deepEqual(problems, [], `the console of ${where} stays empty`);
}
