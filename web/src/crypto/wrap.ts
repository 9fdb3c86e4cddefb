import { blobBody, blobHead, blobKind, prefixed } from "./blob";
import { be32, be64, concat, utf8 } from "./bytes";
import { keyId } from "./derive";
import * as hpke from "./hpke";
import { agreePublic, sha256 } from "./primitives";

// Keys handed to somebody: HPKE to their public key, bound to everything that gives the hand-over
// its
// meaning (docs/formats/hpke-wrap.md and wrap-contexts.md). A field that does not apply is empty.

export interface WrapContext {
  chainId: string;
  patient?: Uint8Array;
  object?: Uint8Array;
  version?: number;
  category?: Uint8Array;
  epoch?: number;
  granter?: Uint8Array;
  grant?: Uint8Array;
  notAfter?: number;
  purpose?: string;
}

const empty = new Uint8Array(0);

export function wrapAad(kind: number, context: WrapContext, grantee: Uint8Array): Uint8Array {
  return prefixed(
    blobHead(kind),
    utf8(context.chainId),
    context.patient ?? empty,
    context.object ?? empty,
    context.version === undefined ? empty : be64(context.version),
    context.category ?? empty,
    context.epoch === undefined ? empty : be32(context.epoch),
    context.granter ?? empty,
    grantee,
    context.grant ?? empty,
    context.notAfter === undefined ? empty : be64(context.notAfter),
    utf8(context.purpose ?? ""),
  );
}

const infos: Record<number, string> = {
  [blobKind.card]: "salus/v1/card",
  [blobKind.ask]: "salus/v1/ask",
};
const infoOf = (kind: number): Uint8Array => utf8(infos[kind] ?? "salus/v1/wrap");

export async function wrap(
  kind: number,
  payload: Uint8Array,
  to: Uint8Array,
  context: WrapContext,
  insecureSecretForTests?: Uint8Array,
): Promise<Uint8Array> {
  const aad = wrapAad(kind, context, keyId(to));
  const sealed = insecureSecretForTests
    ? await hpke.insecureSealForTests(insecureSecretForTests, to, infoOf(kind), aad, payload)
    : await hpke.seal(to, infoOf(kind), aad, payload);
  return concat(blobHead(kind), sealed.enc, sealed.ciphertext);
}

export async function unwrap(
  kind: number,
  blob: Uint8Array,
  secret: Uint8Array,
  context: WrapContext,
): Promise<Uint8Array> {
  const body = blobBody(blob, kind);
  if (body.length <= hpke.encBytes + 16) throw new Error("malformed: the wrap ends early");
  const aad = wrapAad(kind, context, keyId(agreePublic(secret)));
  const enc = body.subarray(0, hpke.encBytes);
  return hpke.open(secret, enc, infoOf(kind), aad, body.subarray(hpke.encBytes));
}

/** SHA-256(enc ‖ ct), which a signed grant names. */
export const wrapDigest = (kind: number, blob: Uint8Array): Uint8Array =>
  sha256(blobBody(blob, kind));
