import { call, callText } from "../../api/http";
import type { Block, BlockRow, Status } from "../../api/types";
import { logKeys } from "../../components/ProofDrawer";
import type { ChainVerdict, HeaderText, LogCopy } from "../../proof/chain";

// The whole chain, fetched header by header and checked in this browser.

export const headersMax = 5_000;
const pageSize = 200;

/** A copy of the log's headers that anybody can check later, without this server. */
export async function fetchCopy(
  onProgress: (done: number, total: number) => void,
): Promise<LogCopy> {
  const status = await call<Status>("/api/status");
  const keys = await logKeys();
  const { headerOf } = await import("../../proof/chain");
  const headers: HeaderText[] = [];
  const first = Math.max(1, status.height - headersMax + 1);
  for (let from = first; from <= status.height;) {
    const { blocks } = await call<{ blocks: (BlockRow & Partial<Block>)[] }>(
      `/api/blocks?from=${from}&count=${pageSize}`,
    );
    if (blocks.length === 0) break;
    for (const row of blocks) {
      if (row.height > status.height) break;
      const whole = row.state_root ? row : await call<Block>(`/api/block/${row.height}`);
      headers.push(headerOf(whole as Block));
    }
    from = (blocks[blocks.length - 1]?.height ?? from) + 1;
    onProgress(headers.length, status.height - first + 1);
  }
  const newest = status.height > 0 ? await call<Block>(`/api/block/${status.height}`) : null;
  const genesis = first === 1 ? status.genesis : (headers[0]?.previous ?? status.genesis);
  return {
    type: "salus-log-copy",
    chain_id: status.chain_id,
    genesis,
    keys,
    checkpoint: newest?.checkpoint ?? (await callText("/api/checkpoint")),
    headers,
  };
}

export interface Checked {
  verdict: ChainVerdict;
  ms: number;
  at: number;
}

/** Keys come from what this tab pinned first, not from the copy itself. */
export async function check(copy: LogCopy): Promise<Checked> {
  const [{ checkChain }, { parseVerifierKey }] = await Promise.all([
    import("../../proof/chain"),
    import("../../proof/note"),
  ]);
  const keys = (await logKeys()).map(parseVerifierKey);
  const start = performance.now();
  const verdict = checkChain(copy, keys);
  return { verdict, ms: performance.now() - start, at: Date.now() };
}

export function readCopy(text: string): LogCopy {
  const copy = JSON.parse(text) as LogCopy;
  if (copy.type !== "salus-log-copy" || !Array.isArray(copy.headers)) {
    throw new Error("This file is not a copy of a Salus log.");
  }
  return copy;
}
