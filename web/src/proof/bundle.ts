import { equal, fromUtf8, toHex } from "../crypto/bytes";
import {
  asBytes,
  asList,
  asMap,
  asNumber,
  asText,
  decode,
  encode,
  Tagged,
  type Value,
} from "../crypto/cbor";
import { coseVerify, transactionLabel } from "../crypto/cose";
import { hmacSha256, sha256, verify } from "../crypto/primitives";
import { checkInclusion, leafHash, merkleRoot, rootFromPath } from "./merkle";
import { checkAbsence, type AbsenceAnswer } from "./absence";
import { isQuorum, parseNote, votes, type VerifierKey } from "./note";
import { checkClaims, type StateClaim } from "./state";

// Checks a receipt bundle without asking anybody: docs/formats/receipt.md. Every hash is
// recomputed, every signature tested; the first thing that does not fit is the error.

export interface Claims {
  kind: "transaction" | "operation" | "access" | "state" | "absence";
  position: number;
  id: string;
  height: number;
  time: number;
  code: number;
  logSize: number;
  root: string;
  signatures: number;
  access: Map<number | string, Value> | null;
  /** Kind state: what the keys are. */
  state?: StateClaim[];
  /** Kind absence: two answers, each of which may be a no. */
  absence?: AbsenceAnswer;
}

const kinds = ["transaction", "operation", "access", "state", "absence"] as const;
const vdsLabel = 395;
const vdpLabel = 396;

interface LogEntry {
  id: Uint8Array;
  coseHash: Uint8Array;
  height: number;
  time: number;
  code: number;
  operationsRoot: Uint8Array;
}

function readEntry(bytes: Uint8Array): LogEntry {
  const [id, coseHash, height, time, code, root] = asList(decode(bytes));
  return {
    id: asBytes(id, 32),
    coseHash: asBytes(coseHash, 32),
    height: asNumber(height),
    time: asNumber(time),
    code: asNumber(code),
    operationsRoot: asBytes(root, 32),
  };
}

function broken(what: string): Error {
  return new Error(`integrity: ${what}`);
}

const paths = (value: Value | undefined): Uint8Array[] =>
  asList(value).map((one) => asBytes(one, 32));

function checkTransaction(subject: Uint8Array, codes: Value[], entry: LogEntry): string {
  const opened = coseVerify(transactionLabel, subject);
  if (!equal(opened.id, entry.id)) throw broken("the log line names another transaction");
  if (!equal(sha256(subject), entry.coseHash)) throw broken("the signed bytes are others");
  const body = asMap(decode(opened.payload));
  const operations = asList(body.get(5));
  if (operations.length !== codes.length) throw broken("not one code for each operation");
  const leaves = operations.map((op, i) =>
    leafHash(encode([sha256(encode(op)), asNumber(codes[i])])),
  );
  if (!equal(merkleRoot(leaves), entry.operationsRoot)) throw broken("the codes are others");
  return `salus/${asText(body.get(1))}`;
}

function checkOperation(subject: Uint8Array, outcome: Value[], entry: LogEntry): number {
  const code = asNumber(outcome[0]);
  const leaf = leafHash(encode([sha256(subject), code]));
  const [index, count] = [asNumber(outcome[1]), asNumber(outcome[2])];
  checkInclusion(leaf, index, count, paths(outcome[3]), entry.operationsRoot);
  return code;
}

function checkAccess(subject: Uint8Array, outcome: Value[]): Map<number | string, Value> {
  if (outcome[0] !== 0) throw broken("the anchor was refused");
  const operation = asMap(decode(subject));
  if (operation.get(1) !== "access" || operation.get(2) !== "anchor") {
    throw new Error("malformed: the operation is not an access anchor");
  }
  const args = asMap(decode(asBytes(operation.get(3))));
  const [from, to] = [asNumber(args.get(1)), asNumber(args.get(2))];
  const bytes = asBytes(outcome[4]);
  const receipt = asMap(decode(bytes));
  const sequence = asNumber(receipt.get(1));
  if (sequence < from || sequence > to) throw broken("the opening is outside the anchor's range");
  const root = asBytes(args.get(3), 32);
  checkInclusion(leafHash(bytes), sequence - from, to - from + 1, paths(outcome[5]), root);
  return receipt;
}

function checkOpenings(subject: Uint8Array, openings: Value[]): void {
  const text = toHex(subject);
  for (const opening of openings) {
    const [salt, value] = asList(opening);
    const commitment = toHex(hmacSha256(asBytes(salt), asBytes(value)));
    if (!text.includes(commitment)) throw broken("an opening belongs to no commitment in it");
  }
}

