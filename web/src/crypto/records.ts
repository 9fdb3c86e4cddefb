import { call, callBytes } from "../api/http";
import type { CollectionRow, Receipt, RecordRow } from "../api/types";
import { fromHex, fromUtf8, random, toHex, utf8 } from "./bytes";
import { asBytes, asList, asNumber, decode, encode, intMap, type Value } from "./cbor";
import { accessRequest, operation, transaction, type Operation } from "./cose";
import { categoryLabel, collectionPair, keyId } from "./derive";
import { need, nodeNow, type Held } from "./held";
import { readKeyring, updateKeyring, type KeyringCollection } from "./keyring";
import { accountKeys, collectionLabel } from "./chain";
import { collectionFor } from "./own";
import { bodyContext, openBody, openRecord, sealRecord, type SealedRecord } from "./sealed";

// Records of one's own: sealed here, stored there, opened here again.

export interface RecordView {
  record: string;
  collection: string;
  category: string;
  name: string;
  epoch: number;
  size: number;
  author: string;
  author_name?: string | null;
  height: number;
  time: number;
  tx: string;
  position: number;
  digest: string;
  body: unknown;
}

export interface NewRecord {
  category: string;
  name: string;
  body: unknown;
}

export const sensitiveCategories = ["mental-health", "sexual-health", "substance-use", "genetics"];

/** Puts one operation and one sealed body together in the order the node expects them. */
export async function postStore(
  entry: Held,
  operations: Operation[],
  sealed: SealedRecord[],
  refused = (code: number): string => `The log refused this record (code ${code}).`,
): Promise<Receipt> {
  const signed = transaction(entry.sig, {
    chainId: entry.chainId,
    account: entry.account,
    now: nodeNow(entry),
    operations,
  });
  const rows = sealed.map((one): Value => {
    const row = [one.record, one.dekWrap, one.body, one.salt];
    return one.authorWrap ? [...row, one.authorWrap] : row;
  });
  const answer = await callBytes("/api/store", {
    home: entry.home,
    body: encode([signed.message, rows]),
  });
  const receipt = JSON.parse(fromUtf8(answer)) as Receipt;
  if (receipt.code) throw new Error(refused(receipt.code));
  return receipt;
}

export function putOperation(
  sealed: SealedRecord,
  collection: Uint8Array,
  epoch: number,
): Operation {
  const args: Value = [sealed.record, collection, epoch, sealed.commitment];
  return {
    ...operation("record", "put", args),
    payload: { digest: sealed.digest, size: sealed.body.length },
  };
}

export function collectionPutOperation(
  entry: Held,
  collection: Uint8Array,
  category: string,
): Operation {
  const flags = sensitiveCategories.includes(category) ? 1 : 0;
  const args = intMap({
    1: collection,
    2: categoryLabel(entry.labelKey, category),
    3: flags,
    4: collectionPair(entry.amk, collection, 1).public,
  });
  return operation("record", "collection_put", args);
}

/**
 * Seals a record of one's own to one's own collection, bound as docs/formats/wrap-contexts.md
 * says.
 */
export function sealOwn(
  entry: Held,
  collection: Uint8Array,
  epoch: number,
  category: Uint8Array,
  plaintext: Uint8Array,
): Promise<SealedRecord> {
  const context = {
    chainId: entry.chainId,
    patient: entry.account,
    object: random(16),
    version: 1,
    category,
    epoch,
    granter: keyId(entry.sig.public),
  };
  const to = collectionPair(entry.amk, collection, epoch).public;
  return sealRecord(to, context, { collection, author: entry.account }, plaintext);
}

/** Adds records; a category that has no collection yet gets one in the same transaction. */
async function addRecords(input: { home: string; records: NewRecord[] }): Promise<Receipt> {
  const entry = need(input.home);
  const known = new Map<string, KeyringCollection>();
  const operations: Operation[] = [];
  const sealed: SealedRecord[] = [];
  for (const one of input.records) {
    const { category, name } = one;
    const collection =
      known.get(category) ?? (await collectionFor(entry, category, name, operations));
    known.set(category, collection);
    const id = fromHex(collection.id);
    const label = categoryLabel(entry.labelKey, collection.category);
    const record = await sealOwn(
      entry,
      id,
      collection.epoch,
      label,
      utf8(JSON.stringify(one.body)),
    );
    operations.push(putOperation(record, id, collection.epoch));
    sealed.push(record);
  }
  return postStore(entry, operations, sealed);
}

