import { describe, expect, test } from "vitest";
import { blobKind } from "../../src/crypto/blob";
import { fromHex, toHex, utf8 } from "../../src/crypto/bytes";
import { readCode, writeCode } from "../../src/crypto/code";
import { coseSign, coseVerify, transactionLabel } from "../../src/crypto/cose";
import * as derive from "../../src/crypto/derive";
import { bodyContext, openBody, openRecord, paddedBytes, sealBody } from "../../src/crypto/sealed";
import { openSlot, readSlotHead, sealSlot, type SlotHead } from "../../src/crypto/slot";
import { unwrap, wrap, wrapAad, wrapDigest } from "../../src/crypto/wrap";
import { vector } from "./vectors";

type Texts = Record<string, string>;

interface KeySlot {
  amk: string;
  slot_id: string;
  derived: Texts & { epoch: never };
  password: Texts & { m_kib: never; t: never; p: never };
  recovery: Texts;
  demo: Texts;
}

describe("what an account derives", () => {
  const slots = vector<KeySlot>("salus/key-slot.json");
  const amk = fromHex(slots.amk);
  const { derived } = slots;
  const epoch = derived.epoch as unknown as number;
  const organisation = fromHex(derived["organisation"]!);

  test("one password gives one key, however a keyboard spells it", async () => {
    const { spellings, password } = slots as unknown as Record<string, Record<string, string>>;
    const kdf = { ...derive.kdfFloor, salt: fromHex(password!["salt"]!) };
    for (const field of ["composed", "decomposed"]) {
      const typed = new TextDecoder().decode(fromHex(spellings![field]!));
      const keys = await derive.passwordKeys(typed, kdf);
      expect(toHex(keys.authKey)).toBe(spellings!["auth_key"]);
    }
  });

  test("a recovery code proves itself by a key that opens nothing", () => {
    const { recovery } = slots as unknown as Record<string, Record<string, string>>;
    const code = fromHex(recovery!["code"]!);
    expect(toHex(derive.recoveryAuthKey(code))).toBe(recovery!["auth_key"]);
  });

  test("every key of docs/formats/key-derivation.md comes from the master key", () => {
    const sig = derive.signingPair(amk, organisation);
    const kem = derive.kemPair(amk, organisation, epoch);
    const collection = derive.collectionPair(amk, fromHex(derived["collection"]!), epoch);
    const got = {
      account_id: derive.patientAccount(amk, organisation),
      sig_seed: sig.secret,
      sig_public: sig.public,
      kem_private: kem.secret,
      kem_public: kem.public,
      label_key: derive.labelKey(amk, organisation),
      collection_private: collection.secret,
      collection_public: collection.public,
      collection_key_id: derive.keyId(collection.public),
      keyring_key: derive.keyringKey(amk, fromHex(derived["account"]!)),
    };
    for (const [name, value] of Object.entries(got)) {
      expect([name, toHex(value)]).toEqual([name, derived[name]]);
    }
  });

  test("a password gives an authKey for the server and a key that stays here", async () => {
    const { password } = slots;
    const kdf = { m_kib: 65_536, t: 3, p: 1, salt: fromHex(password["salt"]!) };
    const keys = await derive.passwordKeys(password["text"]!, kdf);
    expect(toHex(keys.authKey)).toBe(password["auth_key"]);
    expect(toHex(keys.kek)).toBe(password["kek"]);
  });

  test("weaker hashing than the floor is refused whatever the server says", async () => {
    const salt = new Uint8Array(16);
    const floor = { m_kib: 65_536, t: 3, p: 1, salt };
    for (const weak of [{ m_kib: 65_535 }, { t: 2 }, { p: 2 }]) {
      await expect(derive.passwordKeys("x", { ...floor, ...weak })).rejects.toThrow("weaker");
    }
  });

  test("a demo key gives its own two keys", () => {
    const keys = derive.demoKeys(fromHex(slots.demo["key"]!));
    expect(toHex(keys.authKey)).toBe(slots.demo["auth_key"]);
    expect(toHex(keys.kek)).toBe(slots.demo["kek"]);
  });

  test("a password slot has these bytes, and opens", async () => {
    const { password } = slots;
    const account = fromHex(derived["account"]!);
    const { head } = readSlotHead(fromHex(password["blob"]!));
    expect(toHex(head.slot)).toBe(slots.slot_id);
    const kek = fromHex(password["kek"]!);
    const salt = fromHex(password["chunked_salt"]!);
    expect(toHex(await sealSlot(kek, account, head, amk, salt))).toBe(password["blob"]);
    expect(await openSlot(kek, account, fromHex(password["blob"]!))).toEqual(amk);
  });

  test("a recovery slot has these bytes, and opens with the written code", async () => {
    const { recovery } = slots;
    const code = fromHex(recovery["code"]!);
    expect(writeCode(code)).toBe(recovery["text"]);
    expect(readCode(recovery["text"]!.toLowerCase())).toEqual(code);
    expect(toHex(derive.recoveryKek(code))).toBe(recovery["kek"]);
    const account = fromHex(derived["account"]!);
    const kek = fromHex(recovery["kek"]!);
    expect(await openSlot(kek, account, fromHex(recovery["blob"]!))).toEqual(amk);
  });

  test("any one wrong character of a code is noticed", () => {
    const text = slots.recovery["text"]!.replace(/-/g, "");
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === "A" ? "B" : "A";
      expect(() => readCode(text.slice(0, i) + other + text.slice(i + 1))).toThrow();
    }
  });

  test("a changed bit anywhere in a slot is refused", async () => {
    const account = fromHex(derived["account"]!);
    const kek = fromHex(slots.password["kek"]!);
    const blob = fromHex(slots.password["blob"]!);
    for (let i = 0; i < blob.length; i += 3) {
      const changed = blob.slice();
      changed[i] = changed[i]! ^ 1;
      await expect(openSlot(kek, account, changed)).rejects.toThrow();
    }
  });

  test("only a password slot carries KDF parameters", async () => {
    const head: SlotHead = { type: "password", slot: new Uint8Array(16), epoch: 1, kdf: null };
    await expect(sealSlot(amk, amk.slice(16), head, amk)).rejects.toThrow("malformed");
  });
});

