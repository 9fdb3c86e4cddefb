import { fromBase64Url, random, utf8 } from "./bytes";

// A reload keeps the master key by a split key only: it lies in IndexedDB sealed under a key made
// of a non-extractable key of this browser and a half that the server gives with the live session.
// Lock, sign-out and time-out delete both.

const databaseName = "salus";
const storeName = "reload";

interface Kept {
  half: CryptoKey;
  nonce: Uint8Array;
  sealed: Uint8Array;
}

function database(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(databaseName, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(storeName);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("no storage"));
  });
}

async function run<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await database();
  try {
    return await new Promise<T>((resolve, reject) => {
      const request = work(db.transaction(storeName, mode).objectStore(storeName));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("no storage"));
    });
  } finally {
    db.close();
  }
}

async function splitKey(half: CryptoKey, reloadHalf: string, home: string): Promise<CryptoKey> {
  return crypto.subtle.deriveKey(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: fromBase64Url(reloadHalf) as BufferSource,
      info: utf8(`salus/v1/reload\0${home}`) as BufferSource,
    },
    half,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

export async function keep(home: string, reloadHalf: string, secret: Uint8Array): Promise<void> {
  if (typeof indexedDB === "undefined") return;
  const half = await crypto.subtle.importKey("raw", random(32) as BufferSource, "HKDF", false, [
    "deriveKey",
  ]);
  const key = await splitKey(half, reloadHalf, home);
  const nonce = random(12);
  const iv = nonce as BufferSource;
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, secret as BufferSource);
  const kept: Kept = { half, nonce, sealed: new Uint8Array(sealed) };
  await run("readwrite", (store) => store.put(kept, home));
}

export async function recall(home: string, reloadHalf: string): Promise<Uint8Array | null> {
  if (typeof indexedDB === "undefined") return null;
  const kept = await run<Kept | undefined>("readonly", (store) => store.get(home));
  if (!kept) return null;
  const key = await splitKey(kept.half, reloadHalf, home);
  try {
    const iv = kept.nonce as BufferSource;
    const data = kept.sealed as BufferSource;
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data));
  } catch {
    await forget(home);
    return null;
  }
}

export async function forget(home: string): Promise<void> {
  if (typeof indexedDB === "undefined") return;
  await run("readwrite", (store) => store.delete(home));
}