interface Inclusion {
  kid: Uint8Array;
  size: number;
  position: number;
  root: Uint8Array;
}

/**
 * A COSE receipt of inclusion (RFC 9942): the path leads to a root, and a member signed that root.
 */
function checkReceipt(bytes: Uint8Array, line: Uint8Array): Inclusion {
  const tagged = decode(bytes);
  if (!(tagged instanceof Tagged)) throw new Error("malformed: the receipt");
  const [header, unprotected, , signature] = asList(tagged.value);
  const fields = asMap(decode(asBytes(header)));
  if (fields.get(1) !== -8 || fields.get(vdsLabel) !== 1) throw new Error("malformed: the receipt");
  const kid = asBytes(fields.get(4), 32);
  const proofs = asMap(asMap(unprotected).get(vdpLabel));
  const [size, position, path] = asList(decode(asBytes(asList(proofs.get(-1))[0])));
  const [logSize, at] = [asNumber(size), asNumber(position)];
  const root = rootFromPath(leafHash(line), at, logSize, paths(path));
  const structure = encode(["Signature1", asBytes(header), new Uint8Array(0), root]);
  if (!verify(kid, structure, asBytes(signature, 64))) throw broken("the receipt's signature");
  return { kid, size: logSize, position: at, root };
}

/** About the checkpoint's state, not about a line of the log: no position, id or time. */
function checkStateBundle(
  kind: "state" | "absence",
  parts: Value[],
  trust: VerifierKey[],
): Claims {
  const unused = [asBytes(parts[4]), asBytes(parts[5]), asList(parts[3]), asList(parts[7])];
  if (unused.some((part) => part.length > 0)) {
    throw new Error("malformed: a receipt about state has no log entry");
  }
  const subject = asBytes(parts[2]);
  const note = parseNote(fromUtf8(asBytes(parts[6])));
  const { checkpoint } = note;
  const said =
    kind === "state"
      ? { state: checkClaims(decode(subject), checkpoint.stateRoot) }
      : { absence: checkAbsence(subject, checkpoint, trust) };
  const signatures = votes(note, trust);
  if (!isQuorum(signatures, trust.length)) {
    throw new Error("authentication: too few trusted keys signed the checkpoint");
  }
  const { height, size: logSize } = checkpoint;
  const root = toHex(checkpoint.root);
  const none = { position: 0, id: "", time: 0, code: 0, access: null };
  return { kind, ...none, height, logSize, root, signatures, ...said };
}

export function checkBundle(bytes: Uint8Array, trust: VerifierKey[]): Claims {
  const end = bytes.length - 32;
  if (!equal(sha256(bytes.subarray(0, end)), bytes.subarray(end))) {
    throw broken("a byte of the receipt was changed");
  }
  const parts = asList(decode(bytes));
  if (parts[0] !== 1 || parts.length !== 9) throw new Error("malformed: unknown receipt version");
  const kind = kinds[asNumber(parts[1]) - 1];
  if (!kind) throw new Error("malformed: unknown kind of receipt");
  if (kind === "state" || kind === "absence") return checkStateBundle(kind, parts, trust);
  const subject = asBytes(parts[2]);
  const outcome = asList(parts[3]);
  const line = asBytes(parts[4]);
  const entry = readEntry(line);
  let origin: string | null = null;
  let code = entry.code;
  if (kind === "transaction") origin = checkTransaction(subject, outcome, entry);
  else code = checkOperation(subject, outcome, entry);
  const access = kind === "access" ? checkAccess(subject, outcome) : null;
  checkOpenings(subject, asList(parts[7]));

  const inclusion = checkReceipt(asBytes(parts[5]), line);
  const note = parseNote(fromUtf8(asBytes(parts[6])));
  if (note.checkpoint.size !== inclusion.size || !equal(note.checkpoint.root, inclusion.root)) {
    throw broken("the path does not lead to the checkpoint");
  }
  if (origin !== null && origin !== note.checkpoint.origin) throw broken("another chain");
  if (!trust.some((key) => equal(key.key, inclusion.kid))) {
    throw new Error("authentication: no trusted key signed this receipt");
  }
  const signatures = votes(note, trust);
  if (!isQuorum(signatures, trust.length)) {
    throw new Error("authentication: too few trusted keys signed the checkpoint");
  }
  return {
    kind,
    position: inclusion.position,
    id: toHex(entry.id),
    height: entry.height,
    time: entry.time,
    code,
    logSize: inclusion.size,
    root: toHex(inclusion.root),
    signatures,
    access,
  };
}
