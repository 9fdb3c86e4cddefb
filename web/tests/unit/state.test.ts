import { describe, expect, test } from "vitest";
import { fromHex } from "../../src/crypto/bytes";
import { checkBundle } from "../../src/proof/bundle";
import { parseVerifierKey } from "../../src/proof/note";
import { checkState } from "../../src/proof/state";
import { say } from "../../src/verify/say";
import { utf8 } from "../../src/crypto/bytes";
import { vector } from "./vectors";

interface Example {
  name: string;
  bundle: string;
  kind: "state" | "absence";
  not_permitted?: boolean;
  not_opened?: boolean;
  present?: number;
  absent?: number;
}
const given = vector<{ trust: string; bundles: Example[] }>("ledger-receipt/state.json");
const trust = given.trust.trim().split("\n").map(parseVerifierKey);

describe("receipts about state", () => {
  test.each(given.bundles)("$name: the answer is that of the program", (one) => {
    const claims = checkBundle(fromHex(one.bundle), trust);
    expect(claims.kind).toBe(one.kind);
    expect(claims.absence?.notPermitted).toBe(one.not_permitted);
    expect(claims.absence?.notOpened).toBe(one.not_opened);
    if (one.kind === "state") {
      expect(claims.state?.filter((claim) => claim.value !== null).length).toBe(one.present);
      expect(claims.state?.filter((claim) => claim.value === null).length).toBe(one.absent);
    }
    expect(say(claims).holds).toBe(one.not_permitted !== false && one.not_opened !== false);
  });

  test("any changed byte is refused", () => {
    for (const one of given.bundles) {
      const bytes = fromHex(one.bundle);
      for (let i = 0; i < bytes.length; i += 7) {
        const changed = bytes.slice();
        changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
        expect(() => checkBundle(changed, trust)).toThrow();
      }
    }
  });

  test("too few signatures are no quorum", () => {
    const more = [...trust, ...trust, ...trust].map((key, i) => ({ ...key, name: `n${i}` }));
    expect(() => checkBundle(fromHex(given.bundles[1]!.bundle), more)).toThrow("authentication");
  });
});

describe("state proofs of the format page", () => {
  const root = fromHex("649eb8e016a3cbfce000060bea32c5004ec16a152493a8b2e324fb8745805f42");
  const alpha = fromHex(
    "8300834058207af2c25e19e7db0e33ec4fb7f95b2accb6f344946fefedb3847a7fda5c707ae558201ef77851b70b16f6" +
      "2e58ab9e428ee859db15daa245264cfa5e7a49af3053e304f6",
  );
  const delta = fromHex(
    "830181582033863cfa524018c7a25cd471ecf6a3f7e74ae0592bf5cdced98794939be9f1f6f6",
  );
  test("a value and an absence hold, and not the other way round", () => {
    expect(() => checkState(utf8("alpha"), utf8("1"), alpha, root)).not.toThrow();
    expect(() => checkState(utf8("delta"), null, delta, root)).not.toThrow();
    expect(() => checkState(utf8("alpha"), utf8("2"), alpha, root)).toThrow("integrity");
    expect(() => checkState(utf8("alpha"), null, alpha, root)).toThrow("integrity");
    expect(() => checkState(utf8("delta"), utf8("1"), delta, root)).toThrow("integrity");
  });
});
