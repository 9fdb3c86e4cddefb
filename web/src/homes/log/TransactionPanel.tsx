import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/http";
import type { TransactionDetail } from "../../api/types";
import { bytes, dateShort, exactTime, hash, number } from "../../app/format";
import { readEntry } from "../../app/health";
import { useHome, useHomes } from "../../app/session";
import { Skeleton } from "../../components/basics";
import { DataTable } from "../../components/DataTable";
import { Icon } from "../../components/icons";
import { ProofDrawer, type Proof } from "../../components/ProofDrawer";
import { StoredBytes } from "../../components/SealedBytes";
import { vault } from "../../crypto/client";
import { Result } from "./Log";
import { operationText } from "./words";

const firstOperations = 6;

export function TransactionPanel({ id }: { id: string }) {
  const home = useHome();
  const [proof, setProof] = useState(false);
  const [all, setAll] = useState(false);
  const transaction = useQuery({
    queryKey: ["tx", id],
    queryFn: () => call<TransactionDetail>(`/api/tx/${id}`),
    staleTime: Infinity,
  });
  const tx = transaction.data;
  if (!tx) return <Skeleton lines={4} />;
  const count = all ? tx.operations.length : firstOperations;
  const rows = tx.operations.slice(0, count).map((op, index) => ({ ...op, index }));
  return (
    <>
      <section className="card panel" aria-labelledby="txh">
        <header>
          <h2 id="txh">Entry {number(tx.position)}</h2>
          <button className="link asbtn" type="button" onClick={() => setProof(!proof)}>
            <Icon name="proof" small />
            Proof
          </button>
        </header>
        <dl className="facts in1">
          <dt>Transaction</dt>
          <dd className="mono">{hash(tx.id, true)}</dd>
          <dt>Account</dt>
          <dd className="mono">{hash(tx.account, true)}</dd>
          <dt>Signed by key</dt>
          <dd className="mono">{hash(tx.kid, true)}</dd>
        </dl>
        <DataTable
          caption={`Operations of entry ${tx.position}`}
          sortable={false}
          rows={rows}
          rowKey={(op) => String(op.index)}
          columns={[
            {
              id: "i",
              header: "No.",
              num: true,
              text: (o) => o.index + 1,
              cell: (o) => number(o.index + 1),
            },
            {
              id: "what",
              header: "What",
              text: (o) => o.method,
              cell: (o) => operationText(o.contract, o.method, 1),
            },
            {
              id: "digest",
              header: "Sealed body",
              mono: true,
              text: (o) => o.payload?.digest ?? "",
              cell: (o) =>
                o.payload ? hash(o.payload.digest) : <span className="meta">none</span>,
            },
            {
              id: "size",
              header: "Size",
              num: true,
              text: (o) => o.payload?.size ?? 0,
              cell: (o) => (o.payload ? bytes(o.payload.size) : ""),
            },
            {
              id: "code",
              header: "Result",
              text: (o) => o.code,
              cell: (o) => <Result entry={{ id, code: o.code }} />,
            },
          ]}
        />
        {tx.operations.length > rows.length ? (
          <p className="foot">
            <button className="btn" type="button" onClick={() => setAll(true)}>
              Show all {number(tx.operations.length)} operations
            </button>
          </p>
        ) : null}
      </section>
      {proof ? (
        <ProofDrawer proof={proofOf(home.home, tx)} onClose={() => setProof(false)} />
      ) : null}
      <DemoRecord tx={tx} />
    </>
  );
}

function proofOf(home: string, tx: TransactionDetail): Proof {
  return {
    position: tx.position,
    sealed: { height: tx.height, time: tx.time },
    trail: [
      {
        icon: "proof",
        time: tx.time,
        text: "The signature was checked.",
        meta: "By the key the registry names",
      },
      { icon: "lock", time: tx.time, text: `Sealed into block ${number(tx.height)}.` },
    ],
    source: {
      home,
      path: `/api/tx/${tx.id}/receipt`,
      fileName: `salus-${tx.id.slice(0, 8)}.receipt`,
    },
    facts: [
      ["Sealed", exactTime(tx.time)],
      ["Size", bytes(tx.size)],
    ],
  };
}

/** In a demo the owner's home is open in this tab too, so a record can stand beside its bytes. */
function DemoRecord({ tx }: { tx: TransactionDetail }) {
  const { homes } = useHomes();
  const owner = homes.find(
    (one) => one.demo && one.account === tx.account && one.kind === "patient",
  );
  const hasBody = tx.operations.some((op) => op.payload !== null);
  const records = useQuery({
    queryKey: [owner?.home, "records"],
    queryFn: () => vault("myRecords", { home: owner?.home ?? "" }),
    enabled: owner !== undefined && hasBody,
    staleTime: Infinity,
  });
  const view = records.data?.find((one) => one.tx === tx.id);
  const sealed = useQuery({
    queryKey: [owner?.home, "sealed", view?.record],
    queryFn: () => vault("sealedBytes", { home: owner?.home ?? "", record: view?.record ?? "" }),
    enabled: view !== undefined,
    staleTime: Infinity,
  });
  if (!owner || !view) return null;
  const entry = readEntry(view);
  return (
    <section className="card panel" aria-labelledby="sb">
      <header>
        <h2 id="sb">A record beside what the server stores</h2>
        <span className="meta">entry {number(tx.position)}</span>
      </header>
      <div className="stored in2">
        <div className="stack close">
          <p className="meta">{owner.displayName} sees, after opening it</p>
          <p>
            <b>
              {entry.title}
              {entry.value === undefined ? "" : ` ${number(entry.value)} ${entry.unit ?? ""}`}
            </b>
          </p>
          <p className="meta">{[dateShort(entry.at), entry.detail].filter(Boolean).join(", ")}</p>
          <p className="meta">
            Shown because this is demo data. On a real log you see the right side only.
          </p>
        </div>
        <div className="stack close">
          <p className="meta">The server holds, {bytes(view.size)}</p>
          <StoredBytes data={sealed.data} failed={sealed.isError} />
        </div>
      </div>
    </section>
  );
}
