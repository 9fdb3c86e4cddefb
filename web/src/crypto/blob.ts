import { be32, concat, utf8 } from "./bytes";

// The eight bytes in front of everything that Salus seals: "SALUS", version, suite, kind. A reader
// refuses what it does not know.

export const blobKind = {
  keySlot: 0x01,
  collectionKey: 0x10,
  dataKey: 0x11,
  organisationKey: 0x12,
  card: 0x15,
  ask: 0x16,
  body: 0x20,
} as const;

export const headBytes = 8;
const magic = utf8("SALUS");
const version = 1;
const suite = 1;

export const blobHead = (kind: number): Uint8Array =>
  concat(magic, Uint8Array.of(version, suite, kind));

/** What follows the head. */
export function blobBody(blob: Uint8Array, kind: number): Uint8Array {
  if (blob.length < headBytes || !magic.every((byte, i) => blob[i] === byte)) {
    throw new Error("malformed: not a sealed blob of Salus");
  }
  if (blob[5] !== version || blob[6] !== suite) {
    throw new Error("denied: this version or suite is not allowed here");
  }
  if (blob[7] !== kind) throw new Error("malformed: a blob of another kind");
  return blob.subarray(headBytes);
}

/** Each field behind its be32 length, so that no two lists of fields look alike. */
export function prefixed(...fields: Uint8Array[]): Uint8Array {
  return concat(...fields.flatMap((field) => [be32(field.length), field]));
}
