import { concat, equal, fromHex, toHex, utf8 } from "../crypto/bytes";
import { asBytes, asList, asMap, asNumber, asText, decode, type Value } from "../crypto/cbor";
import { hmacSha256, sha256 } from "../crypto/primitives";
import { checkInclusion, leafHash } from "./merkle";
import type { Checkpoint, VerifierKey } from "./note";
import { checkClaims, checkState, type StateClaim } from "./state";

// "Had no access from … until …": docs/formats/receipt.md, kind 5.

export type Opened = "no" | "yes" | "not shown";

export interface NameAnswer {
  /** Null: the person. */
  organisation: string | null;
  /** Empty: the person, or the whole organisation. */
  role: string;
  permitted: boolean;
  opened: Opened;
}

export interface AbsenceAnswer {
  patient: string;
  grantee: string;
  from: number;
  until: number;
  notPermitted: boolean;
  notOpened: boolean;
  names: NameAnswer[];
  nodes: number;
}

interface Named extends NameAnswer {
  label: string;
}

const anchorLag = 60_000;
const incomplete = (what: string): Error =>
  new Error(`malformed: the proof leaves out ${what}`);
const broken = (what: string): Error => new Error(`integrity: ${what}`);

const stateKey = (contract: string, kind: string, ...ids: Uint8Array[]): string =>
  toHex(concat(utf8(`c/${contract}/${kind}/`), ...ids));

function labelOf(labelKey: Uint8Array, kind: string, id: Uint8Array): string {
  const mac = hmacSha256(labelKey, concat(utf8(kind), Uint8Array.of(0), id));
  return toHex(mac.slice(0, 16));
}

class Claims {
  private readonly values = new Map<string, Uint8Array | null>();
  constructor(claims: StateClaim[]) {
    for (const claim of claims) this.values.set(toHex(claim.key), claim.value);
  }
  /** The value, null when it is proven absent. */
  of(key: string, what: string): Uint8Array | null {
    const value = this.values.get(key);
    if (value === undefined) throw incomplete(what);
    return value;
  }
}

/** Of a row that ends with [begin, until, revoked / null], whether it meets the time. */
function meets(row: Value[], at: number, from: number, until: number): boolean {
  const [begin, end] = [asNumber(row[at]), asNumber(row[at + 1])];
  const revoked = row[at + 2] === null ? Infinity : asNumber(row[at + 2]);
  return begin < until && from < end && from < revoked;
}

function namesOf(
  labelKey: Uint8Array,
  grantee: Uint8Array,
  history: Uint8Array | null,
  from: number,
  until: number,
): Named[] {
  const names: Named[] = [];
  const add = (label: string, organisation: string | null, role: string): void => {
    if (names.some((name) => name.label === label)) return;
    names.push({ label, organisation, role, permitted: false, opened: "no" });
  };
  add(labelOf(labelKey, "person", grantee), null, "");
  for (const one of history === null ? [] : asList(decode(history))) {
    const row = asList(one);
    if (row.length !== 6) throw new Error("malformed: a role");
    if (!meets(row, 3, from, until)) continue;
    const [role, of] = [asText(row[1]), asBytes(row[2], 16)];
    add(labelOf(labelKey, "organisation", of), toHex(of), "");
    add(labelOf(labelKey, "role", concat(utf8(role), Uint8Array.of(0), of)), toHex(of), role);
  }
  return names;
}

function isPermitted(value: Uint8Array | null, from: number, until: number): boolean {
  if (value === null) return false;
  return asList(decode(value)).some((one) => {
    const row = asList(one);
    if (row.length !== 4) throw new Error("malformed: an interval");
    return meets(row, 1, from, until);
  });
}

/** Relations ---------------------------------------------------------------------------------- */

function entryAt(place: Value | undefined, root: Uint8Array, size: number): [number, number] {
  const parts = asList(place);
  if (parts.length !== 3) throw new Error("malformed: an entry's place");
  const [index, bytes] = [asNumber(parts[0]), asBytes(parts[1])];
  const path = asList(parts[2]).map((one) => asBytes(one, 32));
  checkInclusion(leafHash(bytes), index, size, path, root);
  const entry = asList(decode(bytes));
  if (entry.length !== 2) throw new Error("malformed: an entry");
  return [index, asNumber(entry[1])];
}

