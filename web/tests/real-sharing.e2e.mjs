import assert from "node:assert/strict";
import { after, before } from "node:test";
import { startNode } from "./lib/real-node.mjs";
import { seedPeople } from "./lib/real-people.mjs";
import { comesBack, heading, look, openPage, proveIfAsked, walker } from "./lib/walks.mjs";

// What else a patient may share: with a whole hospital, beside a person; one record alone; and the
// right to add to a collection that does not exist yet.

let node;
let made;
const people = {};

before(
  async () => {
    node = await startNode();
    const roles = ["officer", "clinician", "laboratory", "patient", "newcomer"];
    made = await seedPeople(node, roles, (client, { officer }) =>
      client.vaultApi.giveOrganisationKey({ home: officer.home }),
    );
  },
  { timeout: 180_000 },
);
after(() => node?.stop());

const walk = walker(() => node, 120_000);
const button = (page, name) => page.getByRole("button", { name });
const link = (page, name) => page.getByRole("link", { name });

const signsIn = async (role) => (people[role] = await comesBack(node, made[role]));

/** The three steps; the sentence is read before the last. */
async function share(person, who, what, sentence, picture) {
  const { page } = person;
  await openPage(page, "Sharing");
  await link(page, "Share").last().click();
  await page.getByRole("radio", { name: who }).check();
  await look(person, `share with ${who}`, picture && `${picture}-who`);
  await button(page, "Choose what").click();
  for (const one of what) await page.getByRole("checkbox", { name: one }).check();
  await look(person, `share with ${who}, what`, picture);
  await button(page, "Choose until when").click();
  await page.getByRole("radio", { name: /One month/ }).check();
  assert.match(await page.locator(".consent").textContent(), sentence);
  await button(page, "Share").click();
  const done = page.getByRole("heading", { level: 1, name: /open (records of yours|your records)/ });
  await proveIfAsked(person, done);
  await done.waitFor();
}

async function stop(person, what, said) {
  const { page } = person;
  await openPage(page, "Sharing");
  const row = page.getByRole("listitem").filter({ hasText: what });
  await row.getByRole("button", { name: "Stop sharing" }).click();
  const dialog = page.getByRole("dialog", { name: /^Stop sharing with/ });
  await dialog.getByText(said).waitFor();
  await dialog.getByRole("button", { name: "Stop sharing" }).click();
  const done = page.getByText(/^Sharing with .* has stopped\.$/);
  await proveIfAsked(person, done);
  await done.waitFor();
}

/** The chart in the nth sharing of the list, opened anew. */
async function chart(person, nth = 0) {
  const { page } = person;
  await page.goto("/patients");
  const list = page.getByRole("list", { name: "Patients who share with you" });
  await list.getByRole("link").nth(nth).click();
  await page.getByText(/^You may see this because Amara Diallo shares/).waitFor();
}

const notes = "Eye screening, no changes found";

walk("a patient shares with the hospital, and the sentence says who that is", async () => {
  const patient = await signsIn("patient");
  const { page } = patient;
  await share(
    patient,
    /Riverside Clinic Everybody there/,
    [/Notes and letters/],
    /^Everybody at Riverside Clinic who has its key may open my Notes and letters for treatment, /,
    "patient-share-hospital",
  );
  await heading(page, "Everybody with the key of Riverside Clinic can open records of yours.");
  await look(patient, "sharing with the hospital", "patient-sharing-hospital");
});

walk("a clinician who has the hospital's key opens it, and the patient sees who it was", async () => {
  const clinician = await signsIn("clinician");
  await chart(clinician);
  await clinician.page.getByText(/shares letters with your organisation for treatment/).waitFor();
  await clinician.page.getByText(notes).waitFor();
  await look(clinician, "chart, by the hospital's key");
  const { page } = people.patient;
  await openPage(page, "Activity");
  await page.getByRole("listitem").filter({ hasText: "Dr Lena Novak opened" }).first().waitFor();
});

walk("shared with the person as well, either sharing opens while both live", async () => {
  const { patient, clinician } = people;
  await share(patient, /Dr Lena Novak/, [/Notes and letters/], /^Dr Lena Novak may open my/);
  const { page } = patient;
  await heading(
    page,
    "One person, and everybody with the key of Riverside Clinic, can open records of yours.",
  );
  for (const nth of [0, 1]) {
    await chart(clinician, nth);
    await clinician.page.getByText(notes).waitFor();
  }
});

