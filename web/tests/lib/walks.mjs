import assert from "node:assert/strict";
import { settle } from "./harness.mjs";
import { test } from "node:test";
import { Authenticator, inspect } from "./real-node.mjs";

// What people do more than once, each as a person would: by label and by name.

const button = (page, name) => page.getByRole("button", { name });

export const heading = (page, text) =>
    page.getByRole("heading", { level: 1, name: text }).waitFor();

/** The four steps of a sign-up; gives what the person would write down or put on a phone. */
export async function signUp(
    person,
    { name, displayName, password, look = async () => undefined },
) {
    const { page } = person;
    await page.getByLabel("Your name").fill(displayName);
    await page.getByLabel("Email or name to sign in with").fill(name);
    await look("sign-up, you");
    await button(page, "Go on").click();
    await page.getByLabel("Password", { exact: true }).fill(password);
    await look("sign-up, password");
    await button(page, "Go on").click();
    const shown = await page.getByTestId("totp-secret").textContent();
    const authenticator = new Authenticator(shown);
    await page.getByLabel("The code it shows now").fill(await authenticator.code({ fresh: true }));
    await look("sign-up, code");
    await button(page, "Go on").click();
    const recovery = (await page.getByTestId("recovery-code").textContent()).trim();
    await page.getByLabel(/^Type its last/).fill("WRONG");
    assert.ok(
        await button(page, "Create my account").isDisabled(),
        "a wrong repetition does not count",
    );
    await page.getByLabel(/^Type its last/).fill(recovery.split("-").at(-1));
    await look("sign-up, recovery");
    await button(page, "Create my account").click();
    await heading(page, /^Welcome, /);
    Object.assign(person, { name, displayName, password, authenticator, recovery });
}

/** What a log entry says, as the page shows it. */
export async function readLogEntry(page) {
    const card = page.locator(".logcard");
    const terms = await card.locator("dt").allTextContents();
    const values = await card.locator("dd").allTextContents();
    const said = Object.fromEntries(terms.map((term, i) => [term, values[i]]));
    const block = /^Block ([\d,]+)$/.exec(await card.locator(".fig").textContent())?.[1];
    const plain = (text) => text.replace(/\s/g, "");
    return {
        block: Number(block.replace(/,/g, "")),
        time: said.Time,
        position: Number(said["Log entry"].replace(/,/g, "")),
        transaction: plain(said.Transaction),
        hash: plain(said["Block hash"]),
        previous: plain(said["Previous hash"]),
    };
}

export async function signIn({ page, name, password, authenticator }) {
    await page.getByLabel("Email or name").fill(name);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await page.getByLabel("6-digit code").fill(await authenticator.code());
    await button(page, "Sign in").click();
    await page.locator("nav.nav").waitFor();
    await settle(page);
}

/** When the page asks for a fresh proof, gives the code. */
export async function proveIfAsked({ page, authenticator }, done) {
    const dialog = page.getByRole("dialog", { name: "Is it really you?" });
    const asked = await Promise.race([
        dialog.waitFor().then(
            () => true,
            () => false,
        ),
        done.waitFor().then(
            () => false,
            () => false,
        ),
    ]);
    if (!asked) return;
    await dialog.getByLabel("6-digit code").fill(await authenticator.code());
    await dialog.getByRole("button", { name: "Go on" }).click();
}

export const openPage = async (page, name) => {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click();
    await settle(page);
};

/** A suite's `walk`: a test with time to finish, that keeps pictures of what it saw when it fails. */
export const walker = (node, timeout) => (name, work) =>
    test(name, { timeout }, async () => {
        try {
            await work();
        } catch (error) {
            await node().keepPictures(name);
            throw error;
        }
    });

/** Inspects the page; a picture of it is kept beside the others when SALUS_PICTURES names a folder. */
export async function look(person, where, picture) {
    await inspect(person, where);
    if (!process.env.SALUS_PICTURES || !picture) return;
    for (const [width, height] of [
        [1280, 900],
        [390, 844],
    ]) {
        await person.page.setViewportSize({ width, height });
        const path = `${process.env.SALUS_PICTURES}/${picture}-${width}.png`;
        await person.page.screenshot({ path, fullPage: true });
    }
    await person.page.setViewportSize({ width: 1280, height: 900 });
}

/** Somebody who has an account signs in on a new machine. */
export async function comesBack(node, account) {
    const person = Object.assign(await node.person(), account);
    await person.page.goto("/signin");
    await signIn(person);
    return person;
}
