import { useState } from "react";
import { Link, Redirect, useLocation } from "wouter";
import { errorText } from "../../api/http";
import { number, plural } from "../../app/format";
import { useTitle } from "../../app/title";
import { Notice, Steps } from "../../components/basics";
import { Icon } from "../../components/icons";
import { closeWork, prepare, useWork, type Work } from "../../studio/work";
import { Look } from "./Look";
import { Prepare } from "./Prepare";
import { Release } from "./Release";
import { Store } from "./Store";

const steps = [
  { key: "look", name: "Look", title: "Look at" },
  { key: "prepare", name: "Prepare", title: "Prepare" },
  { key: "release", name: "Release", title: "Release" },
  { key: "store", name: "Store", title: "Store" },
];

/** Data set → look → prepare → release → store, one page each, one data set at a time. */
export function StudioPage({ step }: { step: string }) {
  const work = useWork();
  const at = steps.findIndex((one) => one.key === step);
  const here = steps[at];
  useTitle(here?.name ?? "Studio");
  if (!work || !here) return <Redirect to="/datasets" replace />;
  const needsPrepared = at >= 2 && !work.prepared;
  if (needsPrepared) return <Redirect to="/datasets/studio/prepare" replace />;
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>
            {here.title} “{work.loaded.name}”
          </h1>
          <p className="meta">{sizeLine(work)}, readable only in this browser</p>
        </div>
        <Steps names={["Data set", ...steps.map((one) => one.name)]} now={at + 1} />
      </div>
      {step === "look" ? <Look work={work} /> : null}
      {step === "prepare" ? <Prepare work={work} /> : null}
      {step === "release" ? <Release work={work} /> : null}
      {step === "store" ? <Store work={work} /> : null}
      <Foot at={at} work={work} />
    </div>
  );
}

function sizeLine(work: Work): string {
  const rows = work.prepared?.rows_after ?? work.loaded.rows;
  return `${number(rows)} rows, ${plural(work.loaded.columns.length, "column")}`;
}

function Foot({ at, work }: { at: number; work: Work }) {
  const [, navigate] = useLocation();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const before = steps[at - 1];
  const after = steps[at + 1];
  const next = async () => {
    setBusy(true);
    setError(undefined);
    try {
      if (after?.key === "release" && !work.prepared) await prepare();
      if (after) navigate(`/datasets/studio/${after.key}`);
    } catch (failure) {
      setError(errorText(failure));
    }
    setBusy(false);
  };
  const close = () => {
    closeWork();
    navigate("/datasets");
  };
  return (
    <footer className="acts stick">
      {before ? (
        <Link className="btn" href={`/datasets/studio/${before.key}`}>
          Back
        </Link>
      ) : (
        <button className="btn" type="button" onClick={close}>
          Close without storing
        </button>
      )}
      {after ? (
        <button className="btn go" type="button" disabled={busy} onClick={() => void next()}>
          {after.name} <Icon name="right" small />
        </button>
      ) : (
        <button className="btn" type="button" disabled={work.storing} onClick={close}>
          {work.storing ? "Storing goes on" : "Done"}
        </button>
      )}
      {error ? <Notice tone="bad">{error}</Notice> : null}
    </footer>
  );
}
