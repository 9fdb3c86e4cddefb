import { after, before, describe, test } from "node:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkAxe, checkNoOverflow, checkQuiet, demoUrl, settle, start } from "./lib/harness.mjs";
import { doors, go, homes, picturePage } from "./lib/pages.mjs";

// Every page at both widths: a picture, axe in light and dark, and no sideways scrolling. Pictures are
// kept when SALUS_SCREENS names a folder; those of docs/screens come from real-screens.e2e.mjs.

const folder = process.env.SALUS_SCREENS ?? mkdtempSync(join(tmpdir(), "salus-screens-"));
mkdirSync(folder, { recursive: true });

let world;
before(async () => (world = await start()), { timeout: 120_000 });
after(async () => {
    await world?.stop();
    if (!process.env.SALUS_SCREENS) rmSync(folder, { recursive: true, force: true });
});

async function walk(name, size, dark) {
    const { page, problems, context } = await world.open({ size, dark });
    await page.goto(demoUrl(world.links, name));
    await page.waitForSelector("nav.nav");
    await settle(page);
    for (const [file, path, step] of homes[name]) {
        if (path) await go(page, path);
        await settle(page);
        if (step) await step(page);
        await settle(page);
        await page.evaluate(() => scrollTo(0, 0));
        const where = `${file} ${size}${dark ? " dark" : ""}`;
        if (!dark) await picturePage(page, picture(file, size), size);
        else if (file === "patient-today")
            await picturePage(page, picture(`${file}-dark`, size), size);
        await checkNoOverflow(page, where);
        await checkAxe(page, where);
    }
    checkQuiet(problems, `${name} ${size}`);
    await context.close();
}

const picture = (file, size) => join(folder, `${file}-${size === "wide" ? 1280 : 390}.png`);

for (const name of Object.keys(homes)) {
    describe(`the home of ${name}`, () => {
        test("stands at 1280 px", () => walk(name, "wide", false), { timeout: 180_000 });
        test("stands at 390 px", () => walk(name, "phone", false), { timeout: 180_000 });
        test("stands in the dark", () => walk(name, "wide", true), { timeout: 180_000 });
    });
}

describe("the door", () => {
    for (const size of ["wide", "phone"]) {
        test(`stands at ${size}`, async () => {
            for (const dark of [false, true]) {
                const { page, problems, context } = await world.open({ size, dark });
                for (const [file, path] of doors) {
                    await page.goto(path);
                    await settle(page);
                    await page.waitForSelector("h1");
                    if (!dark) await picturePage(page, picture(file, size), size);
                    await checkNoOverflow(page, file);
                    await checkAxe(page, `${file} ${size}`);
                }
                checkQuiet(problems, "the door");
                await context.close();
            }
        });
    }
});
