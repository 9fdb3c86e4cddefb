import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { call, errorText } from "../../api/http";
import type { Alert } from "../../api/types";
import { useAccesses, useAlerts, useNames } from "../../api/queries";
import {
  ago,
  counted,
  dayMonth,
  exactTime,
  number,
  plural,
  timeOfDay,
  zoneName,
} from "../../app/format";
import { roleName, useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import {
  EmptyState,
  Notice,
  PersonChip,
  Segmented,
  Skeleton,
  StatusPill,
} from "../../components/basics";
import { Icon } from "../../components/icons";
import { actions, actorOf, kindOf, type Action } from "./alerts";

export function Queue() {
  useTitle("Queue");
  const [state, setState] = useState("open");
  const alerts = useAlerts(state);
  const accesses = useAccesses();
  const [chosen, setChosen] = useState<string | number | null>(null);
  const rows = [...(alerts.data ?? [])].sort((a, b) => b.score - a.score);
  const selected = rows.find((row) => row.id === chosen) ?? rows[0];
  const move = useCallback(
    (by: number) => {
      const at = rows.findIndex((row) => row.id === selected?.id);
      const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
      if (next) setChosen(next.id);
    },
    [rows, selected],
  );
  useKeys({ j: () => move(1), k: () => move(-1) });
  const openings = accesses.data ?? [];
  const explained = openings.filter((one) => one.own || one.explanation).length;

  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>{headline(rows, state)}</h1>
          <p className="meta">
            {dayMonth(Date.now())}, {timeOfDay(Date.now())} {zoneName()} ·{" "}
            {plural(openings.length, "opening")} looked at, {number(explained)} explained
          </p>
        </div>
        <div className="keys" aria-label="Keys">
          <span>
            <kbd>J</kbd>
            <kbd>K</kbd> next, previous
          </span>
        </div>
      </div>
      {alerts.isPending ? <Skeleton lines={5} /> : null}
      {alerts.isError ? <Notice tone="bad">{errorText(alerts.error)}</Notice> : null}
      {alerts.data ? (
        <div className="cols queue">
          <section className="card panel" aria-labelledby="qh">
            <header>
              <h2 id="qh">Queue, ranked</h2>
              <Segmented
                label="Show"
                value={state}
                onChange={setState}
                options={[
                  { value: "open", label: "Open" },
                  { value: "case", label: "Cases" },
                  { value: "held", label: "Paused" },
                ]}
              />
            </header>
            {rows.length === 0 ? <p className="tabletools meta">Nothing here.</p> : null}
            <ol className="rows top q">
              {rows.map((alert, i) => (
                <AlertRow
                  key={alert.id}
                  alert={alert}
                  rank={i + 1}
                  current={alert.id === selected?.id}
                  onChoose={() => setChosen(alert.id)}
                />
              ))}
            </ol>
          </section>
          {selected ? (
            <Evidence key={selected.id} alert={selected} acting={state === "open"} />
          ) : (
            <EmptyState icon="check" title="Nothing waits for you">
              Every opening has a reason. A new alert appears here by itself, with its evidence.
            </EmptyState>
          )}
        </div>
      ) : null}
    </div>
  );
}

function headline(rows: Alert[], state: string): string {
  if (state === "case")
    return rows.length === 0 ? "No open case." : `${plural(rows.length, "case")} open.`;
  if (state === "held")
    return rows.length === 0
      ? "Nobody is paused."
      : `${plural(rows.length, "access", "accesses")} paused.`;
  if (rows.length === 0) return "Every opening has a reason.";
  const bare = rows.filter((row) => kindOf(row).label === "No reason found").length;
  if (bare > 0)
    return `${counted(bare, "alert has", "alerts have")} no reason. Start with the first.`;
  return `${counted(rows.length, "alert waits", "alerts wait")}. Start with the first.`;
}

/** Single keys, while nothing is being typed. */
function useKeys(keys: Record<string, () => void>): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      const run = now.current[event.key.toLowerCase()];
      if (run) {
        event.preventDefault();
        run();
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function AlertRow({
  alert,
  rank,
  current,
  onChoose,
}: {
  alert: Alert;
  rank: number;
  current: boolean;
  onChoose: () => void;
}) {
  const kind = kindOf(alert);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (current) button.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <li>
      <button
        ref={button}
        type="button"
        className="alert as"
        aria-current={current ? "true" : undefined}
        onClick={onChoose}
      >
        <span className="rank">{rank}</span>
        <span>
          <span>{alert.sentence}</span>
          <span className="tags">
            <StatusPill tone={kind.tone} icon={kind.icon}>
              {kind.label}
            </StatusPill>
            <span>{ago(alert.time)}</span>
          </span>
        </span>
      </button>
    </li>
  );
}

