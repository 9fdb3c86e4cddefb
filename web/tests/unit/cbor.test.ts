import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/crypto/bytes";
import { decode, encode, intMap, Tagged, type Value } from "../../src/crypto/cbor";
import { vectorText } from "./vectors";

describe("canonical CBOR", () => {
  const lines = vectorText("rfc8949/appendix_a.txt").trim().split("\n");
  test.each(lines.map((line) => line.split(" ")))(
    "RFC 8949 appendix A: %s is %s",
    (hex, verdict) => {
      if (verdict === "accept") expect(toHex(encode(decode(fromHex(hex!))))).toBe(hex);
      else expect(() => decode(fromHex(hex!))).toThrow();
    },
  );

  test("the worked example of the format page has these bytes", () => {
    const value = new Map<number | string, Value>([
      ["id", ["ü", 1000]],
      [-1, true],
      [1, Uint8Array.of(0, 255)],
    ]);
    expect(toHex(encode(value))).toBe("a3014200ff20f56269648262c3bc1903e8");
  });

  test("keys that do not ascend are refused", () => {
    expect(() => decode(fromHex("a20200" + "0100"))).toThrow();
    expect(() => decode(fromHex("a20100" + "0200"))).not.toThrow();
  });

  test("sixteen arrays around an item are accepted and seventeen are not", () => {
    expect(() => decode(fromHex("81".repeat(16) + "00"))).not.toThrow();
    expect(() => decode(fromHex("81".repeat(17) + "00"))).toThrow();
  });

  test("tag 18 is allowed outermost and nowhere else", () => {
    expect(decode(encode(new Tagged(18, [1])))).toBeInstanceOf(Tagged);
    expect(() => decode(fromHex("81d28101"))).toThrow();
  });

  test("integers keep their value up to 64 bits", () => {
    for (const value of [0, 23, 24, 255, 256, 65_536, 2 ** 32, 2 ** 53 - 1, 2n ** 64n - 1n]) {
      expect(decode(encode(value))).toBe(value);
    }
  });

  test("bytes behind the item are refused", () => {
    expect(() => decode(fromHex("0000"))).toThrow();
    expect(() => decode(encode(intMap({ 1: 2 })))).not.toThrow();
  });
});