export interface OpenedRecord {
  record: string;
  plaintext: Uint8Array;
}

interface OpenAnswer {
  until: number;
  directives: string[];
  records: OpenedRecord[];
}

export interface OpenInput {
  patient: Uint8Array;
  records: { record: string; author: string }[];
  purpose: string;
  /**
   * The private half of a collection's key: derived by its owner, unwrapped by a grantee out of
   * one of the wraps that the node holds for them, personally or as a member.
   */
  key: (
    collection: Uint8Array,
    epoch: number,
    wraps: Uint8Array[],
    directives: string[],
  ) => Promise<Uint8Array>;
  /** The key of a single record that was handed over without its collection. */
  recordKey?: (row: GrantedRow, directives: string[]) => Promise<Uint8Array>;
  /** One's own KEM, for what one wrote into others' collections: those wraps are sealed to it. */
  authorSecret?: Uint8Array;
}

export interface GrantedRow {
  record: Uint8Array;
  collection: Uint8Array;
  epoch: number;
  wrap: Uint8Array;
}

const openMax = 1_000;

/** The node's answer to a signed request for records: sealed as they lie there. */
export function askToRelease(
  entry: Held,
  patient: Uint8Array,
  records: string[],
  purpose: string,
): Promise<Uint8Array> {
  const body = accessRequest(entry.sig, {
    chainId: entry.chainId,
    account: entry.account,
    now: nodeNow(entry),
    patient,
    records: records.map(fromHex),
    purpose,
    action: "access",
  });
  return callBytes("/api/open", { home: entry.home, body, type: "application/cose" });
}

/** Asks the node to release sealed records, which leaves a receipt first, and opens them here. */
export async function openFromNode(entry: Held, input: OpenInput): Promise<OpenAnswer> {
  const out: OpenAnswer = { until: 0, directives: [], records: [] };
  for (let at = 0; at < input.records.length; at += openMax) {
    const named = input.records.slice(at, at + openMax).map((one) => one.record);
    const answer = await askToRelease(entry, input.patient, named, input.purpose);
    await takeAnswer(entry, input, answer, out);
  }
  return out;
}

async function takeAnswer(entry: Held, input: OpenInput, answer: Uint8Array, out: OpenAnswer) {
  const [head, wraps, rows] = asList(decode(answer));
  if (!(head instanceof Map)) throw new Error("malformed: the answer has no receipt");
  const directives = asList(head.get(3)).map((one) => toHex(asBytes(one, 16)));
  out.directives = directives;
  out.until = asNumber(head.get(4));
  const wrapsOf = new Map<string, Uint8Array[]>();
  for (const wrap of asList(wraps)) {
    const [collection, epoch, bytes] = asList(wrap);
    const name = `${toHex(asBytes(collection, 16))}.${asNumber(epoch)}`;
    wrapsOf.set(name, [...(wrapsOf.get(name) ?? []), asBytes(bytes)]);
  }
  const keys = new Map<string, Promise<Uint8Array>>();
  const authorOf = new Map(input.records.map((one) => [one.record, fromHex(one.author)]));
  for (const row of asList(rows)) {
    const [record, collectionValue, epochValue, dekWrap, grantWrap, body] = asList(row);
    const collection = asBytes(collectionValue, 16);
    const epoch = asNumber(epochValue);
    const name = `${toHex(collection)}.${epoch}`;
    const object = asBytes(record, 16);
    const author = authorOf.get(toHex(object));
    if (!author) throw new Error("malformed: a record that was not asked for");
    const context = {
      chainId: entry.chainId,
      patient: input.patient,
      object,
      version: 1,
      category: await collectionLabel(entry.home, collection),
      epoch,
      granter: (await accountKeys(entry.home, author)).keyId,
    };
    const held = wrapsOf.get(name) ?? [];
    const own = grantWrap instanceof Uint8Array ? grantWrap : null;
    let plaintext: Uint8Array;
    let single: Uint8Array | null = null;
    if (own && input.recordKey) {
      const granted = { record: object, collection, epoch, wrap: own };
      single = await input.recordKey(granted, directives).catch((error: unknown) => {
        if (held.length === 0) throw error;
        return null;
      });
    }
    if (own && input.authorSecret) {
      plaintext = await openRecord(input.authorSecret, context, own, asBytes(body));
    } else if (single) {
      plaintext = await openBody(single, bodyContext(context), asBytes(body));
      single.fill(0);
    } else {
      const key = keys.get(name) ?? input.key(collection, epoch, held, directives);
      keys.set(name, key);
      plaintext = await openRecord(await key, context, asBytes(dekWrap), asBytes(body));
    }
    out.records.push({ record: toHex(object), plaintext });
  }
}

