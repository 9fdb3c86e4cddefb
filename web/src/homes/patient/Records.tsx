import { useMemo, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useGrants, useRecords } from "../../api/queries";
import { dateShort, dayMonth, listOf, month, number, plural } from "../../app/format";
import { categoryOf, rangeState, rangeText, seriesOf, type Entry } from "../../app/health";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { EmptyState, Notice, Segmented, Skeleton, StatusPill } from "../../components/basics";
import { LineChart } from "../../components/charts";
import { DataTable, download } from "../../components/DataTable";
import { Icon } from "../../components/icons";
import { ProofDrawer, type Proof } from "../../components/ProofDrawer";
import { SealedBytes } from "../../components/SealedBytes";
import { fromBase64 } from "../../crypto/bytes";
import { allows, covers } from "../../crypto/directive";
import { Earlier } from "../../components/Earlier";
import type { EarlierVersion } from "../../crypto/corrections";
import { Correct } from "./Correct";
import { earlierProof, recordProof } from "./recordProofs";
import { ShareRecord } from "./ShareRecord";

const timelineStart = 14;

/** On a phone the details stand below the list: choosing a record goes there. */
function showDetails(): void {
  if (!matchMedia("(max-width: 860px)").matches) return;
  setTimeout(() => document.getElementById("st")?.scrollIntoView({ block: "start" }), 60);
}

export function Records() {
  useTitle("Records");
  const home = useHome();
  const { entries, isPending, isError, error, refetch } = useRecords();
  const search = useSearch();
  const [, navigate] = useLocation();
  const [category, setCategory] = useState("all");
  const [proof, setProof] = useState<Proof | null>(null);
  const wanted = new URLSearchParams(search).get("record");
  const shown = category === "all" ? entries : entries.filter((e) => e.view.category === category);
  const selected = shown.find((one) => one.view.record === wanted) ?? shown[0];
  const series = useMemo(() => seriesOf(shown), [shown]);
  const charted = chartFor(series, selected);

  if (isPending) return <Skeleton lines={6} label="Opening your records" />;
  if (isError) {
    return (
      <EmptyState
        icon="warn"
        title="Your records could not be opened"
        action={
          <button className="btn go" type="button" onClick={() => void refetch()}>
            Try again
          </button>
        }
      >
        {`${error.message} They are safe where they are.`}
      </EmptyState>
    );
  }
  return (
    <div className="wrap stack">
      <div className="bar">
        <h1>Records</h1>
        <div className="row">
          <Link className="btn" href="/records/claim">
            <Icon name="key" />
            Claim a record
          </Link>
          <Link className="btn go" href="/records/add">
            <Icon name="plus" />
            Add a record
          </Link>
        </div>
      </div>
      {entries.length === 0 ? (
        <EmptyState icon="records" title="Your records go here">
          Notes, measurements and files, sealed on this device before they are stored. Start with
          one.
        </EmptyState>
      ) : (
        <>
          <Chips entries={entries} value={category} onChange={setCategory} />
          {charted ? <SeriesFigure key={charted[0]?.code} list={charted} /> : null}
          <div className="two recs">
            <section className="stack tight" aria-labelledby="tl">
              <h2 id="tl">Timeline</h2>
              <Timeline
                entries={shown}
                selected={selected?.view.record}
                onSelect={(record) => {
                  setProof(null);
                  navigate(`/records?record=${record}`, { replace: true });
                  showDetails();
                }}
              />
            </section>
            {selected ? (
              <aside className="stack tight" aria-labelledby="st">
                {proof ? (
                  <ProofDrawer proof={proof} onClose={() => setProof(null)} />
                ) : (
                  <Details
                    key={selected.view.record}
                    entry={selected}
                    onProof={(earlier) =>
                      setProof(
                        earlier
                          ? earlierProof(home.home, earlier)
                          : recordProof(home.home, selected),
                      )
                    }
                    onCorrected={() => navigate("/records", { replace: true })}
                  />
                )}
              </aside>
            ) : null}
          </div>
        </>
      )}
    </div>
  );
}

function Chips({
  entries,
  value,
  onChange,
}: {
  entries: Entry[];
  value: string;
  onChange: (key: string) => void;
}) {
  const counts = new Map<string, { name: string; count: number }>();
  for (const { view } of entries) {
    const known = counts.get(view.category);
    counts.set(view.category, { name: view.name, count: (known?.count ?? 0) + 1 });
  }
  return (
    <div className="chips" role="group" aria-label="Category">
      <button
        className="chipbtn"
        type="button"
        aria-pressed={value === "all"}
        onClick={() => onChange("all")}
      >
        All <span>{entries.length}</span>
      </button>
      {[...counts].map(([key, { name, count }]) => {
        const look = categoryOf(key, name);
        return (
          <button
            key={key}
            className="chipbtn"
            type="button"
            aria-pressed={value === key}
            onClick={() => onChange(key)}
          >
            <Icon name={look.icon} small />
            {look.name} <span>{count}</span>
          </button>
        );
      })}
    </div>
  );
}

