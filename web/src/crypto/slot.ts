import { blobBody, blobHead, blobKind, prefixed } from "./blob";
import { be32, concat, utf8 } from "./bytes";
import * as chunked from "./chunked";
import type { KdfParameters } from "./derive";

// A slot: the account master key sealed under a key that a password, a recovery code or a demo link
// gives (docs/formats/key-slot.md). The server stores slots and opens none.

export const slotTypes = { password: 1, recovery: 2, passkey: 3, demo: 4 } as const;
export type SlotType = keyof typeof slotTypes;

export interface SlotHead {
  type: SlotType;
  slot: Uint8Array;
  epoch: number;
  kdf: KdfParameters | null;
}

const fixedBytes = 22;
const kdfBytes = 28;

function encodeKdf(kdf: KdfParameters | null): Uint8Array {
  if (!kdf) return new Uint8Array(0);
  return concat(be32(kdf.m_kib), be32(kdf.t), be32(kdf.p), kdf.salt);
}

function contextOf(account: Uint8Array, head: SlotHead): Uint8Array {
  const fields = prefixed(
    account,
    head.slot,
    Uint8Array.of(slotTypes[head.type]),
    encodeKdf(head.kdf),
    be32(head.epoch),
  );
  return concat(utf8("salus/v1/slot"), Uint8Array.of(0), fields);
}

function encodeHead(head: SlotHead): Uint8Array {
  const kdf = encodeKdf(head.kdf);
  return concat(
    blobHead(blobKind.keySlot),
    Uint8Array.of(slotTypes[head.type]),
    head.slot,
    be32(head.epoch),
    Uint8Array.of(kdf.length),
    kdf,
  );
}

export async function sealSlot(
  kek: Uint8Array,
  account: Uint8Array,
  head: SlotHead,
  payload: Uint8Array,
  insecureSaltForTests?: Uint8Array,
): Promise<Uint8Array> {
  if ((head.kdf !== null) !== (head.type === "password")) {
    throw new Error("malformed: a password slot has KDF parameters, and no other has");
  }
  const context = contextOf(account, head);
  const sealed = insecureSaltForTests
    ? await chunked.insecureSealForTests(kek, context, payload, insecureSaltForTests)
    : await chunked.seal(kek, context, payload);
  return concat(encodeHead(head), sealed);
}

/** What a slot says before it is opened; all of it is bound by the seal. */
export function readSlotHead(blob: Uint8Array): { head: SlotHead; sealed: Uint8Array } {
  const body = blobBody(blob, blobKind.keySlot);
  if (body.length < fixedBytes) throw new Error("malformed: the slot ends early");
  const number = body[0];
  const type = (Object.keys(slotTypes) as SlotType[]).find((name) => slotTypes[name] === number);
  if (!type) throw new Error("malformed: unknown slot type");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const size = body[21] ?? 0;
  const head: SlotHead = { type, slot: body.slice(1, 17), epoch: view.getUint32(17), kdf: null };
  if (size === kdfBytes && body.length >= fixedBytes + kdfBytes) {
    head.kdf = {
      m_kib: view.getUint32(22),
      t: view.getUint32(26),
      p: view.getUint32(30),
      salt: body.slice(34, 50),
    };
  } else if (size !== 0) throw new Error("malformed: KDF parameters of another size");
  if ((head.kdf !== null) !== (type === "password")) {
    throw new Error("malformed: a password slot has KDF parameters, and no other has");
  }
  return { head, sealed: body.subarray(fixedBytes + size) };
}

export async function openSlot(
  kek: Uint8Array,
  account: Uint8Array,
  blob: Uint8Array,
): Promise<Uint8Array> {
  const { head, sealed } = readSlotHead(blob);
  return chunked.open(kek, contextOf(account, head), sealed);
}
