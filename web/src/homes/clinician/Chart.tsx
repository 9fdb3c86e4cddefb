import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "wouter";
import { ApiError, errorText } from "../../api/http";
import { date, dateShort, daysLeft, number, plural } from "../../app/format";
import { categoryOf, rangeText, readEntry, seriesOf, type Entry } from "../../app/health";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { EmptyState, Face, Notice, Skeleton, StatusPill } from "../../components/basics";
import { Spark } from "../../components/charts";
import { DataTable } from "../../components/DataTable";
import { Search } from "../../components/forms";
import { Icon } from "../../components/icons";
import { purposeWord } from "../../components/ConsentSentence";
import { vault } from "../../crypto/client";
import type { SharedView } from "../../crypto/shared";
import { Earlier } from "../../components/Earlier";
import { RangePill } from "../patient/Records";
import { nameOf, what } from "./Patients";
import { age, useShared } from "./shared";

const refusal: Record<string, string> = {
  "consent-none": "You have no consent for these records.",
  "consent-revoked": "The patient stopped this sharing.",
  "consent-expired": "This sharing reached its last day.",
  "consent-denied": "The patient forbade this.",
  held: "An officer paused your access.",
  revoked: "The patient stopped this sharing.",
  expired: "This sharing reached its last day.",
};

