import { after, before, test } from "node:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { checkAxe, checkNoOverflow, checkQuiet, settle, sizes } from "./lib/harness.mjs";
import { doors, go, homes, picturePage } from "./lib/pages.mjs";
import { startNode } from "./lib/real-node.mjs";
import { seedPeople } from "./lib/real-people.mjs";
import { openAs, shareAll } from "./lib/seed.mjs";
import { signIn } from "./lib/walks.mjs";

// Every page of a real node at both widths, light and dark: axe, no sideways scrolling, a quiet console.
// SALUS_SCREENS names a folder that keeps the pictures: docs/screens is made this way.

const folder = process.env.SALUS_SCREENS;
if (folder) mkdirSync(folder, { recursive: true });

let node;
let people;
before(
    async () => {
        node = await startNode();
        people = await seedPeople(
            node,
            ["officer", "clinician", "second", "steward", "patient"],
            live,
        );
    },
    { timeout: 120_000 },
);
after(() => node?.stop());

/** Two sharings, one of them stopped; openings, refusals, and somebody guessing a password. */
async function live(client, { officer, clinician, second, patient }) {
    const { vaultApi } = client;
    await vaultApi.giveOrganisationKey({ home: officer.home });
    await shareAll(
        client,
        patient,
        clinician,
        ["laboratory", "medicines", "allergies", "problems"],
        110,
    );
    const ended = await shareAll(client, patient, second, ["laboratory", "vitals"], 60);
    await openAs(client, second);
    await vaultApi.stopSharing({ home: patient.home, directive: ended.directive });
    for (let i = 0; i < 3; ++i) await openAs(client, second).catch(() => undefined);
    await openAs(client, clinician);
    for (let i = 0; i < 6; ++i) await guess(client, "haddad");
}

const guess = (client, name) =>
    client
        .call("/api/login", {
            json: { name, auth_key: client.toBase64Url(client.random(32)), code: null },
        })
        .catch(() => undefined);

async function look(page, file, where) {
    for (const size of ["wide", "phone"]) {
        await page.setViewportSize(sizes[size]);
        await settle(page);
        await page.evaluate(() => scrollTo(0, 0));
        if (folder) await picturePage(page, join(folder, `${file}-${sizes[size].width}.png`), size);
        await checkNoOverflow(page, `${where} at ${sizes[size].width} px`);
        await checkAxe(page, `${where} at ${sizes[size].width} px`);
    }
    await page.setViewportSize(sizes.wide);
    await page.emulateMedia({ colorScheme: "dark" });
    if (folder && file === "patient-today")
        await picturePage(page, join(folder, `${file}-dark-1280.png`), "wide");
    await checkAxe(page, `${where}, dark`);
    await page.emulateMedia({ colorScheme: "light" });
}

const who = { amara: "patient", novak: "clinician", petra: "officer", jonas: "steward" };

for (const [name, pages] of Object.entries(homes)) {
    test(`every page of ${name}, ${who[name]}`, { timeout: 120_000 }, async () => {
        const person = Object.assign(await node.person(), people[who[name]]);
        const { page, problems } = person;
        await page.goto("/signin");
        await signIn(person);
        try {
            for (const [file, path, step] of pages) {
                if (path) await go(page, path);
                await settle(page);
                if (step) await step(page);
                await look(page, file, file);
            }
        } catch (error) {
            await node.keepPictures(name);
            throw error;
        }
        checkQuiet(problems, name);
    });
}

test("every page before a home is open", { timeout: 120_000 }, async () => {
    const { page, problems } = await node.person();
    for (const [file, path] of doors) {
        await page.goto(path);
        await look(page, file, file);
    }
    checkQuiet(problems, "the door");
});
