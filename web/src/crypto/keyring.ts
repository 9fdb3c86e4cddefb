import { ApiError, call } from "../api/http";
import { be64, concat, fromBase64Url, fromUtf8, toBase64Url, utf8 } from "./bytes";
import * as chunked from "./chunked";
import { keyringKey } from "./derive";
import type { Held } from "./held";

// What an account needs to find its own things again: names of collections, of people, the
// sentences
// it agreed to. Sealed like any record; the server keeps the blob and knows its version only.

export interface KeyringColumn {
  label?: string;
  name: string;
  kind: string;
  unit?: string;
}

export interface KeyringCollection {
  id: string;
  name: string;
  category: string;
  epoch: number;
  kind: "records" | "data_set";
  columns?: KeyringColumn[];
  created: number;
  /** Further notes of the studio: how a release was made. */
  release?: Record<string, unknown>;
}

export interface Keyring {
  collections: KeyringCollection[];
  contacts: Record<string, string>;
  grants: Record<string, string>;
  settings: Record<string, unknown>;
}

export interface Versioned {
  version: number;
  keyring: Keyring;
}

function context(entry: Held, version: number): Uint8Array {
  return concat(utf8("salus/v1/keyring"), Uint8Array.of(0), entry.account, be64(version));
}

export async function readKeyring(entry: Held): Promise<Versioned> {
  const { version, blob } = await call<{ version: number; blob: string }>("/api/keyring", {
    home: entry.home,
  });
  if (version === 0) {
    return { version, keyring: { collections: [], contacts: {}, grants: {}, settings: {} } };
  }
  const key = keyringKey(entry.amk, entry.account);
  const text = fromUtf8(await chunked.open(key, context(entry, version), fromBase64Url(blob)));
  const kept = JSON.parse(text) as Partial<Keyring>;
  const keyring: Keyring = {
    ...kept,
    collections: kept.collections ?? [],
    contacts: kept.contacts ?? {},
    grants: kept.grants ?? {},
    settings: kept.settings ?? {},
  };
  return { version, keyring };
}

/** Changes the newest keyring; when another client was first, reads its version and tries again. */
export async function updateKeyring(
  entry: Held,
  change: (keyring: Keyring) => void,
): Promise<Keyring> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const { version, keyring } = await readKeyring(entry);
    change(keyring);
    const next = version + 1;
    const key = keyringKey(entry.amk, entry.account);
    const body = utf8(JSON.stringify(keyring));
    const blob = toBase64Url(await chunked.seal(key, context(entry, next), body));
    try {
      await call("/api/keyring", {
        home: entry.home,
        method: "PUT",
        json: { version: next, blob },
      });
      return keyring;
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
    }
  }
  throw new Error("Another device keeps changing your key list. Try again in a minute.");
}
