import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { bytes, hexBytes } from "../app/format";
import { vault } from "../crypto/client";
import { StatusPill } from "./basics";

/** The record above the bytes it is kept as; the seam between the two is the seal. */
export function SealedBytes({
  home,
  record,
  children,
  readers,
}: {
  home: string;
  record: string;
  children: ReactNode;
  readers: string;
}) {
  const sealed = useQuery({
    queryKey: [home, "sealed", record],
    queryFn: () => vault("sealedBytes", { home, record }),
    staleTime: Infinity,
  });
  return (
    <div className="card stk">
      <div className="half1">
        <p className="meta">You see</p>
        {children}
      </div>
      <div className="seam">
        <StatusPill tone="acc" icon="lock">
          Sealed with your key
        </StatusPill>
      </div>
      <div className="half2">
        <p className="meta">The server has</p>
        <StoredBytes data={sealed.data} failed={sealed.isError} />
        {sealed.data ? (
          <p className="meta">
            {bytes(sealed.data.size)}. {readers}
          </p>
        ) : null}
      </div>
    </div>
  );
}

export function StoredBytes({
  data,
  failed,
}: {
  data: { head: Uint8Array; size: number } | undefined;
  failed: boolean;
}) {
  if (failed) return <p className="meta">The server does not show these bytes here.</p>;
  if (!data) return <p className="bytes">…</p>;
  // The first bytes say only what kind of seal it is, and are alike everywhere; what differs
  // follows.
  return (
    <p className="bytes" aria-label="Sealed bytes, not readable">
      {hexBytes(data.head, 48)}
    </p>
  );
}
