import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "../../src/crypto/bytes";
import { headerHash, checkChain, type HeaderText, type LogCopy } from "../../src/proof/chain";
import { checkInclusion, inclusionPath, leafHash, merkleRoot } from "../../src/proof/merkle";
import { parseNote, parseVerifierKey, votes } from "../../src/proof/note";
import { sha256, sign, signPublic } from "../../src/crypto/primitives";
import { concat, toBase64, utf8 } from "../../src/crypto/bytes";
import { vector } from "./vectors";

describe("Merkle trees of RFC 9162", () => {
  const leaves = Array.from({ length: 33 }, (_, i) => leafHash(Uint8Array.of(i)));

  test("every leaf of every tree up to 33 has a path to its root, and no other", () => {
    for (let size = 1; size <= leaves.length; size++) {
      const list = leaves.slice(0, size);
      const root = merkleRoot(list);
      for (let i = 0; i < size; i++) {
        const path = inclusionPath(list, i);
        expect(() => checkInclusion(list[i]!, i, size, path, root)).not.toThrow();
        if (size > 1) {
          const other = (i + 1) % size;
          expect(() => checkInclusion(list[other]!, i, size, path, root)).toThrow("integrity");
        }
      }
    }
  });

  test("the root of no leaves is the hash of nothing", () => {
    expect(toHex(merkleRoot([]))).toBe(toHex(sha256(new Uint8Array(0))));
  });
});

describe("signed notes", () => {
  const given = vector<{ keys: string[]; note: string }>("ledger-note/note.json");

  test("a member's and a witness's signature hold", () => {
    expect(votes(parseNote(given.note), given.keys.map(parseVerifierKey))).toBe(2);
  });

  test("a changed line breaks both", () => {
    const changed = given.note.replace("\n7\n", "\n8\n");
    expect(() => votes(parseNote(changed), given.keys.map(parseVerifierKey))).toThrow("integrity");
  });

  test("a key whose hash differs is refused", () => {
    expect(() => parseVerifierKey(given.keys[0]!.replace("c75a727f", "c75a727e"))).toThrow();
  });
});

describe("the chain of headers", () => {
  const seed = sha256(utf8("a member"));
  const key = signPublic(seed);
  const name = "salus/test/aa";
  const hash = sha256(concat(utf8(name), Uint8Array.of(0x0a, 1), key)).slice(0, 4);
  const text = `${name}+${toHex(hash)}+${toBase64(concat(Uint8Array.of(1), key))}`;
  const zero = "00".repeat(32);

  function copyOf(count: number): LogCopy {
    const headers: HeaderText[] = [];
    let previous = zero;
    for (let height = 1; height <= count; height++) {
      const header: HeaderText = {
        height,
        time: height * 1000,
        previous,
        transaction_root: zero,
        result_root: zero,
        log_root: toHex(sha256(Uint8Array.of(height))),
        log_size: height * 2,
        state_root: zero,
        config_root: zero,
        proposer: "11".repeat(16),
        header_hash: "",
        log_from: (height - 1) * 2,
      };
      header.header_hash = toHex(headerHash(header));
      previous = header.header_hash;
      headers.push(header);
    }
    const last = headers[count - 1]!;
    const note =
      `salus/test\n${last.log_size}\n${toBase64(fromHex(last.log_root))}\n` +
      `height ${last.height} ${toBase64(fromHex(last.header_hash))}\n` +
      `state ${toBase64(fromHex(zero))}\n`;
    const line = `— ${name} ${toBase64(concat(hash, sign(seed, utf8(note))))}\n`;
    const checkpoint = `${note}\n${line}`;
    return {
      type: "salus-log-copy",
      chain_id: "test",
      genesis: zero,
      keys: [text],
      checkpoint,
      headers,
    };
  }

  test("a whole one fits", () => {
    const verdict = checkChain(copyOf(9), [parseVerifierKey(text)]);
    expect(verdict).toMatchObject({ blocks: 9, entries: 18, signatures: 1, bad: null });
  });

  test.each(["time", "log_size", "previous", "state_root", "proposer"] as const)(
    "a changed %s is found in its block",
    (field) => {
      const copy = copyOf(9);
      const header = copy.headers[4]!;
      if (typeof header[field] === "number") (header[field] as number) += 1;
      else (header[field] as string) = "ff" + (header[field] as string).slice(2);
      expect(checkChain(copy, [parseVerifierKey(text)]).bad?.height).toBe(5);
    },
  );

  test("a block left out is found at the next", () => {
    const copy = copyOf(9);
    copy.headers.splice(4, 1);
    expect(checkChain(copy, [parseVerifierKey(text)]).bad?.height).toBe(6);
  });

  test("a shorter copy than its checkpoint is refused", () => {
    const copy = copyOf(9);
    copy.headers.pop();
    expect(checkChain(copy, [parseVerifierKey(text)]).bad?.height).toBe(8);
  });
});
