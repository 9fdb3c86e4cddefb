import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "wouter";
import { call, errorText } from "../../api/http";
import { useAsks } from "../../api/queries";
import { counted, daysLeft, friendlyTime } from "../../app/format";
import { categories } from "../../app/health";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { EmptyState, Face, Notice, Skeleton, StatusPill, type Tone } from "../../components/basics";
import { purposes } from "../../components/ConsentSentence";
import { Field, Pick, Select, TextArea } from "../../components/forms";
import { Icon, type IconName } from "../../components/icons";
import type { AskView } from "../../crypto/asks";
import { vault } from "../../crypto/client";
import { AskSentence, lengths } from "../shared/asking";

const noteMost = 280;
const asked = categories.filter((one) => one.key !== "data-set-rows");

/** Asking a patient, and what became of earlier asks. */
export function Requests() {
  useTitle("Requests");
  const asks = useAsks();
  if (asks.isPending) return <Skeleton lines={5} />;
  const mine = (asks.data ?? []).filter((one) => one.side === "asker");
  const open = mine.filter((one) => one.state === "open").length;
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>
            {open === 0
              ? "No request waits for an answer."
              : `${counted(open, "request waits", "requests wait")} for an answer.`}
          </h1>
          <p className="meta">
            A patient answers on their own page, and may allow less than you ask for.
          </p>
        </div>
      </div>
      <div className="two half">
        <AskForm />
        <aside className="stack" aria-label="Earlier requests">
        <section className="stack tight" aria-labelledby="mine">
          <h2 id="mine">Your requests</h2>
          {mine.length === 0 ? (
            <EmptyState icon="share" title="You have asked nobody yet">
              Each request stays here with its answer. It ends by itself after seven days.
            </EmptyState>
          ) : (
            <ul className="card rows">
              {mine.map((one) => (
                <AskRow key={one.id} ask={one} />
              ))}
            </ul>
          )}
        </section>
        </aside>
      </div>
    </div>
  );
}

const empty = { what: [] as string[], purpose: "TREAT", days: "30", note: "" };

function AskForm() {
  const home = useHome();
  const queries = useQueryClient();
  const [code, setCode] = useState(() => decodeURIComponent(location.hash.slice(1)));
  const [draft, setDraft] = useState(empty);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const [sent, setSent] = useState(false);
  const change = (part: Partial<typeof empty>) => setDraft((old) => ({ ...old, ...part }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    setSent(false);
    try {
      const { what, purpose, days, note } = draft;
      const text = { categories: what, purpose, days: Number(days), note: note.trim() };
      await vault("ask", { home: home.home, code, ...text });
      await queries.invalidateQueries({ queryKey: [home.home, "asks"] });
      setDraft(empty);
      setCode("");
      setSent(true);
    } catch (failure) {
      setError(`${errorText(failure)} Nothing was sent.`);
    } finally {
      setBusy(false);
    }
  };
  const tick = (key: string, on: boolean) =>
    change({ what: on ? [...draft.what, key] : draft.what.filter((one) => one !== key) });
  return (
    <form
      className="card pad stack mid"
      aria-labelledby="ask"
      onSubmit={(event) => void submit(event)}
    >
      <h2 id="ask">Ask a patient</h2>
      <Field
        label="Patient’s code"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        required
        value={code}
        onChange={(event) => setCode(event.target.value)}
        help="On the patient’s Sharing page, also as a picture to scan. It opens nothing."
      />
      <fieldset>
        <legend>What you need</legend>
        <ul className="card rows picks">
          {asked.map((one) => (
            <li key={one.key}>
              <Pick
                checked={draft.what.includes(one.key)}
                onChange={(on) => tick(one.key, on)}
                icon={one.icon}
                title={one.name}
                {...(one.sensitive ? { meta: "Sensitive: the patient looks twice" } : {})}
              />
            </li>
          ))}
        </ul>
      </fieldset>
      <Select
        label="For what"
        value={draft.purpose}
        onChange={(purpose) => change({ purpose })}
        options={purposes.map((one) => ({ value: one.key, label: one.title }))}
      />
      <Select
        label="For how long"
        value={draft.days}
        onChange={(days) => change({ days })}
        options={lengths.map((one) => ({ value: one.key, label: one.name }))}
      />
      <TextArea
        label="A line to the patient (may stay empty)"
        rows={2}
        value={draft.note}
        onChange={(note) => change({ note: note.slice(0, noteMost) })}
        help="Only the patient can read it."
      />
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      {sent ? (
        <Notice tone="ok" role="status">
          Sent. The patient sees it at once.
        </Notice>
      ) : null}
      <div className="acts">
        <button
          className={busy ? "btn busy" : "btn go"}
          type="submit"
          disabled={busy || !code.trim() || draft.what.length === 0}
        >
          <Icon name="share" small />
          {busy ? "Sealing" : "Send request"}
        </button>
      </div>
    </form>
  );
}

const looks: Record<AskView["state"], { tone?: Tone; icon: IconName; word: string }> = {
  open: { tone: "acc", icon: "clock", word: "Waiting" },
  allowed: { tone: "ok", icon: "check", word: "Allowed" },
  narrowed: { tone: "ok", icon: "check", word: "Allowed in part" },
  refused: { icon: "ban", word: "Refused" },
  withdrawn: { icon: "cross", word: "Withdrawn" },
  expired: { icon: "clock", word: "No answer" },
};

function AskRow({ ask }: { ask: AskView }) {
  const home = useHome();
  const queries = useQueryClient();
  const [error, setError] = useState<string>();
  const look = looks[ask.state];
  const withdraw = async () => {
    setError(undefined);
    try {
      await call(`/api/asks/${ask.id}`, { home: home.home, method: "DELETE" });
      await queries.invalidateQueries({ queryKey: [home.home, "asks"] });
    } catch (failure) {
      setError(errorText(failure));
    }
  };
  return (
    <li className="rowlink">
      <Face name={ask.person.display_name} />
      <div className="grow stack close">
        {ask.text ? (
          <AskSentence text={ask.text} who="You asked" whose="this patient’s" />
        ) : (
          <p>This request cannot be read on this device.</p>
        )}
        <p className="meta">
          {ask.person.display_name} · asked {friendlyTime(ask.made)}
          {ask.state === "open" ? ` · ${daysLeft(ask.expires)}` : ""}
          {ask.answered ? ` · answered ${friendlyTime(ask.answered)}` : ""}
        </p>
        {error ? <p className="error">{error}</p> : null}
        <div className="row">
          <StatusPill tone={look.tone ?? "plain"} icon={look.icon}>
            {look.word}
          </StatusPill>
          {ask.directive ? (
            <Link className="link" href={`/chart/${ask.directive}`}>
              Open the chart
            </Link>
          ) : null}
          {ask.state === "open" ? (
            <button className="link asbtn" type="button" onClick={() => void withdraw()}>
              Withdraw
            </button>
          ) : null}
        </div>
      </div>
    </li>
  );
}
