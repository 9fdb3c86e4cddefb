import { be16, concat, utf8 } from "./bytes";
import {
  agree,
  agreeEphemeral,
  agreePublic,
  counterNonce,
  GcmOpener,
  GcmSealer,
  hkdfExpand,
  hkdfExtract,
  type EphemeralAgreement,
} from "./primitives";

// HPKE (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Suite 1 of
// Salus.

export const encBytes = 32;
const empty = new Uint8Array(0);
const version = utf8("HPKE-v1");
const kemSuite = concat(utf8("KEM"), be16(0x0020));
const hpkeSuite = concat(utf8("HPKE"), be16(0x0020), be16(0x0001), be16(0x0002));

function labeledExtract(
  suite: Uint8Array,
  salt: Uint8Array,
  label: string,
  ikm: Uint8Array,
): Uint8Array {
  return hkdfExtract(salt, concat(version, suite, utf8(label), ikm));
}

function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return hkdfExpand(prk, concat(be16(length), version, suite, utf8(label), info), length);
}

function kemSecret(shared: Uint8Array, enc: Uint8Array, receiver: Uint8Array): Uint8Array {
  const prk = labeledExtract(kemSuite, empty, "eae_prk", shared);
  return labeledExpand(kemSuite, prk, "shared_secret", concat(enc, receiver), 32);
}

interface Schedule {
  key: Uint8Array;
  nonce: Uint8Array;
  exporter: Uint8Array;
}

const pskIdHash = labeledExtract(hpkeSuite, empty, "psk_id_hash", empty);

function schedule(shared: Uint8Array, info: Uint8Array): Schedule {
  const infoHash = labeledExtract(hpkeSuite, empty, "info_hash", info);
  const context = concat(Uint8Array.of(0), pskIdHash, infoHash);
  const secret = labeledExtract(hpkeSuite, shared, "secret", empty);
  return {
    key: labeledExpand(hpkeSuite, secret, "key", context, 32),
    nonce: labeledExpand(hpkeSuite, secret, "base_nonce", context, 12),
    exporter: labeledExpand(hpkeSuite, secret, "exp", context, 32),
  };
}

export interface Sealed {
  enc: Uint8Array;
  ciphertext: Uint8Array;
}

/**
 * Anybody may seal to `to`; only the holder of its private half opens. Ciphertext = plaintext +
 * 16.
 */
export async function seal(
  to: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Sealed> {
  return sealWith(await agreeEphemeral(to), to, info, aad, plaintext);
}

/** With a pair from outside, for known-answer tests: a pair used twice breaks both messages. */
export async function insecureSealForTests(
  secret: Uint8Array,
  to: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Sealed> {
  const pair = { public: agreePublic(secret), shared: agree(secret, to) };
  return sealWith(pair, to, info, aad, plaintext);
}

async function sealWith(
  pair: EphemeralAgreement,
  to: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Sealed> {
  const keys = schedule(kemSecret(pair.shared, pair.public, to), info);
  const sealer = await GcmSealer.create(keys.key);
  return { enc: pair.public, ciphertext: await sealer.seal(keys.nonce, aad, plaintext) };
}

export async function open(
  secret: Uint8Array,
  enc: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
  number = 0,
): Promise<Uint8Array> {
  const shared = kemSecret(agree(secret, enc), enc, agreePublic(secret));
  const keys = schedule(shared, info);
  const opener = await GcmOpener.create(keys.key);
  return opener.open(counterNonce(keys.nonce, number), aad, ciphertext);
}

export function exportSecret(
  secret: Uint8Array,
  enc: Uint8Array,
  info: Uint8Array,
  exporterContext: Uint8Array,
  length: number,
): Uint8Array {
  const keys = schedule(kemSecret(agree(secret, enc), enc, agreePublic(secret)), info);
  return labeledExpand(hpkeSuite, keys.exporter, "sec", exporterContext, length);
}
