import { after, before, describe, test } from "node:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { webRoot } from "./lib/load.mjs";
import { checkAxe, checkNoOverflow, checkQuiet, demoUrl, settle, sizes, start } from "./lib/harness.mjs";

// Every page at both widths: kept as a picture in docs/screens, checked by axe in light and dark, and
// for sideways scrolling. SALUS_SCREENS names another folder.

const folder = process.env.SALUS_SCREENS ?? join(webRoot, "..", "docs", "screens");
mkdirSync(folder, { recursive: true });

let world;
before(async () => (world = await start()), { timeout: 120_000 });
after(() => world?.stop());

const click = (selector) => async (page) => page.click(selector);
const homes = {
  amara: [
    ["patient-today", "/today"],
    ["patient-records", "/records"],
    ["patient-add", "/records/add"],
    ["patient-sharing", "/sharing"],
    ["patient-share", "/sharing/new", shareSecondStep],
    ["patient-activity", "/activity", openProof],
    ["patient-family", "/family"],
    ["patient-settings", "/settings"],
    ["patient-more", "/more"],
  ],
  novak: [
    ["clinician-patients", "/patients"],
    ["clinician-chart", "/patients", click("a[href^='/chart/']")],
    ["clinician-requests", "/requests"],
    ["clinician-emergency", "/emergency"],
  ],
  petra: [
    ["officer-queue", "/queue"],
    ["officer-explore", "/explore"],
    ["officer-log", "/log/7", checkLog],
    ["officer-reports", "/reports"],
    ["officer-staff", "/staff"],
  ],
  jonas: [
    ["steward-datasets", "/datasets"],
    ["studio-look", "/datasets", loadDemoRows],
    ["studio-prepare", null, click(".stick .btn.go")],
    ["studio-release", null, toRelease],
    ["studio-store", null, click(".stick .btn.go")],
    ["steward-studies", "/studies"],
    ["steward-models", "/models"],
  ],
};

async function shareSecondStep(page) {
  await page.click("label.pick >> nth=0");
  await page.click(".stick .btn.go");
  await page.waitForSelector("h1:has-text('What may')");
  await page.click("label.pick >> nth=0");
  await page.click("label.pick >> nth=1");
}

async function openProof(page) {
  await page.click("button:has-text('Proof') >> nth=0");
  await page.click("button:has-text('Check it yourself')");
  await page.waitForSelector(".drawer .notice");
}

async function checkLog(page) {
  await page.click("button:has-text('Check the log')");
  await page.waitForSelector(".chk .notice");
}

async function loadDemoRows(page) {
  await page.click("button:has-text('5,000 demo rows')");
  await page.waitForSelector("h1:has-text('Look at')");
  await page.waitForSelector(".colgrid");
}

async function toRelease(page) {
  await page.click(".stick .btn.go");
  await page.waitForSelector(".meter");
}

/** Moves inside the page, as a person does: a reload would ask the worker for its keys again. */
async function go(page, path) {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, path);
}

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
    else if (file === "patient-today") await picturePage(page, picture(`${file}-dark`, size), size);
    await checkNoOverflow(page, where);
    await checkAxe(page, where);
  }
  checkQuiet(problems, `${name} ${size}`);
  await context.close();
}

/** The window grows to the page, so that a bar at its foot is drawn at the foot. */
async function picturePage(page, path, size) {
  const { width, height } = sizes[size];
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.max(height, Math.min(whole, 4_000)) });
  await page.waitForTimeout(60);
  await page.screenshot({ path });
  await page.setViewportSize({ width, height });
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
  const doors = [
    ["sign-in", "/signin"],
    ["sign-up", "/signup"],
    ["recover", "/recover"],
    ["invitation", "/invitation"],
  ];
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
