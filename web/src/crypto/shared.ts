import { ApiError, call } from "../api/http";
import type { RecordRow, SharedRow } from "../api/types";
import { blobKind } from "./blob";
import { fromBase64Url, fromHex, fromUtf8 } from "./bytes";
import { accountKeys, directive as directiveOnChain } from "./chain";
import type { Pair } from "./derive";
import { need, type Held } from "./held";
import { organisationPair } from "./organisation";
import { isLive, listRecords, openFromNode, parseBody, type RecordView } from "./records";
import { grantContext, type Card } from "./sharing";
import { unwrap } from "./wrap";

// What others share with this account or its organisation: listed, and opened.

export interface SharedView extends Omit<SharedRow, "card"> {
  card: Card | null;
}

/** What others share with this account, with the name and the list only the grantee can read. */
export async function sharedWithMe(input: { home: string }): Promise<SharedView[]> {
  const entry = need(input.home);
  const { shared } = await call<{ shared: SharedRow[] }>("/api/shared", { home: input.home });
  const views: SharedView[] = [];
  for (const row of shared) {
    views.push({ ...row, card: await readCard(entry, row) });
  }
  return views;
}

async function readCard(entry: Held, row: SharedRow): Promise<Card | null> {
  try {
    const pair = row.via === "organisation" ? await organisationPair(entry) : entry.kem;
    const patient = fromHex(row.patient);
    const context = {
      chainId: entry.chainId,
      patient,
      granter: (await accountKeys(entry.home, patient)).keyId,
      grant: fromHex(row.directive),
    };
    const card = fromBase64Url(row.card);
    return JSON.parse(fromUtf8(await unwrap(blobKind.card, card, pair.secret, context))) as Card;
  } catch {
    return null;
  }
}

type Holder = (entry: Held) => Promise<Pair>;

/** The organisation's key, or a sentence for the member who was not given it. */
const asMember: Holder = async (entry) => {
  try {
    return await organisationPair(entry);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
    throw new Error("You were not given your organisation's key yet. Ask your privacy officer.");
  }
};

/** A member holds two keys: one's own, and the organisation's, which is asked for when needed. */
const holders: Holder[] = [(entry) => Promise.resolve(entry.kem), asMember];

interface Opening {
  entry: Held;
  patient: Uint8Array;
  directives: string[];
  via: "person" | "organisation";
}

/**
 * Opens a wrap by whichever key and directive it was made for: the node says neither, and a
 * patient may share with a person and with their organisation.
 */
async function openByAny(
  { entry, patient, directives, via }: Opening,
  kind: number,
  sealed: Uint8Array,
  place: { collection: Uint8Array; epoch: number; record?: Uint8Array },
): Promise<Uint8Array> {
  let failure: unknown = new Error("No sharing explains this key.");
  const keepFirst = via === "person";
  for (const [i, holder] of holders.entries()) {
    let pair: Pair;
    try {
      pair = await holder(entry);
    } catch (error) {
      if (!keepFirst) failure = error;
      continue;
    }
    for (const one of directives) {
      try {
        const grant = fromHex(one);
        const { until, purpose } = await directiveOnChain(entry.home, patient, grant);
        const context = await grantContext(entry, patient, {
          ...place,
          directive: grant,
          until,
          purpose,
        });
        return await unwrap(kind, sealed, pair.secret, context);
      } catch (error) {
        if (i === 0 || !keepFirst) failure = error;
      }
    }
  }
  throw failure;
}

/**
 * The records a sharing covers. When the node no longer lists them, what this session opened is put
 * away, and the opening is asked for once more by name, so that the refusal leaves a receipt
 * that the
 * patient sees.
 */
async function coveredRecords(
  entry: Held,
  directive: string,
  patient: Uint8Array,
  purpose: string,
): Promise<RecordRow[]> {
  try {
    const path = `/api/shared/${directive}/records`;
    const rows = (await listRecords(entry, path, {})).filter(isLive);
    const named = rows.map(({ record, author }) => ({ record, author }));
    entry.covered.set(directive, named);
    return rows;
  } catch (error) {
    const known = entry.covered.get(directive) ?? [];
    const refused = error instanceof ApiError && error.status === 403;
    if (!refused || known.length === 0) throw error;
    for (const one of known) entry.opened.delete(one.record);
    const noKey = (): Promise<Uint8Array> => Promise.reject(error);
    await openFromNode(entry, { patient, records: known, purpose, key: noKey });
    throw error;
  }
}

export interface OpenedShared {
  until: number;
  records: RecordView[];
}

/** Opens what one directive covers. The node writes a receipt before it releases a byte. */
async function openShared(input: { home: string; directive: string; purpose: string }) {
  const entry = need(input.home);
  const shared = await sharedWithMe({ home: input.home });
  const row = shared.find((one) => one.directive === input.directive);
  if (!row) throw new Error("This sharing is not known any more.");
  const patient = fromHex(row.patient);
  const rows = await coveredRecords(entry, input.directive, patient, input.purpose);
  const missing = rows.filter((one) => !entry.opened.has(one.record));
  const opening = (directives: string[]): Opening => ({
    entry,
    patient,
    via: row.via,
    directives: [...new Set([input.directive, ...directives])],
  });
  const out: OpenedShared = { until: row.until, records: [] };
  if (missing.length > 0) {
    const opened = await openFromNode(entry, {
      patient,
      records: missing,
      purpose: input.purpose,
      key: async (collection, epoch, wraps, directives) => {
        let failure: unknown = new Error("The node holds no key of this record for you.");
        for (const wrap of wraps) {
          try {
            const place = { collection, epoch };
            return await openByAny(opening(directives), blobKind.collectionKey, wrap, place);
          } catch (error) {
            failure = error;
          }
        }
        throw failure;
      },
      recordKey: ({ record, collection, epoch, wrap }, directives) =>
        openByAny(opening(directives), blobKind.dataKey, wrap, { collection, epoch, record }),
    });
    for (const one of opened.records) entry.opened.set(one.record, one.plaintext);
    if (opened.until > 0) out.until = opened.until;
  }
  for (const one of rows) {
    const named = row.card?.collections.find((known) => known.id === one.collection);
    const plaintext = entry.opened.get(one.record);
    out.records.push({
      ...one,
      category: named?.category ?? "other",
      name: named?.name ?? "Other records",
      body: plaintext ? parseBody(plaintext) : null,
    });
  }
  return out;
}

/** What was opened is put away, so that the next opening is asked for, and answered, anew. */
async function closeShared(input: { home: string }): Promise<void> {
  need(input.home).opened.clear();
}

export const api = { sharedWithMe, openShared, closeShared };
