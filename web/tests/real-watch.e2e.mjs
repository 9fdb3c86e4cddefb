import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { settle } from "./lib/harness.mjs";
import { inspect, startNode } from "./lib/real-node.mjs";
import { seedPeople } from "./lib/real-people.mjs";
import { heading, openPage, proveIfAsked, signIn } from "./lib/walks.mjs";

// Alerts that arrive while the officer looks, and the flows that a keyboard alone must finish.

let node;
let made;
before(
    async () => {
        node = await startNode();
        made = await seedPeople(node, ["officer", "clinician", "patient"]);
    },
    { timeout: 120_000 },
);
after(() => node?.stop());

const walk = (name, work) =>
    test(name, { timeout: 90_000 }, async () => {
        try {
            await work();
        } catch (error) {
            await node.keepPictures(name);
            throw error;
        }
    });
const button = (page, name) => page.getByRole("button", { name });

/** A person who made an account before, at a new browser. */
async function comesBack(role, options) {
    const person = Object.assign(await node.person(options), made[role]);
    await person.page.goto("/signin");
    return person;
}

walk("failed sign-ins raise an alert that the officer sees at once, and resolves", async () => {
    const officer = await comesBack("officer");
    await signIn(officer);
    await heading(officer.page, "Every opening has a reason.");
    const thief = await comesBack("clinician");
    const { page } = thief;
    await page.getByLabel("Email or name").fill(thief.name);
    const refused = page.getByRole("alert");
    for (let tries = 0; tries < 8; ++tries) {
        await page.getByLabel("Password", { exact: true }).fill(`not the password ${tries}`);
        await Promise.all([page.waitForResponse(/\/api\/login$/), page.keyboard.press("Enter")]);
        await refused.waitFor();
    }
    await inspect(thief, "sign-in, refused");
    const row = officer.page.getByRole("button", {
        name: /failed sign-ins|failed logins|sign-ins/i,
    });
    await row.first().waitFor({ timeout: 15_000 });
    await officer.page.getByRole("heading", { name: "Evidence" }).waitFor();
    await inspect(officer, "queue, an alert");
    await officer.page.keyboard.press("e");
    await heading(officer.page, "Every opening has a reason.");
    await openPage(officer.page, "Explore");
    await inspect(officer, "explore");
    await openPage(officer.page, "Reports");
    await inspect(officer, "reports");
});

/** Presses Tab until `wanted` has the focus; a person would give up after `most`. */
async function tabTo(page, wanted, most = 40) {
    for (let i = 0; i < most; ++i) {
        if (await wanted.evaluate((one) => one === document.activeElement).catch(() => false))
            return;
        await page.keyboard.press("Tab");
    }
    const at = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 120));
    assert.fail(`Tab does not reach ${wanted}; the focus is on ${at}`);
}

walk("a keyboard alone signs in, shares and stops", async () => {
    const patient = await comesBack("patient");
    const { page, name, password, authenticator } = patient;
    const { keyboard } = page;
    await heading(page, "Sign in");
    await tabTo(page, page.getByLabel("Email or name"));
    await keyboard.type(name);
    await tabTo(page, page.getByLabel("Password", { exact: true }));
    await keyboard.type(password);
    await keyboard.press("Enter");
    const code = page.getByLabel("6-digit code");
    await code.waitFor();
    assert.ok(
        await code.evaluate((one) => one === document.activeElement),
        "the code field has the focus",
    );
    await keyboard.type(await authenticator.code());
    await keyboard.press("Enter");
    await page.locator("nav.nav").waitFor();
    await settle(page);

    await tabTo(page, page.getByRole("navigation").getByRole("link", { name: "Sharing" }));
    await keyboard.press("Enter");
    await heading(page, /records/);
    await tabTo(page, page.getByRole("main").getByRole("link", { name: "Share" }));
    await keyboard.press("Enter");
    await heading(page, "Who may open your records?");
    await page.getByRole("radio", { name: /Dr Lena Novak/ }).waitFor();
    await tabTo(page, page.getByRole("radio").first());
    while (!(await page.getByRole("radio", { name: /Dr Lena Novak/ }).isChecked())) {
        await keyboard.press(
            (await page.getByRole("radio", { checked: true }).count()) ? "ArrowDown" : "Space",
        );
    }
    await tabTo(page, button(page, "Choose what"));
    await keyboard.press("Enter");
    await heading(page, "What may Dr Lena Novak open?");
    await tabTo(page, page.getByRole("checkbox").first());
    await keyboard.press("Space");
    await tabTo(page, button(page, "Choose until when"));
    await keyboard.press("Enter");
    await heading(page, "Until when, and for what?");
    await tabTo(page, page.getByRole("radio", { name: /One week/ }));
    await keyboard.press("Space");
    await tabTo(page, button(page, "Share"));
    await keyboard.press("Enter");
    await heading(page, "One person can open records of yours.");

    await tabTo(page, button(page, "Stop sharing"));
    await keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: /^Stop sharing with/ });
    await dialog.waitFor();
    await keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await tabTo(page, button(page, "Stop sharing"), 1);
    await keyboard.press("Enter");
    await tabTo(page, dialog.getByRole("button", { name: "Stop sharing" }));
    await keyboard.press("Enter");
    await page.getByText("Sharing with Dr Lena Novak has stopped.").waitFor();
    await inspect(patient, "sharing, by keyboard");
});

walk("a session that the server forgot asks for the password, and says why", async () => {
    const patient = await comesBack("patient", { size: "phone" });
    const { page } = patient;
    await signIn(patient);
    await openPage(page, "Records");
    await page.reload();
    await page.getByRole("heading", { name: "Timeline" }).waitFor();
    await patient.context.clearCookies();
    await page.reload();
    await heading(page, /^Sign in/);
    await signIn(patient);
    await page
        .getByRole("navigation", { name: "Main" })
        .getByRole("link", { name: "More" })
        .click();
    await inspect(patient, "more");
});
