import { concat, equal, toHex } from "../crypto/bytes";
import { asBytes, asList, asNumber, decode, type Value } from "../crypto/cbor";
import { sha256 } from "../crypto/primitives";

// Proofs under the root of a state tree: docs/formats/state-proof.md.

export interface StateClaim {
  key: Uint8Array;
  /** Null: the key is absent. */
  value: Uint8Array | null;
}

const zero = new Uint8Array(32);
const depthMax = 256;
const claimsMax = 1024;

const leafHash = (keyHash: Uint8Array, valueHash: Uint8Array): Uint8Array =>
  sha256(concat(Uint8Array.of(0), keyHash, valueHash));
const innerHash = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(concat(Uint8Array.of(1), left, right));
const bit = (hash: Uint8Array, depth: number): number =>
  ((hash[depth >> 3] ?? 0) >> (7 - (depth & 7))) & 1;

/** What lies at the end of the path when the key has this value, or none. */
function node(
  kind: number,
  keyHash: Uint8Array,
  value: Uint8Array | null,
  other: Value | undefined,
  depth: number,
): Uint8Array {
  if ((kind === 0) !== (value !== null)) {
    throw new Error("integrity: the state proof says otherwise");
  }
  if (kind !== 2) {
    if (other !== null) throw new Error("malformed: a state proof");
    return value === null ? zero : leafHash(keyHash, sha256(value));
  }
  const parts = asList(other);
  if (parts.length !== 2) throw new Error("malformed: a state proof");
  const [theirs, valueHash] = [asBytes(parts[0], 32), asBytes(parts[1], 32)];
  if (equal(theirs, keyHash)) throw new Error("integrity: the other leaf is the key's own");
  for (let i = 0; i < depth; i += 1) {
    if (bit(theirs, i) !== bit(keyHash, i)) {
      throw new Error("integrity: the other leaf lies elsewhere");
    }
  }
  return leafHash(theirs, valueHash);
}

export function checkState(
  key: Uint8Array,
  value: Uint8Array | null,
  proof: Uint8Array,
  root: Uint8Array,
): void {
  const parts = asList(decode(proof));
  const kind = asNumber(parts[0]);
  if (parts.length !== 3 || kind > 2) throw new Error("malformed: a state proof");
  const siblings = asList(parts[1]).map((one) => asBytes(one));
  if (siblings.length > depthMax) throw new Error("out_of_range: a state proof is too deep");
  const keyHash = sha256(key);
  let hash = node(kind, keyHash, value, parts[2], siblings.length);
  for (let depth = siblings.length - 1; depth >= 0; depth -= 1) {
    const given = siblings[depth] as Uint8Array;
    if (given.length !== 0 && (given.length !== 32 || equal(given, zero))) {
      throw new Error("malformed: a sibling of a state proof");
    }
    const sibling = given.length === 0 ? zero : given;
    hash = bit(keyHash, depth) === 1 ? innerHash(sibling, hash) : innerHash(hash, sibling);
  }
  if (!equal(hash, root)) throw new Error("integrity: the state proof leads to another root");
}

/** [1*1024 [key, value / null, proof]], keys ascending, each under the root. */
export function checkClaims(value: Value | undefined, root: Uint8Array): StateClaim[] {
  const list = asList(value);
  if (list.length === 0 || list.length > claimsMax) throw new Error("out_of_range: state claims");
  let last = "";
  return list.map((one, i) => {
    const parts = asList(one);
    if (parts.length !== 3) throw new Error("malformed: a state claim");
    const key = asBytes(parts[0]);
    const text = toHex(key);
    if (i > 0 && !(last < text)) throw new Error("malformed: the keys of state claims ascend");
    last = text;
    const claimed = parts[1] === null ? null : asBytes(parts[1]);
    checkState(key, claimed, asBytes(parts[2]), root);
    return { key, value: claimed };
  });
}
