import {
  createColumnHelper,
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  useReactTable,
  type SortingState,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type ReactNode } from "react";
import { number, unitText } from "../app/format";
import { Search } from "./forms";
import { Icon } from "./icons";

export interface Column<T> {
  id: string;
  header: string;
  unit?: string;
  cell: (row: T) => ReactNode;
  /** What it sorts and filters by, and what an export writes. */
  text: (row: T) => string | number;
  num?: boolean;
  wideOnly?: boolean;
  mono?: boolean;
  className?: (row: T) => string;
}

interface Props<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  filter?: string;
  exportName?: string;
  onRow?: (row: T) => void;
  selected?: string | undefined;
  sortable?: boolean;
  tools?: ReactNode;
}

const virtualFrom = 120;
const rowHeight = 37;

/** Sort by a heading, filter by a word, choose with the keyboard, export what is shown. */
export function DataTable<T>(props: Props<T>) {
  const { caption, columns, rows, rowKey, filter, exportName, onRow, selected, tools } = props;
  const [sorting, setSorting] = useState<SortingState>([]);
  const [query, setQuery] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => {
    const word = query.trim().toLowerCase();
    if (!word) return rows;
    return rows.filter((row) =>
      columns.some((column) => String(column.text(row)).toLowerCase().includes(word)),
    );
  }, [rows, columns, query]);
  const defs = useMemo(() => {
    const helper = createColumnHelper<T>();
    return columns.map((column) =>
      helper.accessor((row: T) => column.text(row), { id: column.id, header: column.header }),
    );
  }, [columns]);
  const table = useReactTable({
    data: shown,
    columns: defs,
    state: { sorting },
    onSortingChange: setSorting,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  const sorted = table.getRowModel().rows;
  const isLong = sorted.length > virtualFrom;
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    enabled: isLong,
  });
  const items = virtual.getVirtualItems();
  const window = isLong ? items.map((item) => sorted[item.index]) : sorted;
  const before = isLong ? (items[0]?.start ?? 0) : 0;
  const after = isLong ? virtual.getTotalSize() - (items[items.length - 1]?.end ?? 0) : 0;

  return (
    <>
      {filter || exportName || tools ? (
        <div className="tabletools">
          {filter ? (
            <Search value={query} onChange={setQuery} placeholder={filter} label={filter} />
          ) : null}
          {tools}
          {exportName ? (
            <button
              className="btn"
              type="button"
              onClick={() =>
                download(
                  exportName,
                  toCsv(
                    columns,
                    sorted.map((row) => row.original),
                  ),
                )
              }
            >
              <Icon name="dl" small />
              Export {number(sorted.length)} rows
            </button>
          ) : null}
        </div>
      ) : null}
      <div
        ref={box}
        className={isLong ? "scroll tall" : "scroll"}
        tabIndex={0}
        role="region"
        aria-label={caption}
      >
        <table aria-rowcount={sorted.length + 1}>
          <caption className="vh">{caption}</caption>
          <thead>
            <tr>
              {table.getHeaderGroups()[0]?.headers.map((header, i) => {
                const column = columns[i] as Column<T>;
                const order = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    scope="col"
                    className={classes(column)}
                    aria-sort={
                      order === "asc" ? "ascending" : order === "desc" ? "descending" : undefined
                    }
                  >
                    {props.sortable === false ? (
                      column.header
                    ) : (
                      <button
                        className="sort"
                        type="button"
                        onClick={header.column.getToggleSortingHandler()}
                      >
                        {flexRender(header.column.columnDef.header, header.getContext())}
                        {order ? <Icon name={order === "asc" ? "up" : "down"} small /> : null}
                      </button>
                    )}
                    {column.unit ? <span className="u">{unitText(column.unit)}</span> : null}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {before > 0 ? <Spacer height={before} columns={columns.length} /> : null}
            {window.map((row) => {
              if (!row) return null;
              const key = rowKey(row.original);
              return (
                <tr
                  key={key}
                  className={selected === key ? "sel" : undefined}
                  aria-selected={onRow ? selected === key : undefined}
                >
                  {columns.map((column, i) => {
                    const Cell = i === 0 ? "th" : "td";
                    const content = column.cell(row.original);
                    return (
                      <Cell
                        key={column.id}
                        scope={i === 0 ? "row" : undefined}
                        className={[
                          classes(column) ?? "",
                          column.mono ? "mono" : "",
                          column.className?.(row.original) ?? "",
                        ].join(" ")}
                      >
                        {i === 0 && onRow ? (
                          <button
                            className="rowbtn"
                            type="button"
                            onClick={() => onRow(row.original)}
                          >
                            {content}
                          </button>
                        ) : (
                          content
                        )}
                      </Cell>
                    );
                  })}
                </tr>
              );
            })}
            {after > 0 ? <Spacer height={after} columns={columns.length} /> : null}
          </tbody>
        </table>
      </div>
      {sorted.length === 0 ? <p className="tabletools meta">Nothing fits.</p> : null}
    </>
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  return (
    <tr className="spacer" aria-hidden="true">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
}

function classes<T>(column: Column<T>): string | undefined {
  const names = [column.num && "num", column.wideOnly && "wideonly"];
  return names.filter(Boolean).join(" ") || undefined;
}

function toCsv<T>(columns: Column<T>[], rows: T[]): string {
  // A cell that begins like a formula is quoted with an apostrophe, so that no spreadsheet runs it.
  const cell = (value: string | number): string => {
    const text =
      typeof value === "string" && /^[=+\-@\t]/.test(value) ? `'${value}` : String(value);
    return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const lines = [columns.map((column) => cell(column.header)).join(",")];
  for (const row of rows) lines.push(columns.map((column) => cell(column.text(row))).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

export function download(name: string, data: string | Uint8Array, type = "text/csv"): void {
  const url = URL.createObjectURL(new Blob([data as BlobPart], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
