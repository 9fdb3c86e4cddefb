import { useId } from "react";
import { exactTime, hash, number } from "../app/format";
import type { Receipt } from "../api/types";
import { StatusPill } from "./basics";

/**
 * What the log now says: block, transaction, the block's hash and the one before it, and the time.
 */
export function LogEntryCard({ receipt, title }: { receipt: Receipt; title: string }) {
  const id = useId();
  return (
    <section className="card pad logcard" aria-labelledby={id}>
      <div className="row between">
        <h2 id={id} className="small">
          {title}
        </h2>
        <StatusPill tone="ok" icon="check">
          Sealed
        </StatusPill>
      </div>
      <p className="fig">Block {number(receipt.height)}</p>
      <dl className="facts">
        <dt>Time</dt>
        <dd>
          <time dateTime={new Date(receipt.time).toISOString()}>{exactTime(receipt.time)}</time>
        </dd>
        <dt>Log entry</dt>
        <dd>{number(receipt.position)}</dd>
        <dt>Transaction</dt>
        <dd className="mono">{hash(receipt.id, true)}</dd>
        <dt>Block hash</dt>
        <dd className="mono">{hash(receipt.header_hash, true)}</dd>
        <dt>Previous hash</dt>
        <dd className="mono">{hash(receipt.previous, true)}</dd>
      </dl>
    </section>
  );
}
