import { useEffect, useState } from "react";
import { errorText } from "../../api/http";
import { number, percent } from "../../app/format";
import { Meter, Notice, Segmented, Skeleton, StatusPill } from "../../components/basics";
import { Pick } from "../../components/forms";
import type { NoiseKind, Released } from "../../studio/engine";
import { changeWork, release, type Work } from "../../studio/work";
import { Done } from "./Prepare";
import { CountsFigure, RowsTable } from "./parts";

const kinds: { value: NoiseKind; label: string; about: string }[] = [
  {
    value: "random",
    label: "Random",
    about: "Each figure moves by chance; sums and means move a little.",
  },
  {
    value: "zero_sum",
    label: "Zero-sum",
    about: "Zero-sum keeps the sum and mean of each column exactly.",
  },
  {
    value: "zero_out",
    label: "Zero out",
    about: "Chosen cells become zero; the share says how many.",
  },
];
const riskLimit = 0.05;
const riskMax = 0.2;

export function Release({ work }: { work: Work }) {
  const [error, setError] = useState<string>();
  const { noise, scale, left } = work;
  useEffect(() => {
    // A slider that is being drawn asks often; the engine answers the last one.
    const timer = setTimeout(() => {
      release().then(
        () => setError(undefined),
        (failure: unknown) => setError(errorText(failure)),
      );
    }, 120);
    return () => clearTimeout(timer);
  }, [noise, scale, left]);
  const { released } = work;
  const columns = work.loaded.columns.filter((one) => one.role !== "identifier");
  return (
    <div className="cols studio">
      <div className="stack">
        <CountsFigure work={work} stage={released ? "released" : "prepared"} />
        {released ? (
          <RowsTable
            work={work}
            stage="released"
            count={8}
            title="As they will be released, rows"
            pill={
              work.prepared && work.prepared.cells_filled > 0 ? (
                <StatusPill tone="warn" icon="info">
                  {number(work.prepared.cells_filled)} cells filled
                </StatusPill>
              ) : undefined
            }
          />
        ) : (
          <Skeleton lines={6} label="Computing the release" />
        )}
        <Done work={work} />
      </div>
      <form className="card pad stack rel" aria-label="Noise" onSubmit={(e) => e.preventDefault()}>
        <fieldset className="stack tight">
          <legend>Noise</legend>
          <Segmented
            wide
            label="Kind of noise"
            value={noise}
            options={kinds}
            onChange={(next) => changeWork({ noise: next })}
          />
          <p className="meta">{kinds.find((one) => one.value === noise)?.about}</p>
          <div className="slide">
            <div className="row between">
              <label htmlFor="ns">
                {noise === "zero_out" ? "Share of cells" : "Size, share of each column’s spread"}
              </label>
              <output htmlFor="ns">{percent(scale, 0)}</output>
            </div>
            <input
              id="ns"
              type="range"
              min="0"
              max="100"
              value={Math.round(scale * 100)}
              onChange={(event) => changeWork({ scale: Number(event.target.value) / 100 })}
            />
            <div className="ends">
              <span>0 %</span>
              <span>100 %</span>
            </div>
          </div>
        </fieldset>
        {error ? <Notice tone="bad">{error}</Notice> : null}
        {released ? <Meters released={released} /> : <Skeleton lines={4} />}
        {released ? (
          <Notice tone="warn">
            <p>
              <b>{capital(released.label)}.</b> This label travels with the release.
            </p>
          </Notice>
        ) : null}
        <details>
          <summary>Leave columns out</summary>
          <div className="rows">
            {columns.map((column) => (
              <Pick
                key={column.name}
                checked={left.includes(column.name)}
                onChange={(on) =>
                  changeWork({
                    left: on ? [...left, column.name] : left.filter((name) => name !== column.name),
                  })
                }
                title={column.label || column.name}
              />
            ))}
          </div>
        </details>
      </form>
    </div>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function Meters({ released }: { released: Released }) {
  const { linkage, utility } = released;
  const below = linkage.share <= riskLimit;
  const kept = utility.percent;
  return (
    <>
      <Meter
        title="Linkage risk"
        figure={percent(linkage.share)}
        detail={
          `${number(linkage.rows_linked)} of ${number(linkage.looked_at)} ` +
          "rows could be matched"
        }
        value={linkage.share}
        max={riskMax}
        limit={riskLimit}
        limitLabel="limit 5 %"
        maxLabel="20 %"
        text={`${percent(linkage.share)}, limit 5 percent`}
        pill={
          below ? (
            <StatusPill tone="ok" icon="check">
              Below your limit
            </StatusPill>
          ) : (
            <StatusPill tone="bad" icon="warn">
              Above your limit
            </StatusPill>
          )
        }
      />
      <Meter
        title="Utility kept"
        figure={`${number(Math.round(kept))} %`}
        detail={utility.sentence}
        value={kept}
        max={100}
        maxLabel="100 %"
        text={`${Math.round(kept)} percent`}
        pill={
          kept >= 90 ? (
            <StatusPill tone="ok" icon="check">
              Nearly all
            </StatusPill>
          ) : (
            <StatusPill tone="warn" icon="info">
              {kept >= 60 ? "Some detail lost" : "Much detail lost"}
            </StatusPill>
          )
        }
      />
      {released.notes.map((note) => (
        <p key={note} className="meta">
          {capital(note)}.
        </p>
      ))}
    </>
  );
}
