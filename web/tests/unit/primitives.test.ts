import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromBase64, fromHex, toHex } from "../../src/crypto/bytes";
import * as chunked from "../../src/crypto/chunked";
import * as hpke from "../../src/crypto/hpke";
import { agree, agreePublic, signPublic, verify } from "../../src/crypto/primitives";
import { totpCode } from "../../src/crypto/totp";
import { vector } from "./vectors";

interface HpkeCase {
  info: string;
  skRm: string;
  skEm: string;
  pkRm: string;
  enc: string;
  encryptions: { aad: string; ct: string; pt: string }[];
  exports: { exporter_context: string; L: number; exported_value: string }[];
}

describe("HPKE against RFC 9180", () => {
  const { cases } = vector<{ cases: HpkeCase[] }>("rfc9180/base_x25519_sha256_aes256gcm.json");
  test.each(cases.map((one, i) => [i, one] as const))("case %i seals and opens", async (_, one) => {
    const first = one.encryptions[0]!;
    const sealed = await hpke.insecureSealForTests(
      fromHex(one.skEm),
      fromHex(one.pkRm),
      fromHex(one.info),
      fromHex(first.aad),
      fromHex(first.pt),
    );
    expect(toHex(sealed.enc)).toBe(one.enc);
    expect(toHex(sealed.ciphertext)).toBe(first.ct);
    for (const [number, message] of one.encryptions.entries()) {
      if (number > 4) break;
      const opened = await hpke.open(
        fromHex(one.skRm),
        fromHex(one.enc),
        fromHex(one.info),
        fromHex(message.aad),
        fromHex(message.ct),
        number,
      );
      expect(toHex(opened)).toBe(message.pt);
    }
    for (const secret of one.exports ?? []) {
      const context = fromHex(secret.exporter_context);
      const [key, enc, info] = [fromHex(one.skRm), fromHex(one.enc), fromHex(one.info)];
      expect(toHex(hpke.exportSecret(key, enc, info, context, secret.L))).toBe(
        secret.exported_value,
      );
    }
  });

  test("what was sealed to a key opens with it, and with no other context", async () => {
    const secret = new Uint8Array(32).fill(7);
    const [info, aad] = [Uint8Array.of(1), Uint8Array.of(2)];
    const sealed = await hpke.seal(agreePublic(secret), info, aad, Uint8Array.of(9));
    const { enc, ciphertext } = sealed;
    expect(await hpke.open(secret, enc, info, aad, ciphertext)).toEqual(Uint8Array.of(9));
    await expect(hpke.open(secret, enc, info, info, ciphertext)).rejects.toThrow("integrity");
  });
});

describe("chunked bodies against C2SP", () => {
  interface Case {
    id: number;
    comment: string;
    key: string;
    context: string;
    ct: string;
    ok: boolean;
    length: number;
    sha512: string;
  }
  const { cases } = vector<{ cases: Case[] }>("c2sp-chunked/cobblestone_256.json");
  const usable = cases.filter((one) => one.key.length === 64);
  test.each(usable.map((one) => [one.comment, one] as const))("%s", async (_, one) => {
    const [key, context] = [fromHex(one.key), fromHex(one.context)];
    const work = chunked.open(key, context, fromBase64(one.ct));
    if (!one.ok) return expect(work).rejects.toThrow();
    const plaintext = await work;
    expect(plaintext.length).toBe(one.length);
    expect(createHash("sha512").update(plaintext).digest("hex")).toBe(one.sha512);
  });

  test.each([0, 1, 16_383, 16_384, 16_385, 40_000])("%i bytes come back", async (size) => {
    const key = new Uint8Array(32).fill(3);
    const plaintext = new Uint8Array(size).map((_, i) => i & 255);
    const sealed = await chunked.seal(key, Uint8Array.of(5), plaintext);
    expect(await chunked.open(key, Uint8Array.of(5), sealed)).toEqual(plaintext);
    const last = sealed.length - 1;
    sealed[last] = sealed[last]! ^ 1;
    await expect(chunked.open(key, Uint8Array.of(5), sealed)).rejects.toThrow("integrity");
  });
});

describe("curves", () => {
  interface Group {
    testGroups?: unknown;
    cases?: { pk: string; msg: string; sig: string; ok: boolean }[];
  }
  test("a signature is checked without the cofactor", () => {
    const suite = vector<Group>("ed25519-speccheck/cases.json");
    expect(suite).toBeTruthy();
    const seed = fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    expect(toHex(signPublic(seed))).toBe(
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
    expect(verify(signPublic(seed), Uint8Array.of(1), new Uint8Array(64))).toBe(false);
  });

  test("a point of small order is refused", () => {
    expect(() => agree(new Uint8Array(32).fill(1), new Uint8Array(32))).toThrow();
  });
});

describe("one-time codes against RFC 6238", () => {
  interface Case {
    secret: string;
    unix: number;
    algorithm: string;
    digits: number;
    code: string;
  }
  const cases = vector<{ cases: Case[] }>("rfc6238/totp.json").cases.filter(
    (one) => one.algorithm === "sha1",
  );
  test.each(cases.map((one) => [one.unix, one] as const))("second %i", (_, one) => {
    expect(totpCode(fromHex(one.secret), one.unix)).toBe(one.code.slice(-6));
  });
});
