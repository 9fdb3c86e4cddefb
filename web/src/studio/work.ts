import { useSyncExternalStore } from "react";
import type { Receipt } from "../api/types";
import {
  openStudio,
  randomSeed,
  type Fill,
  type Loaded,
  type NoiseKind,
  type Prepared,
  type Released,
  type Role,
  type Studio,
} from "./engine";

// The one data set a steward works on. It lives outside of the pages, so that storing goes on while
// they look elsewhere; it is gone when the tab closes, and no server ever saw it.

export interface Stored {
  title: string;
  done: number;
  total: number;
  started: number;
  receipt: Receipt | null;
  collection: string | null;
  error: string | null;
}

export interface Work {
  studio: Studio;
  loaded: Loaded;
  fill: Fill;
  fillOf: Record<string, Fill>;
  encode: boolean;
  dropDuplicates: boolean;
  prepared: Prepared | null;
  noise: NoiseKind;
  scale: number;
  left: string[];
  seed: string;
  released: Released | null;
  stored: Stored[];
  storing: boolean;
}

let work: Work | null = null;
const listeners = new Set<() => void>();

function publish(next: Work | null): void {
  work = next;
  for (const listener of listeners) listener();
}

export function useWork(): Work | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => work,
  );
}

export const workNow = (): Work | null => work;

export function changeWork(part: Partial<Work>): void {
  if (work) publish({ ...work, ...part });
}

export function closeWork(): void {
  work?.studio.close();
  publish(null);
}

export interface Source {
  file: File | null;
  demoRows: number;
}

export async function startWork(
  source: Source,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const studio = await openStudio();
  let loaded: Loaded;
  try {
    if (source.file) {
      const name = source.file.name.replace(/\.[^.]*$/, "");
      loaded = await studio.load(await source.file.arrayBuffer(), { name }, onProgress);
    } else loaded = await studio.loadDemo(source.demoRows);
  } catch (error) {
    studio.close();
    throw error;
  }
  work?.studio.close();
  publish({
    studio,
    loaded,
    fill: "mean",
    fillOf: {},
    encode: true,
    dropDuplicates: true,
    prepared: null,
    noise: "zero_sum",
    scale: 0.7,
    left: [],
    seed: randomSeed(),
    released: null,
    stored: [],
    storing: false,
  });
}

export async function setRole(column: string, role: Role): Promise<void> {
  if (!work) return;
  await work.studio.setRole(column, role);
  const columns = work.loaded.columns.map((one) => (one.name === column ? { ...one, role } : one));
  changeWork({ loaded: { ...work.loaded, columns }, prepared: null, released: null });
}

export async function prepare(): Promise<void> {
  if (!work) return;
  const { fill, fillOf, encode, dropDuplicates } = work;
  const prepared = await work.studio.prepare({ fill, fillOf, encode, dropDuplicates });
  changeWork({ prepared, released: null });
}

let releasing: Promise<unknown> = Promise.resolve();

/** One release after the other; only the newest choice is shown. */
export function release(): Promise<void> {
  const asked = work;
  const run = async () => {
    if (!work || work !== asked) return;
    const { noise, scale, seed, left } = work;
    const released = await work.studio.release({ noise, scale, seed, suppressColumns: left });
    const same = work.noise === noise && work.scale === scale && work.left === left;
    if (same) changeWork({ released });
  };
  const next = releasing.then(run, run);
  releasing = next.catch(() => undefined);
  return next;
}
