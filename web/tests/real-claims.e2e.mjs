import assert from "node:assert/strict";
import { after, before } from "node:test";
import { settle } from "./lib/harness.mjs";
import { startNode } from "./lib/real-node.mjs";
import { seedPeople } from "./lib/real-people.mjs";
import { comesBack, heading, look, openPage, proveIfAsked, walker } from "./lib/walks.mjs";

// Two ways in which data comes to a patient from others: a row of a data set that she claims by its
// code, and results that a laboratory adds and may not read beyond its own.

let node;
let made;
let strangeCode;
const people = {};
const rows = ["Amara", "Ben", "Cleo"];

/** A small data set of the steward's, sealed as the studio seals it. */
async function storeWard(client, { steward }) {
  const body = (value) => new TextEncoder().encode(JSON.stringify(value));
  const columns = [
    { name: "name", kind: "text" },
    { name: "dose", kind: "number", unit: "mg" },
  ];
  const header = { type: "dataset", dataset: "Ward 7", rows: rows.length, columns };
  const of = (name, i) => ({ type: "row", dataset: "Ward 7", row: i + 1, cells: { name, dose: String(10 * (i + 1)) } });
  await client.vaultApi.storeDataset({
    home: steward.home, name: "Ward 7", columns, rows: [header, ...rows.map(of)].map(body),
  });
  strangeCode = client.writeCode(client.random(16));
}

before(
  async () => {
    node = await startNode();
    made = await seedPeople(node, ["officer", "steward", "laboratory", "patient"], storeWard);
  },
  { timeout: 120_000 },
);
after(() => node?.stop());

const walk = walker(() => node, 90_000);
const button = (page, name) => page.getByRole("button", { name });
const link = (page, name) => page.getByRole("link", { name });

const signsIn = async (role) => (people[role] = await comesBack(node, made[role]));

/** What the node answers this page's own session. */
const ask = (page, home, path) =>
  page.evaluate(
    async ([at, salusHome]) => {
      const response = await fetch(at, { headers: { "Salus-Home": salusHome } });
      const isJson = response.headers.get("content-type")?.includes("json");
      return { status: response.status, body: isJson ? await response.json() : null };
    },
    [path, home],
  );

async function recordsOf(page, home) {
  const { body } = await ask(page, home, "/api/collections");
  const path = `/api/records?collection=${body.collections[0].collection}`;
  return (await ask(page, home, path)).body.records.map((one) => one.record);
}

let code;
let before_;

walk("a steward offers one row and sees its code once", async () => {
  const steward = await signsIn("steward");
  const { page } = steward;
  await heading(page, "One data set sealed and stored.");
  await page.getByText("Clean, sealed").waitFor();
  assert.equal(await page.getByText("NaN").count(), 0);
  await look(steward, "data sets");
  await link(page, /Ward 7/).click();
  await page.getByRole("cell", { name: "Cleo" }).or(page.getByText("Cleo")).first().waitFor();
  await page.getByRole("table").getByRole("button", { name: "1", exact: true }).click();
  await look(steward, "data set, a row", "steward-dataset");
  before_ = await recordsOf(page, steward.home);
  await button(page, "Offer to a patient").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText(/takes the row over/).waitFor();
  await look(steward, "offer, asked");
  // As if the sign-in were long ago: a code hands a record over, so the node wants a fresh proof.
  const error = { code: "authentication", reason: "step-up", message: "step up", reference: "" };
  const asked = page.waitForResponse(
    (one) => one.url().endsWith("/api/offers") && one.status() === 401,
  );
  const refuse = (route) => route.fulfill({ status: 401, json: { error } });
  await page.route("**/api/offers", refuse, { times: 1 });
  await dialog.getByRole("button", { name: "Make the code" }).click();
  await asked;
  await proveIfAsked(steward, page.getByTestId("claim-code"));
  code = (await page.getByTestId("claim-code").textContent()).trim();
  assert.match(code, /^([A-Z2-7]{3}-){8}[A-Z2-7]{3}$/);
  await look(steward, "offer, code", "steward-offer");
  await dialog.getByRole("button", { name: "Done" }).click();
  assert.equal(await page.getByText(code).count(), 0, "the code is shown once");
});

async function tryCode(page, text) {
  await page.getByLabel("The code you were given").fill(text);
  await button(page, "Claim it").click();
}

walk("the patient claims it; a wrong code is told why", async () => {
  const patient = await signsIn("patient");
  const { page } = patient;
  await openPage(page, "Records");
  await link(page, "Claim a record").click();
  await heading(page, "Claim a record about you");
  await look(patient, "claim", "patient-claim");
  const alert = page.getByRole("alert");
  await tryCode(page, `${code.slice(0, -1)}${code.endsWith("A") ? "B" : "A"}`);
  await alert.getByText("This code has a typing mistake.").waitFor();
  await tryCode(page, "ABC-DEF");
  await alert.getByText("A code has 27 letters and digits 2 to 7.").waitFor();
  await tryCode(page, strangeCode);
  await alert.getByText(/^No row waits under this code/).waitFor();
  await look(patient, "claim, refused");
  await tryCode(page, code.toLowerCase().replaceAll("-", " "));
  await heading(page, "It is yours now.");
  await page.getByText("Amara", { exact: true }).waitFor();
  await look(patient, "claimed", "patient-claimed");
  await link(page, "See it in my records").click();
  await page.getByRole("button", { name: /Ward 7/ }).waitFor();
  await page.getByText(/dose: 10/).waitFor();
  await look(patient, "records, a claimed row");
  await page.goto("/records/claim");
  await tryCode(page, code);
  await alert.getByText(/^No row waits under this code. It was used already/).waitFor();
});

