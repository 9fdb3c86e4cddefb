import { ApiError, call, callBytes } from "../api/http";
import type { GrantRow, Person, Receipt, RecordRow, SharedRow } from "../api/types";
import { fromBase64Url, fromHex, fromUtf8, random, toHex, utf8 } from "./bytes";
import { asBytes, asList, asMap, asNumber, decode, encode, intMap, type Value } from "./cbor";
import { blobKind } from "./blob";
import { accountKeys, collectionLabel, directive as directiveOnChain } from "./chain";
import { operation, transaction, type Operation } from "./cose";
import { collectionPair, keyId, personLabel, organisationLabel } from "./derive";
import { allows } from "./directive";
import { need, nodeNow, type Held } from "./held";
import { readKeyring, updateKeyring } from "./keyring";
import { organisationPair } from "./organisation";
import { sha256 } from "./primitives";
import { isLive, listRecords, openFromNode, parseBody, type RecordView } from "./records";
import { unwrap, wrap, wrapDigest } from "./wrap";

// Sharing: a signed directive on the ledger, and the keys of what it covers sealed to one grantee.

export interface Card {
  patient_name: string;
  born?: string;
  collections: { id: string; name: string; category: string }[];
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
}

interface Answer {
  directive: string;
  receipt: Receipt;
}

const wrapsDigest = (wraps: Uint8Array[]): Uint8Array =>
  sha256(encode(wraps.map((one) => wrapDigest(blobKind.collectionKey, one))));

interface GrantPlace {
  collection: Uint8Array;
  epoch: number;
  directive: Uint8Array;
  until: number;
  purpose: string;
}

