import { argon2id } from "hash-wasm";
import { be32, concat, utf8 } from "./bytes";
import { agreePublic, hkdfSha256, hmacSha256, sha256, signPublic } from "./primitives";

// Everything an account holds comes from its master key (docs/formats/key-derivation.md).

export interface KdfParameters {
  m_kib: number;
  t: number;
  p: number;
  salt: Uint8Array;
}

export const kdfFloor = { m_kib: 65_536, t: 3, p: 1 } as const;
const kdfCeiling = { m_kib: 1 << 20, t: 16 } as const;

export interface PasswordKeys {
  authKey: Uint8Array;
  kek: Uint8Array;
}

/** The floor is the client's own: a server that asks for less is refused. */
export async function passwordKeys(password: string, kdf: KdfParameters): Promise<PasswordKeys> {
  const weak = kdf.m_kib < kdfFloor.m_kib || kdf.t < kdfFloor.t || kdf.p !== kdfFloor.p;
  if (weak) throw new Error("the server asked for weaker password hashing than Salus allows");
  if (kdf.m_kib > kdfCeiling.m_kib || kdf.t > kdfCeiling.t || kdf.salt.length !== 16) {
    throw new Error("the server asked for password hashing that no account uses");
  }
  const stretched = await argon2id({
    password: utf8(password.normalize("NFKC")),
    salt: kdf.salt,
    parallelism: kdf.p,
    iterations: kdf.t,
    memorySize: kdf.m_kib,
    hashLength: 32,
    outputType: "binary",
  });
  const keys = {
    authKey: hkdfSha256(stretched, utf8("salus/v1/auth"), 32),
    kek: hkdfSha256(stretched, utf8("salus/v1/kek"), 32),
  };
  stretched.fill(0);
  return keys;
}

export function demoKeys(key: Uint8Array): PasswordKeys {
  return {
    authKey: hkdfSha256(key, utf8("salus/v1/demo-auth"), 32),
    kek: hkdfSha256(key, utf8("salus/v1/demo-kek"), 32),
  };
}

export const recoveryKek = (code: Uint8Array): Uint8Array =>
  hkdfSha256(code, utf8("salus/v1/recovery-kek"), 32);

/** Proves the code to the server, and opens nothing. */
export const recoveryAuthKey = (code: Uint8Array): Uint8Array =>
  hkdfSha256(code, utf8("salus/v1/recovery-auth"), 32);

export interface ClaimKeys {
  /** What a claim shows; the log holds its hash while the offer stands. */
  secret: Uint8Array;
  kem: Pair;
}

export function claimKeys(code: Uint8Array): ClaimKeys {
  const kem = hkdfSha256(code, utf8("salus/v1/claim-kem"), 32);
  return {
    secret: hkdfSha256(code, utf8("salus/v1/claim"), 32),
    kem: { secret: kem, public: agreePublic(kem) },
  };
}

function derive(amk: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array {
  return hkdfSha256(amk, concat(utf8(label), Uint8Array.of(0), context), length);
}

export interface Pair {
  secret: Uint8Array;
  public: Uint8Array;
}

export const patientAccount = (amk: Uint8Array, organisation: Uint8Array): Uint8Array =>
  derive(amk, "salus/v1/account", organisation, 16);

export function signingPair(amk: Uint8Array, organisation: Uint8Array): Pair {
  const secret = derive(amk, "salus/v1/sig", organisation, 32);
  return { secret, public: signPublic(secret) };
}

export function kemPair(amk: Uint8Array, organisation: Uint8Array, epoch: number): Pair {
  const secret = derive(amk, "salus/v1/kem", concat(organisation, be32(epoch)), 32);
  return { secret, public: agreePublic(secret) };
}

export const labelKey = (amk: Uint8Array, organisation: Uint8Array): Uint8Array =>
  derive(amk, "salus/v1/label-key", organisation, 32);

export function collectionPair(amk: Uint8Array, collection: Uint8Array, epoch: number): Pair {
  const secret = derive(amk, "salus/v1/collection", concat(collection, be32(epoch)), 32);
  return { secret, public: agreePublic(secret) };
}

export const keyringKey = (amk: Uint8Array, account: Uint8Array): Uint8Array =>
  derive(amk, "salus/v1/keyring", account, 32);

export const labelCommitment = (key: Uint8Array): Uint8Array =>
  sha256(concat(utf8("salus/v1/label-key"), key));

export const keyId = (key: Uint8Array): Uint8Array => sha256(key).slice(0, 16);

// Labels: how the chain names people without naming them (docs/contracts/consent.md).

function label(key: Uint8Array, kind: string, id: Uint8Array): Uint8Array {
  return hmacSha256(key, concat(utf8(kind), Uint8Array.of(0), id)).slice(0, 16);
}

export const personLabel = (key: Uint8Array, account: Uint8Array): Uint8Array =>
  label(key, "person", account);
export const organisationLabel = (key: Uint8Array, organisation: Uint8Array): Uint8Array =>
  label(key, "organisation", organisation);
export const roleLabel = (key: Uint8Array, role: string, organisation: Uint8Array): Uint8Array =>
  label(key, "role", concat(utf8(role), Uint8Array.of(0), organisation));
export const categoryLabel = (key: Uint8Array, category: string): Uint8Array =>
  label(key, "category", utf8(category));