/** Every page of a list of records. */
export async function listRecords(
  entry: Held,
  path: string,
  query: Record<string, string>,
): Promise<RecordRow[]> {
  const rows: RecordRow[] = [];
  for (let after = ""; ;) {
    const text = new URLSearchParams({ ...query, count: "1000", ...(after ? { after } : {}) });
    const page = await call<{ records: RecordRow[] }>(`${path}?${text.toString()}`, {
      home: entry.home,
    });
    const last = page.records[page.records.length - 1]?.record ?? "";
    const repeated = rows.length > 0 && rows[0]?.record === page.records[0]?.record;
    if (!repeated) rows.push(...page.records);
    if (repeated || page.records.length < 1000) return rows;
    after = last;
  }
}

export const isLive = (row: RecordRow): boolean =>
  row.status === undefined || row.status === 1 || row.status === "live";

export function parseBody(plaintext: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(plaintext)) as unknown;
  } catch {
    return null;
  }
}

/**
 * One's own records with their contents. What this session opened before is not asked for again.
 */
async function myRecords(input: { home: string }): Promise<RecordView[]> {
  const entry = need(input.home);
  const { keyring } = await readKeyring(entry);
  const { collections } = await call<{ collections: CollectionRow[] }>("/api/collections", {
    home: entry.home,
  });
  const views: RecordView[] = [];
  for (const row of collections) {
    const named = keyring.collections.find((known) => known.id === row.collection);
    if (named?.kind === "data_set") continue;
    const rows = await listRecords(entry, "/api/records", { collection: row.collection });
    for (const one of rows.filter(isLive)) {
      views.push({
        ...one,
        category: named?.category ?? "other",
        name: named?.name ?? "Other records",
        body: null,
      });
    }
  }
  const missing = views.filter((view) => !entry.opened.has(view.record));
  if (missing.length > 0) {
    const opened = await openFromNode(entry, {
      patient: entry.account,
      records: missing,
      purpose: "PATRQT",
      key: async (collection, epoch) => collectionPair(entry.amk, collection, epoch).secret,
    });
    for (const one of opened.records) entry.opened.set(one.record, one.plaintext);
  }
  for (const view of views) {
    const plaintext = entry.opened.get(view.record);
    view.body = plaintext ? parseBody(plaintext) : null;
  }
  return views.sort((a, b) => b.time - a.time || b.position - a.position);
}

async function myKeyring(input: { home: string }) {
  return (await readKeyring(need(input.home))).keyring;
}

async function saveSettings(input: { home: string; settings: Record<string, unknown> }) {
  const keyring = await updateKeyring(need(input.home), (ring) => {
    ring.settings = { ...ring.settings, ...input.settings };
  });
  return keyring.settings;
}

/** The first bytes of what the server keeps of a record, and how many there are. */
async function sealedBytes(input: { home: string; record: string }) {
  const stored = await callBytes(`/api/sealed/${input.record}`, { home: input.home });
  return { size: stored.length, head: stored.slice(0, 256) };
}

export const api = { addRecords, myRecords, myKeyring, saveSettings, sealedBytes };
