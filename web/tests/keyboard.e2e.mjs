import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { checkQuiet, demoUrl, settle, start } from "./lib/harness.mjs";

// What must work without a mouse: sign in, share, open a chart, judge an alert.

let world;
before(async () => (world = await start()), { timeout: 120_000 });
after(() => world?.stop());

/** Presses Tab until the focus is on what `selector` names; fails when it is never reached. */
async function tabTo(page, selector) {
    for (let i = 0; i < 90; i++) {
        await page.keyboard.press("Tab");
        const here = await page.evaluate((wanted) => {
            const active = document.activeElement;
            if (!active || active === document.body) return false;
            const ring = getComputedStyle(active).boxShadow !== "none" || active.matches("input");
            const [css, text] = wanted;
            const box = active.closest("label") ?? active;
            return active.matches(css) && (!text || box.textContent.includes(text)) && ring;
        }, selector);
        if (here) return;
    }
    assert.fail(`the keyboard never reaches ${selector.join(" ")}`);
}

async function home(name) {
    const opened = await world.open();
    await opened.page.goto(demoUrl(world.links, name));
    await opened.page.waitForSelector("nav.nav");
    await settle(opened.page);
    return opened;
}

describe("with the keyboard alone", { timeout: 240_000 }, () => {
    test(
        "a person signs in",
        { skip: !process.env.SALUS_URL ? false : "needs the mock's people" },
        async () => {
            const { page, problems } = await world.open();
            await page.goto("/signin");
            await page.waitForSelector("h1");
            await tabTo(page, ["input[autocomplete=username]"]);
            await page.keyboard.type("amara");
            await tabTo(page, ["input[autocomplete=current-password]"]);
            await page.keyboard.type("correct horse battery");
            await page.keyboard.press("Enter");
            await page.waitForSelector("input[autocomplete=one-time-code]");
            const user = world.mock.world.users.get("amara");
            await page.keyboard.type(world.mock.world.codec.totpCode(user.totp, Date.now() / 1000));
            await page.keyboard.press("Enter");
            await page.waitForSelector("nav.nav");
            checkQuiet(problems, "sign-in");
        },
    );

    test("a patient shares", async () => {
        const { page, problems } = await home("amara");
        await tabTo(page, ["nav a", "Sharing"]);
        await page.keyboard.press("Enter");
        await page.waitForSelector("h1:has-text('can open')");
        await tabTo(page, ["main a.btn.go", "Share"]);
        await page.keyboard.press("Enter");
        await page.waitForSelector("label.pick");
        await tabTo(page, ["input[type=radio]"]);
        await page.keyboard.press("Space");
        await tabTo(page, [".stick .btn.go"]);
        await page.keyboard.press("Enter");
        await page.waitForSelector("h1:has-text('What may')");
        await tabTo(page, ["input[type=checkbox]", "Blood results"]);
        await page.keyboard.press("Space");
        await page.waitForSelector(".consent:has-text('Blood results')");
        await tabTo(page, [".stick .btn.go"]);
        await page.keyboard.press("Enter");
        await page.waitForSelector("h1:has-text('Until when')");
        await tabTo(page, ["input[type=radio]"]);
        await page.keyboard.press("Space");
        await tabTo(page, [".stick .btn.go"]);
        await page.keyboard.press("Enter");
        await page.waitForSelector(".rowlink:has-text('Stop sharing')");
        checkQuiet(problems, "sharing");
    });

    test("sharing without a recent proof asks for one, and Escape leaves everything as it was", async () => {
        if (!world.isMock) return;
        const { page } = await home("amara");
        await page.click("nav.nav a[href='/sharing']");
        await page.waitForSelector("button:has-text('Stop sharing')");
        const before = await page.locator("button:has-text('Stop sharing')").count();
        await fetch(`${world.base}/mock/forget-step-up`, { method: "POST" });
        await page.click("button:has-text('Stop sharing') >> nth=0");
        await page.click("dialog button:has-text('Stop sharing')");
        await page.waitForSelector("h2:has-text('Is it really you?')");
        await page.keyboard.press("Escape");
        await page.waitForSelector("text=Nothing was changed");
        await page.click("dialog button:has-text('Keep sharing')");
        assert.equal(await page.locator("button:has-text('Stop sharing')").count(), before);
        await page.click("button:has-text('Stop sharing') >> nth=0");
        await page.click("dialog button:has-text('Stop sharing')");
        await page.waitForSelector("h2:has-text('Is it really you?')");
        const user = world.mock.world.users.get("amara");
        await page.keyboard.type(world.mock.world.codec.totpCode(user.totp, Date.now() / 1000));
        await page.keyboard.press("Enter");
        await page.waitForSelector("text=has stopped");
    });

    test("a clinician opens a chart in two presses and a second", async () => {
        const { page, problems } = await home("novak");
        await tabTo(page, ["a.rowlink", "Amara Diallo"]);
        const begun = Date.now();
        await page.keyboard.press("Enter");
        await page.waitForSelector("text=You may see this because", { timeout: 10_000 });
        assert.ok(Date.now() - begun < 4_000, "the chart is there at once");
        checkQuiet(problems, "the chart");
    });

    test("an officer judges an alert", async () => {
        const { page, problems } = await home("petra");
        await page.waitForSelector(".alert");
        const count = await page.locator(".alert").count();
        await page.keyboard.press("j");
        await page.waitForSelector(".alert[aria-current=true] .rank:has-text('2')");
        await page.keyboard.press("d");
        await page.waitForFunction(
            (n) => document.querySelectorAll(".alert").length === n - 1,
            count,
        );
        checkQuiet(problems, "the queue");
    });

    test("an alert appears live on the open queue", async () => {
        if (!world.isMock) return;
        const { page } = await home("petra");
        await page.waitForSelector("h1");
        const alert = {
            kind: "unexplained",
            score: 99,
            actor: null,
            evidence: [],
            searched: [],
            sentence: "Somebody opened a record this second.",
        };
        await fetch(`${world.base}/mock/alert`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify(alert),
        });
        await page.waitForSelector(".alert:has-text('this second')");
    });
});
