import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { errorText } from "../../api/http";
import { useKeyring } from "../../api/queries";
import { dateShort, number, plural } from "../../app/format";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { EmptyState, Notice, ProgressBar, Skeleton, StatusPill } from "../../components/basics";
import { DataTable } from "../../components/DataTable";
import { Icon } from "../../components/icons";
import { SealedBytes } from "../../components/SealedBytes";
import { fromUtf8 } from "../../crypto/bytes";
import { vault } from "../../crypto/client";

interface Row {
  row: number;
  cells: Record<string, string>;
}

interface Opened {
  rows: Row[];
  levels: Record<string, Record<string, string>>;
  label: string;
  first: string | null;
}

/** Rows and header come back in any order; the header says what the numbers stand for. */
function readRows(bodies: Uint8Array[], first: string | null): Opened {
  const opened: Opened = { rows: [], levels: {}, label: "", first };
  for (const body of bodies) {
    const value = JSON.parse(fromUtf8(body)) as Row & {
      type: string;
      label?: string;
      columns?: { name: string; levels?: Record<string, string> }[];
    };
    if (value.type === "row") opened.rows.push({ row: value.row, cells: value.cells });
    else {
      opened.label = value.label ?? "";
      for (const column of value.columns ?? []) {
        if (column.levels) opened.levels[column.name] = column.levels;
      }
    }
  }
  opened.rows.sort((a, b) => a.row - b.row);
  return opened;
}

export function Dataset({ id }: { id: string }) {
  const home = useHome();
  const keyring = useKeyring();
  const [progress, setProgress] = useState({ done: 0, total: 1 });
  const named = keyring.data?.collections.find((one) => one.id === id);
  useTitle(named?.name ?? "Data set");
  const opened = useQuery({
    queryKey: [home.home, "dataset", id],
    queryFn: async () => {
      const { rows, first } = await vault(
        "openDataset",
        { home: home.home, collection: id },
        setProgress,
      );
      return readRows(rows, first);
    },
    enabled: named !== undefined,
    staleTime: Infinity,
    retry: false,
  });
  if (keyring.isPending) return <Skeleton lines={4} />;
  if (!named) {
    return (
      <EmptyState icon="table" title="This data set is not yours or not here">
        <Link href="/datasets">All data sets</Link>
      </EmptyState>
    );
  }
  const columns = named.columns ?? [];
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>{named.name}</h1>
          <p className="meta">
            {opened.data ? `${plural(opened.data.rows.length, "row")}, ` : ""}stored{" "}
            {dateShort(named.created)}
          </p>
        </div>
        <Link className="link" href="/datasets">
          <Icon name="left" small /> All data sets
        </Link>
      </div>
      {opened.data?.label ? (
        <Notice tone="warn">
          <p>
            <b>{opened.data.label.charAt(0).toUpperCase() + opened.data.label.slice(1)}.</b>
          </p>
        </Notice>
      ) : null}
      {opened.isPending ? (
        <ProgressBar
          done={progress.done}
          total={progress.total}
          label={
            progress.total > 1
              ? `Opened ${number(progress.done)} of ${number(progress.total)} rows`
              : "Opening"
          }
        />
      ) : null}
      {opened.isError ? <Notice tone="bad">{errorText(opened.error)}</Notice> : null}
      {opened.data ? (
        <div className="cols logcols">
          <section className="card">
            <DataTable
              caption={named.name}
              filter="Find in the rows"
              exportName={`${named.name}.csv`}
              rows={opened.data.rows}
              rowKey={(row) => String(row.row)}
              columns={[
                {
                  id: "row",
                  header: "Row",
                  num: true,
                  text: (r) => r.row,
                  cell: (r) => number(r.row),
                },
                ...columns.map((column) => {
                  const levels = opened.data.levels[column.name];
                  const isNumber = !levels && /number|integer/.test(column.kind);
                  const shown = (r: Row): string => {
                    const cell = r.cells[column.name] ?? "";
                    return levels?.[cell] ?? cell;
                  };
                  return {
                    id: column.name,
                    header: column.label || column.name,
                    ...(column.unit ? { unit: column.unit } : {}),
                    num: isNumber,
                    text: (r: Row) => (isNumber ? Number(shown(r)) : shown(r)),
                    cell: (r: Row) => shown(r),
                  };
                }),
              ]}
            />
          </section>
          {opened.data.first ? (
            <aside className="stack tight" aria-label="What the server stores">
              <h2>What the server stores</h2>
              <SealedBytes
                home={home.home}
                record={opened.data.first}
                readers="One record of this data set."
              >
                <p>
                  <b>{named.name}</b>
                </p>
                <StatusPill icon="lock">Opened here</StatusPill>
              </SealedBytes>
            </aside>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}
