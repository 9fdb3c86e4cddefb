import { Studio } from "../../core/studio";
import workerUrl from "../../core/studio.worker?worker&url";
import wasmUrl from "../../core/build/salus_core.wasm?url";
import { trustedWorkerUrl } from "../crypto/client";

// The studio's engine: Salus' own C++ as WebAssembly in a worker of its own, fetched when first
// used.

export type {
  Chart,
  Fill,
  Loaded,
  NoiseKind,
  Page,
  Prepared,
  Released,
  Role,
  Stage,
  Summary,
} from "../../core/studio";
export { randomSeed, type Studio } from "../../core/studio";

export function openStudio(): Promise<Studio> {
  const worker = new Worker(trustedWorkerUrl(workerUrl), { type: "module", name: "salus-studio" });
  return Studio.open(worker, wasmUrl);
}
