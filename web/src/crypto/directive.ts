import { fromBase64Url } from "./bytes";
import { asList, asMap, decode } from "./cbor";

// What a directive says, read by pages and by the keys alike (docs/contracts/consent.md).

/** Whether a directive lets its grantee read (`access`) or add (`write`). */
export const allows = (grant: { ir: string }, action: "access" | "write"): boolean =>
  asList(asMap(decode(fromBase64Url(grant.ir))).get(6)).includes(action);
