import type { Receipt } from "../api/types";
import { fromHex, utf8 } from "./bytes";
import { intMap } from "./cbor";
import { collectionNow } from "./chain";
import { operation } from "./cose";
import { need } from "./held";
import { postStore, sealOwn, type RecordView } from "./records";

// A record is never changed. A correction is a new record that takes the old one's place on the
// ledger (`record.amend`), and says inside what it corrects, why and when; the old one stays where
// it is, with its receipt.

/** One earlier version, as the newer ones carry it: oldest first. */
export interface EarlierVersion {
  record: string;
  tx: string;
  position: number;
  height: number;
  /** When the earlier version was sealed, and when it was corrected. */
  time: number;
  corrected: number;
  reason: string;
  was: { value?: number; title?: string; text?: string };
}

export const reasonMost = 280;

export function earlierOf(body: unknown): EarlierVersion[] {
  const list = (body as { corrects?: unknown } | null)?.corrects;
  return Array.isArray(list) ? (list as EarlierVersion[]) : [];
}

interface CorrectInput {
  home: string;
  view: RecordView;
  /** What the new version says differently. */
  change: EarlierVersion["was"];
  reason: string;
}

async function correctRecord({ home, view, change, reason }: CorrectInput): Promise<Receipt> {
  const entry = need(home);
  if (view.author !== entry.session.account) throw new Error("Only its author corrects a record.");
  if (!reason.trim() || reason.length > reasonMost) throw new Error("Say why, in a line.");
  const old = view.body as Record<string, unknown>;
  const was = Object.fromEntries(Object.keys(change).map((name) => [name, old[name]]));
  const { record, tx, position, height, time } = view;
  const corrected = Date.now();
  const earlier = { record, tx, position, height, time, corrected, reason: reason.trim(), was };
  const body = { ...old, ...change, corrects: [...earlierOf(old), earlier] };
  const collection = fromHex(view.collection);
  const { epoch, label } = await collectionNow(home, collection);
  const sealed = await sealOwn(entry, collection, epoch, label, utf8(JSON.stringify(body)));
  const args = intMap({
    1: fromHex(record),
    2: sealed.record,
    3: epoch,
    4: sealed.commitment,
    5: "correction",
  });
  const amend = {
    ...operation("record", "amend", args),
    payload: { digest: sealed.digest, size: sealed.body.length },
  };
  return postStore(entry, [amend], [sealed], (code) =>
    code === 123
      ? "This record was corrected meanwhile. Look at the newer version first."
      : `The log refused this correction (code ${code}).`,
  );
}

export const api = { correctRecord };
