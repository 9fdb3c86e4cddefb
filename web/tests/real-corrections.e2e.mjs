import assert from "node:assert/strict";
import { after, before } from "node:test";
import { startNode } from "./lib/real-node.mjs";
import { seedPeople } from "./lib/real-people.mjs";
import { comesBack, look, openPage, proveIfAsked, walker } from "./lib/walks.mjs";

// A patient puts an entry of their own right: the new value is shown, the old one stays provable,
// and whoever may open the record sees both and the reason.

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
const button = (page, name) => page.getByRole("button", { name, exact: true });

walk("a patient corrects a measurement and says why", async () => {
  const patient = (people.patient = await comesBack(node, made.patient));
  const { page } = patient;
  await openPage(page, "Records");
  await page.getByRole("button", { name: /HbA1c/ }).first().click();
  await button(page, "Correct").click();
  const dialog = page.getByRole("dialog");
  const submit = dialog.getByRole("button", { name: "Correct it" });
  assert.ok(await submit.isDisabled(), "nothing changed yet");
  await dialog.getByLabel(/^It should say/).fill("47");
  assert.ok(await submit.isDisabled(), "no reason yet");
  await dialog.getByLabel("Why").fill("I read the wrong line.");
  await look(patient, "records, correcting", "patient-correct");
  await submit.click();
  await dialog.waitFor({ state: "detached" });
  const history = page.getByRole("list", { name: "Earlier versions" });
  await page.getByRole("button", { name: /HbA1c.*47/ }).first().click();
  await history.getByText("I read the wrong line.", { exact: false }).waitFor();
  assert.match(await history.textContent(), /it said 48 mmol\/mol/);
  await look(patient, "records, corrected", "patient-corrected");
});

walk("the earlier version has its proof still", async () => {
  const { page } = people.patient;
  await button(page, "Proof of the earlier version").click();
  await button(page, "Check it yourself").click();
  await page.getByText("It fits.").waitFor();
  assert.match(await page.locator("main").textContent(), /The earlier version was sealed/);
});

walk("a record is corrected again, and both earlier versions are told", async () => {
  const { page } = people.patient;
  await openPage(page, "Records");
  await page.getByRole("button", { name: /HbA1c.*47/ }).first().click();
  await button(page, "Correct").click();
  await page.getByLabel(/^It should say/).fill("46");
  await page.getByLabel("Why").fill("And once more.");
  await button(page, "Correct it").click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: /HbA1c.*46/ }).first().click();
  const history = page.getByRole("list", { name: "Earlier versions" });
  await history.getByText("And once more.", { exact: false }).waitFor();
  assert.equal(await history.getByRole("listitem").count(), 2);
});

walk("whoever may open it sees the new value, the old one and the reason", async () => {
  const { page } = people.patient;
  await openPage(page, "Sharing");
  await page.getByRole("link", { name: "Share" }).last().click();
  await page.getByRole("radio", { name: /Dr Lena Novak/ }).check();
  await button(page, "Choose what").click();
  await page.getByRole("checkbox", { name: /Blood results/ }).check();
  await button(page, "Choose until when").click();
  await page.getByRole("radio", { name: "One week" }).check();
  await button(page, "Share").click();
  const shared = page.getByRole("heading", { name: /can open records/ });
  await proveIfAsked(people.patient, shared);
  await shared.waitFor();
  const clinician = await comesBack(node, made.clinician);
  await clinician.page.getByRole("link", { name: /Amara Diallo/ }).click();
  const history = clinician.page.getByRole("list", { name: "Earlier versions" });
  await history.getByText("I read the wrong line.", { exact: false }).waitFor();
  await look(clinician, "chart, corrected", "clinician-corrected");
});
