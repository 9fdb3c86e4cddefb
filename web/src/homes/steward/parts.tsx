import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { errorText } from "../../api/http";
import { number, percent } from "../../app/format";
import { Notice, Segmented, Skeleton } from "../../components/basics";
import { BarChart } from "../../components/charts";
import { DataTable } from "../../components/DataTable";
import { Select } from "../../components/forms";
import type { Page, Stage } from "../../studio/engine";
import type { Work } from "../../studio/work";

// A name for what the studio has computed, so that a change asks for it again.
const revision = (work: Work, stage: Stage): string =>
  stage === "loaded"
    ? work.loaded.name
    : stage === "prepared"
      ? JSON.stringify([work.fill, work.fillOf, work.encode, work.dropDuplicates])
      : JSON.stringify([work.noise, work.scale, work.left, work.released?.linkage.share]);

/** Patients by gender, or by any other column, as bars or as a table. */
export function CountsFigure({ work, stage }: { work: Work; stage: Stage }) {
  const [column, setColumn] = useState("");
  const [view, setView] = useState<"chart" | "table">("chart");
  const chart = useQuery({
    queryKey: ["studio", work.seed, "chart", stage, column, revision(work, stage)],
    queryFn: () => work.studio.chart(column || undefined, stage),
    placeholderData: (before) => before,
  });
  if (chart.isError) return <Notice tone="bad">{errorText(chart.error)}</Notice>;
  if (!chart.data) return <Skeleton lines={3} />;
  const { bars, title, label, note } = chart.data;
  const columns = work.loaded.columns.filter((one) => one.role !== "identifier");
  return (
    <figure className="card pad stack tight" aria-labelledby="gh">
      <div className="bar">
        <h2 id="gh">{title}</h2>
        <div className="row">
          <Select
            hidden
            label="Patients by"
            value={chart.data.column}
            onChange={setColumn}
            options={columns.map((one) => ({
              value: one.name,
              label: `By ${(one.label || one.name).toLowerCase()}`,
            }))}
          />
          <Segmented
            label="Show as"
            value={view}
            onChange={setView}
            options={[
              { value: "chart", label: "Chart", icon: "chart" },
              { value: "table", label: "Table", icon: "table" },
            ]}
          />
        </div>
      </div>
      {view === "chart" ? (
        <BarChart
          bars={bars.slice(0, 16)}
          label={`${title}. ${bars.map((bar) => `${bar.label} ${bar.count}`).join(", ")}`}
        />
      ) : (
        <DataTable
          caption={`Patients by ${label}`}
          rows={bars}
          rowKey={(bar) => bar.label}
          columns={[
            { id: "label", header: label, text: (b) => b.label, cell: (b) => b.label },
            {
              id: "count",
              header: "Patients",
              num: true,
              text: (b) => b.count,
              cell: (b) => number(b.count),
            },
            {
              id: "share",
              header: "Share",
              num: true,
              text: (b) => b.share,
              cell: (b) => percent(b.share),
            },
          ]}
        />
      )}
      {note ? <p className="meta">{note}</p> : null}
    </figure>
  );
}

/** The first rows of a stage; cells that were missing are shaded and say so. */
export function RowsTable({
  work,
  stage,
  count,
  title,
  pill,
}: {
  work: Work;
  stage: Stage;
  count: number;
  title: string;
  pill?: React.ReactNode;
}) {
  const [from, setFrom] = useState(0);
  const page = useQuery({
    queryKey: ["studio", work.seed, "page", stage, from, count, revision(work, stage)],
    queryFn: () => work.studio.page(from, count, stage),
    placeholderData: (before) => before,
  });
  if (page.isError) return <Notice tone="bad">{errorText(page.error)}</Notice>;
  if (!page.data) return <Skeleton lines={6} />;
  const total = page.data.rows_total;
  const last = Math.min(total, from + page.data.rows.length);
  return (
    <section className="card panel" aria-labelledby="tp">
      <header>
        <h2 id="tp">
          {title} {number(from + 1)} to {number(last)} of {number(total)}
        </h2>
        <div className="row">
          {pill}
          <button
            className="btn"
            type="button"
            disabled={from === 0}
            onClick={() => setFrom(Math.max(0, from - count))}
          >
            Earlier
          </button>
          <button
            className="btn"
            type="button"
            disabled={last >= total}
            onClick={() => setFrom(from + count)}
          >
            Later
          </button>
        </div>
      </header>
      <PageTable work={work} page={page.data} caption={title} />
    </section>
  );
}

function PageTable({ work, page, caption }: { work: Work; page: Page; caption: string }) {
  const filled = new Set(page.filled.map(([row, column]) => `${row}.${column}`));
  const rows = page.rows.map((cells, i) => ({ cells, at: i, number: page.from + i + 1 }));
  const info = (name: string) => work.loaded.columns.find((one) => one.name === name);
  return (
    <DataTable
      caption={caption}
      sortable={false}
      rows={rows}
      rowKey={(row) => String(row.number)}
      columns={[
        {
          id: "row",
          header: "Row",
          num: true,
          text: (r) => r.number,
          cell: (r) => number(r.number),
        },
        ...page.columns.map((name, i) => {
          const column = info(name);
          const isFilled = (row: { at: number }) => filled.has(`${row.at}.${i}`);
          return {
            id: name,
            header: column?.label || name,
            ...(column?.unit ? { unit: column.unit } : {}),
            num: column?.kind === "number" || column?.kind === "integer",
            text: (r: (typeof rows)[number]) => r.cells[i] ?? "",
            className: (r: (typeof rows)[number]) => (isFilled(r) ? "filled" : ""),
            cell: (r: (typeof rows)[number]) => (
              <>
                {r.cells[i] || <span className="meta">missing</span>}
                {isFilled(r) ? <span className="vh"> filled</span> : null}
              </>
            ),
          };
        }),
      ]}
    />
  );
}
