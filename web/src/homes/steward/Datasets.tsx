import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { call, errorText } from "../../api/http";
import type { CollectionRow } from "../../api/types";
import { useKeyring } from "../../api/queries";
import { counted, dateShort, number, plural } from "../../app/format";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { Notice, ProgressBar, Skeleton, StatusPill } from "../../components/basics";
import { Icon } from "../../components/icons";
import { startWork, useWork, type Source } from "../../studio/work";

export function Datasets() {
  useTitle("Data sets");
  const home = useHome();
  const keyring = useKeyring();
  const work = useWork();
  const collections = useQuery({
    queryKey: [home.home, "collections"],
    queryFn: () => call<{ collections: CollectionRow[] }>("/api/collections", { home: home.home }),
    select: (data) => new Map(data.collections.map((one) => [one.collection, one])),
  });
  if (keyring.isPending || collections.isPending) return <Skeleton lines={5} />;
  const sets = (keyring.data?.collections ?? []).filter((one) => one.kind === "data_set").reverse();
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>
            {sets.length === 0
              ? "Start with a table."
              : `${counted(sets.length, "data set")} sealed and stored.`}
          </h1>
          <p className="meta">A table is read in this browser only, until you seal and store it.</p>
        </div>
      </div>
      {work ? (
        <Notice
          icon="table"
          end={
            <Link className="link" href="/datasets/studio/look">
              Go on <Icon name="right" small />
            </Link>
          }
        >
          <p>
            <b>“{work.loaded.name}” is open here.</b> {number(work.loaded.rows)} rows, not stored
            yet.
          </p>
        </Notice>
      ) : null}
      <NewDataset />
      {sets.length > 0 ? (
        <section className="stack tight" aria-labelledby="ds">
          <h2 id="ds">Stored</h2>
          <ul className="card rows">
            {sets.map((set) => {
              const row = collections.data?.get(set.id);
              return (
                <li key={set.id}>
                  <Link className="rowlink" href={`/datasets/${set.id}`}>
                    <span className="ic">
                      <Icon name="table" />
                    </span>
                    <div className="grow">
                      <b>{set.name}</b>
                      <p className="meta">
                        {row
                          ? `${plural(Math.max(0, row.records - 1), "row")}, `
                          : ""}
                        {dateShort(set.created)}
                      </p>
                    </div>
                    {set.release ? (
                      <StatusPill tone="warn" icon="info">
                        Noised release
                      </StatusPill>
                    ) : (
                      <StatusPill icon="lock">Clean, sealed</StatusPill>
                    )}
                    <Icon name="right" small />
                  </Link>
                </li>
              );
            })}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

function NewDataset() {
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState<{ done: number; total: number } | null>(null);
  const [error, setError] = useState<string>();
  const [, navigate] = useLocation();
  const start = async (source: Source) => {
    setError(undefined);
    setBusy({ done: 0, total: 1 });
    try {
      await startWork(source, (done, total) => setBusy({ done, total }));
      navigate("/datasets/studio/look");
    } catch (failure) {
      setError(errorText(failure));
      setBusy(null);
    }
  };
  const take = (file: File | undefined) => {
    if (file) void start({ file, demoRows: 0 });
  };
  return (
    <section
      className={over ? "drop over" : "drop"}
      aria-label="New data set"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files[0]);
      }}
    >
      <h2>Drop a CSV file here</h2>
      <p className="meta">Up to a million rows. It stays in this browser.</p>
      <div className="acts">
        <label className="btn go filebtn">
          <Icon name="upload" small />
          Choose a file
          <input
            type="file"
            accept=".csv,.tsv,.txt,text/csv"
            onChange={(event) => take(event.target.files?.[0])}
          />
        </label>
        <button
          className="btn"
          type="button"
          onClick={() => void start({ file: null, demoRows: 5000 })}
        >
          Use 5,000 demo rows
        </button>
      </div>
      {busy ? (
        <div className="narrow wide">
          <ProgressBar done={busy.done} total={busy.total} label="Reading the table" />
        </div>
      ) : null}
      {error ? (
        <Notice tone="bad" role="alert">
          {`${error} Nothing left this browser.`}
        </Notice>
      ) : null}
    </section>
  );
}
