import { call } from "../api/http";
import type { KdfText, Receipt, Session, Slot } from "../api/types";
import { fromBase64Url, fromHex, random, toBase32, toBase64Url } from "./bytes";
import { asBytes, asMap, decode, intMap } from "./cbor";
import { operation, transaction } from "./cose";
import {
  demoKeys,
  kdfFloor,
  kemPair,
  labelCommitment,
  labelKey,
  passwordKeys,
  patientAccount,
  recoveryAuthKey,
  recoveryKek,
  signingPair,
  type KdfParameters,
  type PasswordKeys,
} from "./derive";
import { drop, hold, isHeld, need, nodeStatus } from "./held";
import { forget, keep, recall } from "./reload";
import { writeCode } from "./code";
import { openSlot, readSlotHead, sealSlot, type SlotHead } from "./slot";
import { otpauthUri, totpCode, totpPeriod } from "./totp";

// Accounts: signing up, signing in, coming back after a reload, proving a factor, leaving.

interface Pending {
  amk: Uint8Array;
  account: Uint8Array;
  organisation: Uint8Array;
  totp: Uint8Array;
  recovery: Uint8Array;
  name: string;
  kind: "patient" | "staff";
}

let pending: Pending | null = null;

/** Draws the account's secrets; nothing is sent yet. */
async function beginSignUp(input: { name: string; kind: "patient" | "staff" }) {
  const status = await nodeStatus();
  if (!status.organisation) throw new Error("this node has no organisation yet");
  const organisation = fromHex(status.organisation.id);
  const amk = random(32);
  const isPatient = input.kind === "patient";
  pending = {
    amk,
    account: isPatient ? patientAccount(amk, organisation) : random(16),
    organisation,
    totp: random(20),
    recovery: random(16),
    name: input.name,
    kind: input.kind,
  };
  return {
    uri: otpauthUri(pending.totp, input.name),
    secret: toBase32(pending.totp),
    recovery: writeCode(pending.recovery),
    organisation: status.organisation.name,
  };
}

interface SignUpInput {
  password: string;
  displayName: string;
  invitation: string | null;
  code: string | null;
}

async function finishSignUp(input: SignUpInput): Promise<{ session: Session; receipt: Receipt }> {
  if (!pending) throw new Error("start the sign-up again");
  const { amk, account, organisation, totp, recovery, name, kind } = pending;
  const status = await nodeStatus();
  const salt = random(16);
  const kdf: KdfParameters = { ...kdfFloor, salt };
  const keys = await passwordKeys(input.password, kdf);
  const sig = signingPair(amk, organisation);
  const label = labelKey(amk, organisation);
  const enrol = operation(
    "registry",
    "enrol",
    intMap({
      1: kind,
      2: sig.public,
      3: kemPair(amk, organisation, 1).public,
      4: labelCommitment(label),
    }),
  );
  const signed = transaction(sig, {
    chainId: status.chain_id,
    account,
    now: status.time,
    operations: [enrol],
  });
  const head: SlotHead = { type: "password", slot: random(16), epoch: 1, kdf };
  const second: SlotHead = { type: "recovery", slot: random(16), epoch: 1, kdf: null };
  const kek = recoveryKek(recovery);
  const slots = [
    { type: "password", blob: toBase64Url(await sealSlot(keys.kek, account, head, amk)) },
    { type: "recovery", blob: toBase64Url(await sealSlot(kek, account, second, amk)) },
  ];
  const answer = await call<{ account: string; receipt: Receipt; session: Session }>(
    "/api/signup",
    {
      json: {
        name,
        kind,
        invitation: input.invitation,
        display_name: input.displayName,
        kdf: kdfText(kdf),
        auth_key: toBase64Url(keys.authKey),
        recovery_auth_key: toBase64Url(recoveryAuthKey(recovery)),
        slots,
        tx: toBase64Url(signed.message),
        label_key: toBase64Url(label),
        totp_secret: input.code ? toBase64Url(totp) : null,
        totp_code: input.code,
      },
    },
  );
  pending = null;
  await remember(answer.session, amk, null);
  return { session: answer.session, receipt: answer.receipt };
}

export const kdfText = (kdf: KdfParameters): KdfText => ({ ...kdf, salt: toBase64Url(kdf.salt) });

// Between "the password was right, now the code" and the code, the stretched keys wait here once.
let waiting: { name: string; password: string; kdf: string; keys: PasswordKeys } | null = null;