/** The chosen record's test when it has a history, else the longest history there is. */
function chartFor(series: Map<string, Entry[]>, selected: Entry | undefined): Entry[] | null {
  const own = selected?.code ? series.get(selected.code) : undefined;
  if (own && own.length > 1) return own;
  if (own) return null;
  const lists = [...series.values()].sort((a, b) => b.length - a.length);
  return lists[0] && lists[0].length > 1 ? lists[0] : null;
}

function SeriesFigure({ list }: { list: Entry[] }) {
  const [view, setView] = useState<"chart" | "table">("chart");
  const last = list[list.length - 1] as Entry;
  const unit = last.unit ?? "";
  const points = list.map((entry) => ({ at: entry.at, value: entry.value ?? 0 }));
  const title = finding(list);
  const range = rangeText(last);
  return (
    <figure className="card pad stack mid" aria-labelledby="ch">
      <div className="bar top">
        <figcaption className="stack close">
          <h2 id="ch">{title}</h2>
          <p className="meta">
            {last.title}, in {unit || "its own unit"}. {plural(list.length, "result")}.
            {range === "none" ? "" : ` Reference ${range}.`}
          </p>
        </figcaption>
        <Segmented
          label="Show as"
          value={view}
          onChange={setView}
          options={[
            { value: "chart", label: "Chart", icon: "chart" },
            { value: "table", label: "Table", icon: "table" },
          ]}
        />
      </div>
      {view === "chart" ? (
        <LineChart
          points={points}
          low={last.low ?? null}
          high={last.high ?? null}
          label={`Line chart: ${title}. Reference range ${range}.`}
        />
      ) : (
        <DataTable
          caption={title}
          rows={[...list].reverse()}
          rowKey={(entry) => entry.view.record}
          columns={[
            { id: "at", header: "Date", text: (e) => e.at, cell: (e) => dateShort(e.at) },
            {
              id: "value",
              header: last.title,
              unit,
              num: true,
              text: (e) => e.value ?? 0,
              cell: (e) => <b>{number(e.value ?? 0)}</b>,
            },
            {
              id: "state",
              header: "Range",
              text: rangeState,
              cell: (e) => <RangePill entry={e} />,
            },
          ]}
        />
      )}
    </figure>
  );
}

/** The chart's title says what it shows. */
function finding(list: Entry[]): string {
  const first = list[0] as Entry;
  const last = list[list.length - 1] as Entry;
  const [from, to] = [first.value ?? 0, last.value ?? 0];
  const unit = last.unit ?? "";
  if (from === to) return `Your ${last.title} is at ${number(to)} ${unit}, as it was`;
  const verb = to < from ? "fell" : "rose";
  const change = `from ${number(from)} to ${number(to)} ${unit}`;
  return `Your ${last.title} ${verb} ${change}${span(first.at, last.at)}`;
}

function span(from: number, to: number): string {
  const days = Math.round((to - from) / 86_400_000);
  if (days < 1) return "";
  if (days < 60) return ` in ${plural(days, "day")}`;
  if (days < 700) return ` in ${plural(Math.round(days / 30.4), "month")}`;
  return ` in ${plural(Math.round(days / 365.25), "year")}`;
}

export function RangePill({ entry }: { entry: Entry }) {
  const state = rangeState(entry);
  if (state === "above") {
    return (
      <StatusPill tone="warn" icon="up">
        Above
      </StatusPill>
    );
  }
  if (state === "below") {
    return (
      <StatusPill tone="warn" icon="down">
        Below
      </StatusPill>
    );
  }
  return state === "in" ? (
    <StatusPill icon="check">In range</StatusPill>
  ) : (
    <span className="meta">no range</span>
  );
}

/** Who wrote it, when that was somebody else. */
const authorOf = (account: string, { view }: Entry): string =>
  view.author === account ? "" : (view.author_name ?? "somebody else");

const lineOf = (account: string, entry: Entry): string =>
  [entry.detail || entry.view.name, authorOf(account, entry)].filter(Boolean).join(", from ");

