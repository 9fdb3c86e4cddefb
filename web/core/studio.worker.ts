// The studio's worker: holds the core and one data set, so that the page never waits for a million
// rows. Rows never leave this worker but as what the page asks for; nothing here talks to the
// network except to fetch the module itself.
import { openCore, CoreError } from "./core.mjs";

export type Word = [key: string, value: string];

export type Request =
  | { id: number; kind: "open"; wasm: string }
  | { id: number; kind: "studio"; verb: string; words: Word[]; file?: ArrayBuffer }
  | { id: number; kind: "sha256"; bytes: ArrayBuffer }
  | { id: number; kind: "cbor"; bytes: ArrayBuffer };

export type Reply =
  | { id: number; kind: "done"; value: unknown }
  | { id: number; kind: "progress"; done: number; total: number }
  | { id: number; kind: "failed"; code: string; detail: string };

type Core = Awaited<ReturnType<typeof openCore>>;
let core: Core | null = null;

const reply = (message: Reply): void => self.postMessage(message);

async function answer(request: Request): Promise<unknown> {
  if (request.kind === "open") {
    const response = await fetch(request.wasm);
    if (!response.ok) throw new CoreError("unavailable", "the studio could not be fetched");
    core = await openCore(await response.arrayBuffer());
    return true;
  }
  if (core === null) throw new CoreError("unavailable", "the studio is not open yet");
  if (request.kind === "sha256") return core.sha256Hex(new Uint8Array(request.bytes));
  if (request.kind === "cbor") return core.isCanonicalCbor(new Uint8Array(request.bytes));
  core.onProgress((done: number, total: number) =>
    reply({ id: request.id, kind: "progress", done, total }),
  );
  return core.studio(
    request.verb,
    request.words,
    request.file ? new Uint8Array(request.file) : null,
  );
}

// One request after the other: the core is single-threaded and each verb builds on the one before.
let queue: Promise<void> = Promise.resolve();
self.onmessage = (event: MessageEvent<Request>): void => {
  const request = event.data;
  queue = queue.then(async () => {
    try {
      reply({ id: request.id, kind: "done", value: await answer(request) });
    } catch (error) {
      const known = error instanceof CoreError;
      reply({
        id: request.id,
        kind: "failed",
        code: known ? error.code : "unavailable",
        detail: known ? error.message : "the studio stopped unexpectedly; load the data set again",
      });
    }
  });
};
