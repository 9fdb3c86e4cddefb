import { ApiError, call, callBytes } from "../api/http";
import type { Receipt } from "../api/types";
import { blobKind } from "./blob";
import { fromHex, fromUtf8, random, toBase64Url, toHex } from "./bytes";
import { asBytes, asList, decode, encode, intMap } from "./cbor";
import { accountKeys, collectionNow, recordNow } from "./chain";
import { readCode, writeCode } from "./code";
import { operation, transaction, type Operation } from "./cose";
import { categoryLabel, claimKeys, keyId, type ClaimKeys } from "./derive";
import { need, nodeNow, type Held } from "./held";
import { sha256 } from "./primitives";
import { collectionFor, dataKeyOf } from "./own";
import { parseBody, postStore, sealOwn } from "./records";
import { bodyContext, openBody } from "./sealed";
import { unwrap, wrap } from "./wrap";

// One record handed over for good to whoever holds a one-time code (docs/formats/wrap-contexts.md,
// claim): its owner seals the record's key to the code, the claimer opens and seals anew.

interface OfferPlace {
  chainId: string;
  owner: Uint8Array;
  ownerKey: Uint8Array;
  record: Uint8Array;
}

const claimContext = (place: OfferPlace) => ({
  chainId: place.chainId,
  patient: place.owner,
  object: place.record,
  version: 1,
  granter: place.ownerKey,
  purpose: "claim",
});

/** Offers an own record. The code is drawn here and known here alone; the caller shows it once. */
async function offerRecord(input: { home: string; record: string }) {
  const entry = need(input.home);
  const code = random(16);
  const claim = claimKeys(code);
  const record = fromHex(input.record);
  const ownerKey = keyId(entry.sig.public);
  const place = { chainId: entry.chainId, owner: entry.account, ownerKey, record };
  const { key } = await dataKeyOf(entry, input.record);
  const claimWrap = await wrap(blobKind.dataKey, key, claim.kem.public, claimContext(place));
  key.fill(0);
  const offer = operation("record", "offer", intMap({ 1: record, 2: sha256(claim.secret) }));
  const { message } = transaction(entry.sig, {
    chainId: entry.chainId,
    account: entry.account,
    now: nodeNow(entry),
    operations: [offer],
  });
  const body = encode([message, record, claimWrap]);
  const answer = await callBytes("/api/offers", { home: input.home, body });
  const { receipt } = JSON.parse(fromUtf8(answer)) as { receipt: Receipt };
  return { code: writeCode(code), receipt };
}

async function findOffer(entry: Held, claim: ClaimKeys): Promise<OfferPlace> {
  let found: { record: string };
  try {
    const json = { claim_hash: toHex(sha256(claim.secret)) };
    found = await call("/api/offers/find", { home: entry.home, json });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    throw new Error("No row waits under this code. It was used already, or it is another code.");
  }
  // Whose record it is follows from the ledger; the node's own word for it is not needed.
  const record = fromHex(found.record);
  const { collection } = await recordNow(entry.home, record);
  const { owner } = await collectionNow(entry.home, collection);
  const ownerKey = (await accountKeys(entry.home, owner)).keyId;
  return { chainId: entry.chainId, owner, ownerKey, record };
}

async function openOffer(entry: Held, place: OfferPlace, claim: ClaimKeys): Promise<Uint8Array> {
  const secret = toBase64Url(claim.secret);
  const path = `/api/offers/${toHex(place.record)}?secret=${secret}`;
  const [claimWrap, body] = asList(decode(await callBytes(path, { home: entry.home })));
  const context = claimContext(place);
  const key = await unwrap(blobKind.dataKey, asBytes(claimWrap), claim.kem.secret, context);
  // A body is bound to chain, owner, record and version only, which the claim names as well.
  const plaintext = await openBody(key, bodyContext(context), asBytes(body));
  key.fill(0);
  return plaintext;
}

export interface ClaimInput {
  home: string;
  code: string;
  category: string;
  name: string;
}

function refusedClaim(code: number): string {
  if ([120, 121, 123].includes(code)) return "This row was claimed or withdrawn a moment ago.";
  if (code === 101 || code === 105) return "Your collection has changed meanwhile. Try once more.";
  return `The log refused this claim (code ${code}).`;
}

/** Takes the record over: opened here, sealed anew to a collection of one's own, then claimed. */
async function claimRecord(input: ClaimInput) {
  const entry = need(input.home);
  const claim = claimKeys(readCode(input.code));
  const place = await findOffer(entry, claim);
  if (toHex(place.owner) === entry.session.account) {
    throw new Error("This row is your own already. The code is for somebody else.");
  }
  const plaintext = await openOffer(entry, place, claim);
  const operations: Operation[] = [];
  const own = await collectionFor(entry, input.category, input.name, operations);
  const collection = fromHex(own.id);
  const label = categoryLabel(entry.labelKey, own.category);
  const sealed = await sealOwn(entry, collection, own.epoch, label, plaintext);
  const args = intMap({
    1: place.record,
    2: claim.secret,
    3: sealed.record,
    4: collection,
    5: own.epoch,
    6: sealed.commitment,
  });
  const payload = { digest: sealed.digest, size: sealed.body.length };
  operations.push({ ...operation("record", "claim", args), payload });
  const receipt = await postStore(entry, operations, [sealed], refusedClaim);
  entry.opened.set(toHex(sealed.record), plaintext);
  return { record: toHex(sealed.record), body: parseBody(plaintext), receipt };
}

export const api = { offerRecord, claimRecord };