function Timeline({
  entries,
  selected,
  onSelect,
}: {
  entries: Entry[];
  selected: string | undefined;
  onSelect: (record: string) => void;
}) {
  const { account } = useHome();
  const [all, setAll] = useState(false);
  const months = new Map<string, Entry[]>();
  const shown = all ? entries : entries.slice(0, timelineStart);
  for (const entry of shown) {
    const name = month(entry.at);
    months.set(name, [...(months.get(name) ?? []), entry]);
  }
  return (
    <div className="card">
      {[...months].map(([name, rows]) => (
        <div key={name} className="dayblock">
          <h3 className="day">{name}</h3>
          <ul className="rows">
            {rows.map((entry) => (
              <li key={entry.view.record}>
                <button
                  type="button"
                  className="rec as"
                  aria-pressed={entry.view.record === selected}
                  onClick={() => onSelect(entry.view.record)}
                >
                  <time className="meta" dateTime={new Date(entry.at).toISOString()}>
                    {dayMonth(entry.at)}
                  </time>
                  <span className="ic">
                    <Icon name={categoryOf(entry.view.category, entry.view.name).icon} />
                  </span>
                  <span>
                    <b>{entry.title}</b>
                    <span className="meta block">{lineOf(account, entry)}</span>
                  </span>
                  <span className="val">
                    {entry.value === undefined ? null : (
                      <>
                        <b>{number(entry.value)}</b> {entry.unit}
                      </>
                    )}
                  </span>
                  <StatusPill icon="lock">Sealed</StatusPill>
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {shown.length < entries.length ? (
        <p className="tabletools">
          <button className="btn" type="button" onClick={() => setAll(true)}>
            Show {plural(entries.length - shown.length, "older record")}
          </button>
        </p>
      ) : null}
    </div>
  );
}

function Details({
  entry,
  onProof,
  onCorrected,
}: {
  entry: Entry;
  onProof: (earlier?: EarlierVersion) => void;
  onCorrected: () => void;
}) {
  const home = useHome();
  const [correcting, setCorrecting] = useState(false);
  const isOwn = entry.view.author === home.account;
  const { type } = (entry.view.body ?? {}) as { type?: unknown };
  const correctable = isOwn && (type === "note" || type === "measurement");
  const grants = useGrants();
  const [sharing, setSharing] = useState(false);
  const [shared, setShared] = useState<string>();
  const { record, collection } = entry.view;
  const live = (grants.data ?? []).filter(
    (one) => one.live && allows(one, "access") && covers(one, { record, collection }),
  );
  const names = [...new Set(live.map((one) => one.grantee.display_name))];
  const readers =
    names.length === 0
      ? "Readable on your devices, nowhere else."
      : `Readable on your devices, and for those you share it with (${listOf(names)}).`;
  return (
    <>
      <h2 id="st">What the server stores</h2>
      <SealedBytes home={home.home} record={entry.view.record} readers={readers}>
        <p>
          <b>
            {entry.title}
            {entry.value === undefined ? "" : ` ${number(entry.value)} ${entry.unit ?? ""}`}
          </b>
        </p>
        <p className="meta">
          {dateShort(entry.at)}
          {entry.detail ? `, ${entry.detail}` : ""}
          {authorOf(home.account, entry) ? `, added by ${authorOf(home.account, entry)}` : ""}
        </p>
        {entry.value === undefined ? null : (
          <p>
            <RangePill entry={entry} />
          </p>
        )}
        {entry.text ? <p className="prewrap">{entry.text}</p> : null}
        {entry.file ? <FileView file={entry.file} /> : null}
        <Earlier entry={entry} onProof={onProof} />
      </SealedBytes>
      <div className="acts">
        <button className="btn" type="button" onClick={() => setSharing(true)}>
          <Icon name="share" />
          Share this record
        </button>
        {correctable ? (
          <button className="btn" type="button" onClick={() => setCorrecting(true)}>
            <Icon name="refresh" />
            Correct
          </button>
        ) : null}
        <button className="link asbtn" type="button" onClick={() => onProof()}>
          <Icon name="proof" small />
          Proof for this record
        </button>
      </div>
      {shared ? (
        <Notice tone="ok" role="status">
          {`Shared with ${shared}: this record and no other. You stop it under Sharing.`}
        </Notice>
      ) : null}
      {correcting ? (
        <Correct
          entry={entry}
          onClose={() => setCorrecting(false)}
          onDone={() => {
            setCorrecting(false);
            onCorrected();
          }}
        />
      ) : null}
      {sharing ? (
        <ShareRecord
          entry={entry}
          onClose={() => setSharing(false)}
          onShared={(name) => {
            setSharing(false);
            setShared(name);
          }}
        />
      ) : null}
    </>
  );
}

function FileView({ file }: { file: NonNullable<Entry["file"]> }) {
  const isImage = /^image\/(png|jpeg|webp|gif)$/.test(file.mime);
  return (
    <div className="stack tight">
      {isImage ? (
        <img className="fileimage" src={`data:${file.mime};base64,${file.data}`} alt={file.name} />
      ) : null}
      <button
        className="btn"
        type="button"
        onClick={() => download(file.name, fromBase64(file.data), "application/octet-stream")}
      >
        <Icon name="dl" />
        Save {file.name}
      </button>
    </div>
  );
}
