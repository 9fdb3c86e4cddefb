import type { Session, Status } from "../api/types";
import { call } from "../api/http";
import { fromHex } from "./bytes";
import { kemPair, labelKey, signingPair, type Pair } from "./derive";

// What the worker holds of one signed-in home. Nothing here ever leaves the worker.

export interface Held {
  session: Session;
  home: string;
  account: Uint8Array;
  organisation: Uint8Array;
  amk: Uint8Array;
  sig: Pair;
  kem: Pair;
  labelKey: Uint8Array;
  chainId: string;
  /** Node time minus this machine's, so that a wrong clock here does not spoil a transaction. */
  clockOffset: number;
  totpSecret: Uint8Array | null;
  organisationKem: Pair | null;
  /** Bodies opened in this session, so that turning a page does not leave another receipt. */
  opened: Map<string, Uint8Array>;
  /** Records that each sharing covered when it was last listed, with their authors. */
  covered: Map<string, { record: string; author: string }[]>;
}

const held = new Map<string, Held>();

export function need(home: string): Held {
  const found = held.get(home);
  if (!found) throw new Error("locked: sign in again to use your keys");
  return found;
}

export const isHeld = (home: string): boolean => held.has(home);

export async function nodeStatus(): Promise<Status> {
  return call<Status>("/api/status");
}

export async function hold(
  session: Session,
  amk: Uint8Array,
  totpSecret: Uint8Array | null,
): Promise<Held> {
  const status = await nodeStatus();
  if (!status.organisation) throw new Error("this node has no organisation yet");
  const organisation = fromHex(status.organisation.id);
  const entry: Held = {
    session,
    home: session.home,
    account: fromHex(session.account),
    organisation,
    amk,
    sig: signingPair(amk, organisation),
    kem: kemPair(amk, organisation, 1),
    labelKey: labelKey(amk, organisation),
    chainId: status.chain_id,
    clockOffset: status.time - Date.now(),
    totpSecret,
    organisationKem: null,
    opened: new Map(),
    covered: new Map(),
  };
  held.set(session.home, entry);
  return entry;
}

export const nodeNow = (entry: Held): number => Date.now() + entry.clockOffset;

export function drop(home: string): void {
  const entry = held.get(home);
  if (!entry) return;
  for (const secret of [entry.amk, entry.sig.secret, entry.kem.secret, entry.labelKey]) {
    secret.fill(0);
  }
  entry.opened.clear();
  held.delete(home);
}
