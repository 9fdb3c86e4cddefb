import type { Block } from "../api/types";
import { equal, fromHex, toHex } from "../crypto/bytes";
import { encode, intMap } from "../crypto/cbor";
import { sha256 } from "../crypto/primitives";
import { isQuorum, parseNote, votes, type VerifierKey } from "./note";

// Checks the chain of block headers: each header is hashed here, each must name the one before, the
// log must grow without a gap, and the newest checkpoint must name the last header and be signed.

export interface HeaderText {
  height: number;
  time: number;
  previous: string;
  transaction_root: string;
  result_root: string;
  log_root: string;
  log_size: number;
  state_root: string;
  config_root: string;
  proposer: string;
  header_hash: string;
  log_from: number;
}

export interface LogCopy {
  type: "salus-log-copy";
  chain_id: string;
  genesis: string;
  keys: string[];
  checkpoint: string;
  headers: HeaderText[];
}

export interface BadPlace {
  height: number;
  what: string;
  said: string;
  computed: string;
}

export interface ChainVerdict {
  blocks: number;
  entries: number;
  signatures: number;
  bad: BadPlace | null;
}

export function headerHash(header: HeaderText): Uint8Array {
  return sha256(
    encode(
      intMap({
        1: header.height,
        2: header.time,
        3: fromHex(header.previous),
        4: fromHex(header.transaction_root),
        5: fromHex(header.result_root),
        6: fromHex(header.log_root),
        7: header.log_size,
        8: fromHex(header.state_root),
        9: fromHex(header.config_root),
        10: fromHex(header.proposer),
      }),
    ),
  );
}

export const headerOf = (block: Block & { config_root?: string }): HeaderText => ({
  height: block.height,
  time: block.time,
  previous: block.previous,
  transaction_root: block.transaction_root,
  result_root: block.result_root,
  log_root: block.log_root,
  log_size: block.log_size,
  state_root: block.state_root,
  config_root: block.config_root ?? "",
  proposer: block.proposer,
  header_hash: block.header_hash,
  log_from: block.log_from,
});

export function checkChain(copy: LogCopy, trust: VerifierKey[]): ChainVerdict {
  const verdict: ChainVerdict = { blocks: 0, entries: 0, signatures: 0, bad: null };
  let previous = copy.genesis;
  let size = 0;
  for (const header of copy.headers) {
    verdict.bad = checkHeader(header, previous, size);
    if (verdict.bad) return verdict;
    previous = header.header_hash;
    size = header.log_size;
    verdict.blocks += 1;
    verdict.entries = size;
  }
  const last = copy.headers[copy.headers.length - 1];
  if (!last) return verdict;
  const note = parseNote(copy.checkpoint);
  const named = toHex(note.checkpoint.headerHash);
  if (note.checkpoint.height !== last.height || named !== last.header_hash) {
    verdict.bad = {
      height: last.height,
      what: "the checkpoint names another last block",
      said: named,
      computed: last.header_hash,
    };
    return verdict;
  }
  if (!equal(note.checkpoint.root, fromHex(last.log_root))) {
    verdict.bad = {
      height: last.height,
      what: "the checkpoint names another log",
      said: toHex(note.checkpoint.root),
      computed: last.log_root,
    };
    return verdict;
  }
  verdict.signatures = votes(note, trust);
  if (!isQuorum(verdict.signatures, trust.length)) {
    throw new Error("authentication: too few trusted keys signed the checkpoint");
  }
  return verdict;
}

function checkHeader(header: HeaderText, previous: string, size: number): BadPlace | null {
  const { height } = header;
  if (header.previous !== previous) {
    const what = "it does not name the block before it";
    return { height, what, said: header.previous, computed: previous };
  }
  const computed = toHex(headerHash(header));
  if (computed !== header.header_hash) {
    return { height, what: "its hash differs", said: header.header_hash, computed };
  }
  if (header.log_size <= size) {
    const [said, now] = [String(header.log_size), `more than ${size}`];
    return { height, what: "the log did not grow", said, computed: now };
  }
  return null;
}
