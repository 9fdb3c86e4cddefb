import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { settle } from "./lib/harness.mjs";
import { inspect, startNode } from "./lib/real-node.mjs";
import { heading, openPage, proveIfAsked, readLogEntry, signIn, signUp } from "./lib/walks.mjs";

// One organisation from its empty node to a stored data set, in the order people would live it. Each
// test builds on the ones before; the node is real, and so are the browser, keys and log.

let node;
const people = {};
const codes = {};
before(async () => (node = await startNode()), { timeout: 60_000 });
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
const link = (page, name) => page.getByRole("link", { name });

walk("an empty node is set up with the token from its terminal", async () => {
    const officer = (people.officer = await node.person());
    const { page } = officer;
    await page.goto("/");
    await heading(page, "Set up this node");
    await inspect(officer, "set-up");
    await page.getByLabel("Name of your organisation").fill("Riverside Clinic");
    await page.getByLabel("Token from the terminal").fill("0".repeat(node.token.length));
    await button(page, "Set it up").click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Token from the terminal").fill(node.token);
    await button(page, "Set it up").click();
    await heading(page, "Riverside Clinic is set up. Now its first officer.");
    assert.match(await page.getByTestId("officer-invitation").textContent(), /^[A-Z2-7-]{26,}$/);
    await inspect(officer, "set-up, done");
});

walk("the first officer joins by that invitation, with a second factor", async () => {
    const officer = people.officer;
    const { page } = officer;
    await button(page, "Create the officer’s account").click();
    await page.getByText("You are invited as privacy officer at Riverside Clinic.").waitFor();
    await signUp(officer, {
        name: "petra",
        displayName: "Petra Maas",
        password: "a quiet harbour at noon",
        look: (where) => inspect(officer, where),
    });
    await inspect(officer, "welcome");
    await button(page, "Open my home").click();
    await heading(page, "Every opening has a reason.");
    await inspect(officer, "queue, empty");
});

async function invite(page, name, role) {
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Role", { exact: true }).selectOption(role);
    await button(page, "Make an invitation").click();
    const made = page.getByTestId("invitation-code");
    await proveIfAsked(people.officer, made);
    return (await made.textContent()).trim();
}

walk("the officer makes the organisation's key and invites a clinician and a steward", async () => {
    const officer = people.officer;
    const { page } = officer;
    await openPage(page, "Staff");
    await button(page, "Make the key").click();
    await proveIfAsked(officer, page.getByText("Every member has it."));
    await page.getByText("Every member has it.").waitFor();
    codes.clinician = await invite(page, "Dr Lena Novak", "clinician");
    codes.steward = await invite(page, "Jonas Berg", "steward");
    await page.getByRole("table", { name: "Invitations" }).getByText("Jonas Berg").waitFor();
    await inspect(officer, "staff");
});

async function joinAs(role, code, words, fields) {
    const person = (people[role] = await node.person());
    await person.page.goto(`/invitation/${code}`);
    await person.page.getByText(`You are invited as ${words} at Riverside Clinic.`).waitFor();
    assert.equal(
        await person.page.getByRole("combobox").count(),
        0,
        "a role is shown, never chosen",
    );
    await signUp(person, fields);
    await button(person.page, "Open my home").click();
    await person.page.locator("nav.nav").waitFor();
    await settle(person.page);
    return person;
}

walk("a clinician joins; the role is the invitation's, and the invitation works once", async () => {
    const clinician = await joinAs("clinician", codes.clinician, "clinician", {
        name: "novak",
        displayName: "Dr Lena Novak",
        password: "seven white storks",
    });
    await heading(clinician.page, "Nobody shares records with you now.");
    await inspect(clinician, "patients, empty");
    const stranger = await node.person();
    await stranger.page.goto(`/invitation/${codes.clinician}`);
    await stranger.page.getByText("This invitation does not work").waitFor();
    await inspect(stranger, "invitation, used");
});

walk("a steward joins and meets an empty shelf", async () => {
    const steward = await joinAs("steward", codes.steward, "data steward", {
        name: "jonas",
        displayName: "Jonas Berg",
        password: "tables and more tables",
    });
    await heading(steward.page, "Start with a table.");
    await inspect(steward, "data sets, empty");
});

