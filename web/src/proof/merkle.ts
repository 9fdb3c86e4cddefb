import { concat, equal } from "../crypto/bytes";
import { sha256 } from "../crypto/primitives";

// RFC 9162 §2: leaf = H(0x00 ‖ data), node = H(0x01 ‖ left ‖ right).

export const leafHash = (data: Uint8Array): Uint8Array => sha256(concat(Uint8Array.of(0), data));
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(concat(Uint8Array.of(1), left, right));

/** The root over leaf hashes, the definition itself. For short lists. */
export function merkleRoot(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}

/** §2.1.3.2: the root that a leaf and its path imply; throws when the path has another length. */
export function rootFromPath(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: Uint8Array[],
): Uint8Array {
  if (size === 0 || index >= size) throw new Error("out_of_range: no such leaf");
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const part of path) {
    if (sn === 0) throw new Error("integrity: the path is too long");
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(part, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
      }
    } else hash = nodeHash(hash, part);
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  if (sn !== 0) throw new Error("integrity: the path is too short");
  return hash;
}

export function checkInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  path: Uint8Array[],
  root: Uint8Array,
): void {
  if (!equal(rootFromPath(leaf, index, size, path), root)) {
    throw new Error("integrity: the path does not lead to the root");
  }
}

/** §2.1.3.1 over a list in memory. */
export function inclusionPath(leaves: Uint8Array[], index: number): Uint8Array[] {
  if (leaves.length <= 1) return [];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  if (index < split) {
    return [...inclusionPath(leaves.slice(0, split), index), merkleRoot(leaves.slice(split))];
  }
  return [...inclusionPath(leaves.slice(split), index - split), merkleRoot(leaves.slice(0, split))];
}
