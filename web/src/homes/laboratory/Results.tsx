import { Link } from "wouter";
import { errorText } from "../../api/http";
import { counted, dateShort, daysLeft, friendlyTime, listOf, number } from "../../app/format";
import { categoryOf, rangeText, type Entry } from "../../app/health";
import { useTitle } from "../../app/title";
import { EmptyState, Face, Notice, Skeleton, StatusPill } from "../../components/basics";
import { DataTable } from "../../components/DataTable";
import { Icon } from "../../components/icons";
import type { SharedView } from "../../crypto/shared";
import { RangePill } from "../patient/Records";
import { nameOf, usePatients, useResults } from "./writing";

const ended: Record<string, string> = {
  revoked: "The patient stopped this. Adding is refused.",
  expired: "This reached its last day. Adding is refused.",
};

export function Results() {
  useTitle("Results");
  const patients = usePatients();
  if (patients.isPending) return <Skeleton lines={5} />;
  if (patients.isError) return <Notice tone="bad">{errorText(patients.error)}</Notice>;
  const live = patients.data.filter((row) => row.live);
  const over = patients.data.filter((row) => !row.live);
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>{headline(live.length)}</h1>
          <p className="meta">You read what you added, and nothing else of theirs.</p>
        </div>
      </div>
      {patients.data.length === 0 ? (
        <EmptyState icon="people" title="Patients who let you add will be here">
          A patient chooses you by your name on their own Share page; then they stand here at once.
        </EmptyState>
      ) : (
        <ul className="card rows" aria-label="Patients who let you add">
          {live.map((row) => (
            <LiveRow key={row.directive} row={row} />
          ))}
          {over.map((row) => (
            <EndedRow key={row.directive} row={row} />
          ))}
        </ul>
      )}
      <Added patients={patients.data} />
    </div>
  );
}

const headline = (count: number): string =>
  count === 0
    ? "Nobody lets you add results now."
    : `${counted(count, "patient lets", "patients let")} you add results.`;

const where = (row: SharedView): string =>
  listOf((row.card?.collections ?? []).map((one) => categoryOf(one.category, one.name).name));

function LiveRow({ row }: { row: SharedView }) {
  return (
    <li className="rowlink">
      <Face name={nameOf(row)} />
      <div className="grow">
        <b>{nameOf(row)}</b>
        <p className="meta">
          {row.card?.born ? `Born ${dateShort(Date.parse(row.card.born))} · ` : ""}
          {where(row)}
        </p>
      </div>
      <StatusPill icon="clock">{daysLeft(row.until)}</StatusPill>
      <Link className="btn go" href={`/results/add/${row.directive}`}>
        <Icon name="plus" small />
        Add a result
      </Link>
    </li>
  );
}

function EndedRow({ row }: { row: SharedView }) {
  return (
    <li className="rowlink">
      <Face name={nameOf(row)} />
      <div className="grow">
        <b>{nameOf(row)}</b>
        <p className="meta">{ended[row.ended ?? ""] ?? "This has ended."}</p>
      </div>
      <StatusPill tone="bad" icon="ban">
        Ended
      </StatusPill>
    </li>
  );
}

interface ResultRow {
  patient: string;
  entry: Entry;
}

function Added({ patients }: { patients: SharedView[] }) {
  const results = useResults();
  const names = new Map(patients.map((row) => [row.patient, nameOf(row)]));
  const whose = (row: ResultRow): string => names.get(row.patient) ?? "A patient";
  const value = ({ entry }: ResultRow): string =>
    entry.value === undefined ? "" : `${number(entry.value)} ${entry.unit ?? ""}`;
  if (results.isPending) return <Skeleton lines={4} label="Opening what you added" />;
  if (results.isError) return <Notice tone="bad">{errorText(results.error)}</Notice>;
  if (results.data.length === 0) return null;
  return (
    <section className="card panel" aria-labelledby="added">
      <header>
        <h2 id="added">What you added</h2>
        <StatusPill icon="lock">Opened here</StatusPill>
      </header>
      <DataTable<ResultRow>
        caption="Results you added"
        rows={results.data}
        rowKey={(row) => row.entry.view.record}
        columns={[
          { id: "who", header: "Patient", text: whose, cell: (row) => whose(row) },
          {
            id: "test",
            header: "Result",
            text: (row) => row.entry.title,
            cell: (row) => row.entry.title,
          },
          {
            id: "value",
            header: "Value",
            num: true,
            text: value,
            cell: (row) => <b>{value(row)}</b>,
          },
          {
            id: "range",
            header: "Reference",
            wideOnly: true,
            text: (row) => rangeText(row.entry),
            cell: (row) => rangeText(row.entry),
          },
          {
            id: "state",
            header: "Range",
            text: (row) => rangeText(row.entry),
            cell: (row) => <RangePill entry={row.entry} />,
          },
          {
            id: "date",
            header: "Taken",
            text: (row) => row.entry.at,
            cell: (row) => dateShort(row.entry.at),
          },
          {
            id: "added",
            header: "Added",
            wideOnly: true,
            text: (row) => row.entry.view.time,
            cell: (row) => friendlyTime(row.entry.view.time),
          },
        ]}
      />
    </section>
  );
}