function openedUnder(
  claim: Value[],
  relationRoot: Uint8Array,
  from: number,
  until: number,
): Opened {
  const label = asBytes(claim[0], 16);
  const value = claim[1] === null ? null : asBytes(claim[1]);
  checkState(label, value, asBytes(claim[2]), relationRoot);
  const places = asList(claim[3]);
  if (places.length > 2) throw new Error("malformed: more than two entries");
  if (value === null) {
    if (places.length > 0) throw broken("entries of a label that has none");
    return "no";
  }
  const leaf = asMap(decode(value));
  const [last, size] = [asNumber(leaf.get(2)), asNumber(leaf.get(4))];
  const root = asBytes(leaf.get(3), 32);
  if (last < from) {
    if (places.length > 0) throw broken("entries that nobody asked for");
    return "no";
  }
  if (places.length === 0) return "not shown";
  const [index, time] = entryAt(places[places.length - 1], root, size);
  if (time < from) throw broken("the later entry lies before the time in question");
  if (time < until) return "yes";
  if (index === 0) {
    if (places.length > 1) throw broken("nothing lies before the first entry");
    return "no";
  }
  if (places.length === 1) return "not shown";
  const [before, earlier] = entryAt(places[0], root, size);
  if (before + 1 !== index) throw broken("the entries are not neighbours");
  if (earlier >= from) throw broken("the earlier entry lies after the time in question");
  return "no";
}

/** Whether the node ever anchored, and then all that it has to show. */
function checkNode(
  claims: Claims,
  node: Uint8Array,
  shown: Value[],
  names: Named[],
  from: number,
  until: number,
): boolean {
  const anchor = claims.of(stateKey("access", "n", node), "a node's anchor");
  if (anchor === null) return false;
  const fields = asMap(decode(anchor));
  if (asNumber(fields.get(5)) - until < anchorLag) {
    throw new Error("out_of_range: a node's anchors do not reach a minute beyond this time yet");
  }
  const root = asBytes(fields.get(3), 32);
  if (root.every((byte) => byte === 0)) return true;
  const own = shown.map(asList).find((one) => equal(asBytes(one[0], 16), node));
  if (!own) throw incomplete("a node's openings");
  const rows = asList(own[1]).map(asList);
  for (const name of names) {
    const row = rows.find((one) => toHex(asBytes(one[0], 16)) === name.label);
    if (!row || row.length !== 4) throw incomplete("a name's openings");
    const opened = openedUnder(row, root, from, until);
    if (name.opened !== "yes" && opened !== "no") name.opened = opened;
  }
  return true;
}

/** The organisation whose member key this is; null: a witness, which keeps no records. */
function organisationOf(key: VerifierKey, origin: string): Uint8Array | null {
  const rest = key.name.startsWith(`${origin}/`) ? key.name.slice(origin.length + 1) : "";
  return /^[0-9a-f]{32}$/.test(rest) ? fromHex(rest) : null;
}

export function checkAbsence(
  subject: Uint8Array,
  checkpoint: Checkpoint,
  trust: VerifierKey[],
): AbsenceAnswer {
  const fields = asMap(decode(subject));
  if (fields.size !== 7) throw new Error("malformed: an absence");
  const [patient, labelKey, grantee] = [
    asBytes(fields.get(1), 16),
    asBytes(fields.get(2), 32),
    asBytes(fields.get(3), 16),
  ];
  const [from, until] = [asNumber(fields.get(4)), asNumber(fields.get(5))];
  if (equal(patient, grantee)) {
    throw new Error("malformed: nobody is without access to what is their own");
  }
  if (from < 0 || until <= from) throw new Error("out_of_range: the time ends before it begins");
  const claims = new Claims(checkClaims(fields.get(6), checkpoint.stateRoot));

  const account = claims.of(stateKey("registry", "a", patient), "the patient's account");
  if (account === null) throw incomplete("the patient's account");
  const commitment = asMap(decode(account)).get(6);
  const expected = sha256(concat(utf8("salus/v1/label-key"), labelKey));
  if (!(commitment instanceof Uint8Array) || !equal(commitment, expected)) {
    throw broken("the label key is not the patient's");
  }
  const history = claims.of(stateKey("registry", "h", grantee), "the roles that were held");
  const names = namesOf(labelKey, grantee, history, from, until);
  for (const name of names) {
    const key = stateKey("consent", "l", patient, fromHex(name.label));
    name.permitted = isPermitted(claims.of(key, "a name's consents"), from, until);
  }
  let nodes = 0;
  let dated = false;
  const shown = asList(fields.get(7));
  for (const key of trust) {
    const organisation = organisationOf(key, checkpoint.origin);
    if (organisation === null) continue;
    const member = claims.of(stateKey("registry", "o", organisation), "a member's node");
    if (member === null) throw incomplete("a member's node");
    const node = asBytes(asMap(decode(member)).get(2), 16);
    dated = checkNode(claims, node, shown, names, from, until) || dated;
    nodes += 1;
  }
  if (nodes === 0) throw incomplete("every node: no trusted key is a member's");
  // A checkpoint carries no time: without an anchor the state could be older than the time asked.
  if (!dated) throw new Error("out_of_range: no node has anchored: nothing dates the state");
  return {
    patient: toHex(patient),
    grantee: toHex(grantee),
    from,
    until,
    notPermitted: names.every((name) => !name.permitted),
    notOpened: names[0]?.opened === "no",
    names: names.map(({ organisation, role, permitted, opened }) => ({
      organisation,
      role,
      permitted,
      opened,
    })),
    nodes,
  };
}
