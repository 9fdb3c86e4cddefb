import { errorText } from "../api/http";
import { utf8 } from "../crypto/bytes";
import { vault } from "../crypto/client";
import type { KeyringColumn } from "../crypto/keyring";
import type { Stage } from "./engine";
import { changeWork, workNow, type Stored } from "./work";

// Sealing and storing: the studio's worker gives the rows, the key worker seals each under a key of
// its own, and the node gets envelopes of at most a thousand sealed rows.

const batch = 10_000;

interface DatasetHeader {
  columns: { name: string; kind: string; unit?: string; label?: string }[];
  label?: string;
}

async function bodiesOf(stage: Stage, onRead: (count: number) => void): Promise<Uint8Array[]> {
  const work = workNow();
  if (!work) throw new Error("There is no data set.");
  const header = await work.studio.dataset(stage);
  const bodies = [utf8(JSON.stringify(header))];
  for (let from = 0; ; from += batch) {
    const rows = await work.studio.rows(from, batch, stage);
    for (const row of rows) bodies.push(utf8(row));
    onRead(bodies.length);
    if (rows.length < batch) return bodies;
  }
}

async function storeOne(home: string, stage: Stage, title: string, at: number): Promise<void> {
  const update = (part: Partial<Stored>) => {
    const now = workNow();
    if (!now) return;
    changeWork({ stored: now.stored.map((one, i) => (i === at ? { ...one, ...part } : one)) });
  };
  try {
    const work = workNow();
    if (!work) return;
    const bodies = await bodiesOf(stage, () => undefined);
    update({ total: bodies.length, started: Date.now() });
    const header = (await work.studio.dataset(stage)) as unknown as DatasetHeader;
    const columns: KeyringColumn[] = header.columns.map(({ name, kind, unit, label }) => ({
      name,
      kind,
      ...(unit ? { unit } : {}),
      ...(label ? { label } : {}),
    }));
    const release =
      stage === "released" && work.released
        ? { label: work.released.label, noise: work.noise, scale: work.scale }
        : null;
    const result = await vault(
      "storeDataset",
      { home, name: title, columns, rows: bodies, ...(release ? { release } : {}) },
      ({ done }) => update({ done }),
    );
    update({
      done: result.rows,
      receipt: result.receipt,
      collection: result.collection,
    });
  } catch (error) {
    update({ error: errorText(error) });
  }
}

export async function storeWork(home: string, careCopy: boolean): Promise<void> {
  const work = workNow();
  if (!work || work.storing) return;
  const names: { stage: Stage; title: string }[] = [];
  if (careCopy) names.push({ stage: "prepared", title: `${work.loaded.name}, clean` });
  if (work.released) names.push({ stage: "released", title: `${work.loaded.name}, release` });
  const stored = names.map(({ title }) => ({
    title,
    done: 0,
    total: 0,
    started: Date.now(),
    receipt: null,
    collection: null,
    error: null,
  }));
  changeWork({ storing: true, stored });
  for (const [i, one] of names.entries()) await storeOne(home, one.stage, one.title, i);
  changeWork({ storing: false });
}
