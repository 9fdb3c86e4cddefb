import { blobKind } from "./blob";
import { fromHex, random, toHex } from "./bytes";
import { asBytes, asList, asNumber, decode } from "./cbor";
import { accountKeys, collectionExists, collectionNow, recordNow } from "./chain";
import type { Operation } from "./cose";
import { collectionPair } from "./derive";
import type { Held } from "./held";
import { readKeyring, updateKeyring, type KeyringCollection } from "./keyring";
import { askToRelease, collectionPutOperation } from "./records";
import { unwrap } from "./wrap";

// What several ways of handing something over need of one's own: a collection to put it in, and a
// record's key.

/**
 * The collection that records of a category go to. One that is made now adds its operation; so does
 * one that has a name only, because its transaction was refused or never sent.
 */
export async function collectionFor(
  entry: Held,
  category: string,
  name: string,
  operations: Operation[],
): Promise<KeyringCollection> {
  const { keyring } = await readKeyring(entry);
  const known = keyring.collections.find(
    (one) => one.kind === "records" && one.category === category,
  );
  if (known) {
    const id = fromHex(known.id);
    if (await collectionExists(entry.home, id)) return known;
    operations.push(collectionPutOperation(entry, id, category));
    return known;
  }
  const id = random(16);
  const made: KeyringCollection = {
    id: toHex(id),
    name,
    category,
    epoch: 1,
    kind: "records",
    created: Date.now(),
  };
  // The name is kept first: a collection nobody can name would be lost.
  await updateKeyring(entry, (ring) => ring.collections.push(made));
  operations.push(collectionPutOperation(entry, id, category));
  return made;
}

export interface DataKey {
  key: Uint8Array;
  collection: Uint8Array;
  epoch: number;
}

/** A record's data key, which its owner unwraps to hand it on. The caller wipes it. */
export async function dataKeyOf(entry: Held, record: string): Promise<DataKey> {
  const answer = await askToRelease(entry, entry.account, [record], "PATRQT");
  const row = asList(asList(asList(decode(answer))[2])[0]);
  const collection = asBytes(row[1], 16);
  const epoch = asNumber(row[2]);
  const { author } = await recordNow(entry.home, fromHex(record));
  const context = {
    chainId: entry.chainId,
    patient: entry.account,
    object: fromHex(record),
    version: 1,
    category: (await collectionNow(entry.home, collection)).label,
    epoch,
    granter: (await accountKeys(entry.home, author)).keyId,
  };
  const { secret } = collectionPair(entry.amk, collection, epoch);
  const key = await unwrap(blobKind.dataKey, asBytes(row[3]), secret, context);
  return { key, collection, epoch };
}
