import { concat, equal, random, utf8 } from "./bytes";
import { counterNonce, GcmOpener, GcmSealer, hkdfExpandSha512, tagBytes } from "./primitives";

// C2SP chunked-encryption, instance Cobblestone-256: salt 24 ‖ commitment 32 ‖ chunks of 16 KiB,
// each with its tag; the last chunk is shorter and may be empty. What must be bound goes into the
// context.

export const chunkBytes = 16_384;
export const headerBytes = 56;
const saltBytes = 24;
const domain = utf8("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM");
const noAad = new Uint8Array(0);

interface Derived {
  key: Uint8Array;
  nonce: Uint8Array;
  commitment: Uint8Array;
}

function derive(key: Uint8Array, salt: Uint8Array, context: Uint8Array): Derived {
  const info = concat(domain, Uint8Array.of(0), salt, context);
  const okm = hkdfExpandSha512(key, info, 76);
  return { key: okm.subarray(0, 32), nonce: okm.subarray(32, 44), commitment: okm.subarray(44) };
}

export async function seal(
  key: Uint8Array,
  context: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  return insecureSealForTests(key, context, plaintext, random(saltBytes));
}

/** With a salt from outside, for known-answer tests: a salt used twice breaks both messages. */
export async function insecureSealForTests(
  key: Uint8Array,
  context: Uint8Array,
  plaintext: Uint8Array,
  salt: Uint8Array,
): Promise<Uint8Array> {
  const derived = derive(key, salt, context);
  const sealer = await GcmSealer.create(derived.key);
  const parts: Uint8Array[] = [salt, derived.commitment];
  const count = Math.floor(plaintext.length / chunkBytes) + 1;
  for (let i = 0; i < count; i++) {
    const chunk = plaintext.subarray(i * chunkBytes, (i + 1) * chunkBytes);
    parts.push(await sealer.seal(counterNonce(derived.nonce, i), noAad, chunk));
  }
  return concat(...parts);
}

/** The commitment is compared before anything is opened; a message that was cut is refused. */
export async function open(
  key: Uint8Array,
  context: Uint8Array,
  sealed: Uint8Array,
): Promise<Uint8Array> {
  const body = sealed.length - headerBytes;
  const stride = chunkBytes + tagBytes;
  if (body < tagBytes || body % stride < tagBytes) {
    throw new Error("malformed: no sealed message has this size");
  }
  const derived = derive(key, sealed.subarray(0, saltBytes), context);
  if (!equal(derived.commitment, sealed.subarray(saltBytes, headerBytes))) {
    throw new Error("integrity: the key commitment does not fit");
  }
  const opener = await GcmOpener.create(derived.key);
  const parts: Uint8Array[] = [];
  for (let i = 0, at = headerBytes; at < sealed.length; i++, at += stride) {
    const chunk = sealed.subarray(at, at + stride);
    parts.push(await opener.open(counterNonce(derived.nonce, i), noAad, chunk));
  }
  return concat(...parts);
}
