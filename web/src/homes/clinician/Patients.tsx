import { useState } from "react";
import { Link } from "wouter";
import { counted, dateShort, daysLeft, listOf } from "../../app/format";
import { categoryOf } from "../../app/health";
import { useTitle } from "../../app/title";
import { EmptyState, Face, Skeleton, StatusPill } from "../../components/basics";
import { Search } from "../../components/forms";
import { Icon } from "../../components/icons";
import type { SharedView } from "../../crypto/shared";
import { age, endedReason, useShared } from "./shared";

export function Patients() {
  useTitle("Patients");
  const shared = useShared();
  const [query, setQuery] = useState("");
  if (shared.isPending) return <Skeleton lines={5} />;
  const word = query.trim().toLowerCase();
  const rows = (shared.data ?? []).filter((row) => nameOf(row).toLowerCase().includes(word));
  const live = rows.filter((row) => row.live);
  const ended = rows.filter((row) => !row.live);
  const count = (shared.data ?? []).filter((row) => row.live).length;
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>
            {count === 0
              ? "Nobody shares records with you now."
              : `${counted(count, "patient shares", "patients share")} records with you.`}
          </h1>
          <p className="meta">
            Only people who chose you are listed. Each opening is written to their activity.
          </p>
        </div>
        <Search
          label="Find a patient"
          placeholder="Find a patient"
          value={query}
          onChange={setQuery}
        />
      </div>
      {rows.length === 0 ? (
        <EmptyState
          icon="people"
          title={word ? "Nobody of that name" : "Your patients will be here"}
        >
          When a patient shares records with you, they appear here at once.
        </EmptyState>
      ) : null}
      {live.length > 0 ? (
        <ul className="card rows" aria-label="Patients who share with you">
          {live.map((row) => (
            <li key={row.directive}>
              <Link className="rowlink" href={`/chart/${row.directive}`}>
                <Face name={nameOf(row)} />
                <div className="grow">
                  <b>{nameOf(row)}</b>
                  <p className="meta">
                    {[age(row.card?.born), what(row)].filter(Boolean).join(" · ")}
                  </p>
                </div>
                <StatusPill icon="clock">{daysLeft(row.until)}</StatusPill>
                <Icon name="right" small />
              </Link>
            </li>
          ))}
        </ul>
      ) : null}
      {ended.length > 0 ? (
        <section className="stack tight" aria-labelledby="en">
          <h2 id="en">Ended</h2>
          <ul className="card rows">
            {ended.map((row) => (
              <li key={row.directive}>
                <Link className="rowlink" href={`/chart/${row.directive}`}>
                  <Face name={nameOf(row)} />
                  <div className="grow">
                    <b>{nameOf(row)}</b>
                    <p className="meta">
                      {endedReason[row.ended ?? ""] ?? "This sharing has ended."}
                    </p>
                  </div>
                  <StatusPill tone="bad" icon="ban">
                    Refused
                  </StatusPill>
                  <span className="meta">{dateShort(row.until)}</span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

export const nameOf = (row: SharedView): string => row.card?.patient_name ?? "A patient";

export function what(row: SharedView): string {
  const single = row.card?.records ?? [];
  if (single.length > 0) return listOf(single.map((one) => `the record “${one.title}”`));
  return listOf(
    (row.card?.collections ?? []).map((one) => categoryOf(one.category, one.name).phrase),
  );
}
