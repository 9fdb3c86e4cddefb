import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// One suite by name, as ctest runs it: node tests/run.mjs unit | size | verify | journey | watch | screens |
// claims | sharing | asks | corrections | tour | recovery.

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const walk = (file) => ["--test", `tests/${file}.e2e.mjs`];
const suites = {
    unit: ["node_modules/vitest/vitest.mjs", "run"],
    size: walk("size"),
    verify: walk("verify"),
    journey: walk("real-journey"),
    watch: walk("real-watch"),
    screens: walk("real-screens"),
    claims: walk("real-claims"),
    sharing: walk("real-sharing"),
    asks: walk("real-asks"),
    corrections: walk("real-corrections"),
    tour: walk("real-tour"),
    recovery: walk("real-recovery"),
};

function fail(message) {
    console.error(message);
    process.exit(1);
}

const suite = suites[process.argv[2]];
if (!suite) fail(`usage: node tests/run.mjs ${Object.keys(suites).join(" | ")}`);
const needed = [["node_modules", "npm ci"]];
if (suite !== suites.unit) needed.push(["dist/index.html", "npm run build"]);
for (const [path, remedy] of needed) {
    const remark = `run ${remedy} in web/; ./test does it by itself.`;
    if (!existsSync(join(web, path))) fail(`web/${path} is missing: ${remark}`);
}
const { status, error } = spawnSync(process.execPath, suite, { cwd: web, stdio: "inherit" });
if (error) fail(String(error));
process.exit(status ?? 1);
