import { ApiError } from "../api/http";
import type { VaultApi } from "./vault";
import workerUrl from "./worker?worker&url";

// The page's side of the worker that holds the keys: it asks for work and gets results, never keys.

export interface Progress {
  done: number;
  total: number;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: { message: string; api?: [number, string, string, string] };
  progress?: Progress;
}

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
  onProgress: ((progress: Progress) => void) | undefined;
}

// Trusted Types are enforced: this one address, known at build time, is all that becomes a worker.
interface TrustedTypesLike {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL: (url: string) => string };
}

let worker: Worker | undefined;
let next = 1;
const waiting = new Map<number, Waiting>();

export function trustedWorkerUrl(url: string): string {
  const factory = (globalThis as { trustedTypes?: TrustedTypesLike }).trustedTypes;
  if (!factory) return url;
  policy ??= factory.createPolicy("salus-worker", {
    createScriptURL: (given) => {
      const target = new URL(given, location.href);
      if (target.origin !== location.origin) throw new Error("not our own script");
      return given;
    },
  });
  return policy.createScriptURL(url);
}
let policy: ReturnType<TrustedTypesLike["createPolicy"]> | undefined;

function start(): Worker {
  const created = new Worker(trustedWorkerUrl(workerUrl), { type: "module", name: "salus-keys" });
  created.onmessage = ({ data }: MessageEvent<Answer>) => {
    const entry = waiting.get(data.id);
    if (!entry) return;
    if (data.progress) {
      entry.onProgress?.(data.progress);
      return;
    }
    waiting.delete(data.id);
    if (data.error) entry.reject(errorFrom(data.error));
    else entry.resolve(data.result as never);
  };
  created.onerror = () => {
    for (const entry of waiting.values()) entry.reject(new Error("The key worker stopped."));
    waiting.clear();
    worker = undefined;
  };
  return created;
}

function errorFrom(error: NonNullable<Answer["error"]>): Error {
  if (!error.api) return new Error(error.message);
  const [status, code, reason, reference] = error.api;
  return new ApiError(status, code, reason, error.message, reference);
}

type Name = keyof VaultApi;

/** Runs one of the vault's functions in the worker. */
export function vault<N extends Name>(
  name: N,
  input: Parameters<VaultApi[N]>[0],
  onProgress?: (progress: Progress) => void,
): Promise<Awaited<ReturnType<VaultApi[N]>>> {
  worker ??= start();
  const id = next++;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: resolve as (value: never) => void, reject, onProgress });
    worker?.postMessage({ id, name, input });
  });
}
