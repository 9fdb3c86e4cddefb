import { be64, toBase32 } from "./bytes";
import { hmacSha1 } from "./primitives";

// One-time codes, RFC 6238: SHA-1, six digits, thirty seconds, as authenticator apps expect.

export const totpPeriod = 30;

export function totpCode(secret: Uint8Array, unixSeconds: number): string {
  const mac = hmacSha1(secret, be64(Math.floor(unixSeconds / totpPeriod)));
  const at = (mac[19] ?? 0) & 15;
  const word = new DataView(mac.buffer, mac.byteOffset + at, 4).getUint32(0) & 0x7fffffff;
  return (word % 1_000_000).toString().padStart(6, "0");
}

/** What the QR code carries. */
export function otpauthUri(secret: Uint8Array, account: string): string {
  const label = encodeURIComponent(`Salus:${account}`);
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=Salus`;
}
