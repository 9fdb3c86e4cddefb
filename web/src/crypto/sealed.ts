import { be32, be64, concat, random, utf8 } from "./bytes";
import * as chunked from "./chunked";
import type { Pair } from "./derive";
import type { Held } from "./held";
import * as hpke from "./hpke";
import { hmacSha256, sha256 } from "./primitives";

// Sealed records and the wraps of their keys.

export interface SealedRecord {
  record: Uint8Array;
  dekWrap: Uint8Array;
  body: Uint8Array;
  salt: Uint8Array;
  digest: Uint8Array;
  commitment: Uint8Array;
}

export interface SealInput {
  entry: Held;
  record: Uint8Array;
  collection: Uint8Array;
  epoch: number;
  to: Uint8Array;
  plaintext: Uint8Array;
}

const empty = new Uint8Array(0);

async function hpkeSeal(to: Uint8Array, info: string, aad: Uint8Array, secret: Uint8Array) {
  const { enc, ciphertext } = await hpke.seal(to, utf8(info), aad, secret);
  return concat(enc, ciphertext);
}

async function hpkeOpen(secret: Uint8Array, info: string, aad: Uint8Array, wrap: Uint8Array) {
  return hpke.open(secret, wrap.subarray(0, 32), utf8(info), aad, wrap.subarray(32));
}

const bodyContext = (i: { record: Uint8Array; collection: Uint8Array; epoch: number }) =>
  concat(utf8("salus/v1/record"), i.collection, be32(i.epoch), i.record);

export async function sealBody(input: SealInput): Promise<SealedRecord> {
  const dek = random(32);
  const body = await chunked.seal(dek, bodyContext(input), input.plaintext);
  const dekWrap = await hpkeSeal(input.to, "salus/v1/dek", bodyContext(input), dek);
  const salt = random(32);
  const digest = sha256(body);
  return { record: input.record, dekWrap, body, salt, digest, commitment: hmacSha256(salt, digest) };
}

export interface OpenBodyInput {
  entry: Held;
  record: Uint8Array;
  collection: Uint8Array;
  epoch: number;
  secret: Uint8Array;
  dekWrap: Uint8Array;
  body: Uint8Array;
}

export async function openBody(input: OpenBodyInput): Promise<Uint8Array> {
  const dek = await hpkeOpen(input.secret, "salus/v1/dek", bodyContext(input), input.dekWrap);
  return chunked.open(dek, bodyContext(input), input.body);
}

export interface WrapInput {
  entry: Held;
  collection: Uint8Array;
  epoch: number;
  to: Uint8Array;
  grantee: Uint8Array;
  directive: Uint8Array;
  until: number;
  purpose: string;
}

const wrapAad = (collection: Uint8Array, epoch: number, directive: Uint8Array, until: number) =>
  concat(collection, be32(epoch), directive, be64(until));

export async function sealWrap(secret: Uint8Array, input: WrapInput): Promise<Uint8Array> {
  const aad = wrapAad(input.collection, input.epoch, input.directive, input.until);
  return hpkeSeal(input.to, "salus/v1/grant", aad, secret);
}

export interface OpenWrapInput {
  entry: Held;
  pair: Pair;
  patient: Uint8Array;
  collection: Uint8Array;
  epoch: number;
  directives: string[];
  until: number;
  purpose: string;
  via: "person" | "organisation";
}

export async function openWrap(wrap: Uint8Array, input: OpenWrapInput): Promise<Uint8Array> {
  let last: unknown = new Error("no directive");
  for (const directive of input.directives) {
    const id = Uint8Array.from(directive.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    try {
      const aad = wrapAad(input.collection, input.epoch, id, input.until);
      return await hpkeOpen(input.pair.secret, "salus/v1/grant", aad, wrap);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

export const sealCard = (to: Uint8Array, card: Uint8Array): Promise<Uint8Array> =>
  hpkeSeal(to, "salus/v1/card", empty, card);
export const openCard = (pair: Pair, card: Uint8Array): Promise<Uint8Array> =>
  hpkeOpen(pair.secret, "salus/v1/card", empty, card);

export const sealOrganisationWrap = (
  entry: Held,
  secret: Uint8Array,
  to: Uint8Array,
  member: Uint8Array,
): Promise<Uint8Array> => hpkeSeal(to, "salus/v1/organisation", concat(entry.organisation, member), secret);
export const openOrganisationWrap = (entry: Held, wrap: Uint8Array): Promise<Uint8Array> =>
  hpkeOpen(entry.kem.secret, "salus/v1/organisation", concat(entry.organisation, entry.account), wrap);
