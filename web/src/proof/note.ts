import { concat, equal, fromBase64, toHex, utf8 } from "../crypto/bytes";
import { sha256, verify } from "../crypto/primitives";

// Checkpoints in signed notes (docs/formats/checkpoint.md; C2SP signed-note and tlog-checkpoint).

export interface VerifierKey {
  name: string;
  hash: Uint8Array;
  algorithm: number;
  key: Uint8Array;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
  height: number;
  headerHash: Uint8Array;
  stateRoot: Uint8Array;
}

export interface Note {
  text: string;
  checkpoint: Checkpoint;
  signatures: { name: string; hash: Uint8Array; bytes: Uint8Array }[];
}

const keyHash = (name: string, algorithm: number, key: Uint8Array): Uint8Array =>
  sha256(concat(utf8(name), Uint8Array.of(0x0a, algorithm), key)).slice(0, 4);

export function parseVerifierKey(text: string): VerifierKey {
  const [name, hash, data] = text.trim().split("+");
  const rest = text.trim().split("+").slice(2).join("+");
  if (!name || !hash || data === undefined) throw new Error("malformed: a verifier key");
  const raw = fromBase64(rest);
  const [algorithm, key] = [raw[0] ?? 0, raw.slice(1)];
  const expected = keyHash(name, algorithm, key);
  if (toHex(expected) !== hash) throw new Error("malformed: a verifier key's hash differs");
  return { name, hash: expected, algorithm, key };
}

export function parseNote(note: string): Note {
  const end = note.lastIndexOf("\n\n");
  if (end < 0) throw new Error("malformed: the checkpoint has no signatures");
  const text = note.slice(0, end + 1);
  const lines = text.split("\n");
  const height = /^height (\d+) (\S+)$/.exec(lines[3] ?? "");
  const state = /^state (\S+)$/.exec(lines[4] ?? "");
  if (!height || !state || !/^\d+$/.test(lines[1] ?? "")) throw new Error("malformed: checkpoint");
  const checkpoint: Checkpoint = {
    origin: lines[0] ?? "",
    size: Number(lines[1]),
    root: fromBase64(lines[2] ?? ""),
    height: Number(height[1]),
    headerHash: fromBase64(height[2] ?? ""),
    stateRoot: fromBase64(state[1] ?? ""),
  };
  const signatures = note
    .slice(end + 2)
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const match = /^— (\S+) (\S+)$/.exec(line);
      if (!match) throw new Error("malformed: a signature line");
      const raw = fromBase64(match[2] ?? "");
      return { name: match[1] ?? "", hash: raw.slice(0, 4), bytes: raw.slice(4) };
    });
  return { text, checkpoint, signatures };
}

const [memberAlgorithm, witnessAlgorithm] = [0x01, 0x04];

/** How many of the trusted keys signed this note; a false signature refuses it. */
export function votes(note: Note, keys: VerifierKey[]): number {
  let count = 0;
  for (const key of keys) {
    const lines = note.signatures.filter(
      (line) => line.name === key.name && equal(line.hash, key.hash),
    );
    const line = lines[0];
    if (!line) continue;
    if (lines.length > 1) throw new Error("malformed: two signatures by one key");
    if (!signatureHolds(note, line.bytes, key)) {
      throw new Error(`integrity: the signature of ${key.name} does not fit`);
    }
    count += 1;
  }
  return count;
}

function signatureHolds(note: Note, bytes: Uint8Array, key: VerifierKey): boolean {
  if (key.algorithm === memberAlgorithm) return verify(key.key, utf8(note.text), bytes);
  if (key.algorithm !== witnessAlgorithm || bytes.length !== 72) return false;
  const seconds = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  const message = utf8(`cosignature/v1\ntime ${seconds}\n${note.text}`);
  return verify(key.key, message, bytes.slice(8));
}

export const isQuorum = (count: number, keys: number): boolean => count * 3 > keys * 2;
