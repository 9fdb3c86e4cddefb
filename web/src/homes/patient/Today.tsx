import { useState } from "react";
import { Link } from "wouter";
import { useAsks, useFeed, useGrants, useKeyring, useRecords } from "../../api/queries";
import { allows } from "../../crypto/directive";
import { counted, date, friendlyTime, number, todayLine } from "../../app/format";
import { categoryOf, rangeState, seriesOf, type Entry } from "../../app/health";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { EmptyState, PersonChip, Skeleton } from "../../components/basics";
import { Spark } from "../../components/charts";
import { Icon } from "../../components/icons";
import { ProofDrawer } from "../../components/ProofDrawer";
import type { GrantRow, Opening } from "../../api/types";
import { AskedCard } from "./Asked";
import { isRefused, OpeningRow, openingProof } from "./sentences";

const shownMost = 4;
const week = 7 * 86_400_000;

export function Today() {
  useTitle("Today");
  const home = useHome();
  const records = useRecords();
  const feed = useFeed();
  const grants = useGrants();
  const asks = useAsks();
  const [proof, setProof] = useState<Opening | null>(null);
  const openings = (feed.data ?? []).filter((one) => !one.own);
  const recent = openings.filter((one) => one.time > Date.now() - week);
  const live = (grants.data ?? []).filter((grant) => grant.live && allows(grant, "access"));
  const fresh = records.entries.filter((one) => one.view.time > Date.now() - week);
  const waiting = (asks.data ?? []).filter(
    (one) => one.side === "patient" && one.state === "open",
  );
  const pending = records.isPending || feed.isPending || asks.isPending;

  return (
    <div className="wrap stack">
      <header className="stack close">
        <p className="meta">{todayLine()}</p>
        <h1>{pending ? "One moment." : headline(recent, fresh.length, waiting.length)}</h1>
      </header>
      <div className="two">
        <div className="stack">
          {waiting.map((ask) => (
            <AskedCard key={ask.id} ask={ask} />
          ))}
          <section className="stack tight" aria-labelledby="who">
            <div className="bar">
              <h2 id="who">Who opened your records</h2>
              {openings.length > 0 ? (
                <Link className="link" href="/activity">
                  All activity <Icon name="right" small />
                </Link>
              ) : null}
            </div>
            <Openings
              openings={openings}
              entries={records.entries}
              pending={feed.isPending}
              onProof={setProof}
            />
          </section>
          <section className="stack tight" aria-labelledby="new">
            <h2 id="new">New this week</h2>
            <News fresh={fresh} entries={records.entries} pending={records.isPending} />
          </section>
        </div>
        <aside className="stack" aria-label="Next steps and sharing">
          {proof ? (
            <ProofDrawer proof={openingProof(home.home, proof)} onClose={() => setProof(null)} />
          ) : null}
          <NextSteps empty={records.entries.length === 0} sharing={live.length > 0} />
          <WhoCanOpen live={live} />
        </aside>
      </div>
    </div>
  );
}

function headline(recent: Opening[], fresh: number, waiting: number): string {
  const news = fresh === 0 ? "" : ` ${counted(fresh, "record is", "records are")} new.`;
  if (waiting > 0) {
    return `${counted(waiting, "request waits", "requests wait")} for your answer.${news}`;
  }
  const refused = recent.filter(isRefused).length;
  const people = new Set(recent.filter((one) => !isRefused(one)).map((o) => o.actor.account)).size;
  const who =
    people === 0
      ? "Nobody opened your records this week."
      : `${counted(people, "person", "people")} opened your records this week.`;
  const attempt =
    refused === 0 ? "" : ` ${counted(refused, "attempt was", "attempts were")} refused.`;
  return `${who}${attempt || news}`;
}

/** Attempts of one person at the same records, one after the other, are one row. */
function alikeTogether(openings: Opening[]): { opening: Opening; times: number }[] {
  const rows: { opening: Opening; times: number }[] = [];
  const key = (one: Opening) =>
    isRefused(one)
      ? [one.actor.account, one.reason, ...one.records].join(" ")
      : String(one.sequence);
  for (const opening of openings) {
    const last = rows[rows.length - 1];
    if (last && key(last.opening) === key(opening)) last.times += 1;
    else rows.push({ opening, times: 1 });
  }
  return rows;
}