function Evidence({ alert, acting }: { alert: Alert; acting: boolean }) {
  const home = useHome();
  const queries = useQueryClient();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const kind = kindOf(alert);
  const act = async (action: Action) => {
    if (busy || !acting) return;
    setBusy(true);
    setError(undefined);
    try {
      await call(`/api/alerts/${alert.id}`, { home: home.home, json: { action, note: "" } });
      await queries.invalidateQueries({ queryKey: [home.home, "alerts"] });
    } catch (failure) {
      setError(errorText(failure));
      setBusy(false);
    }
  };
  useKeys(Object.fromEntries(actions.map((one) => [one.key, () => void act(one.action)])));
  const names = useNames();
  const actor = actorOf(alert.actor, names.data);
  const name = actor?.display_name ?? "";
  const roles = actor?.roles ?? [];
  const words = roles.map((role) => {
    const key = typeof role === "string" ? role : role.role;
    return roleName[key] ?? key;
  });
  const place = actor?.organisation_name ?? null;
  return (
    <article className="card" aria-labelledby="evh">
      <div className="ev">
        <header className="stack tight">
          <div className="row">
            <StatusPill tone={kind.tone} icon={kind.icon}>
              {kind.label}
            </StatusPill>
            <span className="meta">
              Score {number(alert.score)} of 100 · {exactTime(alert.time)}
            </span>
          </div>
          <h2 id="evh">{alert.sentence}</h2>
        </header>
        {name ? (
          <div className="row between">
            <PersonChip name={name} meta={[...words, place].filter(Boolean).join(", ")} />
            <Link className="link" href={`/explore?who=${encodeURIComponent(name)}`}>
              Their openings <Icon name="right" small />
            </Link>
          </div>
        ) : null}
        {alert.evidence.length > 0 ? (
          <section className="stack close">
            <h3>Evidence</h3>
            <dl className="facts">
              {alert.evidence.map((one) => (
                <FactRow key={one.field + one.text} name={capital(one.field)} text={one.text} />
              ))}
            </dl>
          </section>
        ) : null}
        {alert.searched.length > 0 ? (
          <section className="stack close">
            <h3>Reasons we looked for</h3>
            <ul className="reasons">
              {alert.searched.map((text) => (
                <Searched key={text} text={text} />
              ))}
            </ul>
          </section>
        ) : null}
        {alert.events.length > 0 ? (
          <p className="meta note">
            <Icon name="proof" small />
            <span>
              {plural(alert.events.length, "opening is", "openings are")} written down,
              receipts{" "}
              {alert.events
                .slice(0, 6)
                .map((event) => number(event))
                .join(", ")}
              {alert.events.length > 6 ? " …" : ""}. <Link href="/log">The log</Link>
            </span>
          </p>
        ) : null}
        {error ? (
          <Notice tone="bad" role="alert">
            {error}
          </Notice>
        ) : null}
        {acting ? (
          <div className="acts four">
            {actions.map((one, i) => (
              <button
                key={one.action}
                className={i === 0 ? "btn go" : one.bad ? "btn bad" : "btn"}
                type="button"
                disabled={busy}
                onClick={() => void act(one.action)}
              >
                <Icon name={one.icon} small />
                {one.label} <kbd>{one.key.toUpperCase()}</kbd>
              </button>
            ))}
          </div>
        ) : alert.resolution ? (
          <p className="meta">{alert.resolution}</p>
        ) : null}
      </div>
    </article>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function FactRow({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </>
  );
}

/** "Consent: none": the place that was searched, and what was there. */
function Searched({ text }: { text: string }) {
  const at = text.indexOf(":");
  const [place, found] = at > 0 ? [text.slice(0, at), text.slice(at + 1).trim()] : [text, "none"];
  return (
    <li>
      <Icon name="cross" small />
      <b>{place}</b>
      <span>{found}</span>
    </li>
  );
}
