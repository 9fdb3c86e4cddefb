import { call, callBytes } from "../api/http";
import type { GrantRow, Person, Receipt } from "../api/types";
import { fromBase64Url, fromHex, fromUtf8, random, toHex, utf8 } from "./bytes";
import { asBytes, asList, asMap, asNumber, decode, encode, intMap, type Value } from "./cbor";
import { blobKind } from "./blob";
import { accountKeys, collectionLabel } from "./chain";
import { operation, transaction, type Operation } from "./cose";
import { collectionPair, keyId, personLabel, organisationLabel } from "./derive";
import { allows } from "./directive";
import { need, nodeNow, type Held } from "./held";
import { readKeyring, updateKeyring, type KeyringCollection } from "./keyring";
import { collectionFor, dataKeyOf } from "./own";
import { sha256 } from "./primitives";
import { wrap, wrapDigest } from "./wrap";

// Sharing: a signed directive on the ledger, and the keys of what it covers sealed to one grantee.

export interface Card {
  patient_name: string;
  born?: string;
  collections: { id: string; name: string; category: string }[];
  /** Of a sharing of single records; they lie in `collections`. */
  records?: { id: string; title: string }[];
  data_set?: unknown;
}

export interface ShareInput {
  home: string;
  grantee: Person;
  collections: string[];
  purpose: string;
  from: number;
  until: number;
  sentence: string;
  born?: string;
  /** The right to add in place of the right to read: no key changes hands. */
  adds?: boolean;
  /** Kinds of records there is no collection of yet: it is made in the same step. */
  begin?: { category: string; name: string }[];
  /** One record in place of collections. */
  record?: { id: string; title: string };
}

interface Answer {
  directive: string;
  receipt: Receipt;
}

const wrapsDigest = (wraps: Uint8Array[], kind: number = blobKind.collectionKey): Uint8Array =>
  sha256(encode(wraps.map((one) => wrapDigest(kind, one))));

export interface GrantPlace {
  collection: Uint8Array;
  epoch: number;
  directive: Uint8Array;
  until: number;
  purpose: string;
  /** Of a grant of one record. */
  record?: Uint8Array;
}

/** What a grant's wrap is bound to: docs/formats/wrap-contexts.md, collection and record grant. */
export async function grantContext(entry: Held, patient: Uint8Array, place: GrantPlace) {
  const own = toHex(patient) === entry.session.account;
  const granter = own ? keyId(entry.sig.public) : (await accountKeys(entry.home, patient)).keyId;
  return {
    chainId: entry.chainId,
    patient,
    object: place.record ?? place.collection,
    ...(place.record ? { version: 1 } : {}),
    category: await collectionLabel(entry.home, place.collection),
    epoch: place.epoch,
    granter,
    grant: place.directive,
    notAfter: place.until,
    purpose: place.purpose,
  };
}

async function sealGrant(
  entry: Held,
  secret: Uint8Array,
  to: Uint8Array,
  place: GrantPlace,
): Promise<Uint8Array> {
  const context = await grantContext(entry, entry.account, place);
  return wrap(blobKind.collectionKey, secret, to, context);
}

interface HandedOver {
  scope: Value;
  wraps: Value[];
  digest: Uint8Array;
  card: Omit<Card, "patient_name" | "born">;
}

const named = (one: KeyringCollection) => ({ id: one.id, name: one.name, category: one.category });

/** Collections: the private half of each, or none where the grantee is to add only. */
async function handCollections(
  entry: Held,
  input: ShareInput,
  chosen: KeyringCollection[],
  to: Uint8Array,
  directive: Uint8Array,
): Promise<HandedOver> {
  if (chosen.length === 0) throw new Error("Choose at least one kind of record.");
  const wraps: Value[] = [];
  const digests: Uint8Array[] = [];
  for (const one of input.adds ? [] : chosen) {
    const collection = fromHex(one.id);
    const secret = collectionPair(entry.amk, collection, one.epoch).secret;
    const { until, purpose } = input;
    const place = { collection, epoch: one.epoch, directive, until, purpose };
    const sealed = await sealGrant(entry, secret, to, place);
    wraps.push([0, collection, one.epoch, sealed]);
    digests.push(sealed);
  }
  const scope: Value = [1, chosen.map((one) => fromHex(one.id)).sort(byBytes)];
  return { scope, wraps, digest: wrapsDigest(digests), card: { collections: chosen.map(named) } };
}