walk("a patient signs up and sees the entry that the log keeps of it", async () => {
    const patient = (people.patient = await node.person());
    const { page } = patient;
    await page.goto("/");
    await heading(page, "Sign in");
    await inspect(patient, "sign-in");
    await link(page, "Create an account").click();
    await signUp(patient, {
        name: "amara",
        displayName: "Amara Diallo",
        password: "rain on the tin roof",
        look: (where) => inspect(patient, where),
    });
    const entry = await readLogEntry(page);
    const told = await (await fetch(`${node.url}/api/tx/${entry.transaction}`)).json();
    assert.equal(told.height, entry.block);
    assert.equal(told.position, entry.position);
    assert.equal(told.header_hash, entry.hash);
    assert.equal(told.previous, entry.previous);
    assert.match(entry.time, /\d{4}.* \d\d:\d\d:\d\d\.\d{3} /, "to the millisecond, with its zone");
    const before = await (await fetch(`${node.url}/api/block/${entry.block - 1}`)).json();
    assert.equal(
        entry.previous,
        before.header_hash,
        "the previous hash is the hash of the block before",
    );
    await inspect(patient, "welcome, patient");
    await button(page, "Open my home").click();
    await settle(page);
    await inspect(patient, "today, empty");
});

walk(
    "the patient adds a note and a measurement, and sees what the server stores of it",
    async () => {
        const patient = people.patient;
        const { page } = patient;
        await openPage(page, "Records");
        await inspect(patient, "records, empty");
        await link(page, "Add a record").first().click();
        await button(page, "Note").click();
        await page.getByLabel("Title").fill("Walks again");
        await page.getByLabel("Text").fill("Three kilometres along the river, no pain.");
        await inspect(patient, "add a note");
        await button(page, "Seal and store").click();
        await heading(page, "It is sealed and stored.");
        assert.ok((await readLogEntry(page)).block > 1);
        await inspect(patient, "record stored");
        await button(page, "Add another").click();
        await button(page, "Measurement").click();
        await page.getByLabel("What was measured").selectOption("59261-8");
        await page.getByLabel("Value in mmol/mol").fill("48");
        await inspect(patient, "add a measurement");
        await button(page, "Seal and store").click();
        await heading(page, "It is sealed and stored.");
        await button(page, "See my records").click();
        await settle(page);
        await page.getByRole("button", { name: /Walks again/ }).click();
        await page.getByText("Three kilometres along the river, no pain.").waitFor();
        const sealed = page.getByLabel("Sealed bytes, not readable");
        assert.match(await sealed.textContent(), /^([0-9a-f]{2} ){40,}…$/);
        await inspect(patient, "records");
        await button(page, "Proof for this record").click();
        await button(page, "Check it yourself").click();
        await page.getByText("It fits.").waitFor();
        await inspect(patient, "proof of a record");
    },
);

walk("the patient shares with the clinician in three steps", async () => {
    const patient = people.patient;
    const { page } = patient;
    await openPage(page, "Sharing");
    await inspect(patient, "sharing, nobody");
    await link(page, "Share").last().click();
    await page.getByLabel("Search for a person or an organisation").fill("novak");
    await page.getByRole("radio", { name: /Dr Lena Novak/ }).check();
    await inspect(patient, "share, who");
    await button(page, "Choose what").click();
    await page.getByRole("checkbox", { name: /Blood results/ }).check();
    await page.getByRole("checkbox", { name: /Notes and letters/ }).check();
    await inspect(patient, "share, what");
    await button(page, "Choose until when").click();
    await page.getByRole("radio", { name: /One month/ }).check();
    await inspect(patient, "share, until when");
    await button(page, "Share").click();
    const done = page.getByRole("heading", { name: "One person can open records of yours." });
    await proveIfAsked(patient, done);
    await done.waitFor();
    await inspect(patient, "sharing");
});

walk("the clinician opens the chart and reads what was sealed", async () => {
    const clinician = people.clinician;
    const { page } = clinician;
    await page.reload();
    await heading(page, "One patient shares records with you.");
    await inspect(clinician, "patients");
    await link(page, /Amara Diallo/).click();
    await page.getByText(/^You may see this because Amara Diallo shares/).waitFor();
    await page.getByRole("row", { name: /HbA1c.*48/ }).waitFor();
    await page.getByText("Three kilometres along the river, no pain.").waitFor();
    await inspect(clinician, "chart");
});

