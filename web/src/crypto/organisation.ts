import { call } from "../api/http";
import { fromBase64Url, fromHex, random, toBase64Url, toHex, utf8 } from "./bytes";
import type { Person } from "../api/types";
import { intMap } from "./cbor";
import { operation, transaction } from "./cose";
import { signPublic, hkdfSha256, agreePublic } from "./primitives";
import { keyId, type Pair } from "./derive";
import { need, nodeNow, nodeStatus, type Held } from "./held";
import { blobKind } from "./blob";
import { accountKeys } from "./chain";
import { unwrap, wrap } from "./wrap";

// The organisation's own key pair: drawn once by an officer, its private half sealed to each
// member.

const contextOf = (entry: Held, granter: Uint8Array) => ({
  chainId: entry.chainId,
  object: entry.organisation,
  granter,
});

const sealTo = (entry: Held, secret: Uint8Array, to: Uint8Array): Promise<Uint8Array> =>
  wrap(blobKind.organisationKey, secret, to, contextOf(entry, keyId(entry.sig.public)));

/** The wrap names no sender: whichever officer's key it is bound to opens it. */
async function openFromOfficer(entry: Held, blob: Uint8Array): Promise<Uint8Array> {
  const { people } = await call<{ people: Person[] }>("/api/directory?q=&kind=staff", {
    home: entry.home,
  });
  const candidates = [entry.account, ...people.map((one) => fromHex(one.account))];
  for (const candidate of candidates) {
    try {
      const granter = (await accountKeys(entry.home, candidate)).keyId;
      return await unwrap(
        blobKind.organisationKey,
        blob,
        entry.kem.secret,
        contextOf(entry, granter),
      );
    } catch {
      // Another officer sealed it; the next one is tried.
    }
  }
  throw new Error("integrity: no officer's key fits the organisation key");
}

/** The pair, as this member was given it. */
export async function organisationPair(entry: Held): Promise<Pair> {
  if (entry.organisationKem) return entry.organisationKem;
  const { kem, blob } = await call<{ kem: string; blob: string }>("/api/organisation/key", {
    home: entry.home,
  });
  const secret = await openFromOfficer(entry, fromBase64Url(blob));
  const pair = { secret, public: agreePublic(secret) };
  if (toHex(pair.public) !== toHex(fromBase64Url(kem))) {
    throw new Error("integrity: the organisation's key does not fit");
  }
  entry.organisationKem = pair;
  return pair;
}

interface Pending {
  members: { account: string; display_name: string; kem: string }[];
}

/** Makes the key when there is none, and seals it to every member who waits for it. */
async function giveOrganisationKey(input: { home: string }): Promise<{ given: number }> {
  const entry = need(input.home);
  const status = await nodeStatus();
  if (!status.organisation) throw new Error("this node has no organisation yet");
  let pair: Pair;
  if (status.organisation.kem === null) pair = await createKey(entry);
  else pair = await organisationPair(entry);
  const { members } = await call<Pending>("/api/organisation/pending", { home: input.home });
  const wraps = [];
  for (const member of members) {
    const to = fromBase64Url(member.kem);
    const blob = await sealTo(entry, pair.secret, to);
    wraps.push({ account: member.account, blob: toBase64Url(blob) });
  }
  if (wraps.length > 0) {
    await call("/api/organisation/wraps", { home: input.home, json: { wraps } });
  }
  return { given: wraps.length };
}

async function createKey(entry: Held): Promise<Pair> {
  const secret = random(32);
  const pair = { secret, public: agreePublic(secret) };
  const seed = hkdfSha256(secret, utf8("salus/v1/sig"), 32);
  const sig = { secret: seed, public: signPublic(seed) };
  const account = random(16);
  const enrol = operation(
    "registry",
    "enrol",
    intMap({ 1: "organisation", 2: sig.public, 3: pair.public, 4: null }),
  );
  const signed = transaction(sig, {
    chainId: entry.chainId,
    account,
    now: nodeNow(entry),
    operations: [enrol],
  });
  const own = await sealTo(entry, secret, entry.kem.public);
  await call("/api/organisation/key", {
    home: entry.home,
    method: "PUT",
    json: {
      account: toHex(account),
      kem: toBase64Url(pair.public),
      tx: toBase64Url(signed.message),
      wraps: [{ account: toHex(entry.account), blob: toBase64Url(own) }],
    },
  });
  entry.organisationKem = pair;
  return pair;
}

export const api = { giveOrganisationKey };