/** One record: its own key, and nothing that opens another. */
async function handRecord(
  entry: Held,
  input: ShareInput,
  one: { id: string; title: string },
  to: Uint8Array,
  directive: Uint8Array,
): Promise<HandedOver> {
  const record = fromHex(one.id);
  const { key, collection, epoch } = await dataKeyOf(entry, one.id);
  const { until, purpose } = input;
  const place = { collection, epoch, directive, until, purpose, record };
  const context = await grantContext(entry, entry.account, place);
  const sealed = await wrap(blobKind.dataKey, key, to, context);
  key.fill(0);
  const { keyring } = await readKeyring(entry);
  const around = keyring.collections.filter((known) => known.id === toHex(collection));
  return {
    scope: [2, [record]],
    wraps: [[1, record, epoch, sealed]],
    digest: wrapsDigest([sealed], blobKind.dataKey),
    card: { collections: around.map(named), records: [one] },
  };
}

async function share(input: ShareInput): Promise<Answer> {
  const entry = need(input.home);
  const grantee = fromHex(input.grantee.account);
  const to = (await accountKeys(input.home, grantee)).kem;
  const directive = random(16);
  const begun: Operation[] = [];
  const wanted = [...input.collections];
  for (const one of input.begin ?? []) {
    wanted.push((await collectionFor(entry, one.category, one.name, begun)).id);
  }
  const { keyring } = await readKeyring(entry);
  const chosen = keyring.collections.filter((one) => wanted.includes(one.id));
  const over = input.record
    ? await handRecord(entry, input, input.record, to, directive)
    : await handCollections(entry, input, chosen, to, directive);
  const label =
    input.grantee.kind === "organisation"
      ? organisationLabel(entry.labelKey, fromHex(input.grantee.organisation ?? ""))
      : personLabel(entry.labelKey, grantee);
  const ir = encode(
    intMap({
      1: 1,
      2: 1,
      3: [label],
      4: over.scope,
      5: [input.purpose],
      6: [input.adds ? "write" : "access"],
      7: input.from,
      8: input.until,
    }),
  );
  const text = sha256(utf8(input.sentence));
  const args = intMap({ 1: directive, 2: ir, 3: text, 4: over.digest, 5: null });
  const sealedCard = await sealCard(entry, input, over, to, directive);
  const writers = input.adds ? await writerOperations(input, chosen) : [];
  const message = sign(entry, [operation("consent", "put", args), ...begun, ...writers]);
  const body = encode([message, grantee, sealedCard, over.wraps]);
  const answer = await post("/api/grants", entry, body);
  await updateKeyring(entry, (ring) => {
    ring.grants[answer.directive] = input.sentence;
    ring.contacts[input.grantee.account] = input.grantee.display_name;
  });
  return answer;
}

async function sealCard(
  entry: Held,
  input: ShareInput,
  over: HandedOver,
  to: Uint8Array,
  directive: Uint8Array,
): Promise<Uint8Array> {
  const { display_name: patient_name } = entry.session;
  const card: Card = { patient_name, born: input.born ?? "", ...over.card };
  const context = {
    chainId: entry.chainId,
    patient: entry.account,
    granter: keyId(entry.sig.public),
    grant: directive,
  };
  return wrap(blobKind.card, utf8(JSON.stringify(card)), to, context);
}

const writerPut = (collection: string, account: string, until: number): Operation =>
  operation(
    "record",
    "writer_put",
    intMap({ 1: fromHex(collection), 2: fromHex(account), 3: until }),
  );

/**
 * The right to add lies with the record contract too, which asks no consent: one operation a
 * collection, until the same end, and never earlier than another live sharing promises.
 */
async function writerOperations(input: ShareInput, chosen: { id: string }[]): Promise<Operation[]> {
  const { grants } = await call<{ grants: GrantRow[] }>("/api/grants", { home: input.home });
  const { account } = input.grantee;
  return chosen.map(({ id }) =>
    writerPut(id, account, Math.max(input.until, mayAddUntil(grants, account, id, ""))),
  );
}

