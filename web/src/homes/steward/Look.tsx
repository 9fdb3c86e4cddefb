import { useQuery } from "@tanstack/react-query";
import { errorText } from "../../api/http";
import { dateShort, number, plural, unitText } from "../../app/format";
import { Notice, Skeleton, StatusPill } from "../../components/basics";
import { Histogram } from "../../components/charts";
import { Select } from "../../components/forms";
import type { Role, Summary } from "../../studio/engine";
import { setRole, type Work } from "../../studio/work";
import { CountsFigure, RowsTable } from "./parts";

const roles: { value: Role; label: string }[] = [
  { value: "none", label: "Nothing special" },
  { value: "identifier", label: "Names a person" },
  { value: "quasi_identifier", label: "Helps to find a person" },
  { value: "sensitive", label: "Sensitive" },
  { value: "label", label: "What to predict" },
];

export function Look({ work }: { work: Work }) {
  const summaries = useQuery({
    queryKey: ["studio", work.seed, "describe"],
    queryFn: () => work.studio.describe("loaded", 12),
    select: (data) => data.columns,
  });
  const { loaded } = work;
  const clean = loaded.duplicate_rows === 0 && loaded.missing_cells === 0;
  return (
    <>
      {loaded.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      {clean ? null : (
        <Notice>
          <p>
            {plural(loaded.missing_cells, "cell")} missing,{" "}
            {plural(loaded.duplicate_rows, "row")} twice. The next step decides about them.
          </p>
        </Notice>
      )}
      <CountsFigure work={work} stage="loaded" />
      <RowsTable work={work} stage="loaded" count={8} title="Rows" />
      <section className="stack tight" aria-labelledby="cols">
        <h2 id="cols">Columns</h2>
        {summaries.isError ? <Notice tone="bad">{errorText(summaries.error)}</Notice> : null}
        {summaries.data ? (
          <ul className="colgrid">
            {summaries.data.map((column) => (
              <ColumnCard key={column.name} column={column} work={work} />
            ))}
          </ul>
        ) : (
          <Skeleton lines={4} />
        )}
      </section>
    </>
  );
}

function ColumnCard({ column, work }: { column: Summary; work: Work }) {
  const role = work.loaded.columns.find((one) => one.name === column.name)?.role ?? column.role;
  const name = column.label || column.name;
  return (
    <li className="card pad stack tight">
      <div className="row between">
        <h3>
          {name}
          {column.unit ? <span className="meta"> {unitText(column.unit)}</span> : null}
        </h3>
        {column.missing > 0 ? (
          <StatusPill tone="warn" icon="info">
            {number(column.missing)} missing
          </StatusPill>
        ) : (
          <StatusPill icon="check">Complete</StatusPill>
        )}
      </div>
      <Distribution column={column} name={name} />
      <Select
        label={`What ${name} is`}
        hidden
        value={role}
        options={roles}
        onChange={(next) => void setRole(column.name, next as Role)}
      />
    </li>
  );
}

function Distribution({ column, name }: { column: Summary; name: string }) {
  if (column.histogram && column.histogram.length > 0) {
    const isDate = column.kind === "date";
    const shown = (value: number) => (isDate ? dateShort(value * 86_400_000) : round(value));
    const mean =
      column.mean === null || column.mean === undefined ? "" : `mean ${shown(column.mean)}`;
    const spread =
      column.sd === null || column.sd === undefined
        ? ""
        : `, spread ${round(column.sd)}${isDate ? " days" : ""}`;
    return (
      <>
        <Histogram
          bins={column.histogram}
          unit={unitText(column.unit)}
          format={isDate ? shown : number}
          label={`Distribution of ${name}: ${mean}${spread}`}
        />
        <p className="meta">
          {mean}
          {spread}
        </p>
      </>
    );
  }
  if (column.levels && column.levels.length > 0) {
    return (
      <ul className="levels">
        {column.levels.slice(0, 5).map((level) => (
          <li key={level.text} className="row between">
            <span>{level.text}</span>
            <span className="meta">{number(level.count)}</span>
          </li>
        ))}
      </ul>
    );
  }
  return <p className="meta">{plural(column.distinct, "different value")}</p>;
}

const round = (value: number): string => number(Math.round(value * 100) / 100);
