import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { call, errorText } from "../../api/http";
import type { Block, BlockEntry, BlockRow, Status } from "../../api/types";
import { memberCount, useBlocks, useStatus } from "../../api/queries";
import { bytes, exactTime, hash, number, plural, timeOfDay } from "../../app/format";
import { useTitle } from "../../app/title";
import { EmptyState, Notice, Skeleton, StatusPill } from "../../components/basics";
import { DataTable } from "../../components/DataTable";
import { CheckPanel } from "./CheckPanel";
import { operationText } from "./words";
import { TransactionPanel } from "./TransactionPanel";

export function LogPage({ height }: { height?: number }) {
  useTitle("Log");
  const status = useStatus();
  const blocks = useBlocks(30);
  const [, navigate] = useLocation();
  const rows = blocks.data ?? [];
  const wanted = height ?? rows[rows.length - 1]?.height;
  const block = useQuery({
    queryKey: ["block", wanted],
    queryFn: () => call<Block>(`/api/block/${wanted}`),
    enabled: wanted !== undefined,
    staleTime: Infinity,
  });
  const [chosen, setChosen] = useState<string>();
  const entries = block.data?.entries ?? [];
  const transaction =
    entries.find((one) => one.id !== undefined && one.id === chosen) ??
    entries.find((one) => one.id !== undefined);

  if (status.isPending || blocks.isPending) return <Skeleton lines={6} />;
  const total = status.data?.height ?? 0;
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>
            The log has {plural(status.data?.log_size ?? 0, "entry", "entries")} in{" "}
            {plural(total, "block")}.
          </h1>
          <p className="meta">
            {status.data?.organisation?.name} · {plural(memberCount(status.data), "member")}
            {status.data?.last_block_time
              ? ` · last block ${timeOfDay(status.data.last_block_time)}`
              : ""}
          </p>
          {status.data ? <WitnessLine status={status.data} /> : null}
        </div>
      </div>
      {total === 0 ? (
        <EmptyState icon="chain" title="The log is empty">
          The first registration becomes the first block.
        </EmptyState>
      ) : (
        <>
          <Strip rows={rows} current={wanted} onChoose={(next) => navigate(`/log/${next}`)} />
          <div className="cols logcols">
            <div className="stack">
              {block.isError ? <Notice tone="bad">{errorText(block.error)}</Notice> : null}
              {block.data ? (
                <BlockPanel
                  block={block.data}
                  selected={transaction?.id}
                  onChoose={setChosen}
                  onBlock={(next) => navigate(`/log/${next}`)}
                />
              ) : (
                <Skeleton lines={6} />
              )}
              {transaction?.id ? (
                <TransactionPanel key={transaction.id} id={transaction.id} />
              ) : null}
            </div>
            <CheckPanel />
          </div>
        </>
      )}
    </div>
  );
}

/** Who outside this house has seen the log, and until where; plainly so when nobody has. */
function WitnessLine({ status }: { status: Status }) {
  if (status.witness_alarm) return <Notice tone="bad">{status.witness_alarm}</Notice>;
  const seen = (status.cosignatures ?? []).filter((one) => one.log_size !== null);
  if (seen.length === 0) {
    return <p className="meta">No witness: nobody outside this house vouches for the log.</p>;
  }
  return (
    <>
      {seen.map((one) => (
        <p className="meta" key={one.name}>
          Witness {one.name} saw {plural(one.log_size ?? 0, "entry", "entries")} at{" "}
          {exactTime(one.time ?? 0)}
        </p>
      ))}
    </>
  );
}

function Strip({
  rows,
  current,
  onChoose,
}: {
  rows: BlockRow[];
  current: number | undefined;
  onChoose: (height: number) => void;
}) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    // Only the strip scrolls: bringing the block into view must not move the page.
    const box = list.current;
    const item = box?.querySelector<HTMLElement>("[aria-current]")?.parentElement;
    if (box && item) box.scrollLeft = item.offsetLeft - box.clientWidth / 2 + item.clientWidth / 2;
  }, [current, rows.length]);
  return (
    <section aria-label="Blocks, oldest first">
      <ol className="strip" ref={list} tabIndex={0}>
        {rows.map((row) => (
          <li key={row.height}>
            <button
              type="button"
              className="as"
              aria-current={row.height === current ? "true" : undefined}
              onClick={() => onChoose(row.height)}
            >
              <b>{number(row.height)}</b>
              <span>{plural(row.transactions, "transaction")}</span>
              <span>{timeOfDay(row.time)}</span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function BlockPanel({
  block,
  selected,
  onChoose,
  onBlock,
}: {
  block: Block;
  selected: string | undefined;
  onChoose: (id: string) => void;
  onBlock: (height: number) => void;
}) {
  return (
    <section className="card panel" aria-labelledby="bh">
      <header>
        <h2 id="bh">Block {number(block.height)}</h2>
        <StatusPill icon="lock">Sealed {timeOfDay(block.time)}</StatusPill>
      </header>
      <dl className="facts in1">
        <dt>Time</dt>
        <dd>{exactTime(block.time)}</dd>
        <dt>Hash</dt>
        <dd className="mono">{hash(block.header_hash, true)}</dd>
        <dt>Previous hash</dt>
        <dd className="mono">
          {hash(block.previous, true)}{" "}
          {block.height > 1 ? (
            <button className="link asbtn" type="button" onClick={() => onBlock(block.height - 1)}>
              block {number(block.height - 1)}
            </button>
          ) : (
            "genesis"
          )}
        </dd>
      </dl>
      <DataTable
        caption={`Transactions in block ${block.height}`}
        sortable={false}
        rows={block.entries}
        rowKey={(entry) => entry.id ?? `link-${entry.position}`}
        selected={selected}
        onRow={(entry) => (entry.id ? onChoose(entry.id) : undefined)}
        columns={[
          {
            id: "n",
            header: "Entry",
            num: true,
            text: (e) => e.position,
            cell: (e) => number(e.position),
          },
          {
            id: "contract",
            header: "Contract",
            text: (e) => e.contract ?? "",
            cell: (e) => e.contract ?? "link",
          },
          { id: "what", header: "What", text: whatOf, cell: whatOf },
          {
            id: "account",
            header: "Account",
            mono: true,
            wideOnly: true,
            text: (e) => e.account ?? "",
            cell: (e) => (e.account ?? "").slice(0, 8),
          },
          {
            id: "result",
            header: "Result",
            text: (e) => e.code ?? 0,
            cell: (e) => <Result entry={e} />,
          },
          {
            id: "size",
            header: "Size",
            num: true,
            text: (e) => e.size ?? 34,
            cell: (e) => bytes(e.size ?? 34),
          },
        ]}
      />
    </section>
  );
}

function whatOf(entry: BlockEntry): string {
  if (!entry.id) return "the block before";
  return operationText(entry.contract ?? "", entry.method ?? "", entry.operations ?? 1);
}

export function Result({ entry }: { entry: { id?: string; code?: number } }) {
  if (!entry.id) return <StatusPill icon="chain">Link</StatusPill>;
  if (entry.code === 0) {
    return (
      <StatusPill tone="ok" icon="check">
        Done
      </StatusPill>
    );
  }
  return (
    <StatusPill tone="bad" icon="ban">
      Refused {entry.code}
    </StatusPill>
  );
}