/** Until when an account may add to a collection by the sharings other than `ending`; 0: not. */
function mayAddUntil(grants: GrantRow[], account: string, collection: string, ending: string) {
  const others = grants.filter(
    (one) =>
      one.live &&
      one.directive !== ending &&
      one.grantee.account === account &&
      allows(one, "write") &&
      (collectionsOf(fromBase64Url(one.ir))?.includes(collection) ?? false),
  );
  return Math.max(0, ...others.map((one) => one.until));
}

function byBytes(a: Uint8Array, b: Uint8Array): number {
  return toHex(a) < toHex(b) ? -1 : 1;
}

function sign(entry: Held, operations: Operation[]): Uint8Array {
  return transaction(entry.sig, {
    chainId: entry.chainId,
    account: entry.account,
    now: nodeNow(entry),
    operations,
    allOrNothing: operations.length > 1,
  }).message;
}

async function post(path: string, entry: Held, body: Uint8Array): Promise<Answer> {
  const answer = await callBytes(path, { home: entry.home, body });
  return JSON.parse(fromUtf8(answer)) as Answer;
}

/** The collections a directive names; null when it covers everything or single records. */
export function collectionsOf(ir: Uint8Array): string[] | null {
  const scope = asList(asMap(decode(ir)).get(4));
  if (asNumber(scope[0]) !== 1) return null;
  return asList(scope[1]).map((one) => toHex(asBytes(one, 16)));
}

/** Ends a directive and gives its collections new keys, so that what comes next is closed too. */
async function stopSharing(input: { home: string; directive: string }): Promise<Answer> {
  const entry = need(input.home);
  const { grants } = await call<{ grants: GrantRow[] }>("/api/grants", { home: input.home });
  const ending = grants.find((one) => one.directive === input.directive);
  if (!ending) throw new Error("This sharing is not known any more.");
  const { keyring } = await readKeyring(entry);
  const ids = collectionsOf(fromBase64Url(ending.ir)) ?? [];
  // Whoever never held a key keeps none: only a reader's end changes it.
  const reads = allows(ending, "access");
  const rotating = keyring.collections.filter((one) => reads && ids.includes(one.id));
  const account = ending.grantee.account;
  const writers = ids
    .filter(() => allows(ending, "write"))
    .map((id) => writerPut(id, account, mayAddUntil(grants, account, id, ending.directive)));
  const wraps: Value[] = [];
  const digests: Uint8Array[] = [];
  const rotations: Value[] = [];
  for (const one of rotating) {
    const collection = fromHex(one.id);
    const epoch = one.epoch + 1;
    const next = collectionPair(entry.amk, collection, epoch);
    rotations.push([collection, epoch, next.public]);
    for (const grant of staying(grants, ending, one.id)) {
      const grantee = fromHex(grant.grantee.account);
      const { kem } = await accountKeys(input.home, grantee);
      const sealed = await sealGrant(entry, next.secret, kem, {
        collection,
        epoch,
        directive: fromHex(grant.directive),
        until: grant.until,
        purpose: purposeOf(grant),
      });
      wraps.push([collection, epoch, grantee, sealed]);
      digests.push(sealed);
    }
  }
  const revoke = operation(
    "consent",
    "revoke",
    intMap({
      1: fromHex(input.directive),
      2: "patient",
      3: rotations,
      4: wrapsDigest(digests),
    }),
  );
  const transaction = sign(entry, [revoke, ...writers]);
  const answer = await post("/api/revoke", entry, encode([transaction, wraps]));
  const rotated = rotating.map((one) => one.id);
  if (rotated.length === 0) return answer;
  await updateKeyring(entry, (ring) => {
    for (const one of ring.collections) if (rotated.includes(one.id)) one.epoch += 1;
  });
  return answer;
}

const purposeOf = (grant: GrantRow): string => {
  const first = asList(asMap(decode(fromBase64Url(grant.ir))).get(5))[0];
  return typeof first === "string" ? first : "TREAT";
};

function staying(grants: GrantRow[], ending: GrantRow, collection: string): GrantRow[] {
  return grants.filter((grant) => {
    if (!grant.live || grant.directive === ending.directive) return false;
    if (!allows(grant, "access")) return false;
    return collectionsOf(fromBase64Url(grant.ir))?.includes(collection) ?? false;
  });
}

export const api = { share, stopSharing };
