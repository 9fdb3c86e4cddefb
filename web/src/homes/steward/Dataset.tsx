import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { errorText } from "../../api/http";
import { useKeyring } from "../../api/queries";
import { dateShort, number, plural } from "../../app/format";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { EmptyState, Notice, ProgressBar, Skeleton } from "../../components/basics";
import { DataTable, type Column } from "../../components/DataTable";
import { Icon } from "../../components/icons";
import { fromUtf8 } from "../../crypto/bytes";
import { vault } from "../../crypto/client";
import type { KeyringColumn } from "../../crypto/keyring";
import { RowPanel } from "./RowPanel";

export interface Row {
  row: number;
  cells: Record<string, string>;
  record: string;
}

interface Opened {
  rows: Row[];
  levels: Record<string, Record<string, string>>;
  label: string;
}

/** Rows and header come back in any order; the header says what the numbers stand for. */
function readRows(records: { record: string; plaintext: Uint8Array }[]): Opened {
  const opened: Opened = { rows: [], levels: {}, label: "" };
  for (const { record, plaintext } of records) {
    const value = JSON.parse(fromUtf8(plaintext)) as Row & {
      type: string;
      label?: string;
      columns?: { name: string; levels?: Record<string, string> }[];
    };
    if (value.type === "row") opened.rows.push({ row: value.row, cells: value.cells, record });
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
  const [chosen, setChosen] = useState<string>();
  const named = keyring.data?.collections.find((one) => one.id === id);
  useTitle(named?.name ?? "Data set");
  const opened = useQuery({
    queryKey: [home.home, "dataset", id],
    queryFn: async () => {
      const { rows } = await vault(
        "openDataset",
        { home: home.home, collection: id },
        setProgress,
      );
      return readRows(rows);
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
              rowKey={(row) => row.record}
              onRow={(row) => setChosen(row.record)}
              selected={(rowOf(opened.data, chosen) ?? opened.data.rows[0])?.record}
              columns={tableColumns(named.columns ?? [], opened.data)}
            />
          </section>
          <RowPanel
            key={chosen}
            row={rowOf(opened.data, chosen) ?? opened.data.rows[0]}
            name={named.name}
            noised={named.release !== undefined || opened.data.label !== ""}
          />
        </div>
      ) : null}
    </div>
  );
}

const rowOf = (opened: Opened, record: string | undefined): Row | undefined =>
  opened.rows.find((row) => row.record === record);

function tableColumns(columns: KeyringColumn[], opened: Opened): Column<Row>[] {
  const first: Column<Row> = {
    id: "row",
    header: "Row",
    num: true,
    text: (r) => r.row,
    cell: (r) => number(r.row),
  };
  return [first, ...columns.map((column) => tableColumn(column, opened))];
}

function tableColumn(column: KeyringColumn, opened: Opened): Column<Row> {
  const levels = opened.levels[column.name];
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
    text: (r) => (isNumber ? Number(shown(r)) : shown(r)),
    cell: (r) => shown(r),
  };
}
