import { call } from "../api/http";
import type { AskRow, Person } from "../api/types";
import { blobKind } from "./blob";
import { fromBase64Url, fromHex, random, toBase64Url, toHex } from "./bytes";
import { asBytes, asList, asMap, asNumber, asText, decode, encode, intMap } from "./cbor";
import { accountKeys, collectionExists } from "./chain";
import { readCode, writeCode } from "./code";
import { coseSign, coseVerify } from "./cose";
import { keyId } from "./derive";
import { need, nodeNow, type Held } from "./held";
import { readKeyring, type KeyringCollection } from "./keyring";
import { api as sharing, type ShareInput } from "./sharing";
import { unwrap, wrap } from "./wrap";

// Asking a patient for access (docs/formats/access-ask.md): one signed text, sealed to the patient
// and to the asker. The node keeps both and can read neither.

const askLabel = "salus/v1/ask";

export interface AskText {
  purpose: string;
  categories: string[];
  days: number;
  made: number;
  note: string;
}

export interface AskView {
  id: string;
  side: "patient" | "asker";
  patient: string;
  person: Person;
  made: number;
  expires: number;
  state: AskRow["state"];
  answered: number | null;
  directive: string | null;
  /** Absent when the copy does not open or is not signed by whoever is said to ask. */
  text: AskText | null;
}

interface Place {
  id: Uint8Array;
  patient: Uint8Array;
  granter: Uint8Array;
}

const contextOf = (entry: Held, { id, patient, granter }: Place) => ({
  chainId: entry.chainId,
  patient,
  object: id,
  granter,
});

export interface AskInput {
  home: string;
  /** As the patient's page shows it. */
  code: string;
  categories: string[];
  purpose: string;
  days: number;
  note: string;
}

async function ask(input: AskInput): Promise<{ id: string }> {
  const entry = need(input.home);
  const patient = readCode(input.code);
  const to = (await accountKeys(input.home, patient).catch(() => null))?.kem;
  if (!to) throw new Error("No patient of this organisation has this code.");
  const id = random(16);
  const payload = encode(
    intMap({
      1: entry.chainId,
      2: id,
      3: entry.account,
      4: patient,
      5: input.purpose,
      6: input.categories,
      7: input.days,
      8: Math.floor(nodeNow(entry)),
      9: input.note,
    }),
  );
  const { message } = coseSign(askLabel, entry.sig, payload);
  const context = contextOf(entry, { id, patient, granter: keyId(entry.sig.public) });
  const json = {
    id: toHex(id),
    patient: toHex(patient),
    to_patient: toBase64Url(await wrap(blobKind.ask, message, to, context)),
    to_asker: toBase64Url(await wrap(blobKind.ask, message, entry.kem.public, context)),
  };
  return call<{ id: string }>("/api/asks", { home: input.home, json });
}

async function myAsks({ home }: { home: string }): Promise<AskView[]> {
  const entry = need(home);
  const { asks } = await call<{ asks: AskRow[] }>("/api/asks", { home });
  return Promise.all(
    asks.map(async ({ blob, asker, ...row }) => ({
      ...row,
      text: await readText(entry, { ...row, blob, asker }).catch(() => null),
    })),
  );
}

/** The text, when every name in it and the signature are those of whoever the node says asks. */
async function readText(entry: Held, row: Omit<AskRow, "person">): Promise<AskText> {
  const [id, patient] = [fromHex(row.id), fromHex(row.patient)];
  const keys = await accountKeys(entry.home, fromHex(row.asker));
  const context = contextOf(entry, { id, patient, granter: keys.keyId });
  const message = await unwrap(
    blobKind.ask,
    fromBase64Url(row.blob),
    entry.kem.secret,
    context,
  );
  const { kid, payload } = coseVerify(askLabel, message);
  const map = asMap(decode(payload));
  const said = [kid, map.get(2), map.get(3), map.get(4)].map((one) => toHex(asBytes(one)));
  const meant = [toHex(keys.sig), row.id, row.asker, row.patient];
  if (asText(map.get(1)) !== entry.chainId || said.some((one, i) => one !== meant[i])) {
    throw new Error("integrity: this request is not what it says");
  }
  return {
    purpose: asText(map.get(5)),
    categories: asList(map.get(6)).map(asText),
    days: asNumber(map.get(7)),
    made: asNumber(map.get(8)),
    note: asText(map.get(9)),
  };
}

/** Shares, and says so to whoever asked. */
async function allowAsk({
  ask: id,
  answer,
  ...input
}: ShareInput & { ask: string; answer: "allow" | "narrow" }): Promise<void> {
  const { directive } = await sharing.share(input);
  const json = { answer, directive };
  await call(`/api/asks/${id}/answer`, { home: input.home, json });
}

/** What the patient has of the kinds asked for, and which kinds the same step begins. */
async function askedFor({ home, categories }: { home: string; categories: string[] }) {
  const { keyring } = await readKeyring(need(home));
  const records = keyring.collections.filter((one) => one.kind === "records");
  const there: KeyringCollection[] = [];
  for (const one of records.filter((known) => categories.includes(known.category))) {
    if (await collectionExists(home, fromHex(one.id))) there.push(one);
  }
  const missing = categories.filter((key) => !there.some((one) => one.category === key));
  return { there, missing };
}

/** What a patient says or shows to somebody who wants to ask; it opens nothing. */
const myCode = ({ home }: { home: string }): Promise<string> =>
  Promise.resolve(writeCode(need(home).account));

export const api = { ask, myAsks, allowAsk, askedFor, myCode };