export function Chart({ directive }: { directive: string }) {
  const home = useHome();
  const shared = useShared();
  const row = shared.data?.find((one) => one.directive === directive);
  useTitle(row ? `Chart of ${nameOf(row)}` : "Chart");
  const opened = useQuery({
    queryKey: [home.home, "chart", directive],
    queryFn: () => vault("openShared", { home: home.home, directive, purpose: "TREAT" }),
    enabled: row !== undefined,
    retry: false,
    // Coming back to a chart is a new opening: the sharing may have ended meanwhile.
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const entries = useMemo(
    () => (opened.data?.records ?? []).map(readEntry).sort((a, b) => b.at - a.at),
    [opened.data],
  );
  if (shared.isPending) return <Skeleton lines={5} />;
  if (!row) {
    return (
      <EmptyState icon="people" title="This chart is not shared with you">
        <Link className="link" href="/patients">
          All patients
        </Link>
      </EmptyState>
    );
  }
  return (
    <div className="stack">
      <Header row={row} />
      {opened.isError ? <Refused row={row} error={opened.error} /> : null}
      {opened.isSuccess ? <Why row={row} until={opened.data.until} /> : null}
      {opened.isPending ? <Skeleton lines={6} label="Opening the chart" /> : null}
      {opened.isSuccess ? <Body entries={entries} /> : null}
    </div>
  );
}

function Header({ row }: { row: SharedView }) {
  const born = row.card?.born;
  const parts = [age(born), born ? `born ${dateShort(Date.parse(born))}` : ""].filter(Boolean);
  return (
    <div className="topbar">
      <div className="row keep">
        <Face name={nameOf(row)} />
        <div>
          <h1>{nameOf(row)}</h1>
          <p className="meta">{parts.join(", ")}</p>
        </div>
      </div>
      <Link className="link" href="/patients">
        <Icon name="left" small /> All patients
      </Link>
    </div>
  );
}

/** Why this may be seen, and until when, before anything else. */
function Why({ row, until }: { row: SharedView; until: number }) {
  const via = row.via === "organisation" ? "your organisation" : "you";
  return (
    <section className="notice" aria-label="Why you may see this">
      <Icon name="activity" />
      <p className="why">
        <b>
          You may see this because {nameOf(row)} shares {what(row)} with {via} for{" "}
          {purposeWord("TREAT")}, until {date(until)}.
        </b>{" "}
        This opening is in their activity.
      </p>
      <div className="end">
        <StatusPill icon="clock">{daysLeft(until)}</StatusPill>
      </div>
    </section>
  );
}

function Refused({ row, error }: { row: SharedView; error: Error }) {
  const said = error instanceof ApiError ? error.reason : "";
  // A node that lists nothing of an ended sharing refuses before a record is named.
  const ended = error instanceof ApiError && error.status === 403 ? (row.ended ?? "") : "";
  const reason = refusal[said] ? said : ended;
  const known = refusal[reason];
  return (
    <Notice tone="bad" icon="ban" role="alert">
      <p className="why">
        <b>Refused. {known ?? errorText(error)}</b>{" "}
        {refusal[said]
          ? `Nothing was released, and the attempt is in ${nameOf(row)}’s activity. Ask them to share again if you need it.`
          : "Nothing was released. Ask the patient to share again if you need it."}{" "}
        {reason ? <span className="nobreak">Code {reason}.</span> : null}
      </p>
    </Notice>
  );
}

function Body({ entries }: { entries: Entry[] }) {
  const [query, setQuery] = useState("");
  const word = query.trim().toLowerCase();
  const shown = word
    ? entries.filter((one) => `${one.title} ${one.text ?? ""}`.toLowerCase().includes(word))
    : entries;
  const inCategory = (key: string) => shown.filter((one) => one.view.category === key);
  const known = ["problems", "allergies", "medicines", "laboratory", "vitals"];
  const rest = shown.filter((one) => !known.includes(one.view.category));
  const measured = shown.filter((one) => one.kind === "measurement");
  const lists = (["problems", "allergies"] as const).filter((key) => inCategory(key).length > 0);
  return (
    <>
      <Search
        label="Find in this chart"
        placeholder="Find in this chart"
        value={query}
        onChange={setQuery}
      />
      <div className="cols chartgrid">
        {lists.map((key) => (
          <ListPanel
            key={key}
            category={key}
            entries={inCategory(key)}
            alone={lists.length === 1}
          />
        ))}
        {measured.length > 0 ? <Results entries={measured} /> : null}
        {inCategory("medicines").length > 0 ? (
          <Medicines entries={inCategory("medicines")} alone={rest.length === 0} />
        ) : null}
        {rest.length > 0 ? (
          <Notes entries={rest} alone={inCategory("medicines").length === 0} />
        ) : null}
      </div>
      {shown.length === 0 ? <p className="lede">Nothing fits.</p> : null}
    </>
  );
}

function ListPanel({
  category,
  entries,
  alone,
}: {
  category: string;
  entries: Entry[];
  alone: boolean;
}) {
  const look = categoryOf(category);
  const severe = (entry: Entry) =>
    /severe|high/i.test(`${entry.severity ?? ""} ${entry.text ?? ""}`);
  return (
    <section className={alone ? "card panel wholerow" : "card panel"} aria-label={look.name}>
      <header>
        <h2>{look.name}</h2>
        <span className="meta">{entries.length} recorded</span>
      </header>
      <ul className="rows top">
        {entries.map((entry) => (
          <li key={entry.view.record} className="row between">
            <span>
              <b>{entry.title}</b>
              {entry.text ? `, ${entry.text.charAt(0).toLowerCase()}${entry.text.slice(1)}` : ""}
            </span>
            {category === "allergies" && severe(entry) ? (
              <StatusPill tone="bad" icon="warn">
                Severe
              </StatusPill>
            ) : (
              <span className="meta">{dateShort(entry.at)}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Results({ entries }: { entries: Entry[] }) {
  const rows = [...seriesOf(entries).values()].sort(
    (a, b) => (b[b.length - 1]?.at ?? 0) - (a[a.length - 1]?.at ?? 0),
  );
  const last = (list: Entry[]): Entry => list[list.length - 1] as Entry;
  const change = (list: Entry[]): number | null => {
    const before = list[list.length - 2];
    if (!before) return null;
    return Math.round(((last(list).value ?? 0) - (before.value ?? 0)) * 1000) / 1000;
  };
  return (
    <section className="card panel wholerow" aria-labelledby="lr">
      <header>
        <h2 id="lr">Last results</h2>
        <span className="meta">{plural(entries.length, "result")}</span>
      </header>
      <DataTable
        caption="Last results with reference range and trend"
        rows={rows}
        rowKey={(list) => last(list).view.record}
        columns={[
          {
            id: "test",
            header: "Test",
            text: (list) => last(list).title,
            cell: (list) => (
              <>
                {last(list).title}
                <span className="u phone-only">{last(list).unit}</span>
                <Earlier entry={last(list)} />
              </>
            ),
          },
          {
            id: "value",
            header: "Result",
            num: true,
            text: (l) => last(l).value ?? 0,
            cell: (l) => <b>{number(last(l).value ?? 0)}</b>,
          },
          {
            id: "unit",
            header: "Unit",
            wideOnly: true,
            text: (l) => last(l).unit ?? "",
            cell: (l) => last(l).unit,
          },
          {
            id: "state",
            header: "Status",
            text: (l) => rangeText(last(l)),
            cell: (l) => <RangePill entry={last(l)} />,
          },
          {
            id: "range",
            header: "Reference",
            text: (l) => rangeText(last(l)),
            cell: (l) => rangeText(last(l)),
          },
          {
            id: "trend",
            header: "Last 6",
            text: (l) => l.length,
            cell: (l) => (
              <Spark
                points={l.map((one) => ({ at: one.at, value: one.value ?? 0 }))}
                low={last(l).low ?? null}
                high={last(l).high ?? null}
              />
            ),
          },
          {
            id: "since",
            header: "Since last",
            text: (l) => change(l) ?? 0,
            cell: (l) => <Since change={change(l)} />,
          },
          {
            id: "taken",
            header: "Taken",
            num: true,
            text: (l) => last(l).at,
            cell: (l) => dateShort(last(l).at),
          },
        ]}
      />
    </section>
  );
}

function Since({ change }: { change: number | null }) {
  if (change === null) return <span className="meta">first</span>;
  const icon = change === 0 ? "flat" : change > 0 ? "up" : "down";
  const text = change === 0 ? "0" : change > 0 ? `+${number(change)}` : `−${number(-change)}`;
  return (
    <span className="trend">
      <Icon name={icon} small />
      {text}
    </span>
  );
}

function Medicines({ entries, alone }: { entries: Entry[]; alone: boolean }) {
  return (
    <section className={alone ? "card panel wholerow" : "card panel"} aria-labelledby="md">
      <header>
        <h2 id="md">Medicines</h2>
        <span className="meta">{entries.length} recorded</span>
      </header>
      <ul className="rows top">
        {entries.map((entry) => (
          <li key={entry.view.record} className="row between">
            <span>
              <b>{entry.title}</b>
            </span>
            <span className="meta">{entry.text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Notes({ entries, alone }: { entries: Entry[]; alone: boolean }) {
  return (
    <section className={alone ? "card panel wholerow" : "card panel"} aria-labelledby="nt">
      <header>
        <h2 id="nt">Notes and other records</h2>
        <span className="meta">{entries.length}</span>
      </header>
      <ul className="rows top">
        {entries.map((entry) => (
          <li key={entry.view.record} className="stack close">
            <p className="meta">{dateShort(entry.at)}</p>
            <p>
              <b>{entry.title}</b>
            </p>
            {entry.text ? <p className="prewrap">{entry.text}</p> : null}
            <Earlier entry={entry} />
          </li>
        ))}
      </ul>
    </section>
  );
}
