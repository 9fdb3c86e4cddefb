import { ed25519, x25519 } from "@noble/curves/ed25519";
import { expand, extract, hkdf } from "@noble/hashes/hkdf";
import { hmac } from "@noble/hashes/hmac";
import { sha1 } from "@noble/hashes/legacy";
import { sha256, sha512 } from "@noble/hashes/sha2";
import { concat } from "./bytes";

// The few primitives everything else is built on. AES-GCM and, where the browser has it, X25519
// come from WebCrypto; the rest from @noble, which runs the same in a worker and under Node.

const empty = new Uint8Array(0);

export { sha256 };
export const hmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array =>
  hmac(sha256, key, data);
export const hmacSha1 = (key: Uint8Array, data: Uint8Array): Uint8Array => hmac(sha1, key, data);
export const hkdfSha256 = (ikm: Uint8Array, info: Uint8Array, length: number): Uint8Array =>
  hkdf(sha256, ikm, empty, info, length);
export const hkdfExtract = (salt: Uint8Array, ikm: Uint8Array): Uint8Array =>
  extract(sha256, ikm, salt);
export const hkdfExpand = (prk: Uint8Array, info: Uint8Array, length: number): Uint8Array =>
  expand(sha256, prk, info, length);
export const hkdfExpandSha512 = (prk: Uint8Array, info: Uint8Array, length: number): Uint8Array =>
  expand(sha512, prk, info, length);

export const signPublic = (seed: Uint8Array): Uint8Array => ed25519.getPublicKey(seed);
export const sign = (seed: Uint8Array, message: Uint8Array): Uint8Array =>
  ed25519.sign(message, seed);

export function verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

export const agreePublic = (secret: Uint8Array): Uint8Array => x25519.getPublicKey(secret);

/** The shared secret; a point of small order is refused. */
export function agree(secret: Uint8Array, point: Uint8Array): Uint8Array {
  return x25519.getSharedSecret(secret, point);
}

export const tagBytes = 16;

async function gcmKey(key: Uint8Array, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key as BufferSource, "AES-GCM", false, [use]);
}

export class GcmSealer {
  private constructor(private readonly key: CryptoKey) {}
  static async create(key: Uint8Array): Promise<GcmSealer> {
    return new GcmSealer(await gcmKey(key, "encrypt"));
  }
  async seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(
      await crypto.subtle.encrypt(
        { name: "AES-GCM", iv: nonce as BufferSource, additionalData: aad as BufferSource },
        this.key,
        plaintext as BufferSource,
      ),
    );
  }
}

export class GcmOpener {
  private constructor(private readonly key: CryptoKey) {}
  static async create(key: Uint8Array): Promise<GcmOpener> {
    return new GcmOpener(await gcmKey(key, "decrypt"));
  }
  /** Rejects with "integrity" when a single bit differs. */
  async open(nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Promise<Uint8Array> {
    try {
      return new Uint8Array(
        await crypto.subtle.decrypt(
          { name: "AES-GCM", iv: nonce as BufferSource, additionalData: aad as BufferSource },
          this.key,
          sealed as BufferSource,
        ),
      );
    } catch {
      throw new Error("integrity: the sealed bytes were changed, or the key is another");
    }
  }
}

/** Base nonce XOR a counter, big-endian at the end: RFC 9180 §5.2 and C2SP chunked-encryption. */
export function counterNonce(base: Uint8Array, counter: number): Uint8Array {
  const out = base.slice();
  for (let i = 0, rest = counter; rest > 0; i++, rest = Math.floor(rest / 256)) {
    const at = out.length - 1 - i;
    out[at] = (out[at] ?? 0) ^ (rest & 255);
  }
  return out;
}

export interface EphemeralAgreement {
  public: Uint8Array;
  shared: Uint8Array;
}

let nativeX25519: boolean | undefined;

/**
 * A fresh pair and its agreement with `point`; WebCrypto's X25519 is ten times faster when there.
 */
export async function agreeEphemeral(point: Uint8Array): Promise<EphemeralAgreement> {
  if (nativeX25519 !== false) {
    try {
      const out = await agreeNative(point);
      nativeX25519 = true;
      return out;
    } catch (error) {
      if (nativeX25519 === true) throw error;
      nativeX25519 = false;
    }
  }
  const secret = crypto.getRandomValues(new Uint8Array(32));
  return { public: agreePublic(secret), shared: agree(secret, point) };
}

async function agreeNative(point: Uint8Array): Promise<EphemeralAgreement> {
  const pair = (await crypto.subtle.generateKey({ name: "X25519" }, false, [
    "deriveBits",
  ])) as CryptoKeyPair;
  const other = await crypto.subtle.importKey(
    "raw",
    point as BufferSource,
    { name: "X25519" },
    false,
    [],
  );
  const shared = await crypto.subtle.deriveBits(
    { name: "X25519", public: other },
    pair.privateKey,
    256,
  );
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  return { public: new Uint8Array(raw), shared: new Uint8Array(shared) };
}

export const sha256Of = (...parts: Uint8Array[]): Uint8Array => sha256(concat(...parts));
