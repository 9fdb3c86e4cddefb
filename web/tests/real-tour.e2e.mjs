import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inspect, startNode } from "./lib/real-node.mjs";

// What a newcomer does after the tour: opens each of its links at a browser that knows nothing, and
// gets something done within a minute. Nothing on the way leads nowhere.

let node;
let links;
before(
    async () => {
        node = await startNode();
        const out = node.salus("tour", "--url", node.url, "--data-dir", join(node.folder, "data"));
        assert.match(out, /^tour: 14 steps, 14 ok$/m);
        links = Object.fromEntries(
            [...out.matchAll(/^(\w+)[^:]*: \S+\/(#demo=\S+)$/gm)].map(([, home, hash]) => [home, hash]),
        );
    },
    { timeout: 150_000 },
);
after(() => node?.stop());

/** Opens a home's link cold and times what follows. */
const opens = (home, act, work) =>
    test(`the ${home}'s link opens cold, and ${act} within a minute`, { timeout: 90_000 }, async () => {
        const person = await node.person();
        const began = Date.now();
        try {
            await person.page.goto(`/${links[home]}`);
            await person.page.getByRole("heading", { level: 1 }).waitFor();
            await work(person.page);
        } catch (error) {
            await node.keepPictures(home);
            throw error;
        }
        assert.ok(Date.now() - began < 60_000, "it took longer than a minute");
        assert.equal(new URL(person.page.url()).hash, "", "the key stays out of the address");
        await inspect(person, `${home}, after the tour`);
    });

opens("Patient", "who looked at the records is told", async (page) => {
    await page.getByRole("heading", { name: /opened your records/ }).first().waitFor();
    await page.getByRole("link", { name: "Records", exact: true }).click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.getByText(/mmol/).locator("visible=true").first().waitFor();
});

opens("Clinician", "a consented chart is read", async (page) => {
    await page.getByText("Refused", { exact: true }).waitFor();
    await page.getByText("Maria Keller").click();
    await page.getByText(/mmol/).locator("visible=true").first().waitFor();
});

opens("Privacy", "an alert is judged", async (page) => {
    await page.getByRole("heading", { name: "Evidence" }).waitFor();
    await page.keyboard.press("e");
    await page.getByRole("heading", { level: 1, name: /One alert/ }).waitFor();
});

opens("Data", "a stored data set is looked at", async (page) => {
    await page.getByText("Noised release").first().waitFor();
    await page.getByText("Demo rows", { exact: true }).click();
    await page.getByRole("table").first().waitFor();
});

