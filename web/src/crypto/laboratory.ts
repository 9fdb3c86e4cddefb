import { call } from "../api/http";
import type { Receipt, RecordRow } from "../api/types";
import { fromHex, random, toHex, utf8 } from "./bytes";
import { collectionNow } from "./chain";
import { keyId } from "./derive";
import { need, type Held } from "./held";
import {
  isLive,
  openFromNode,
  parseBody,
  postStore,
  putOperation,
  type RecordView,
} from "./records";
import { sealRecord } from "./sealed";
import { sharedWithMe, type SharedView } from "./shared";

// Writing for somebody else: a patient lets a laboratory add to a collection whose key it never
// holds.
// What it adds is sealed to the patient, and to its own key, so that it can read its own again.

/** Those who let this account add, with the name and the list that only it can read. */
async function patientsToAddFor(input: { home: string }): Promise<SharedView[]> {
  const shared = await sharedWithMe(input);
  return shared.filter((row) => row.actions?.includes("write"));
}

const refusedResult = (code: number): string =>
  code === 101
    ? "The patient no longer lets you add to this collection."
    : `The log refused this result (code ${code}).`;

export interface ResultInput {
  home: string;
  collection: string;
  body: unknown;
}

async function addResult(input: ResultInput): Promise<Receipt> {
  const entry = need(input.home);
  const collection = fromHex(input.collection);
  const to = await collectionNow(input.home, collection);
  const context = {
    chainId: entry.chainId,
    patient: to.owner,
    object: random(16),
    version: 1,
    category: to.label,
    epoch: to.epoch,
    granter: keyId(entry.sig.public),
  };
  const place = { collection, author: entry.account };
  const text = utf8(JSON.stringify(input.body));
  const sealed = await sealRecord(to.key, context, place, text, entry.kem.public);
  return postStore(entry, [putOperation(sealed, collection, to.epoch)], [sealed], refusedResult);
}

export interface WrittenView extends RecordView {
  patient: string;
}

/** What this account wrote for others and they still keep, opened by its own key alone. */
async function myResults(input: { home: string }): Promise<WrittenView[]> {
  const entry = need(input.home);
  const { records } = await call<{ records: RecordRow[] }>("/api/records?count=1000", {
    home: input.home,
  });
  const views: WrittenView[] = [];
  const owners = new Map<string, string>();
  for (const row of records.filter(isLive)) {
    const { collection } = row;
    const known = owners.get(collection);
    const owner = known ?? toHex((await collectionNow(entry.home, fromHex(collection))).owner);
    owners.set(collection, owner);
    if (owner === entry.session.account) continue;
    views.push({ ...row, patient: owner, category: "", name: "", body: null });
  }
  await openWritten(entry, views);
  for (const view of views) {
    const plaintext = entry.opened.get(view.record);
    view.body = plaintext ? parseBody(plaintext) : null;
  }
  return views.sort((a, b) => b.time - a.time || b.position - a.position);
}

async function openWritten(entry: Held, views: WrittenView[]): Promise<void> {
  const missing = views.filter((view) => !entry.opened.has(view.record));
  for (const patient of new Set(missing.map((view) => view.patient))) {
    const opened = await openFromNode(entry, {
      patient: fromHex(patient),
      records: missing.filter((view) => view.patient === patient),
      purpose: "TREAT",
      authorSecret: entry.kem.secret,
      key: () => Promise.reject(new Error("The node holds no key of this record for you.")),
    });
    for (const one of opened.records) entry.opened.set(one.record, one.plaintext);
  }
}

export const api = { patientsToAddFor, addResult, myResults };