/** What a grant's wrap is bound to: docs/formats/wrap-contexts.md, collection grant. */
async function grantContext(entry: Held, patient: Uint8Array, place: GrantPlace) {
  const own = toHex(patient) === entry.session.account;
  const granter = own ? keyId(entry.sig.public) : (await accountKeys(entry.home, patient)).keyId;
  return {
    chainId: entry.chainId,
    patient,
    object: place.collection,
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

async function share(input: ShareInput): Promise<Answer> {
  const entry = need(input.home);
  const grantee = fromHex(input.grantee.account);
  const to = (await accountKeys(input.home, grantee)).kem;
  const { keyring } = await readKeyring(entry);
  const chosen = keyring.collections.filter((one) => input.collections.includes(one.id));
  if (chosen.length === 0) throw new Error("Choose at least one kind of record.");
  const directive = random(16);
  const label =
    input.grantee.kind === "organisation"
      ? organisationLabel(entry.labelKey, fromHex(input.grantee.organisation ?? ""))
      : personLabel(entry.labelKey, grantee);
  const ir = encode(
    intMap({
      1: 1,
      2: 1,
      3: [label],
      4: [1, chosen.map((one) => fromHex(one.id)).sort(byBytes)],
      5: [input.purpose],
      6: [input.adds ? "write" : "access"],
      7: input.from,
      8: input.until,
    }),
  );
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
  const put = operation(
    "consent",
    "put",
    intMap({
      1: directive,
      2: ir,
      3: sha256(utf8(input.sentence)),
      4: wrapsDigest(digests),
      5: null,
    }),
  );
  const card: Card = {
    patient_name: entry.session.display_name,
    born: input.born ?? "",
    collections: chosen.map(({ id, name, category }) => ({ id, name, category })),
  };
  const cardContext = {
    chainId: entry.chainId,
    patient: entry.account,
    granter: keyId(entry.sig.public),
    grant: directive,
  };
  const sealedCard = await wrap(blobKind.card, utf8(JSON.stringify(card)), to, cardContext);
  const writers = input.adds ? await writerOperations(input, chosen) : [];
  const message = sign(entry, [put, ...writers]);
  const body = encode([message, grantee, sealedCard, wraps]);
  const answer = await post("/api/grants", entry, body);
  await updateKeyring(entry, (ring) => {
    ring.grants[answer.directive] = input.sentence;
    ring.contacts[input.grantee.account] = input.grantee.display_name;
  });
  return answer;
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
  const named = collectionsOf(fromBase64Url(ending.ir)) ?? [];
  // Whoever never held a key keeps none: only a reader's end changes it.
  const reads = allows(ending, "access");
  const rotating = keyring.collections.filter((one) => reads && named.includes(one.id));
  const account = ending.grantee.account;
  const writers = named
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

export interface SharedView extends Omit<SharedRow, "card"> {
  card: Card | null;
}

/** What others share with this account, with the name and the list only the grantee can read. */
export async function sharedWithMe(input: { home: string }): Promise<SharedView[]> {
  const entry = need(input.home);
  const { shared } = await call<{ shared: SharedRow[] }>("/api/shared", { home: input.home });
  const views: SharedView[] = [];
  for (const row of shared) {
    views.push({ ...row, card: await readCard(entry, row) });
  }
  return views;
}

async function readCard(entry: Held, row: SharedRow): Promise<Card | null> {
  try {
    const pair = row.via === "organisation" ? await organisationPair(entry) : entry.kem;
    const patient = fromHex(row.patient);
    const context = {
      chainId: entry.chainId,
      patient,
      granter: (await accountKeys(entry.home, patient)).keyId,
      grant: fromHex(row.directive),
    };
    const card = fromBase64Url(row.card);
    return JSON.parse(fromUtf8(await unwrap(blobKind.card, card, pair.secret, context))) as Card;
  } catch {
    return null;
  }
}

/** The collection's key, out of the wrap that one of these directives put there. */
async function openGrant(
  entry: Held,
  secret: Uint8Array,
  sealed: Uint8Array,
  patient: Uint8Array,
  collection: Uint8Array,
  epoch: number,
  directives: string[],
): Promise<Uint8Array> {
  let failure: unknown = new Error("No sharing explains this key.");
  for (const one of directives) {
    const id = fromHex(one);
    try {
      const { until, purpose } = await directiveOnChain(entry.home, patient, id);
      const place = { collection, epoch, directive: id, until, purpose };
      const context = await grantContext(entry, patient, place);
      return await unwrap(blobKind.collectionKey, sealed, secret, context);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/**
 * The records a sharing covers. When the node no longer lists them, what this session opened is put
 * away, and the opening is asked for once more by name, so that the refusal leaves a receipt
 * that the
 * patient sees.
 */
async function coveredRecords(
  entry: Held,
  directive: string,
  patient: Uint8Array,
  purpose: string,
): Promise<RecordRow[]> {
  try {
    const path = `/api/shared/${directive}/records`;
    const rows = (await listRecords(entry, path, {})).filter(isLive);
    const named = rows.map(({ record, author }) => ({ record, author }));
    entry.covered.set(directive, named);
    return rows;
  } catch (error) {
    const known = entry.covered.get(directive) ?? [];
    const refused = error instanceof ApiError && error.status === 403;
    if (!refused || known.length === 0) throw error;
    for (const one of known) entry.opened.delete(one.record);
    const noKey = (): Promise<Uint8Array> => Promise.reject(error);
    await openFromNode(entry, { patient, records: known, purpose, key: noKey });
    throw error;
  }
}

export interface OpenedShared {
  until: number;
  records: RecordView[];
}

/** Opens what one directive covers. The node writes a receipt before it releases a byte. */
async function openShared(input: { home: string; directive: string; purpose: string }) {
  const entry = need(input.home);
  const shared = await sharedWithMe({ home: input.home });
  const row = shared.find((one) => one.directive === input.directive);
  if (!row) throw new Error("This sharing is not known any more.");
  const patient = fromHex(row.patient);
  const rows = await coveredRecords(entry, input.directive, patient, input.purpose);
  const missing = rows.filter((one) => !entry.opened.has(one.record));
  const pair = row.via === "organisation" ? await organisationPair(entry) : entry.kem;
  const out: OpenedShared = { until: row.until, records: [] };
  if (missing.length > 0) {
    const opened = await openFromNode(entry, {
      patient,
      records: missing,
      purpose: input.purpose,
      key: async (collection, epoch, wrap, directives) => {
        if (!wrap) throw new Error("The node holds no key of this record for you.");
        const named = [...new Set([input.directive, ...directives])];
        return openGrant(entry, pair.secret, wrap, patient, collection, epoch, named);
      },
    });
    for (const one of opened.records) entry.opened.set(one.record, one.plaintext);
    if (opened.until > 0) out.until = opened.until;
  }
  for (const one of rows) {
    const named = row.card?.collections.find((known) => known.id === one.collection);
    const plaintext = entry.opened.get(one.record);
    out.records.push({
      ...one,
      category: named?.category ?? "other",
      name: named?.name ?? "Other records",
      body: plaintext ? parseBody(plaintext) : null,
    });
  }
  return out;
}

/** What was opened is put away, so that the next opening is asked for, and answered, anew. */
async function closeShared(input: { home: string }): Promise<void> {
  need(input.home).opened.clear();
}

export const api = { share, stopSharing, sharedWithMe, openShared, closeShared };