walk("one of the two is stopped and the other still opens; both stopped, it is refused", async () => {
  const { patient, clinician } = people;
  const { page } = clinician;
  await stop(patient, /Everybody at Riverside Clinic/, /everybody at Riverside Clinic is refused/);
  await chart(clinician);
  await page.getByText(notes).waitFor();
  await page.getByText(/shares letters with you for treatment/).waitFor();
  await stop(patient, /Dr Lena Novak may open/, /can open nothing more/);
  await page.goto("/patients");
  await page.getByText("The patient stopped this sharing. Opening it is refused.").first().waitFor();
  for (const nth of [0, 1]) {
    await page.goto("/patients");
    await link(page, /Amara Diallo/).nth(nth).click();
    await page.getByRole("alert").getByText("Refused. The patient stopped this sharing.").waitFor();
    assert.equal(await page.getByText(notes).count(), 0);
  }
  await look(clinician, "chart, the hospital's sharing stopped");
});

walk("one record is shared from its own page in three steps", async () => {
  const { patient } = people;
  const { page } = patient;
  await openPage(page, "Records");
  await page.getByRole("button", { name: /^Medicines/ }).click();
  await page.getByRole("button", { name: /Metformin 500 mg/ }).click();
  await button(page, "Share this record").click();
  const sheet = page.getByRole("dialog", { name: "Share “Metformin 500 mg”" });
  await sheet.getByRole("radio", { name: /Dr Lena Novak/ }).check();
  assert.equal(await sheet.getByRole("radio", { name: /Northgate/ }).count(), 0, "readers only");
  await look(patient, "share one record, who", "patient-share-record");
  await sheet.getByRole("button", { name: "Go on" }).click();
  await sheet.getByRole("radio", { name: /One week/ }).check();
  await look(patient, "share one record, until when");
  await sheet.getByRole("button", { name: "Go on" }).click();
  assert.match(
    await sheet.locator(".consent").textContent(),
    /^Dr Lena Novak may open my single record “Metformin 500 mg” of \d+ \w+ \d{4} for treatment, from /,
  );
  await look(patient, "share one record, last step");
  await sheet.getByRole("button", { name: "Share it" }).click();
  const done = page.getByText("Shared with Dr Lena Novak: this record and no other.");
  await proveIfAsked(patient, done);
  await done.waitFor();
  await page.getByText(/for those you share it with \(Dr Lena Novak\)/).waitFor();
  await look(patient, "one record shared", "patient-record-shared");
  await page.getByRole("button", { name: /Atorvastatin 20 mg/ }).click();
  await page.getByText("Readable on your devices, nowhere else.").waitFor();
});

walk("the clinician opens that record alone, until it is stopped", async () => {
  const { patient, clinician } = people;
  const { page } = clinician;
  await chart(clinician);
  await page.getByText(/shares the record “Metformin 500 mg” with you/).waitFor();
  await page.getByText("Metformin 500 mg", { exact: true }).waitFor();
  assert.equal(await page.getByText("Atorvastatin 20 mg").count(), 0);
  await look(clinician, "chart of one record", "clinician-chart-record");
  await stop(patient, /single record/, /can open nothing more/);
  await page.goto("/patients");
  await link(page, /Amara Diallo/).first().click();
  await page.getByRole("alert").getByText("Refused. The patient stopped this sharing.").waitFor();
});

walk("a laboratory may add to a collection that the same step makes", async () => {
  const newcomer = await signsIn("newcomer");
  const { page } = newcomer;
  await share(
    newcomer,
    /Northgate Laboratory/,
    [/Blood results None yet/],
    /^Northgate Laboratory may add to my Blood results for .*may not read my records\.$/,
    "patient-share-laboratory-first",
  );
  await page.getByText(/^Northgate Laboratory may add to my Blood results/).waitFor();
  const laboratory = await signsIn("laboratory");
  await link(laboratory.page, "Add a result").click();
  await heading(laboratory.page, "A result for Ben Okoro");
  await laboratory.page.getByLabel("What was measured").selectOption("2951-2");
  await laboratory.page.getByLabel("Value").fill("139");
  await button(laboratory.page, "Seal and send").click();
  await heading(laboratory.page, "It is sealed for Ben Okoro.");
  await link(laboratory.page, "See what you added").click();
  const table = laboratory.page.getByRole("table", { name: "Results you added" });
  await table.getByRole("row", { name: /Ben Okoro.*Sodium.*139/ }).waitFor();
  assert.equal(await table.getByRole("row").count(), 2, "its own result alone");
  await openPage(page, "Records");
  await page.reload();
  await page.getByRole("button", { name: /Sodium.*from Northgate Laboratory/ }).waitFor();
  await look(newcomer, "records, begun by a laboratory");
});
