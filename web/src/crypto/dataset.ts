import type { Receipt } from "../api/types";
import { random, toHex } from "./bytes";
import { encode } from "./cbor";
import { operationsMax, transactionBytesMax, type Operation } from "./cose";
import { categoryLabel, collectionPair } from "./derive";
import { need, type Held } from "./held";
import { updateKeyring, type KeyringCollection, type KeyringColumn } from "./keyring";
import {
  collectionPutOperation,
  isLive,
  listRecords,
  openFromNode,
  postStore,
  putOperation,
  sealOwn,
} from "./records";
import type { SealedRecord } from "./sealed";

// A data set is a collection with one record a row: each row has its own key, proof and outcome.

type Report = (done: number, total: number) => void;

export interface StoreInput {
  home: string;
  name: string;
  columns: KeyringColumn[];
  /** One body a row, already in the form of docs/formats/data-set-row.md. */
  rows: Uint8Array[];
  release?: Record<string, unknown>;
}

export interface StoreResult {
  collection: string;
  rows: number;
  envelopes: number;
  receipt: Receipt;
}

// The signature, the header and the body around the operations never need more than this.
const envelopeOverhead = 512;

async function storeDataset(input: StoreInput, report?: Report): Promise<StoreResult> {
  const entry = need(input.home);
  const id = random(16);
  const collection: KeyringCollection = {
    id: toHex(id),
    name: input.name,
    category: "data-set",
    epoch: 1,
    kind: "data_set",
    columns: input.columns,
    created: Date.now(),
    ...(input.release ? { release: input.release } : {}),
  };
  await updateKeyring(entry, (ring) => ring.collections.push(collection));
  const first = collectionPutOperation(entry, id, "data-set");
  return sendRows(entry, id, first, input.rows, report);
}

async function sendRows(
  entry: Held,
  id: Uint8Array,
  first: Operation,
  rows: Uint8Array[],
  report?: Report,
): Promise<StoreResult> {
  const label = categoryLabel(entry.labelKey, "data-set");
  let operations: Operation[] = [first];
  let sealed: SealedRecord[] = [];
  let size = sizeOf(first);
  let done = 0;
  let envelopes = 0;
  let posting: Promise<Receipt> | null = null;
  let receipt: Receipt | null = null;

  // One envelope travels while the next one is sealed.
  const flush = async () => {
    if (posting) receipt = await posting;
    const count = sealed.length;
    posting = postStore(entry, operations, sealed).then((answer) => {
      done += count;
      report?.(done, rows.length);
      return answer;
    });
    posting.catch(() => undefined);
    envelopes += 1;
    operations = [];
    sealed = [];
    size = 0;
  };
  for (const plaintext of rows) {
    const one = await sealOwn(entry, id, 1, label, plaintext);
    const put = putOperation(one, id, 1);
    const more = sizeOf(put);
    const full = size + more + envelopeOverhead > transactionBytesMax;
    if (full || operations.length === operationsMax) await flush();
    operations.push(put);
    sealed.push(one);
    size += more;
  }
  if (operations.length > 0) await flush();
  if (posting) receipt = await posting;
  if (!receipt) throw new Error("There was no row to store.");
  return { collection: toHex(id), rows: rows.length, envelopes, receipt };
}

function sizeOf(op: Operation): number {
  const payload = op.payload ? 40 : 0;
  return encode([op.contract, op.method, op.args]).length + payload + 8;
}

interface DatasetRecord {
  record: string;
  plaintext: Uint8Array;
}

/** The records of a stored data set, its header among them, opened here. */
async function openDataset(input: { home: string; collection: string }, report?: Report) {
  const entry = need(input.home);
  const rows = await listRecords(entry, "/api/records", { collection: input.collection });
  const live = rows.filter(isLive);
  const out: DatasetRecord[] = [];
  for (let at = 0; at < live.length; at += 500) {
    const opened = await openFromNode(entry, {
      patient: entry.account,
      records: live.slice(at, at + 500),
      purpose: "PATRQT",
      key: async (collection, epoch) => collectionPair(entry.amk, collection, epoch).secret,
    });
    out.push(...opened.records);
    report?.(out.length, live.length);
  }
  return { rows: out };
}

export const api = { storeDataset, openDataset };