function Openings({
  openings,
  entries,
  pending,
  onProof,
}: {
  openings: Opening[];
  entries: Entry[];
  pending: boolean;
  onProof: (opening: Opening) => void;
}) {
  if (pending) return <Skeleton lines={3} />;
  if (openings.length === 0) {
    return (
      <EmptyState icon="activity" title="Nobody so far">
        When somebody opens a record, or tries to, one sentence appears here: who, what, when and
        why.
      </EmptyState>
    );
  }
  return (
    <ul className="card">
      {alikeTogether(openings).slice(0, shownMost).map(({ opening, times }) => (
        <OpeningRow
          key={opening.sequence}
          opening={opening}
          times={times}
          entries={entries}
          dated
          onProof={() => onProof(opening)}
        />
      ))}
    </ul>
  );
}

function News({ fresh, entries, pending }: { fresh: Entry[]; entries: Entry[]; pending: boolean }) {
  if (pending) return <Skeleton lines={2} />;
  if (fresh.length === 0) {
    return (
      <EmptyState
        icon="records"
        title={entries.length === 0 ? "Your first record goes here" : "Nothing new"}
        action={
          <Link className="btn go" href="/records/add">
            <Icon name="plus" />
            Add a record
          </Link>
        }
      >
        {entries.length === 0
          ? "A note, a measurement or a file. It is sealed on this device before it is stored."
          : "What you or a laboratory adds appears here."}
      </EmptyState>
    );
  }
  const series = seriesOf(entries);
  const seen = new Set<string>();
  const shown = fresh.filter((entry) => {
    const key = entry.code ?? entry.view.record;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return (
    <ul className="card rows news">
      {shown.slice(0, 5).map((entry) => {
        const history = (entry.code ? series.get(entry.code) : undefined) ?? [];
        return (
          <li key={entry.view.record}>
            <Link href={`/records?record=${entry.view.record}`}>
              <span className="ic">
                <Icon name={categoryOf(entry.view.category, entry.view.name).icon} />
              </span>
              <span>
                <b>
                  {entry.title}
                  {entry.value === undefined ? "" : ` ${number(entry.value)} ${entry.unit ?? ""}`}
                </b>
                <span className="meta">{newsLine(entry, history)}</span>
              </span>
              {history.length > 1 ? (
                <Spark points={history.map((one) => ({ at: one.at, value: one.value ?? 0 }))} />
              ) : null}
              <Icon name="right" />
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

function newsLine(entry: Entry, history: Entry[]): string {
  if (entry.value === undefined) return `Added ${friendlyTime(entry.view.time)}`;
  const at = history.findIndex((one) => one.view.record === entry.view.record);
  const before = at > 0 ? history[at - 1] : undefined;
  const words = {
    in: "In range.",
    above: "Above the reference range.",
    below: "Below the reference range.",
    none: "",
  };
  const state = words[rangeState(entry)];
  if (before?.value === undefined) return `${friendlyTime(entry.at)}. ${state}`.trim();
  const change = entry.value - before.value;
  const moved = change === 0 ? "Same as" : change > 0 ? "Up from" : "Down from";
  return `${moved} ${number(before.value)}. ${state}`.trim();
}

function NextSteps({ empty, sharing }: { empty: boolean; sharing: boolean }) {
  return (
    <section className="stack tight" aria-labelledby="next">
      <h2 id="next">Next steps</h2>
      <ul className="next">
        <li>
          <Icon name="plus" />
          <div>
            <Link href="/records/add">{empty ? "Add your first record" : "Add a record"}</Link>
            <p className="meta">A note, a measurement, a photo or a file</p>
          </div>
        </li>
        <li>
          <Icon name="share" />
          <div>
            <Link href="/sharing/new">
              {sharing ? "Share with somebody else" : "Share with your doctor"}
            </Link>
            <p className="meta">Three questions: who, what, until when</p>
          </div>
        </li>
        <li>
          <Icon name="key" />
          <div>
            <Link href="/settings">Check your sign-in</Link>
            <p className="meta">So a lost phone never locks you out</p>
          </div>
        </li>
      </ul>
    </section>
  );
}

function WhoCanOpen({ live }: { live: GrantRow[] }) {
  const keyring = useKeyring();
  return (
    <section className="stack tight" aria-labelledby="can">
      <h2 id="can">Who can open now</h2>
      {live.length === 0 ? (
        <p>Only you.</p>
      ) : (
        <ul className="stack mid">
          {live.slice(0, 5).map((grant) => (
            <li key={grant.directive}>
              <PersonChip
                name={
                  grant.grantee.display_name ||
                  keyring.data?.contacts[grant.grantee.account] ||
                  "Somebody"
                }
                meta={`Until ${date(grant.until)}`}
                kind={grant.grantee.kind === "organisation" ? "org" : "person"}
              />
            </li>
          ))}
        </ul>
      )}
      <Link className="link" href="/sharing">
        Change sharing <Icon name="right" small />
      </Link>
    </section>
  );
}
