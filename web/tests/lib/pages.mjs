import { sizes } from "./harness.mjs";

// Every page of every home and what to do there before its picture is taken.

const click = (selector) => async (page) => page.click(selector);
export const homes = {
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
export async function go(page, path) {
    await page.evaluate((to) => {
        history.pushState(null, "", to);
        dispatchEvent(new PopStateEvent("popstate"));
    }, path);
}

/** The window grows to the page, so that a bar at its foot is drawn at the foot. */
export async function picturePage(page, path, size) {
    const { width, height } = sizes[size];
    const whole = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width, height: Math.max(height, Math.min(whole, 4_000)) });
    await page.waitForTimeout(60);
    await page.screenshot({ path });
    await page.setViewportSize({ width, height });
}

export const doors = [
    ["sign-in", "/signin"],
    ["sign-up", "/signup"],
    ["recover", "/recover"],
    ["invitation", "/invitation"],
];
