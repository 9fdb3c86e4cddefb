import { useEffect, useState } from "react";
import { errorText } from "../../api/http";
import { number, plural } from "../../app/format";
import { Notice, StatusPill } from "../../components/basics";
import { Pick, Select } from "../../components/forms";
import type { Fill } from "../../studio/engine";
import { changeWork, prepare, type Work } from "../../studio/work";
import { RowsTable } from "./parts";

const fills: { value: Fill; label: string }[] = [
  { value: "mean", label: "the column’s mean" },
  { value: "median", label: "the column’s median" },
  { value: "mode", label: "the most frequent value" },
  { value: "not_stated", label: "“not stated”" },
  { value: "leave", label: "nothing, leave them out" },
];

export function Prepare({ work }: { work: Work }) {
  const [error, setError] = useState<string>();
  const { prepared, fill, fillOf, encode, dropDuplicates } = work;
  useEffect(() => {
    if (prepared) return;
    prepare().then(
      () => setError(undefined),
      (failure: unknown) => setError(errorText(failure)),
    );
  }, [prepared, fill, fillOf, encode, dropDuplicates]);
  const change = (part: Partial<Work>) => changeWork({ ...part, prepared: null, released: null });
  const missing = work.loaded.columns.filter((one) => one.missing > 0);
  return (
    <div className="cols studio">
      <div className="stack">
        {error ? <Notice tone="bad">{error}</Notice> : null}
        {prepared ? (
          <>
            <RowsTable
              work={work}
              stage="prepared"
              count={8}
              title="Rows"
              pill={
                prepared.cells_filled > 0 ? (
                  <StatusPill tone="warn" icon="info">
                    {plural(prepared.cells_filled, "cell")} filled
                  </StatusPill>
                ) : undefined
              }
            />
            <Done work={work} />
          </>
        ) : (
          <p role="status">Preparing …</p>
        )}
      </div>
      <form
        className="card pad stack rel"
        aria-label="How to prepare"
        onSubmit={(e) => e.preventDefault()}
      >
        <Select
          label="Fill missing cells with"
          value={fill}
          options={fills}
          onChange={(next) => change({ fill: next as Fill })}
        />
        {missing.map((column) => (
          <Select
            key={column.name}
            label={`${column.label || column.name}, ${number(column.missing)} missing`}
            value={fillOf[column.name] ?? ""}
            options={[{ value: "", label: "as above" }, ...fills]}
            onChange={(next) => {
              const { [column.name]: _, ...others } = fillOf;
              change({ fillOf: next ? { ...others, [column.name]: next as Fill } : others });
            }}
          />
        ))}
        <Pick
          checked={dropDuplicates}
          onChange={(on) => change({ dropDuplicates: on })}
          title="Remove rows that occur twice"
          meta={plural(work.loaded.duplicate_rows, "row")}
        />
        <Pick
          checked={encode}
          onChange={(on) => change({ encode: on })}
          title="Turn categories into numbers on storing"
          meta="The words travel along"
        />
      </form>
    </div>
  );
}

/** The engine fills with every digit it has; a reader needs two. */
const shown = (value: string): string =>
  value.trim() !== "" && Number.isFinite(Number(value))
    ? number(Math.round(Number(value) * 100) / 100)
    : value;

export function Done({ work }: { work: Work }) {
  const { prepared } = work;
  if (!prepared) return null;
  const nameOf = (column: string): string =>
    work.loaded.columns.find((one) => one.name === column)?.label || column;
  return (
    <section className="card panel" aria-labelledby="pr">
      <header>
        <h2 id="pr">What was prepared</h2>
      </header>
      <ul className="rows top">
        {prepared.encodings.map((one) => (
          <li key={one.column} className="row between">
            <span>
              <b>{nameOf(one.column)}</b> to numbers, on storing
            </span>
            <span className="meta">{one.levels.map((level, i) => `${level} ${i}`).join(", ")}</span>
          </li>
        ))}
        {prepared.filled.map((one) => (
          <li key={one.column} className="row between">
            <span>
              <b>{nameOf(one.column)}</b>, {plural(one.cells, "missing cell")}
            </span>
            <span className="meta">
              filled with {fills.find((f) => f.value === one.how)?.label ?? one.how},{" "}
              {shown(one.value)}
            </span>
          </li>
        ))}
        <li className="row between">
          <b>Rows that occurred twice</b>
          <span className="meta">{number(prepared.duplicates_dropped)} removed</span>
        </li>
        {prepared.notes.map((note) => (
          <li key={note} className="meta">
            {note.charAt(0).toUpperCase() + note.slice(1)}.
          </li>
        ))}
      </ul>
    </section>
  );
}
