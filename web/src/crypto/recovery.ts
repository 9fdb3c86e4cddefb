import { call } from "../api/http";
import type { Session } from "../api/types";
import { fromBase64Url, fromHex, random, toBase32, toBase64Url } from "./bytes";
import { kdfText, remember } from "./account";
import { readCode, writeCode } from "./code";
import {
  kdfFloor,
  passwordKeys,
  recoveryAuthKey,
  recoveryKek,
  type KdfParameters,
} from "./derive";
import { need } from "./held";
import { openSlot, readSlotHead, sealSlot } from "./slot";
import { otpauthUri } from "./totp";

// Recovery codes: coming back by one when password and device are lost, and drawing another.

interface Begun {
  token: string;
  account: Uint8Array;
  amk: Uint8Array;
  /** The new code and the new secret of the authenticator app, shown before they count. */
  code: Uint8Array;
  totp: Uint8Array;
  /** Drawn once: a mistyped code of the app does not cost another stretch. */
  locks: { password: string; kdf: KdfParameters; authKey: Uint8Array; kek: Uint8Array } | null;
}

let begun: Begun | null = null;

/** Shows the code and opens the key it seals; nothing is changed yet. */
async function beginRecovery(input: { name: string; code: string; totp: string | null }) {
  const code = readCode(input.code);
  const answer = await call<{
    account: string;
    kind: "patient" | "staff";
    recovery: string;
    second_factor: boolean;
    slot: string;
  }>("/api/recover", {
    json: {
      name: input.name,
      recovery_auth_key: toBase64Url(recoveryAuthKey(code)),
      code: input.totp,
    },
  });
  const account = fromHex(answer.account);
  const blob = fromBase64Url(answer.slot);
  if (readSlotHead(blob).head.type !== "recovery") throw new Error("malformed: another slot");
  const amk = await openSlot(recoveryKek(code), account, blob);
  begun = {
    token: answer.recovery,
    account,
    amk,
    code: random(16),
    totp: random(20),
    locks: null,
  };
  return {
    kind: answer.kind,
    secondFactor: answer.second_factor,
    uri: otpauthUri(begun.totp, input.name),
    secret: toBase32(begun.totp),
    recovery: writeCode(begun.code),
  };
}

const recoverySlot = (code: Uint8Array, account: Uint8Array, amk: Uint8Array) =>
  sealSlot(
    recoveryKek(code),
    account,
    { type: "recovery", slot: random(16), epoch: 1, kdf: null },
    amk,
  );

/** New password, new code and, when `totp` is its first code, a new second factor; signed in. */
async function finishRecovery(input: { password: string; totp: string | null }) {
  if (!begun) throw new Error("begin the recovery again");
  const { account, amk, code, token, totp } = begun;
  if (begun.locks?.password !== input.password) {
    const kdf: KdfParameters = { ...kdfFloor, salt: random(16) };
    begun.locks = { password: input.password, kdf, ...(await passwordKeys(input.password, kdf)) };
  }
  const { kdf, authKey, kek } = begun.locks;
  const password = await sealSlot(
    kek,
    account,
    { type: "password", slot: random(16), epoch: 1, kdf },
    amk,
  );
  const answer = await call<{ session: Session }>("/api/recover/finish", {
    json: {
      recovery: token,
      kdf: kdfText(kdf),
      auth_key: toBase64Url(authKey),
      recovery_auth_key: toBase64Url(recoveryAuthKey(code)),
      slots: [
        { type: "password", blob: toBase64Url(password) },
        { type: "recovery", blob: toBase64Url(await recoverySlot(code, account, amk)) },
      ],
      totp_secret: input.totp ? toBase64Url(totp) : null,
      totp_code: input.totp,
    },
  });
  begun = null;
  await remember(answer.session, amk, null);
  return { session: answer.session };
}

/** Another recovery code; the one before opens nothing any more. */
async function newRecoveryCode(input: { home: string }): Promise<{ recovery: string }> {
  const entry = need(input.home);
  const code = random(16);
  const blob = toBase64Url(await recoverySlot(code, entry.account, entry.amk));
  await call("/api/slots", {
    home: input.home,
    method: "PUT",
    json: {
      add: [{ type: "recovery", blob }],
      remove: [],
      recovery_auth_key: toBase64Url(recoveryAuthKey(code)),
    },
  });
  return { recovery: writeCode(code) };
}

export const api = { beginRecovery, finishRecovery, newRecoveryCode };
