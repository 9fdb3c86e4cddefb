import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { loadTs } from "./lib/load.mjs";
import { checkQuiet, openNode, settle } from "./lib/harness.mjs";

// One story through every home, from an empty node on: set-up, invitations, a patient who signs up,
// adds, shares and stops; a clinician who opens and is refused; an officer who judges; a steward who
// stores a data set. Against the mock, or the empty node at SALUS_URL with SALUS_SETUP_TOKEN.

let world;
let totp;
const people = {};
before(
    async () => {
        world = await openNode({ empty: true });
        totp = (await loadTs("tests/lib/codec.ts")).totpCode;
    },
    { timeout: 60_000 },
);
after(() => world?.stop());

const password = "a lamp beside the river";

async function signUp(page, { name, displayName, second }) {
    await page.fill("label:has-text('Your name') + input", displayName);
    await page.fill("label:has-text('to sign in with') + input", name);
    await page.click("button:has-text('Go on')");
    await page.waitForSelector("h1:has-text('Choose a password')");
    await page.fill("input[autocomplete=new-password]", password);
    if (!second) await page.click("label:has-text('None')");
    await page.click("button:has-text('Go on')");
    if (second) {
        const text = await page.textContent("[data-testid=totp-secret]");
        const { fromBase32 } = await loadTs("tests/lib/client.ts");
        const secret = fromBase32(text.replace(/\s/g, ""));
        await page.fill("input[autocomplete=one-time-code]", totp(secret, Date.now() / 1000));
    } else await page.waitForSelector("h1:has-text('No second proof')");
    await page.click("button:has-text('Go on')");
    const code = await page.textContent("[data-testid=recovery-code]");
    await page.fill("label:has-text('Type its last') + input", code.trim().split("-").pop());
    await page.click("button:has-text('Create my account')");
    await page.waitForSelector("h1:has-text('Welcome')");
    await page.click("button:has-text('Open my home')");
    await page.waitForSelector("nav.nav");
}

async function nav(page, path) {
    await page.click(`nav.nav a[href='${path}']`);
    await settle(page);
}

