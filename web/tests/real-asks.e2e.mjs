import assert from "node:assert/strict";
import { after, before } from "node:test";
import { settle } from "./lib/harness.mjs";
import { startNode } from "./lib/real-node.mjs";
import { seedPeople } from "./lib/real-people.mjs";
import { comesBack, heading, look, openPage, proveIfAsked, walker } from "./lib/walks.mjs";

// A clinician asks and a patient answers on a phone: allow, narrow, refuse; and what each sees.

let node;
let made;
const people = {};

before(
  async () => {
    node = await startNode();
    made = await seedPeople(node, ["officer", "clinician", "patient"]);
  },
  { timeout: 180_000 },
);
after(() => node?.stop());

const walk = walker(() => node, 120_000);
const signsIn = async (role) => (people[role] = await comesBack(node, made[role]));
const button = (page, name) => page.getByRole("button", { name, exact: true });
const link = (page, name) => page.getByRole("link", { name });

let code;

async function ask(kinds, note = "") {
  const { page } = people.clinician;
  await openPage(page, "Requests");
  await page.getByLabel("Patient’s code").fill(code);
  for (const kind of kinds) await page.getByRole("checkbox", { name: kind }).check();
  if (note) await page.getByLabel("A line to the patient").fill(note);
  await button(page, "Send request").click();
  await page.getByText("Sent. The patient sees it at once.").waitFor();
}

const rowSays = (word) =>
  people.clinician.page.getByRole("listitem").filter({ hasText: word }).first().waitFor();

walk("a patient shows a code that opens nothing, and a clinician asks by it", async () => {
  const patient = await signsIn("patient");
  await openPage(patient.page, "Sharing");
  code = (await patient.page.getByTestId("my-code").textContent()).trim();
  await look(patient, "sharing, own code", "patient-code");
  const clinician = await signsIn("clinician");
  await openPage(clinician.page, "Requests");
  await clinician.page.getByLabel("Patient’s code").fill("AAA-AAA-AAA-AAA-AAA-AAA-AAA-AAA-AAB");
  await clinician.page.getByRole("checkbox", { name: "Medicines" }).check();
  await button(clinician.page, "Send request").click();
  await clinician.page.getByRole("alert").waitFor();
  await clinician.page.getByRole("checkbox", { name: "Medicines" }).uncheck();
  await ask(["Blood results", "Medicines"], "For your check-up on Monday.");
  await rowSays("Waiting");
  await look(clinician, "requests, one waits", "clinician-requests");
});

walk("the patient reads what would be true and allows it on a phone within half a minute", async () => {
  const { page } = people.patient;
  await page.setViewportSize({ width: 390, height: 844 });
  await openPage(page, "Today");
  await heading(page, /^One request waits for your answer/);
  await page.getByText("“For your check-up on Monday.”").waitFor();
  await page.getByText("Dr Lena Novak", { exact: true }).first().waitFor();
  await page.getByText("may open my").waitFor();
  await look(people.patient, "today, a request", "patient-asked");
  await page.setViewportSize({ width: 390, height: 844 });
  const began = Date.now();
  await button(page, "Allow").click();
  const gone = page.getByRole("heading", { name: "Waiting for your answer" });
  await proveIfAsked(people.patient, page.getByText("Until", { exact: false }).first());
  await gone.waitFor({ state: "detached" });
  assert.ok(Date.now() - began < 30_000);
  await rowSays("Allowed");
  await link(people.clinician.page, "Open the chart").first().click();
  await people.clinician.page.getByRole("heading", { level: 1 }).waitFor();
  await settle(people.clinician.page);
  assert.match(await people.clinician.page.locator("main").textContent(), /HbA1c|Blood/);
});

walk("the patient narrows a request, and the clinician sees that it is a part", async () => {
  await ask(["Measurements", "Allergies"]);
  const { page } = people.patient;
  await openPage(page, "Today");
  await link(page, "Narrow").click();
  await heading(page, /^What may Dr Lena Novak open/);
  assert.equal(await page.getByText("Asked for").count(), 2);
  await page.getByRole("checkbox", { name: "Allergies" }).uncheck();
  await look(people.patient, "share, narrowing", "patient-narrow");
  await page.setViewportSize({ width: 390, height: 844 });
  await button(page, "Choose until when").click();
  await page.getByRole("radio", { name: "One month" }).waitFor();
  assert.ok(await page.getByRole("radio", { name: "One month" }).isChecked());
  await button(page, "Share").click();
  await proveIfAsked(people.patient, page.getByRole("heading", { name: /can open records/ }));
  await page.getByRole("heading", { name: /can open records/ }).waitFor();
  await rowSays("Allowed in part");
});

walk("sensitive kinds are looked at first, and refusing shares nothing", async () => {
  await ask(["Mental health"]);
  const { page } = people.patient;
  await openPage(page, "Today");
  await page.getByText("This includes mental health records", { exact: false }).waitFor();
  assert.equal(await button(page, "Allow").count(), 0);
  await link(page, "Look and decide").waitFor();
  await button(page, "Refuse").click();
  await page.getByRole("heading", { name: "Waiting for your answer" }).waitFor({ state: "detached" });
  await rowSays("Refused");
});

walk("a clinician withdraws a request, and it is gone from the patient's page", async () => {
  await ask(["Conditions"]);
  const { page } = people.patient;
  await page.getByRole("heading", { name: "Waiting for your answer" }).waitFor();
  await button(people.clinician.page, "Withdraw").click();
  await rowSays("Withdrawn");
  await page.getByRole("heading", { name: "Waiting for your answer" }).waitFor({ state: "detached" });
});