walk("the patient sees who looked, checks the proof and keeps the receipt", async () => {
    const patient = people.patient;
    const { page } = patient;
    await openPage(page, "Activity");
    const row = page.getByRole("listitem").filter({ hasText: "Dr Lena Novak opened" });
    await row.waitFor();
    await row.getByRole("button", { name: /Proof/ }).click();
    // An opening is sealed in the log within a minute; the page says so until then.
    await button(page, "Check it yourself").click({ timeout: 75_000 });
    await page.getByText("It fits.").waitFor();
    await inspect(patient, "activity, proof");
    const [saved] = await Promise.all([
        page.waitForEvent("download"),
        button(page, "Download receipt").click(),
    ]);
    const receipt = readFileSync(await saved.path());
    assert.ok(receipt.length > 200);
    await button(page, "Close proof").click();
    await openPage(page, "Today");
    await page
        .getByText(/Dr Lena Novak/)
        .first()
        .waitFor();
    await inspect(patient, "today");
});

walk("the patient stops, and the clinician is refused with the reason in words", async () => {
    const { patient, clinician } = people;
    await openPage(patient.page, "Sharing");
    await button(patient.page, "Stop sharing").click();
    const dialog = patient.page.getByRole("dialog", { name: /^Stop sharing with/ });
    await inspect(patient, "stop sharing, asked");
    await dialog.getByRole("button", { name: "Stop sharing" }).click();
    const done = patient.page.getByText("Sharing with Dr Lena Novak has stopped.");
    await proveIfAsked(patient, done);
    await done.waitFor();
    await inspect(patient, "sharing, stopped");
    const { page } = clinician;
    await openPage(page, "Patients");
    await page.reload();
    await page.getByText("The patient stopped this sharing. Opening it is refused.").waitFor();
    await inspect(clinician, "patients, ended");
    await link(page, /Amara Diallo/).click();
    await page.getByRole("alert").getByText("Refused. The patient stopped this sharing.").waitFor();
    await inspect(clinician, "chart, refused");
});

walk("the steward loads a table, prepares it, adds noise and stores it", async () => {
    const steward = people.steward;
    const { page } = steward;
    const csv = join(node.folder, "clinic.csv");
    writeFileSync(csv, node.salus("dataset", "demo", "--rows", "300", "--seed", "1"));
    await page.locator("input[type=file]").setInputFiles(csv);
    await heading(page, /^Look at/);
    await page.getByRole("heading", { name: /1 to 8 of 300/ }).waitFor();
    await page.getByRole("img", { name: /Female \d+/ }).waitFor();
    await inspect(steward, "look");
    await button(page, "Prepare").click();
    await page.getByText("What was prepared").waitFor();
    await inspect(steward, "prepare");
    await button(page, "Release").click();
    await page.getByText("Linkage risk").waitFor();
    await page.getByText("Utility kept").waitFor();
    await button(page, "Zero-sum").click();
    await page.getByRole("slider").fill("30");
    await page.waitForTimeout(400);
    await inspect(steward, "release");
    await button(page, "Store").click();
    await inspect(steward, "store");
    await button(page, "Seal and store").click();
    await page
        .getByText(/rows and their description are sealed/)
        .nth(1)
        .waitFor({ timeout: 60_000 });
    await inspect(steward, "stored");
    await button(page, "Done").click();
    await heading(page, "Two data sets sealed and stored.");
    await inspect(steward, "data sets");
    await page.getByRole("listitem").filter({ hasText: "Clean, sealed" }).getByRole("link").click();
    await page
        .getByRole("cell", { name: /^P-0/ })
        .first()
        .or(page.getByRole("rowheader", { name: "1", exact: true }))
        .first()
        .waitFor();
    await inspect(steward, "data set");
});

walk("the log shows its blocks, and the browser checks them", async () => {
    const steward = people.steward;
    const { page } = steward;
    await openPage(page, "Log");
    await inspect(steward, "log");
    await button(page, "Check the log").click();
    await page.getByText("The log fits.").waitFor();
    await inspect(steward, "log, checked");
});

walk("a reload keeps the session open; Lock ends it; a code opens it again", async () => {
    const patient = people.patient;
    const { page } = patient;
    await openPage(page, "Records");
    await page.reload();
    await page.getByRole("button", { name: /Walks again/ }).waitFor();
    await button(page, "Lock").first().click();
    await heading(page, "Sign in");
    await page.goBack();
    await heading(page, /^Sign in/);
    assert.equal(await page.getByText("Walks again").count(), 0);
    await page.goto("/signin");
    await signIn(patient);
    await openPage(page, "Settings");
    await page.getByText("This one").waitFor();
    await inspect(patient, "settings");
});