describe("wraps", () => {
  const given = vector<Texts & { epoch: never; not_after: never }>("salus/hpke-wrap.json");
  const context = {
    chainId: given["chain_id"]!,
    patient: fromHex(given["patient"]!),
    object: fromHex(given["object"]!),
    category: fromHex(given["category"]!),
    epoch: given.epoch as unknown as number,
    granter: fromHex(given["granter"]!),
    grant: fromHex(given["grant"]!),
    notAfter: given.not_after as unknown as number,
    purpose: given["purpose"]!,
  };
  const kind = blobKind.collectionKey;

  test("a wrap has these bytes, and opens", async () => {
    const to = fromHex(given["grantee_public"]!);
    const payload = fromHex(given["payload"]!);
    const ephemeral = fromHex(given["ephemeral_private"]!);
    expect(toHex(wrapAad(kind, context, derive.keyId(to)))).toBe(given["aad"]);
    expect(toHex(await wrap(kind, payload, to, context, ephemeral))).toBe(given["blob"]);
    const blob = fromHex(given["blob"]!);
    expect(toHex(wrapDigest(kind, blob))).toBe(given["digest"]);
    expect(await unwrap(kind, blob, fromHex(given["grantee_private"]!), context)).toEqual(payload);
  });

  test("a wrap opens for its directive, purpose, epoch and end only", async () => {
    const blob = fromHex(given["blob"]!);
    const secret = fromHex(given["grantee_private"]!);
    const others = [
      { ...context, purpose: "HRESCH" },
      { ...context, epoch: context.epoch + 1 },
      { ...context, notAfter: context.notAfter + 1 },
      { ...context, grant: new Uint8Array(16) },
    ];
    for (const other of others) {
      await expect(unwrap(kind, blob, secret, other)).rejects.toThrow("integrity");
    }
  });
});

describe("sealed records", () => {
  interface Sealed {
    version: number;
    epoch: number;
    padding: { plaintext: number; padded: number }[];
  }
  const given = vector<Sealed & Texts>("salus/sealed-record.json" as string) as unknown as Sealed &
    Record<string, string>;
  const text = (name: string): string => given[name] as string;
  const context = {
    chainId: text("chain_id"),
    patient: fromHex(text("patient")),
    object: fromHex(text("object")),
    version: given.version,
    category: fromHex(text("category")),
    epoch: given.epoch,
    granter: fromHex(text("granter")),
  };

  test("body and key wrap have these bytes, and open", async () => {
    const key = fromHex(text("data_key"));
    expect(toHex(bodyContext(context))).toBe(text("context"));
    const salt = fromHex(text("chunked_salt"));
    const plaintext = utf8(text("plaintext"));
    expect(toHex(await sealBody(key, bodyContext(context), plaintext, salt))).toBe(text("body"));
    const to = fromHex(text("collection_public"));
    const ephemeral = fromHex(text("ephemeral_private"));
    expect(toHex(await wrap(blobKind.dataKey, key, to, context, ephemeral))).toBe(text("wrap"));
    const secret = fromHex(text("collection_private"));
    const opened = await openRecord(secret, context, fromHex(text("wrap")), fromHex(text("body")));
    expect(opened).toEqual(plaintext);
  });

  test.each(given.padding.map((one) => [one.plaintext, one.padded]))(
    "%i bytes are stored as %i",
    (plaintext, padded) => expect(paddedBytes(plaintext!)).toBe(padded),
  );

  test("a body under another key or record is refused", async () => {
    const body = fromHex(text("body"));
    const key = fromHex(text("data_key"));
    const other = bodyContext({ ...context, object: new Uint8Array(16) });
    await expect(openBody(key, other, body)).rejects.toThrow("integrity");
    await expect(openBody(new Uint8Array(32), bodyContext(context), body)).rejects.toThrow();
  });
});

describe("transactions", () => {
  test("an envelope has the bytes and the id of the vector", () => {
    const given = vector<Texts>("ledger-cose/transaction.json");
    const secret = fromHex(given["seed"]!);
    const pair = { secret, public: fromHex(given["kid"]!) };
    const signed = coseSign(transactionLabel, pair, fromHex(given["payload"]!));
    expect(toHex(signed.message)).toBe(given["envelope"]);
    expect(toHex(signed.id)).toBe(given["id"]);
  });

  test("a signature made for one purpose is none for another", () => {
    const seed = new Uint8Array(32).fill(1);
    const pair = derive.signingPair(seed, new Uint8Array(16));
    const { message } = coseSign(transactionLabel, pair, Uint8Array.of(1, 2, 3));
    expect(coseVerify(transactionLabel, message).payload).toEqual(Uint8Array.of(1, 2, 3));
    expect(() => coseVerify("salus/v1/access-request", message)).toThrow("integrity");
    const last = message.length - 1;
    message[last] = message[last]! ^ 1;
    expect(() => coseVerify(transactionLabel, message)).toThrow();
  });
});