walk("the steward can open it no longer, and the old body is gone", async () => {
  const { page, home } = people.steward;
  await page.reload();
  await page.getByText("Cleo").first().waitFor();
  await settle(page);
  assert.equal(await page.getByText("Amara").count(), 0);
  const left = await recordsOf(page, home);
  const gone = before_.filter((one) => !left.includes(one));
  assert.equal(gone.length, 1);
  for (let tries = 0; (await ask(page, home, `/api/sealed/${gone[0]}`)).status !== 404; ++tries) {
    assert.ok(tries < 40, "the node erases the old body");
    await page.waitForTimeout(250);
  }
  await look(people.steward, "data set, one row less");
});

walk("the patient lets a laboratory add, which is said to read nothing", async () => {
  const patient = people.patient;
  const { page } = patient;
  await openPage(page, "Sharing");
  await link(page, "Share").last().click();
  await page.getByLabel("Search for a person or an organisation").fill("north");
  await page.getByRole("radio", { name: /Northgate Laboratory/ }).check();
  await button(page, "Choose what").click();
  await heading(page, "What may Northgate Laboratory add to?");
  await page.getByRole("checkbox", { name: /Blood results/ }).check();
  const said = page.locator(".consent");
  assert.match(await said.textContent(), /^Northgate Laboratory may add to my Blood results for/);
  assert.match(await said.textContent(), /Northgate Laboratory may not read my records\.$/);
  await look(patient, "share with a laboratory", "patient-share-laboratory");
  await button(page, "Choose until when").click();
  await page.getByRole("radio", { name: /One month/ }).check();
  await look(patient, "share with a laboratory, until when");
  await button(page, "Share").click();
  const done = page.getByText(/^Northgate Laboratory may add to my Blood results/);
  await proveIfAsked(patient, done);
  await done.waitFor();
  await heading(page, "Only you can open your records.");
  await look(patient, "sharing, a laboratory", "patient-sharing-laboratory");
});

walk("the laboratory adds a result and reads its own, nothing else", async () => {
  const laboratory = await signsIn("laboratory");
  const { page } = laboratory;
  await heading(page, "One patient lets you add results.");
  await look(laboratory, "results, empty");
  await link(page, "Add a result").click();
  await heading(page, "A result for Amara Diallo");
  await page.getByLabel("What was measured").selectOption("2951-2");
  await page.getByLabel("Value").fill("152");
  assert.equal(await page.getByLabel(/^Reference to/).inputValue(), "145");
  await page.getByLabel(/^Reference to/).fill("147");
  await look(laboratory, "add a result", "laboratory-add");
  await button(page, "Seal and send").click();
  await heading(page, "It is sealed for Amara Diallo.");
  await look(laboratory, "result stored");
  await link(page, "See what you added").click();
  const table = page.getByRole("table", { name: "Results you added" });
  await table.getByRole("row", { name: /Sodium.*152/ }).waitFor();
  await page.reload();
  await table.getByRole("row", { name: /Amara Diallo.*Sodium.*152/ }).waitFor();
  assert.equal(await table.getByRole("row").count(), 2, "its own result alone");
  await look(laboratory, "results", "laboratory-results");
  const nav = page.getByRole("navigation", { name: "Main" }).getByRole("link");
  assert.deepEqual((await nav.allTextContents()).filter((one) => one !== "More"), ["Results", "Settings"]);
  const { body } = await ask(page, laboratory.home, "/api/shared");
  const covered = `/api/shared/${body.shared[0].directive}/records`;
  const listed = (await ask(page, laboratory.home, covered)).body.records;
  assert.deepEqual(listed.map((one) => one.author), [laboratory.account]);
});

walk("the patient sees whose result it is, and stops; adding is refused", async () => {
  const { patient, laboratory } = people;
  const { page } = patient;
  await openPage(page, "Records");
  await page.reload();
  const entry = page.getByRole("button", { name: /Sodium.*from Northgate Laboratory/ });
  await entry.click();
  await page.getByText(/added by Northgate Laboratory/).waitFor();
  await look(patient, "records, a laboratory's result", "patient-records-laboratory");
  await link(laboratory.page, "Add a result").click();
  await heading(laboratory.page, "A result for Amara Diallo");
  await openPage(page, "Sharing");
  await button(page, "Stop").click();
  const dialog = page.getByRole("dialog", { name: "Stop Northgate Laboratory adding?" });
  await look(patient, "stop a laboratory, asked");
  await dialog.getByRole("button", { name: "Stop" }).click();
  const done = page.getByText("Northgate Laboratory can add nothing more.");
  await proveIfAsked(patient, done);
  await done.waitFor();
  await look(patient, "sharing, a laboratory stopped");
  await laboratory.page.getByLabel("Value").fill("140");
  await button(laboratory.page, "Seal and send").click();
  const refused = laboratory.page.getByRole("alert").or(laboratory.page.getByText("You may not add here now"));
  await refused.first().waitFor();
  await laboratory.page.goto("/results");
  await laboratory.page.getByText("The patient stopped this. Adding is refused.").waitFor();
  await laboratory.page.getByRole("row", { name: /Sodium.*152/ }).waitFor();
  await look(laboratory, "results, stopped");
});
