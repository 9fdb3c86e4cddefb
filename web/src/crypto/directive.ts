import { fromBase64Url, toHex } from "./bytes";
import { asBytes, asList, asMap, asNumber, decode } from "./cbor";

// What a directive says, read by pages and by the keys alike (docs/contracts/consent.md).

/** Whether a directive lets its grantee read (`access`) or add (`write`). */
export const allows = (grant: { ir: string }, action: "access" | "write"): boolean =>
  asList(asMap(decode(fromBase64Url(grant.ir))).get(6)).includes(action);

interface Scope {
  kind: "everything" | "collections" | "records" | "categories";
  ids: string[];
}

const kinds: Scope["kind"][] = ["everything", "collections", "records", "categories"];

export function scopeOf(grant: { ir: string }): Scope {
  const scope = asList(asMap(decode(fromBase64Url(grant.ir))).get(4));
  const kind = kinds[asNumber(scope[0])] ?? "everything";
  const ids = kind === "everything" ? [] : asList(scope[1]).map((one) => toHex(asBytes(one, 16)));
  return { kind, ids };
}

/** Whether a directive covers a record. One by category is taken to: its labels name nothing. */
export function covers(
  grant: { ir: string },
  { record, collection }: { record: string; collection: string },
): boolean {
  const { kind, ids } = scopeOf(grant);
  if (kind === "records") return ids.includes(record);
  return kind === "collections" ? ids.includes(collection) : true;
}