describe("from an empty node to a refused opening", { timeout: 400_000 }, () => {
    test("the terminal's token sets the node up and makes an officer", async () => {
        const { page, problems } = await world.open();
        people.officer = { page, problems };
        await page.goto("/");
        await page.waitForSelector("h1:has-text('Set up this node')");
        await page.fill("label:has-text('Token') + input", world.token);
        await page.fill("label:has-text('organisation') + input", "Riverside Clinic");
        await page.click("button:has-text('Set it up')");
        await page.click("button:has-text('Create the officer')");
        await signUp(page, { name: "petra", displayName: "Petra Maas", second: true });
        await page.waitForSelector("h1:has-text('Every opening has a reason')");
    });

    for (const [role, name, displayName] of [
        ["clinician", "novak", "Dr Lena Novak"],
        ["steward", "jonas", "Jonas Berg"],
    ]) {
        test(`the officer invites a ${role}, who makes an account with the code`, async () => {
            const officer = people.officer.page;
            await nav(officer, "/staff");
            await officer.fill("form label:has-text('Name') + input", displayName);
            await officer.selectOption("form select", role);
            await officer.click("button:has-text('Make an invitation')");
            const code = (await officer.textContent("[data-testid=invitation-code]")).trim();
            const { page, problems } = await world.open();
            people[name] = { page, problems };
            await page.goto(`/invitation/${code}`);
            await page.waitForSelector("text=You are invited as");
            await signUp(page, { name, displayName, second: true });
        });
    }

    test("a patient signs up and seals a first record within two minutes", async () => {
        const start = Date.now();
        const { page, problems } = await world.open();
        people.amara = { page, problems };
        await page.goto("/signup");
        await signUp(page, { name: "amara", displayName: "Amara Diallo", second: false });
        await page.click("a:has-text('Add your first record')");
        await page.fill("label:has-text('Value in') + input", "48");
        await page.click("button:has-text('Seal and store')");
        await page.waitForSelector("h1:has-text('sealed and stored')");
        await page.waitForSelector("text=Previous hash");
        assert.ok(Date.now() - start < 120_000);
        await page.click("button:has-text('Add another')");
        await page.click("button:has-text('Note')");
        await page.fill("label:has-text('Title') + input", "Morning walk");
        await page.fill("textarea", "Half an hour, no pain.");
        await page.click("button:has-text('Seal and store')");
        await page.click("button:has-text('See my records')");
        await page.waitForSelector("text=Morning walk");
        await page.waitForSelector(".bytes:has-text('53 41 4c 55 53')");
    });

    test("after a reload the keys come back; after a sign-out the password brings them", async () => {
        const { page } = people.amara;
        await page.reload();
        await page.waitForSelector("text=Morning walk");
        await page.click("nav.nav button:has-text('Lock')");
        await page.waitForSelector("h1:has-text('Sign in')");
        await page.fill("input[autocomplete=username]", "amara");
        await page.fill("input[autocomplete=current-password]", "a wrong sentence entirely");
        await page.click("button[type=submit]");
        await page.waitForSelector("[role=alert]");
        await page.fill("input[autocomplete=current-password]", password);
        await page.click("button[type=submit]");
        await page.waitForSelector("nav.nav");
        await nav(page, "/records");
        await page.waitForSelector("text=Morning walk");
    });

    test("sharing takes three steps and less than 45 seconds", async () => {
        const { page } = people.amara;
        await nav(page, "/sharing");
        const start = Date.now();
        await page.click("a:has-text('Share')  >> nth=-1");
        await page.click("label.pick:has-text('Dr Lena Novak')");
        await page.click(".stick .btn.go");
        await page.click("label.pick:has-text('Blood results')");
        await page.waitForSelector(".consent:has-text('Blood results')");
        await page.click(".stick .btn.go");
        await page.click("label.pick:has-text('One month')");
        await page.click(".stick .btn.go");
        await page.waitForSelector("h1:has-text('One person can open')");
        assert.ok(Date.now() - start < 45_000);
    });

    test("the clinician opens the chart and sees what is shared, and nothing else", async () => {
        const { page } = people.novak;
        await page.reload();
        await page.waitForSelector("h1:has-text('One patient shares')");
        await page.click("a.rowlink:has-text('Amara Diallo')");
        await page.waitForSelector("text=You may see this because Amara Diallo shares");
        await page.waitForSelector("th:has-text('HbA1c')");
        assert.equal(await page.locator("text=Morning walk").count(), 0);
    });

    test("the patient sees who looked, and checks the proof in the browser", async () => {
        const { page } = people.amara;
        await nav(page, "/activity");
        await page.waitForSelector("text=Dr Lena Novak");
        await page.waitForTimeout(1_500);
        await page.reload();
        await settle(page);
        await page.click("li.say:has-text('Dr Lena Novak') button:has-text('Proof')");
        await page.click("button:has-text('Check it yourself')");
        await page.waitForSelector("text=It fits.");
        await page.keyboard.press("Escape");
        assert.equal(await page.locator(".drawer").count(), 0);
    });

    test("sharing stops at once, and the next opening is refused with its reason", async () => {
        const { page } = people.amara;
        await nav(page, "/sharing");
        await page.click("button:has-text('Stop sharing')");
        await page.click("dialog button:has-text('Stop sharing')");
        await page.waitForSelector("text=has stopped");
        const { page: clinician } = people.novak;
        await clinician.click("a:has-text('All patients')");
        await clinician.waitForSelector("text=The patient stopped this sharing", {
            timeout: 30_000,
        });
        await clinician.waitForTimeout(200);
        await clinician.click("a.rowlink:has-text('Amara Diallo')");
        await clinician.reload();
        await clinician.waitForSelector("[role=alert]:has-text('Refused')");
        assert.equal(await clinician.locator("th:has-text('HbA1c')").count(), 0);
    });

    test("what is added after the stop is readable for the patient under the new keys", async () => {
        const { page } = people.amara;
        await nav(page, "/records");
        await page.click("a:has-text('Add a record')");
        await page.fill("label:has-text('Value in') + input", "46");
        await page.click("button:has-text('Seal and store')");
        await page.click("button:has-text('See my records')");
        await page.waitForSelector("text=fell from");
    });

    test("the officer checks the whole log, and a changed byte in a copy is found", async () => {
        const { page } = people.officer;
        await nav(page, "/log");
        await page.click("button:has-text('Check the log')");
        await page.waitForSelector("text=The log fits.");
        const [download] = await Promise.all([
            page.waitForEvent("download"),
            page.click("button:has-text('Download log')"),
        ]);
        const { readFileSync } = await import("node:fs");
        const copy = JSON.parse(readFileSync(await download.path(), "utf8"));
        copy.headers[1].time += 1;
        await page.setInputFiles("input[aria-label='Copy of the log']", {
            name: "copy.json",
            mimeType: "application/json",
            buffer: Buffer.from(JSON.stringify(copy)),
        });
        await page.waitForSelector(`text=block ${copy.headers[1].height} was changed`);
    });

    test("an alert is judged by keys alone", async () => {
        const { page } = people.officer;
        await nav(page, "/queue");
        const waiting = await page.locator(".alert").count();
        if (waiting > 0) {
            await page.keyboard.press("j");
            await page.keyboard.press("k");
            await page.keyboard.press("e");
            await page.waitForFunction(
                (n) => document.querySelectorAll(".alert").length < n,
                waiting,
            );
        }
        await nav(page, "/explore");
        await page.waitForSelector("td:has-text('TREAT'), th");
    });

    test("a steward prepares 5,000 rows, releases them with noise, and stores them sealed", async () => {
        const { page } = people.jonas;
        await nav(page, "/datasets");
        await page.click("button:has-text('5,000 demo rows')");
        await page.waitForSelector(".colgrid");
        await page.click(".stick .btn.go");
        await page.waitForSelector("h2:has-text('What was prepared')");
        await page.click(".stick .btn.go");
        await page.waitForSelector(".meter");
        await page.click("button:has-text('Random')");
        await page.waitForTimeout(1_000);
        await page.click(".stick .btn.go");
        await page.click("label.pick:has-text('clean rows')");
        const start = Date.now();
        await page.click("button:has-text('Seal and store')");
        await page.waitForSelector("text=, release” is stored", { timeout: 90_000 });
        console.log(
            `twice 5,000 rows sealed and stored in ${((Date.now() - start) / 1000).toFixed(1)} s`,
        );
        await page.click("a:has-text('Open it')");
        await page.waitForSelector("tbody tr:nth-child(3)", { timeout: 60_000 });
    });

    test("no console of anybody had an error", () => {
        for (const [name, { problems }] of Object.entries(people)) checkQuiet(problems, name);
    });
});
