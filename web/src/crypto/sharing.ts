import { call, callBytes } from "../api/http";
import type { GrantRow, Person, Receipt, SharedRow } from "../api/types";
import { fromBase64Url, fromHex, fromUtf8, random, toBase64Url, toHex, utf8 } from "./bytes";
import { asBytes, asList, asMap, asNumber, decode, encode, intMap, type Value } from "./cbor";
import { operation, transaction, type Operation } from "./cose";
import { collectionPair, personLabel, organisationLabel } from "./derive";
import { need, nodeNow, type Held } from "./held";
import { readKeyring, updateKeyring } from "./keyring";
import { organisationPair } from "./organisation";
import { sha256 } from "./primitives";
import { isLive, listRecords, openFromNode, parseBody, type RecordView } from "./records";
import { openCard, openWrap, sealCard, sealWrap } from "./sealed";

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
}

interface Answer {
  directive: string;
  receipt: Receipt;
}

const wrapsDigest = (wraps: Uint8Array[]): Uint8Array => sha256(encode(wraps.map((w) => sha256(w))));

async function share(input: ShareInput): Promise<Answer> {
  const entry = need(input.home);
  const grantee = fromHex(input.grantee.account);
  const to = await granteeKey(input.home, input.grantee.account);
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
      6: ["access"],
      7: input.from,
      8: input.until,
    }),
  );
  const wraps: Value[] = [];
  const digests: Uint8Array[] = [];
  for (const one of chosen) {
    const collection = fromHex(one.id);
    const secret = collectionPair(entry.amk, collection, one.epoch).secret;
    const place = { entry, collection, epoch: one.epoch, to, grantee, directive, until: input.until };
    const wrap = await sealWrap(secret, { ...place, purpose: input.purpose });
    wraps.push([0, collection, one.epoch, wrap]);
    digests.push(wrap);
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
  const sealedCard = await sealCard(to, utf8(JSON.stringify(card)));
  const message = sign(entry, [put]);
  const body = encode([message, grantee, sealedCard, wraps]);
  const answer = await post("/api/grants", entry, body);
  await updateKeyring(entry, (ring) => {
    ring.grants[answer.directive] = input.sentence;
    ring.contacts[input.grantee.account] = input.grantee.display_name;
  });
  return answer;
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

/** The key the registry names for an account: the chain's word, not the directory's. */
async function granteeKey(home: string, account: string): Promise<Uint8Array> {
  const args = toBase64Url(encode(intMap({ 1: fromHex(account) })));
  const answer = decode(
    await callBytes(`/api/query?contract=registry&method=account&args=${args}`, { home }),
  );
  return asBytes(asMap(answer).get(3), 32);
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
  const rotating = keyring.collections.filter((one) => named.includes(one.id));
  const wraps: Value[] = [];
  const digests: Uint8Array[] = [];
  const rotations: Value[] = [];
  for (const one of rotating) {
    const collection = fromHex(one.id);
    const epoch = one.epoch + 1;
    const next = collectionPair(entry.amk, collection, epoch);
    rotations.push([collection, epoch, next.public]);
    for (const grant of staying(grants, ending, one.id)) {
      const to = await granteeKey(input.home, grant.grantee.account);
      const wrap = await sealWrap(next.secret, {
        entry,
        collection,
        epoch,
        to,
        grantee: fromHex(grant.grantee.account),
        directive: fromHex(grant.directive),
        until: grant.until,
        purpose: purposeOf(grant),
      });
      wraps.push([collection, epoch, fromHex(grant.grantee.account), wrap]);
      digests.push(wrap);
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
  const answer = await post("/api/revoke", entry, encode([sign(entry, [revoke]), wraps]));
  await updateKeyring(entry, (ring) => {
    for (const one of ring.collections) if (named.includes(one.id)) one.epoch += 1;
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
    return collectionsOf(fromBase64Url(grant.ir))?.includes(collection) ?? false;
  });
}

export interface SharedView extends Omit<SharedRow, "card"> {
  card: Card | null;
}

/** What others share with this account, with the name and the list only the grantee can read. */
async function sharedWithMe(input: { home: string }): Promise<SharedView[]> {
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
    return JSON.parse(fromUtf8(await openCard(pair, fromBase64Url(row.card)))) as Card;
  } catch {
    return null;
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
  const path = `/api/shared/${input.directive}/records`;
  const rows = (await listRecords(entry, path, {})).filter(isLive);
  const patient = fromHex(row.patient);
  const missing = rows.filter((one) => !entry.opened.has(one.record)).map((one) => one.record);
  const pair = row.via === "organisation" ? await organisationPair(entry) : entry.kem;
  const out: OpenedShared = { until: row.until, records: [] };
  if (missing.length > 0) {
    const opened = await openFromNode(entry, {
      patient,
      records: missing,
      purpose: input.purpose,
      key: async (collection, epoch, wrap, directives) => {
        if (!wrap) throw new Error("The node holds no key of this record for you.");
        return openWrap(wrap, {
          entry,
          pair,
          patient,
          collection,
          epoch,
          directives: [...new Set([input.directive, ...directives])],
          until: row.until,
          purpose: input.purpose,
          via: row.via,
        });
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
