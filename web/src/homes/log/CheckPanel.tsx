import { useRef, useState } from "react";
import { errorText } from "../../api/http";
import { hash, number, timeWithSeconds } from "../../app/format";
import { Notice, ProgressBar } from "../../components/basics";
import { download } from "../../components/DataTable";
import { Icon } from "../../components/icons";
import { check, fetchCopy, headersMax, readCopy, type Checked } from "./check";

type State =
  | { step: "idle" }
  | { step: "busy"; done: number; total: number }
  | { step: "done"; of: "log" | "copy"; checked: Checked }
  | { step: "failed"; message: string };

/** Every block header is fetched and hashed here; a changed byte shows where it is. */
export function CheckPanel() {
  const [state, setState] = useState<State>({ step: "idle" });
  const file = useRef<HTMLInputElement>(null);
  const progress = (done: number, total: number) => setState({ step: "busy", done, total });

  const run = async (work: () => Promise<State>) => {
    setState({ step: "busy", done: 0, total: 0 });
    try {
      setState(await work());
    } catch (error) {
      setState({ step: "failed", message: errorText(error) });
    }
  };
  const checkLog = () =>
    run(async () => ({ step: "done", of: "log", checked: await check(await fetchCopy(progress)) }));
  const checkFile = (chosen: File) =>
    run(async () => ({
      step: "done",
      of: "copy",
      checked: await check(readCopy(await chosen.text())),
    }));
  const save = () =>
    run(async () => {
      const copy = await fetchCopy(progress);
      download("salus-log.json", `${JSON.stringify(copy, null, 1)}\n`, "application/json");
      return { step: "idle" };
    });

  return (
    <section className="card ev chk" aria-labelledby="ck">
      <h2 id="ck">Check it yourself</h2>
      <p>
        Your browser hashes every block header again and tests the signature under the newest one.
        The server cannot change the answer.
      </p>
      <div className="acts">
        <button
          className={state.step === "busy" ? "btn busy" : "btn go"}
          type="button"
          onClick={() => void checkLog()}
        >
          <Icon name="proof" small />
          Check the log
        </button>
      </div>
      {state.step === "busy" ? (
        <ProgressBar
          done={state.done}
          total={state.total || 1}
          label={
            state.total ? `${number(state.done)} of ${number(state.total)} blocks` : "Starting"
          }
        />
      ) : null}
      {state.step === "failed" ? (
        <Notice tone="bad" role="alert">
          <p>
            <b>The check could not finish.</b> {state.message}
          </p>
        </Notice>
      ) : null}
      {state.step === "done" ? <Verdict of={state.of} checked={state.checked} /> : null}
      <div className="acts">
        <button className="btn" type="button" onClick={() => void save()}>
          <Icon name="dl" small />
          Download log
        </button>
        <button className="btn" type="button" onClick={() => file.current?.click()}>
          <Icon name="upload" small />
          Check a copy
        </button>
        <input
          ref={file}
          type="file"
          accept=".json,application/json"
          hidden
          aria-label="Copy of the log"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            event.target.value = "";
            if (chosen) void checkFile(chosen);
          }}
        />
      </div>
    </section>
  );
}

function Verdict({ of, checked }: { of: "log" | "copy"; checked: Checked }) {
  const { verdict, ms, at } = checked;
  const { bad } = verdict;
  if (!bad) {
    const whole = verdict.blocks >= headersMax ? ` (the newest ${number(headersMax)})` : "";
    return (
      <Notice tone="ok" role="status">
        <b>{of === "log" ? "The log fits." : "This copy fits."}</b>
        <p className="meta">
          {number(verdict.blocks)} headers{whole} and {number(verdict.entries)} entries’ places
          recomputed, {number(verdict.signatures)} signature
          {verdict.signatures === 1 ? "" : "s"}{" "}
          tested, {timeWithSeconds(at)}, in {number(Math.max(1, Math.round(ms)))} ms.
        </p>
      </Notice>
    );
  }
  return (
    <>
      <Notice tone="bad" role="alert">
        <b>
          {of === "log" ? "In the log" : "In your copy"}, block {number(bad.height)} was{" "}
          changed:{" "}
          {bad.what}.
        </b>
        <p className="meta">
          {bad.height > 1 ? `The blocks before ${number(bad.height)} fit. ` : ""}From here on
          nothing can be trusted{of === "copy" ? " in this copy" : ""}.
        </p>
      </Notice>
      <div className="stack tight">
        <dl className="facts">
          <dt>Written</dt>
          <dd className="bytes">{hash(bad.said, true)}</dd>
          <dt>We computed</dt>
          <dd className="bytes">
            <mark>{hash(bad.computed, true)}</mark>
          </dd>
        </dl>
        <p className="meta">
          {of === "copy"
            ? "The log itself is safe; only the copy differs. Fetch it again, or keep it as evidence. "
            : "Keep this page as evidence and tell the other members. "}
          <span className="nobreak">Code LOG-HASH-{bad.height}.</span>
        </p>
      </div>
    </>
  );
}
