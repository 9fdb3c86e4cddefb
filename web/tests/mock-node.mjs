import { loadTs } from "./lib/load.mjs";
import { serve } from "./mock/server.mjs";
import { makeWorld } from "./mock/world.mjs";
import { seedDemo } from "./lib/seed.mjs";

// A stand-in for a node: the interface of docs/formats/http-api.md in memory, to develop against and
// to test pages without one. `--empty` starts before set-up, `--demo` with people who have records.

export async function startMock({ port = 0, empty = false, demo = false } = {}) {
    const codec = await loadTs("tests/lib/codec.ts");
    const world = makeWorld(codec, { ready: !empty, demo });
    const running = await serve(world, port);
    const links = demo ? await seedDemo(running.url, world) : [];
    return { ...running, world, links };
}

const isMain = process.argv[1]?.endsWith("mock-node.mjs");
if (isMain) {
    const demo = process.argv.includes("--demo");
    const empty = process.argv.includes("--empty");
    const running = await startMock({ port: Number(process.env.PORT ?? 8090), demo, empty });
    console.log(`mock node on ${running.url}`);
    if (running.links.length > 0) console.log(`${running.url}/#demo=${running.links.join(",")}`);
}
