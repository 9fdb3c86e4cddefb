import { blobBody, blobHead, blobKind, prefixed } from "./blob";
import { be64, concat, random, utf8 } from "./bytes";
import { encode, intMap } from "./cbor";
import * as chunked from "./chunked";
import { hmacSha256, sha256 } from "./primitives";
import { unwrap, wrap, type WrapContext } from "./wrap";

// A record as it is stored: a body under a key of its own, and that key wrapped to its collection
// (docs/formats/sealed-record.md).

const recordMax = 16 << 20;
const paddedMin = 256;
const lengthBytes = 8;

/** Padmé: a size keeps as many leading bits as its exponent has; the rest rounds up. */
function padme(size: number): number {
  const exponent = Math.floor(Math.log2(size));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - kept);
  return Math.ceil(size / step) * step;
}

export const paddedBytes = (plaintext: number): number =>
  padme(Math.max(plaintext + lengthBytes, paddedMin));

export function bodyContext(context: WrapContext): Uint8Array {
  const none = new Uint8Array(0);
  const fields = prefixed(
    utf8(context.chainId),
    context.patient ?? none,
    context.object ?? none,
    context.version === undefined ? none : be64(context.version),
  );
  return concat(utf8("salus/v1/record"), Uint8Array.of(0), fields);
}

export async function sealBody(
  key: Uint8Array,
  context: Uint8Array,
  plaintext: Uint8Array,
  insecureSaltForTests?: Uint8Array,
): Promise<Uint8Array> {
  if (plaintext.length > recordMax) throw new Error("A record has at most 16 MiB.");
  const inside = new Uint8Array(paddedBytes(plaintext.length));
  inside.set(be64(plaintext.length));
  inside.set(plaintext, lengthBytes);
  const sealed = insecureSaltForTests
    ? await chunked.insecureSealForTests(key, context, inside, insecureSaltForTests)
    : await chunked.seal(key, context, inside);
  inside.fill(0);
  return concat(blobHead(blobKind.body), sealed);
}

export async function openBody(
  key: Uint8Array,
  context: Uint8Array,
  blob: Uint8Array,
): Promise<Uint8Array> {
  const inside = await chunked.open(key, context, blobBody(blob, blobKind.body));
  const bad = new Error("integrity: the padding of a sealed body is wrong");
  if (inside.length < paddedMin) throw bad;
  const view = new DataView(inside.buffer, inside.byteOffset);
  const length = Number(view.getBigUint64(0));
  // One plaintext has one padded form.
  if (length > recordMax || paddedBytes(length) !== inside.length) throw bad;
  if (inside.subarray(lengthBytes + length).some((byte) => byte !== 0)) throw bad;
  return inside.slice(lengthBytes, lengthBytes + length);
}

export interface SealedRecord {
  record: Uint8Array;
  dekWrap: Uint8Array;
  body: Uint8Array;
  salt: Uint8Array;
  digest: Uint8Array;
  commitment: Uint8Array;
  /** The key to the author's own KEM, where the author does not own the collection. */
  authorWrap?: Uint8Array;
}

const mediaType = "application/json";

export interface Place {
  collection: Uint8Array;
  author: Uint8Array;
}

/**
 * What a record's author commits to (docs/formats/manifest.md): place, media type, both digests.
 */
export function manifest(
  record: Uint8Array,
  epoch: number,
  place: Place,
  dekWrap: Uint8Array,
  bodyDigest: Uint8Array,
): Uint8Array {
  return encode(
    intMap({
      1: record,
      2: place.collection,
      3: epoch,
      4: place.author,
      5: mediaType,
      6: sha256(dekWrap),
      7: bodyDigest,
    }),
  );
}

/** HMAC-SHA256(salt, record id ‖ SHA-256(manifest)). */
export const commitmentOf = (salt: Uint8Array, record: Uint8Array, text: Uint8Array): Uint8Array =>
  hmacSha256(salt, concat(record, sha256(text)));

/**
 * Draws a data key, seals the body under it and the key to the collection; and to `author`, a
 * KEM of
 * somebody who writes for another and will want to read it again.
 */
export async function sealRecord(
  to: Uint8Array,
  context: WrapContext & { object: Uint8Array; epoch: number },
  place: Place,
  plaintext: Uint8Array,
  author?: Uint8Array,
): Promise<SealedRecord> {
  const key = random(32);
  const body = await sealBody(key, bodyContext(context), plaintext);
  const dekWrap = await wrap(blobKind.dataKey, key, to, context);
  const authorWrap = author ? await wrap(blobKind.dataKey, key, author, context) : null;
  key.fill(0);
  const salt = random(32);
  const digest = sha256(body);
  const text = manifest(context.object, context.epoch, place, dekWrap, digest);
  const commitment = commitmentOf(salt, context.object, text);
  const sealed = { record: context.object, dekWrap, body, salt, digest, commitment };
  return authorWrap ? { ...sealed, authorWrap } : sealed;
}

/** The plaintext, or an error when a bit of wrap, body or context differs. */
export async function openRecord(
  secret: Uint8Array,
  context: WrapContext,
  dekWrap: Uint8Array,
  body: Uint8Array,
): Promise<Uint8Array> {
  const key = await unwrap(blobKind.dataKey, dekWrap, secret, context);
  const plaintext = await openBody(key, bodyContext(context), body);
  key.fill(0);
  return plaintext;
}
