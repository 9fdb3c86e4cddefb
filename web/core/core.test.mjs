// Runs salus_core.wasm in Node: the same answers as the native program, and a studio that survives bad files.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { test } from "node:test";
import { CoreError, openCore } from "./core.mjs";

const wasmPath = new URL("./build/salus_core.wasm", import.meta.url);
const wasm = await readFile(wasmPath);
const bytes = (text) => new TextEncoder().encode(text);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

test("the core is small enough to be fetched by a phone", async () => {
    assert.ok((await stat(wasmPath)).size <= 700_000);
});

test("the core asks its host for nothing but an abort text and progress", async () => {
    const imports = WebAssembly.Module.imports(await WebAssembly.compile(wasm)).map((i) => i.name);
    const allowed = [
        "fd_write",
        "fd_close",
        "fd_seek",
        "fd_fdstat_get",
        "proc_exit",
        "progress",
        "environ_get",
        "environ_sizes_get",
        "clock_time_get",
    ];
    assert.deepEqual(
        imports.filter((name) => !allowed.includes(name)),
        [],
    );
});

test("every studio verb answers with the same bytes as the native program", async () => {
    const core = await openCore(wasm);
    const list = await readFile(
        new URL("../../tests/learn/answers/studio.txt", import.meta.url),
        "utf8",
    );
    let checked = 0;
    for (const line of list.split("\n").filter((l) => l && !l.startsWith("#"))) {
        const cut = line.lastIndexOf(" ");
        const [verb, ...options] = line.slice(0, cut).split("|");
        const words = options.map((option) => {
            const at = option.indexOf("=");
            return [option.slice(0, at), option.slice(at + 1)];
        });
        assert.equal(
            sha256(core.studioText(verb, words)),
            line.slice(cut + 1),
            `${verb} ${options}`,
        );
        checked += 1;
    }
    assert.ok(checked >= 20);
});

test("a CSV is loaded with progress, charted, prepared, released and cut into records", async () => {
    const reports = [];
    const core = await openCore(wasm, {
        onProgress: (done, total) => {
            reports.push(done / total);
        },
    });
    const rows = Array.from(
        { length: 400 },
        (_, i) => `${i % 2 ? "Male" : "Female"},${20 + (i % 60)},${i % 7 ? 120 + (i % 40) : "?"}`,
    );
    const loaded = core.studio(
        "load",
        [["name", "Ward"]],
        bytes(`gender,age,systolic\n${rows.join("\n")}\n`),
    );
    assert.equal(loaded.rows, 400);
    assert.deepEqual(
        loaded.columns.map((c) => c.kind),
        ["category", "integer", "integer"],
    );
    assert.equal(loaded.columns[2].missing, 58);
    assert.ok(reports.length > 0 && reports.every((share) => share > 0 && share <= 1));
    assert.equal(core.studio("chart").title, "As many women as men");
    assert.equal(core.studio("process", [["drop_duplicates", "0"]]).cells_filled, 58);
    const released = core.studio("release", [
        ["noise", "zero_sum"],
        ["scale", "0.5"],
        ["seed", "ab".repeat(32)],
    ]);
    assert.equal(released.label, "masking, not differentially private");
    for (const column of released.columns) assert.equal(column.sum_before, column.sum_after);
    const record = JSON.parse(
        core.studio("rows", [
            ["from", "399"],
            ["count", "1"],
        ]).records[0],
    );
    assert.equal(record.row, 400);
    assert.equal(record.dataset, "Ward");
});

test("reading stops when the page says stop, and the data set before stays", async () => {
    const core = await openCore(wasm);
    core.studio("load", [["demo_rows", "10"]]);
    core.onProgress(() => false);
    assert.throws(() => core.studio("load", [], bytes("a,b\n1,2\n3,4\n")), { code: "denied" });
    assert.equal(core.studio("page").rows_total, 10);
});

test("bad files are refused with a code and the studio goes on", async () => {
    const core = await openCore(wasm);
    const cases = [
        ["", "malformed"],
        ["a,b\n", "malformed"],
        ["a,b\n1,2\n3\n", "malformed"],
        ['a,b\n1,"2\n', "malformed"],
        ["a\0b\n1\n", "malformed"],
        [`a,b\n1,${"x".repeat(10_000_000)}\n`, "out_of_range"],
    ];
    for (const [text, code] of cases) {
        assert.throws(
            () => core.studio("load", [], bytes(text)),
            (error) => error instanceof CoreError && error.code === code,
        );
    }
    assert.throws(() => core.studio("load", [], new Uint8Array([0xff, 0x41, 0x0a, 0x31])), {
        code: "malformed",
    });
    assert.throws(() => core.studio("chart"), { code: "not_found" });
    assert.equal(core.studio("load", [], bytes("a,b\n1,2\n")).rows, 1);
});

test("a release without a seed is refused", async () => {
    const core = await openCore(wasm);
    core.studio("load", [["demo_rows", "50"]]);
    assert.throws(
        () =>
            core.studio("release", [
                ["noise", "random"],
                ["scale", "1"],
            ]),
        { code: "malformed" },
    );
});

test("hashes and canonical CBOR are checked as the node does it", async () => {
    const core = await openCore(wasm);
    for (const size of [0, 1, 55, 56, 63, 64, 65, 1000, 100_000]) {
        const data = new Uint8Array(size).map((_, i) => i * 31);
        assert.equal(core.sha256Hex(data), sha256(data));
    }
    assert.equal(core.isCanonicalCbor(Uint8Array.from([0xa1, 0x01, 0x61, 0x61])), true);
    assert.equal(core.isCanonicalCbor(Uint8Array.from([0x18, 0x01])), false);
    assert.equal(core.isCanonicalCbor(Uint8Array.from([0x01, 0x01])), false);
});

test("a hundred thousand rows pass through every step in seconds", async () => {
    const core = await openCore(wasm);
    const start = performance.now();
    core.studio("load", [["demo_rows", "100000"]]);
    const { csv } = core.studio("csv");
    const file = bytes(csv);
    const mark = performance.now();
    core.studio("load", [], file);
    core.studio("process");
    core.studio("release", [
        ["noise", "zero_sum"],
        ["scale", "0.7"],
        ["seed", "01".repeat(32)],
    ]);
    const seconds = (performance.now() - mark) / 1000;
    console.log(
        `# 100,000 rows loaded, prepared, released and measured in ${seconds.toFixed(2)} s (${((performance.now() - start) / 1000).toFixed(2)} s with demo rows)`,
    );
    assert.ok(seconds < 20);
});
