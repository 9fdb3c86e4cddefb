import { useMemo, useState } from "react";
import type { Opening } from "../../api/types";
import { useFeed, useRecords } from "../../api/queries";
import { counted, friendlyDay, month, number, plural } from "../../app/format";
import type { Entry } from "../../app/health";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { EmptyState, Skeleton } from "../../components/basics";
import { Search, Select } from "../../components/forms";
import { LiveRegion } from "../../components/forms";
import { ProofDrawer } from "../../components/ProofDrawer";
import { AbsenceProof } from "./Absence";
import { isEmergency, isRefused, OpeningRow, openingProof, whatOf, whoOf } from "./sentences";

type Filter = "all" | "others" | "refused" | "emergency" | "you";

const filters: { key: Filter; name: string; keep: (one: Opening) => boolean }[] = [
  { key: "all", name: "All", keep: () => true },
  { key: "others", name: "Other people", keep: (one) => !one.own },
  { key: "refused", name: "Refused", keep: isRefused },
  { key: "emergency", name: "Emergency", keep: isEmergency },
  { key: "you", name: "You", keep: (one) => one.own },
];

export function Activity() {
  useTitle("Activity");
  const home = useHome();
  const feed = useFeed();
  const { entries } = useRecords();
  const [filter, setFilter] = useState<Filter>("all");
  const [query, setQuery] = useState("");
  const [period, setPeriod] = useState("all");
  const [chosen, setChosen] = useState<Opening | null>(null);
  const all = useMemo(() => feed.data ?? [], [feed.data]);
  const months = [...new Set(all.map((one) => month(one.time)))];
  const keep = filters.find((one) => one.key === filter)?.keep ?? (() => true);
  const shown = all.filter((one) => {
    if (!keep(one) || (period !== "all" && month(one.time) !== period)) return false;
    const word = query.trim().toLowerCase();
    return !word || textOf(one, entries).toLowerCase().includes(word);
  });

  if (feed.isPending) return <Skeleton lines={6} label="Loading your activity" />;
  return (
    <div className="stack">
      <header className="stack close">
        <h1>{headline(all)}</h1>
        <p className="lede">{lede(all)}</p>
      </header>
      {all.length === 0 ? (
        <EmptyState icon="activity" title="Nothing has happened yet">
          Every opening of a record, and every refused attempt, becomes one sentence here, with a
          proof.
        </EmptyState>
      ) : (
        <>
          <form
            className="stack tight"
            role="search"
            aria-label="Filter activity"
            onSubmit={(event) => event.preventDefault()}
          >
            <div className="chips" role="group" aria-label="Show">
              {filters.map((one) => (
                <button
                  key={one.key}
                  className="chipbtn"
                  type="button"
                  aria-pressed={filter === one.key}
                  onClick={() => setFilter(one.key)}
                >
                  {one.name} <span>{number(all.filter(one.keep).length)}</span>
                </button>
              ))}
            </div>
            <div className="filters">
              <Search
                label="Search activity"
                placeholder="A person, a record, a reason"
                value={query}
                onChange={setQuery}
              />
              <Select
                hidden
                label="Period"
                value={period}
                onChange={setPeriod}
                options={[
                  { value: "all", label: "All time" },
                  ...months.map((name) => ({ value: name, label: name })),
                ]}
              />
            </div>
          </form>
          <LiveRegion>{plural(shown.length, "row")} shown</LiveRegion>
          <div className={chosen ? "two act" : "stack"}>
            <Days openings={shown} entries={entries} chosen={chosen} onProof={setChosen} />
            {chosen ? (
              <ProofDrawer
                key={chosen.sequence}
                proof={openingProof(home.home, now(all, chosen))}
                onClose={() => setChosen(null)}
              />
            ) : null}
          </div>
        </>
      )}
      <AbsenceProof />
    </div>
  );
}

/** The chosen opening as the newest answer has it: it may have been sealed meanwhile. */
const now = (all: Opening[], chosen: Opening): Opening =>
  all.find((one) => one.sequence === chosen.sequence) ?? chosen;

function Days({
  openings,
  entries,
  chosen,
  onProof,
}: {
  openings: Opening[];
  entries: Entry[];
  chosen: Opening | null;
  onProof: (opening: Opening) => void;
}) {
  const days = new Map<string, Opening[]>();
  for (const opening of openings) {
    const name = friendlyDay(opening.time);
    days.set(name, [...(days.get(name) ?? []), opening]);
  }
  if (days.size === 0) return <p className="lede">Nothing fits this filter.</p>;
  return (
    <section className="card" aria-label="Activity, newest first">
      {[...days].map(([name, rows]) => (
        <div key={name} className="dayblock">
          <h2 className="day">{name}</h2>
          <ul>
            {rows.map((opening) => (
              <OpeningRow
                key={opening.sequence}
                opening={opening}
                entries={entries}
                dated={false}
                current={chosen?.sequence === opening.sequence}
                onProof={() => onProof(opening)}
              />
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function textOf(opening: Opening, entries: Entry[]): string {
  const titles = opening.records.map(
    (id) => entries.find((entry) => entry.view.record === id)?.title ?? "",
  );
  return [
    whoOf(opening),
    whatOf(opening.records, entries),
    opening.actor.organisation_name ?? "",
    opening.explanation?.text ?? "",
    isRefused(opening) ? "refused" : "",
    ...titles,
  ].join(" ");
}

function headline(all: Opening[]): string {
  const others = all.filter((one) => !one.own && !isRefused(one));
  const people = new Set(others.map((one) => one.actor.account)).size;
  if (people === 0) return "Nobody but you opened your records.";
  const few = ["", "once", "twice"][others.length];
  const times = few ?? `${number(others.length)} times`;
  return `${counted(people, "person", "people")} opened your records, ${times}.`;
}

function lede(all: Opening[]): string {
  const refused = all.filter(isRefused).length;
  const unexplained = all.filter((one) => !one.own && !isRefused(one) && !one.explanation).length;
  const first =
    unexplained === 0
      ? "Each had a reason you can read."
      : `${counted(unexplained, "opening has", "openings have")} no reason yet.`;
  const second =
    refused === 0
      ? "No attempt was refused."
      : `${counted(refused, "attempt was", "attempts were")} refused.`;
  return `${first} ${second}`;
}