async function signIn(input: { name: string; password: string; code: string | null }) {
  const { kdf } = await call<{ kdf: KdfText }>("/api/prelogin", { json: { name: input.name } });
  const parameters: KdfParameters = { ...kdf, salt: fromBase64Url(kdf.salt) };
  const same =
    waiting?.name === input.name &&
    waiting.password === input.password &&
    waiting.kdf === JSON.stringify(kdf);
  const keys = same && waiting ? waiting.keys : await passwordKeys(input.password, parameters);
  waiting = { name: input.name, password: input.password, kdf: JSON.stringify(kdf), keys };
  const answer = await call<{ account: string; session: Session; slots: Slot[] }>("/api/login", {
    json: { name: input.name, auth_key: toBase64Url(keys.authKey), code: input.code },
  });
  waiting = null;
  const slot = answer.slots.find((one) => one.type === "password");
  if (!slot) throw new Error("the server holds no key for this password");
  const blob = fromBase64Url(slot.blob);
  if (readSlotHead(blob).head.type !== "password") throw new Error("malformed: another slot");
  const amk = await openSlot(keys.kek, fromHex(answer.account), blob);
  await remember(answer.session, amk, null);
  return { session: answer.session };
}

/** A demo link: its key opens the demo slot, which also holds the one-time-code secret. */
async function demoSignIn(input: { name: string; key: string }) {
  const keys = demoKeys(fromBase64Url(input.key));
  const answer = await call<{ account: string; session: Session; slots: Slot[] }>(
    "/api/demo/login",
    { json: { name: input.name, auth_key: toBase64Url(keys.authKey) } },
  );
  const slot = answer.slots.find((one) => one.type === "demo");
  if (!slot) throw new Error("the server holds no demo key");
  const opened = await openSlot(keys.kek, fromHex(answer.account), fromBase64Url(slot.blob));
  const inside = asMap(decode(opened));
  await remember(answer.session, asBytes(inside.get(1), 32), asBytes(inside.get(2)));
  return { session: answer.session };
}

export async function remember(session: Session, amk: Uint8Array, totp: Uint8Array | null) {
  await hold(session, amk, totp);
  const secret = totp ? new Uint8Array([...amk, ...totp]) : amk;
  await keep(session.home, session.reload_half, secret);
}

/**
 * After a reload: the session's half and this browser's half give the keys back, or nothing does.
 */
async function resume(input: { home: string }): Promise<{ session: Session | null }> {
  if (isHeld(input.home)) return { session: need(input.home).session };
  const session = await call<Session>("/api/session", { home: input.home });
  const secret = await recall(input.home, session.reload_half);
  if (!secret) return { session: null };
  const totp = secret.length > 32 ? secret.slice(32) : null;
  await hold(session, secret.slice(0, 32), totp);
  return { session };
}

async function stepUp(input: { home: string; code?: string; password?: string }) {
  const entry = need(input.home);
  let proof: { code: string } | { auth_key: string };
  if (input.code !== undefined) proof = { code: input.code };
  else {
    const json = { name: entry.session.name };
    const { kdf } = await call<{ kdf: KdfText }>("/api/prelogin", { json });
    const parameters = { ...kdf, salt: fromBase64Url(kdf.salt) };
    const keys = await passwordKeys(input.password ?? "", parameters);
    proof = { auth_key: toBase64Url(keys.authKey) };
  }
  const answer = await call<{ stepped_up_until: number }>("/api/stepup", {
    home: input.home,
    json: proof,
  });
  entry.session.stepped_up_until = answer.stepped_up_until;
  return answer;
}

/** Only a demo slot carries the code's secret, so only a demo home can show its code. */
async function demoCode(input: { home: string }) {
  const secret = isHeld(input.home) ? need(input.home).totpSecret : null;
  if (!secret) return null;
  const seconds = (Date.now() + need(input.home).clockOffset) / 1000;
  const left = totpPeriod - Math.floor(seconds % totpPeriod);
  return { code: totpCode(secret, seconds), left };
}

async function leave(input: { home: string }): Promise<void> {
  drop(input.home);
  await forget(input.home);
  await call("/api/logout", { home: input.home, method: "POST" }).catch(() => undefined);
}

async function changePassword(input: { home: string; password: string }): Promise<void> {
  const entry = need(input.home);
  const kdf: KdfParameters = { ...kdfFloor, salt: random(16) };
  const keys = await passwordKeys(input.password, kdf);
  const head: SlotHead = { type: "password", slot: random(16), epoch: 1, kdf };
  const blob = toBase64Url(await sealSlot(keys.kek, entry.account, head, entry.amk));
  await call("/api/slots", {
    home: input.home,
    method: "PUT",
    json: {
      add: [{ type: "password", blob }],
      remove: [],
      kdf: kdfText(kdf),
      auth_key: toBase64Url(keys.authKey),
    },
  });
}

export const api = {
  beginSignUp,
  finishSignUp,
  signIn,
  demoSignIn,
  resume,
  stepUp,
  demoCode,
  leave,
  changePassword,
};
