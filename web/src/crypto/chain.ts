import { callBytes } from "../api/http";
import { toBase64Url, toHex } from "./bytes";
import {
  asBytes,
  asList,
  asMap,
  asNumber,
  asText,
  decode,
  encode,
  intMap,
  type Value,
} from "./cbor";
import { keyId } from "./derive";

// What the ledger says, asked for rather than believed from a list: keys, labels, directives.

async function query(
  home: string,
  contract: string,
  method: string,
  args: Record<number, Value>,
): Promise<Value> {
  const text = toBase64Url(encode(intMap(args)));
  const path = `/api/query?contract=${contract}&method=${method}&args=${text}`;
  return decode(await callBytes(path, { home }));
}

export interface AccountKeys {
  sig: Uint8Array;
  kem: Uint8Array;
  keyId: Uint8Array;
}

const accounts = new Map<string, Promise<AccountKeys>>();
const labels = new Map<string, Promise<Uint8Array>>();

/** The keys the registry names for an account. */
export function accountKeys(home: string, account: Uint8Array): Promise<AccountKeys> {
  return remember(accounts, toHex(account), async () => {
    const value = await query(home, "registry", "account", { 1: account });
    if (value === null) throw new Error("The registry does not know this account.");
    const sig = asBytes(asMap(value).get(2), 32);
    return { sig, kem: asBytes(asMap(value).get(3), 32), keyId: keyId(sig) };
  });
}

/** The category label a collection carries on chain: sixteen bytes that name nothing. */
export function collectionLabel(home: string, collection: Uint8Array): Promise<Uint8Array> {
  return remember(labels, toHex(collection), async () => {
    const value = await query(home, "record", "collection", { 1: collection });
    if (value === null) throw new Error("The ledger does not know this collection.");
    return asBytes(asMap(value).get(2), 16);
  });
}

export interface CollectionOnChain {
  owner: Uint8Array;
  label: Uint8Array;
  epoch: number;
  key: Uint8Array;
}

/** Whether the ledger knows a collection: one whose transaction was refused has a name only. */
export const collectionExists = async (home: string, collection: Uint8Array): Promise<boolean> =>
  (await query(home, "record", "collection", { 1: collection })) !== null;

/** A collection as it is now: its epoch and key change when a sharing ends. */
export async function collectionNow(
  home: string,
  collection: Uint8Array,
): Promise<CollectionOnChain> {
  const value = await query(home, "record", "collection", { 1: collection });
  if (value === null) throw new Error("The ledger does not know this collection.");
  const facts = asMap(value);
  return {
    owner: asBytes(facts.get(1), 16),
    label: asBytes(facts.get(2), 16),
    epoch: asNumber(facts.get(4)),
    key: asBytes(facts.get(5), 32),
  };
}

/** The collection a record lies in, and who wrote it. */
export async function recordNow(home: string, record: Uint8Array) {
  const value = await query(home, "record", "get", { 1: record });
  if (value === null) throw new Error("The ledger does not know this record.");
  const row = asList(value);
  return {
    collection: asBytes(row[0], 16),
    epoch: asNumber(row[1]),
    author: asBytes(row[5], 16),
  };
}

export interface Directive {
  until: number;
  purpose: string;
}

export async function directive(
  home: string,
  patient: Uint8Array,
  id: Uint8Array,
): Promise<Directive> {
  const value = await query(home, "consent", "directive", { 1: patient, 2: id });
  if (value === null) throw new Error("The ledger does not know this sharing.");
  const ir = asMap(decode(asBytes(asMap(value).get(1))));
  return { until: asNumber(ir.get(8)), purpose: asText(asList(ir.get(5))[0]) };
}

function remember<T>(
  cache: Map<string, Promise<T>>,
  key: string,
  load: () => Promise<T>,
): Promise<T> {
  let found = cache.get(key);
  if (!found) {
    found = load();
    cache.set(key, found);
    // A failure is not an answer: the next caller asks again.
    found.catch(() => cache.delete(key));
  }
  return found;
}
