import assert from "node:assert/strict";
import { createWriteStream, readdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { startNode } from "./lib/real-node.mjs";
import { seedPeople } from "./lib/real-people.mjs";
import { heading, signIn } from "./lib/walks.mjs";

// A million rows of ten columns through the studio's pages in a real browser: read, described,
// prepared, noised, paged. It reports the time of each step, the longest task of the page's own
// thread, and how long the page took to answer a click meanwhile. `npm run million`; takes minutes,
// so ctest leaves it out. SALUS_ROWS changes the number of rows, SALUS_BIN and SALUS_PORTAL name what
// is run.

const rows = Number(process.env.SALUS_ROWS ?? 1_000_000);
// Generous: a machine that compiles beside this gives the page's thread a fraction of a processor.
const longTaskMax = 500;
const answerMax = 1_000;

/** The same rows each time: a small generator with a fixed seed. */
async function writeTable(path) {
  let state = 7;
  const draw = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const out = createWriteStream(path);
  out.write("patient,age,gender,city,visit_date,systolic,cholesterol,bmi,smoker,diabetes\n");
  const cities = ["Leeds", "York", "Hull", "Bath", "Ely", "Wells", "Truro", "Ripon"];
  for (let row = 1; row <= rows; ) {
    const lines = [];
    for (const end = Math.min(rows, row + 9_999); row <= end; ++row) {
      const day = new Date(Date.UTC(2020, 0, 1) + Math.floor(draw() * 2_000) * 86_400_000);
      lines.push(
        [
          `P-${String(row).padStart(7, "0")}`,
          18 + Math.floor(draw() * 80),
          draw() < 0.5 ? "Female" : "Male",
          cities[Math.floor(draw() * cities.length)],
          day.toISOString().slice(0, 10),
          draw() < 0.01 ? "" : 95 + Math.floor(draw() * 80),
          draw() < 0.02 ? "" : (3 + draw() * 5).toFixed(1),
          (17 + draw() * 22).toFixed(1),
          draw() < 0.2 ? "yes" : "no",
          draw() < 0.1 ? 1 : 0,
        ].join(","),
      );
    }
    if (!out.write(`${lines.join("\n")}\n`)) await new Promise((go) => out.once("drain", go));
  }
  await new Promise((go) => out.end(go));
}

/** Watches the page's own thread: its long tasks, and the wait of a timer that should fire each 50 ms. */
const watch = (page) =>
  page.evaluate(() => {
    const seen = (globalThis.seen = { tasks: [], gap: 0 });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) seen.tasks.push([startTime, duration]);
    }).observe({ type: "longtask", buffered: false });
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      seen.gap = Math.max(seen.gap, now - last - 50);
      last = now;
    }, 50);
  });

const takeSeen = (page) =>
  page.evaluate(() => {
    const { tasks, gap } = globalThis.seen;
    globalThis.seen.tasks = [];
    globalThis.seen.gap = 0;
    return { longest: Math.max(0, ...tasks.map(([, length]) => length)), gap };
  });

/** How long the page takes to do what a click asks and to paint it: the longest of several. */
async function answers(page, until) {
  let longest = 0;
  let count = 0;
  let over = false;
  const finished = until.finally(() => (over = true));
  while (!over) {
    const waited = await page.evaluate(
      () =>
        new Promise((done) => {
          const began = performance.now();
          document.querySelector("h1")?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
          requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0));
        }),
    );
    longest = Math.max(longest, waited);
    ++count;
    await page.waitForTimeout(200);
  }
  await finished;
  return { longest, count };
}

const report = [];
async function step(page, name, work) {
  await takeSeen(page);
  const began = performance.now();
  const { longest: answer } = await answers(page, work());
  const seconds = (performance.now() - began) / 1_000;
  const { longest, gap } = await takeSeen(page);
  const row = { step: name, seconds: seconds.toFixed(1), longest_task_ms: Math.round(longest),
    timer_late_ms: Math.round(gap), click_to_paint_ms: Math.round(answer) };
  report.push(row);
  console.log(Object.entries(row).map(([key, value]) => `${key} ${value}`).join(", "));
}

/** The most that one process of the browser ever held, in MB: the one with the page's workers. */
function browserPeak() {
  const parents = new Map();
  const peaks = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number)) {
    try {
      const text = readFileSync(`/proc/${pid}/status`, "utf8");
      parents.set(pid, Number(/^PPid:\s+(\d+)/m.exec(text)?.[1]));
      const isBrowser = /^Name:\s+chrom/m.test(text);
      peaks.set(pid, isBrowser ? Number(/^VmHWM:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1_024 : 0);
    } catch {
      // It ended meanwhile.
    }
  }
  const isOurs = (pid) => pid === process.pid || (pid > 1 && isOurs(parents.get(pid) ?? 0));
  return Math.round(Math.max(0, ...[...peaks].map(([pid, peak]) => (isOurs(pid) ? peak : 0))));
}

const node = await startNode();
try {
  const csv = join(node.folder, "million.csv");
  await writeTable(csv);
  const made = await seedPeople(node, ["officer", "steward"]);
  const steward = Object.assign(await node.person(), made.steward);
  const { page, problems } = steward;
  page.setDefaultTimeout(600_000);
  await page.goto("/signin");
  await signIn(steward);
  await heading(page, "Start with a table.");
  await watch(page);
  console.log(`${rows} rows; load average ${loadavg()[0].toFixed(1)}`);

  await step(page, "read the file", async () => {
    await page.locator("input[type=file]").setInputFiles(csv);
    await heading(page, /^Look at/);
  });
  await step(page, "describe and draw", () => page.locator(".colgrid").waitFor());
  await step(page, "a page of rows further", async () => {
    await page.getByRole("button", { name: "Later" }).click();
    await page.getByRole("heading", { name: /Rows 9 to 16 of/ }).waitFor();
  });
  await step(page, "prepare", async () => {
    await page.getByRole("button", { name: "Prepare", exact: true }).click();
    await page.getByText("What was prepared").waitFor();
  });
  await step(page, "noise and meters", async () => {
    await page.getByRole("button", { name: "Release", exact: true }).click();
    await page.getByText("Utility kept").waitFor();
  });
  await step(page, "another size of noise", async () => {
    // The rows shown are those of the newest noise.
    const shown = page.getByRole("table", { name: "As they will be released, rows" });
    const before = await shown.textContent();
    await page.getByRole("slider").fill("30");
    while ((await shown.textContent()) === before) await page.waitForTimeout(100);
  });
  console.log(`the browser's largest process held ${browserPeak()} MB at most`);
  console.log(`load average ${loadavg()[0].toFixed(1)}`);
  assert.deepEqual(problems, [], "the console stays empty");
  for (const { step: name, longest_task_ms, click_to_paint_ms } of report) {
    assert.ok(longest_task_ms <= longTaskMax, `${name}: the page's thread was busy ${longest_task_ms} ms`);
    assert.ok(click_to_paint_ms <= answerMax, `${name}: a click waited ${click_to_paint_ms} ms`);
  }
} finally {
  await node.stop();
}
