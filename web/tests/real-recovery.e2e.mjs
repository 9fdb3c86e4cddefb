import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { settle } from "./lib/harness.mjs";
import { Authenticator, inspect, startNode } from "./lib/real-node.mjs";
import { seedPeople } from "./lib/real-people.mjs";
import { comesBack, heading, openPage, proveIfAsked, signIn, signUp } from "./lib/walks.mjs";

// Password and device are lost: a new browser, the sheet of paper, and the records are there.

let node;
let ward;
before(
    async () => {
        node = await startNode();
        ward = await startNode();
    },
    { timeout: 60_000 },
);
after(async () => {
    await node?.stop();
    await ward?.stop();
});

const button = (page, name) => page.getByRole("button", { name });

async function typeCode(page, name, code) {
    await page.goto("/recover");
    await page.getByLabel("Email or name").fill(name);
    await page.getByLabel("Recovery code").fill(code);
    await button(page, "Go on").click();
}

/** The three steps after the code; gives what the person would write down or put on a phone. */
async function chooseAnew(person, password) {
    const { page } = person;
    await heading(page, "Choose a password");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await inspect(person, "recovery, password");
    await button(page, "Go on").click();
    const authenticator = new Authenticator(await page.getByTestId("totp-secret").textContent());
    await page.getByLabel("The code it shows now").fill(await authenticator.code({ fresh: true }));
    await inspect(person, "recovery, app");
    await button(page, "Go on").click();
    const recovery = (await page.getByTestId("recovery-code").textContent()).trim();
    await page.getByLabel(/^Type its last/).fill(recovery.split("-").at(-1));
    await inspect(person, "recovery, new code");
    await button(page, "Open my home").click();
    await page.locator("nav.nav").waitFor();
    await settle(page);
    Object.assign(person, { password, authenticator, recovery });
}

test("whoever lost password and phone comes back by the code on paper", { timeout: 150_000 }, async () => {
    const before_ = await node.person();
    try {
        const token = { token: node.token, organisation_name: "Riverside Clinic" };
        const made = await before_.page.request.post("/api/setup", { data: token });
        assert.equal(made.status(), 200);
        await before_.page.goto("/signup");
        await signUp(before_, {
            name: "amara",
            displayName: "Amara Diallo",
            password: "the kettle sings at seven",
        });
        const { name, recovery: sheet } = before_;
        await button(before_.page, "Open my home").click();
        await before_.page.locator("nav.nav").waitFor();

        // Another machine, and nothing but the sheet.
        const person = Object.assign(await node.person(), { name });
        const { page } = person;
        const another = "CAI-REE-YUC-ULB-OGA-ZDI-NRY-HI6-D4E";
        await typeCode(page, "amara", another);
        await page.getByRole("alert").waitFor();
        const wrong = await page.getByRole("alert").textContent();
        await typeCode(page, "nobody", another);
        await page.getByRole("alert").waitFor();
        assert.equal(await page.getByRole("alert").textContent(), wrong);
        await inspect(person, "recovery, refused");
        await typeCode(page, "amara", sheet.toLowerCase().replaceAll("-", " "));
        await chooseAnew(person, "another kettle sings at nine");
        await page.getByText("Your account came back by its recovery code", { exact: false }).waitFor();
        await inspect(person, "recovery, home with notices");
        await button(page, "I know of this").click();
        await page.getByText("came back by its recovery code").waitFor({ state: "detached" });

        // The lost device is signed out, the old sheet is waste, the new password works.
        const gone = await before_.page.request.get("/api/session", {
            headers: { "Salus-Home": (await homeOf(before_.page)) ?? "" },
        });
        assert.equal(gone.status(), 401);
        const later = Object.assign(await node.person(), person, await node.person());
        await typeCode(later.page, "amara", sheet);
        await later.page.getByRole("alert").waitFor();
        await later.page.goto("/signin");
        await signIn(later);

        // A new code from the settings takes the place of the newest one.
        await openPage(later.page, "Settings");
        await later.page.getByRole("list", { name: "Ways to unlock" }).waitFor();
        await button(later.page, "Make a new recovery code").click();
        const shown = later.page.getByTestId("recovery-code");
        await proveIfAsked(later, shown);
        await shown.waitFor();
        assert.notEqual((await shown.textContent()).trim(), person.recovery);
        await inspect(later, "settings, a new recovery code");
    } catch (error) {
        await node.keepPictures("recovery");
        throw error;
    }
});

test("staff come back by their code and an officer who has seen them", { timeout: 150_000 }, async () => {
    try {
        const made = await seedPeople(ward, ["officer", "clinician"]);
        const person = Object.assign(await ward.person(), made.clinician);
        const { page } = person;
        const lostApp = page.getByText("Staff then need a privacy officer", { exact: false });
        await typeCode(page, "novak", made.clinician.recovery);
        await lostApp.waitFor();
        await inspect(person, "recovery, staff without the app");

        const officer = await comesBack(ward, made.officer);
        await openPage(officer.page, "Staff");
        await officer.page.getByLabel("Member").selectOption({ label: "Dr Lena Novak" });
        await button(officer.page, "Allow it for a day").click();
        const allowed = officer.page.getByText("Dr Lena Novak can now come back", { exact: false });
        await proveIfAsked(officer, allowed);
        await allowed.waitFor();
        await inspect(officer, "staff, readmitted");

        await typeCode(page, "novak", made.clinician.recovery);
        await chooseAnew(person, "a ward at night is quiet");
        await inspect(person, "recovery, a clinician's home");

        // The officer reads of it, and it held for one recovery.
        await openPage(officer.page, "Queue");
        await officer.page.getByText("came back by", { exact: false }).first().waitFor();
        const again = await ward.person();
        await typeCode(again.page, "novak", person.recovery);
        await again.page.getByText("Staff then need a privacy officer", { exact: false }).waitFor();
    } catch (error) {
        await ward.keepPictures("readmission");
        throw error;
    }
});

const homeOf = (page) =>
    page.evaluate(() => JSON.parse(sessionStorage.getItem("salus.homes") ?? "{}").active);
