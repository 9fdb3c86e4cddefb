import { random, toHex, utf8 } from "./bytes";
import { asBytes, asList, decode, encode, intMap, Tagged, type Value } from "./cbor";
import type { Pair } from "./derive";
import { sha256, sign, verify } from "./primitives";

// COSE_Sign1 as Salus uses it (docs/formats/transaction.md): EdDSA, the key in the protected
// header,
// a domain label as external data so that a signature made for one purpose is none for another.

export const transactionLabel = "salus/v1/transaction";
export const accessRequestLabel = "salus/v1/access-request";
export const transactionBytesMax = 122_880;
export const operationsMax = 1_000;
const validForMs = 300_000;

function protectedHeader(kid: Uint8Array): Uint8Array {
  return encode(intMap({ 1: -8, 4: kid }));
}

function sigStructure(label: string, header: Uint8Array, payload: Uint8Array): Uint8Array {
  return encode(["Signature1", header, utf8(label), payload]);
}

export interface Signed {
  message: Uint8Array;
  id: Uint8Array;
}

export function coseSign(label: string, pair: Pair, payload: Uint8Array): Signed {
  const header = protectedHeader(pair.public);
  const structure = sigStructure(label, header, payload);
  const signature = sign(pair.secret, structure);
  const message = encode(new Tagged(18, [header, new Map(), payload, signature]));
  return { message, id: sha256(structure) };
}

export interface Opened {
  kid: Uint8Array;
  payload: Uint8Array;
  id: Uint8Array;
}

export function coseVerify(label: string, message: Uint8Array): Opened {
  const tagged = decode(message);
  if (!(tagged instanceof Tagged)) throw new Error("malformed: not a COSE_Sign1");
  const [header, , payload, signature] = asList(tagged.value);
  const map = decode(asBytes(header));
  const kid = asBytes(map instanceof Map ? map.get(4) : undefined, 32);
  const structure = sigStructure(label, asBytes(header), asBytes(payload));
  if (!verify(kid, structure, asBytes(signature, 64))) throw new Error("integrity: bad signature");
  return { kid, payload: asBytes(payload), id: sha256(structure) };
}

export interface Operation {
  contract: string;
  method: string;
  args: Uint8Array;
  payload?: { digest: Uint8Array; size: number };
}

export function operation(contract: string, method: string, args: Value): Operation {
  return { contract, method, args: encode(args) };
}

function operationValue(op: Operation): Value {
  const value: Record<number, Value> = { 1: op.contract, 2: op.method, 3: op.args };
  if (op.payload) value[4] = [op.payload.digest, op.payload.size];
  return intMap(value);
}

export interface TransactionInput {
  chainId: string;
  account: Uint8Array;
  /** The node's clock, since `valid_until` is checked against the block's time. */
  now: number;
  operations: Operation[];
  allOrNothing?: boolean;
}

export function transaction(pair: Pair, input: TransactionInput): Signed {
  const body: Record<number, Value> = {
    1: input.chainId,
    2: input.account,
    3: random(16),
    4: Math.floor(input.now) + validForMs,
    5: input.operations.map(operationValue),
  };
  if (input.allOrNothing) body[6] = 1;
  const signed = coseSign(transactionLabel, pair, encode(intMap(body)));
  if (signed.message.length > transactionBytesMax) throw new Error("out_of_range: too many bytes");
  return signed;
}

export interface AccessRequest {
  chainId: string;
  account: Uint8Array;
  now: number;
  patient: Uint8Array;
  records: Uint8Array[];
  purpose: string;
  action: string;
}

export function accessRequest(pair: Pair, request: AccessRequest): Uint8Array {
  const payload = encode(
    intMap({
      1: request.chainId,
      2: request.account,
      3: random(16),
      4: Math.floor(request.now),
      5: request.patient,
      6: request.records,
      7: request.purpose,
      8: request.action,
    }),
  );
  return coseSign(accessRequestLabel, pair, payload).message;
}

export const newId = (): string => toHex(random(16));
