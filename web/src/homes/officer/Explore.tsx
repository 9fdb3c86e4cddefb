import { useMemo, useState } from "react";
import { useSearch } from "wouter";
import type { Opening } from "../../api/types";
import { useAccesses } from "../../api/queries";
import { ago, exactTime, number, plural, zoneName } from "../../app/format";
import { roleName } from "../../app/session";
import { useTitle } from "../../app/title";
import { EmptyState, Skeleton, StatusPill } from "../../components/basics";
import { DataTable, type Column } from "../../components/DataTable";
import { purposeWord } from "../../components/ConsentSentence";
import { isRefused } from "../patient/sentences";

type Show = "all" | "refused" | "bare";

export function Explore() {
  useTitle("Explore");
  const accesses = useAccesses();
  const who = new URLSearchParams(useSearch()).get("who");
  const [show, setShow] = useState<Show>("all");
  const [only, setOnly] = useState<string | null>(who);
  const all = useMemo(() => accesses.data ?? [], [accesses.data]);
  const rows = all.filter((one) => {
    if (only && actorName(one) !== only) return false;
    if (show === "refused") return isRefused(one);
    return show === "bare" ? !one.own && !isRefused(one) && !one.explanation : true;
  });
  if (accesses.isPending) return <Skeleton lines={6} />;
  const chips: { key: Show; name: string; count: number }[] = [
    { key: "all", name: "All", count: all.length },
    { key: "refused", name: "Refused", count: all.filter(isRefused).length },
    {
      key: "bare",
      name: "No reason",
      count: all.filter((o) => !o.own && !isRefused(o) && !o.explanation).length,
    },
  ];
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>Every opening, who and whose and when</h1>
          <p className="meta">
            {plural(rows.length, "row")} · times in {zoneName()}
          </p>
        </div>
      </div>
      <div className="chips" role="group" aria-label="Show">
        {chips.map((chip) => (
          <button
            key={chip.key}
            className="chipbtn"
            type="button"
            aria-pressed={show === chip.key}
            onClick={() => setShow(chip.key)}
          >
            {chip.name} <span>{number(chip.count)}</span>
          </button>
        ))}
        {only ? (
          <button className="chipbtn" type="button" aria-pressed onClick={() => setOnly(null)}>
            {only} <span>×</span>
            <span className="vh">show everybody</span>
          </button>
        ) : null}
      </div>
      {all.length === 0 ? (
        <EmptyState icon="search" title="Nothing was opened yet">
          Each opening and each refused attempt is one row here.
        </EmptyState>
      ) : (
        <section className="card">
          <DataTable
            caption="Openings, newest first"
            filter="A person, a purpose, a reason"
            exportName="salus-openings.csv"
            rows={rows}
            rowKey={(one) => String(one.sequence)}
            columns={columns}
          />
        </section>
      )}
    </div>
  );
}

function actorName(one: Opening): string {
  if (one.own) return "The patient";
  return one.actor.display_name ?? one.actor.account.slice(0, 8);
}

function patientName(one: Opening): string {
  if (!one.patient) return "";
  if (typeof one.patient === "string") {
    return /^[0-9a-f]{32}$/.test(one.patient) ? one.patient.slice(0, 8) : one.patient;
  }
  return one.patient.display_name ?? one.patient.account.slice(0, 8);
}

const roleOf = (one: Opening): string => {
  const first = one.actor.roles[0];
  const key = typeof first === "string" ? first : first?.role;
  return key ? (roleName[key] ?? key) : "";
};

const refusals: Record<string, string> = {
  "consent-none": "no consent",
  "consent-denied": "the patient forbade it",
  "consent-revoked": "the patient stopped sharing",
  "consent-expired": "the sharing had ended",
  held: "their access is paused",
};
const refusalOf = (one: Opening): string => refusals[String(one.reason)] ?? String(one.reason);
const reasonOf = (one: Opening): string =>
  one.explanation?.kind === "consent" ? "named in a consent" : (one.explanation?.text ?? "");
const purposeOf = (one: Opening): string =>
  one.purpose === "PATRQT" ? "own use" : purposeWord(one.purpose);

const columns: Column<Opening>[] = [
  {
    id: "n",
    header: "Receipt",
    num: true,
    text: (o) => o.sequence,
    cell: (o) => number(o.sequence),
  },
  {
    id: "time",
    header: "When",
    text: (o) => o.time,
    cell: (o) => <time title={exactTime(o.time)}>{ago(o.time)}</time>,
  },
  { id: "who", header: "Who", text: actorName, cell: (o) => <b>{actorName(o)}</b> },
  { id: "role", header: "Role", wideOnly: true, text: roleOf, cell: roleOf },
  { id: "whose", header: "Whose", mono: true, text: patientName, cell: patientName },
  {
    id: "records",
    header: "Records",
    num: true,
    text: (o) => o.records.length,
    cell: (o) => number(o.records.length),
  },
  {
    id: "purpose",
    header: "Purpose",
    wideOnly: true,
    text: purposeOf,
    cell: purposeOf,
  },
  {
    id: "answer",
    header: "Answer",
    text: (o) => (isRefused(o) ? "refused" : "given"),
    cell: (o) =>
      isRefused(o) ? (
        <StatusPill tone="bad" icon="ban">
          Refused
        </StatusPill>
      ) : (
        <StatusPill icon="check">Given</StatusPill>
      ),
  },
  {
    id: "reason",
    header: "Reason",
    text: (o) => (isRefused(o) ? refusalOf(o) : o.own ? "own record" : reasonOf(o)),
    cell: (o) =>
      isRefused(o) ? (
        <span className="meta">{refusalOf(o)}</span>
      ) : o.own ? (
        "own record"
      ) : o.explanation ? (
        reasonOf(o)
      ) : (
        <StatusPill tone="warn" icon="info">
          None found
        </StatusPill>
      ),
  },
];
