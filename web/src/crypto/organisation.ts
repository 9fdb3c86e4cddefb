import { call } from "../api/http";
import { fromBase64Url, fromHex, random, toBase64Url, toHex, utf8 } from "./bytes";
import { intMap } from "./cbor";
import { operation, transaction } from "./cose";
import { signPublic, hkdfSha256, agreePublic } from "./primitives";
import type { Pair } from "./derive";
import { need, nodeNow, nodeStatus, type Held } from "./held";
import { openOrganisationWrap, sealOrganisationWrap } from "./sealed";

// The organisation's own key pair: drawn once by an officer, its private half sealed to each member.

/** The pair, as this member was given it. */
export async function organisationPair(entry: Held): Promise<Pair> {
  if (entry.organisationKem) return entry.organisationKem;
  const { kem, blob } = await call<{ kem: string; blob: string }>("/api/organisation/key", {
    home: entry.home,
  });
  const secret = await openOrganisationWrap(entry, fromBase64Url(blob));
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
    const account = fromHex(member.account);
    const blob = await sealOrganisationWrap(entry, pair.secret, to, account);
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
  const own = await sealOrganisationWrap(entry, secret, entry.kem.public, entry.account);
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
