import { be32, concat, fromBase32, random, toBase32, utf8 } from "./bytes";
import type { KdfParameters } from "./derive";
import { GcmOpener, GcmSealer, hkdfSha256, sha256 } from "./primitives";

// A slot is a sealed copy of the account master key.

export interface SlotPlace {
  account: Uint8Array;
  type: string;
  kdf: KdfParameters | null;
  epoch: number;
}

const header = concat(utf8("SALUS"), Uint8Array.of(1, 1));

function aad(place: SlotPlace): Uint8Array {
  const kdf = place.kdf;
  const kdfBytes = kdf
    ? concat(be32(kdf.m_kib), be32(kdf.t), be32(kdf.p), kdf.salt)
    : new Uint8Array(0);
  return concat(header, place.account, utf8(place.type), kdfBytes, be32(place.epoch));
}

export async function sealSlot(
  kek: Uint8Array,
  place: SlotPlace,
  secret: Uint8Array,
): Promise<Uint8Array> {
  const salt = random(24);
  const okm = hkdfSha256(kek, concat(utf8("salus/v1/slot"), salt), 44);
  const sealer = await GcmSealer.create(okm.subarray(0, 32));
  return concat(header, salt, await sealer.seal(okm.subarray(32), aad(place), secret));
}

export async function openSlot(
  kek: Uint8Array,
  place: SlotPlace,
  blob: Uint8Array,
): Promise<Uint8Array> {
  const salt = blob.subarray(header.length, header.length + 24);
  const okm = hkdfSha256(kek, concat(utf8("salus/v1/slot"), salt), 44);
  const opener = await GcmOpener.create(okm.subarray(0, 32));
  return opener.open(okm.subarray(32), aad(place), blob.subarray(header.length + 24));
}

/** Groups of four; the last carries a check, so that a mistyped code is known at once. */
export function recoveryText(code: Uint8Array): string {
  const check = sha256(concat(utf8("salus/v1/recovery-check"), code)).subarray(0, 2);
  return toBase32(concat(code, check)).match(/.{1,4}/g)?.join("-") ?? "";
}

export function recoveryBytes(text: string): Uint8Array {
  const raw = fromBase32(text.replace(/[\s-]/g, ""));
  const code = raw.slice(0, 16);
  if (recoveryText(code).replace(/-/g, "") !== text.replace(/[\s-]/g, "").toUpperCase()) {
    throw new Error("This recovery code has a typing mistake.");
  }
  return code;
}
