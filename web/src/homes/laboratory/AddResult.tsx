import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "wouter";
import { errorText } from "../../api/http";
import type { Receipt } from "../../api/types";
import { categoryOf, tests } from "../../app/health";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { EmptyState, Notice, Skeleton } from "../../components/basics";
import { Field, Select } from "../../components/forms";
import { Icon } from "../../components/icons";
import { LogEntryCard } from "../../components/LogEntryCard";
import { vault } from "../../crypto/client";
import type { SharedView } from "../../crypto/shared";
import { nameOf, usePatients } from "./writing";

const other = "other";
const today = (): string => new Date().toISOString().slice(0, 10);

export function AddResult({ directive }: { directive: string }) {
  useTitle("Add a result");
  const home = useHome();
  const queries = useQueryClient();
  const patients = usePatients();
  const [receipt, setReceipt] = useState<Receipt>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const row = patients.data?.find((one) => one.directive === directive);
  if (patients.isPending) return <Skeleton lines={5} />;
  if (!row?.live) {
    return (
      <EmptyState icon="ban" title="You may not add here now">
        <Link href="/results">All patients who let you add</Link>
      </EmptyState>
    );
  }
  const add = async (collection: string, body: unknown) => {
    setBusy(true);
    setError(undefined);
    try {
      setReceipt(await vault("addResult", { home: home.home, collection, body }));
      await queries.invalidateQueries({ queryKey: [home.home] });
    } catch (failure) {
      setError(`${errorText(failure)} Nothing was stored.`);
    } finally {
      setBusy(false);
    }
  };
  if (receipt) {
    return (
      <div className="narrow stack">
        <h1>It is sealed for {nameOf(row)}.</h1>
        <LogEntryCard receipt={receipt} title="The result in the log" />
        <div className="acts">
          <Link className="btn go" href="/results">
            See what you added
          </Link>
          <button className="btn" type="button" onClick={() => setReceipt(undefined)}>
            Add another
          </button>
        </div>
      </div>
    );
  }
  return (
    <div className="narrow stack">
      <header className="stack close">
        <p>
          <Link className="link" href="/results">
            <Icon name="left" small /> Results
          </Link>
        </p>
        <h1>A result for {nameOf(row)}</h1>
      </header>
      <ResultForm row={row} busy={busy} add={add} />
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      <p className="meta note">
        <Icon name="lock" small />
        <span>
          Sealed in this browser to {nameOf(row)}, and to you, so that you can read what you added.
        </span>
      </p>
    </div>
  );
}

const figure = (text: string): number | undefined => {
  const value = Number(text.replace(",", "."));
  return text.trim() !== "" && Number.isFinite(value) ? value : undefined;
};
const shown = (value: number | null | undefined): string =>
  (value ?? null) === null ? "" : String(value);

interface Draft {
  code: string;
  label: string;
  value: string;
  unit: string;
  low: string;
  high: string;
  date: string;
}

function draftOf(code: string): Draft {
  const info = tests.find((one) => one.code === code);
  return {
    code,
    label: info?.label ?? "",
    value: "",
    unit: info?.unit ?? "",
    low: shown(info?.low),
    high: shown(info?.high),
    date: today(),
  };
}

/** docs/formats/http-api.md, measurement. A code that the dictionary does not know is the label. */
function bodyOf(draft: Draft): unknown {
  const [low, high] = [figure(draft.low), figure(draft.high)];
  return {
    type: "measurement",
    code: draft.code === other ? draft.label.trim() : draft.code,
    label: draft.label.trim(),
    value: figure(draft.value),
    unit: draft.unit.trim(),
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    date: draft.date,
  };
}

function ResultForm({ row, busy, add }: {
  row: SharedView;
  busy: boolean;
  add: (collection: string, body: unknown) => Promise<void>;
}) {
  const collections = row.card?.collections ?? [];
  const [collection, setCollection] = useState(collections[0]?.id ?? "");
  const [draft, setDraft] = useState(() => draftOf(tests[0]?.code ?? other));
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const wrong = (text: string) =>
    text.trim() !== "" && figure(text) === undefined ? "A number, please." : undefined;
  const good =
    collection !== "" &&
    draft.label.trim() !== "" &&
    figure(draft.value) !== undefined &&
    !wrong(draft.low) &&
    !wrong(draft.high);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (good) void add(collection, bodyOf(draft));
  };
  const number = (label: string, key: "value" | "low" | "high") => (
    <Field
      label={label}
      inputMode="decimal"
      autoComplete="off"
      value={draft[key]}
      error={wrong(draft[key])}
      onChange={(event) => change({ [key]: event.target.value })}
    />
  );
  return (
    <form className="card pad stack mid" onSubmit={submit} aria-label="Result">
      {collections.length > 1 ? (
        <Select
          label="Where it belongs"
          value={collection}
          onChange={setCollection}
          options={collections.map((one) => ({
            value: one.id,
            label: categoryOf(one.category, one.name).name,
          }))}
        />
      ) : null}
      <Select
        label="What was measured"
        value={draft.code}
        onChange={(code) => setDraft({ ...draftOf(code), date: draft.date })}
        options={[
          ...tests.map((one) => ({ value: one.code, label: `${one.label}, ${one.unit}` })),
          { value: other, label: "Another test" },
        ]}
      />
      {draft.code === other ? (
        <Field
          label="Name of the test"
          autoComplete="off"
          value={draft.label}
          onChange={(event) => change({ label: event.target.value })}
        />
      ) : null}
      <div className="pair">
        {number("Value", "value")}
        <Field
          label="Unit"
          autoComplete="off"
          value={draft.unit}
          onChange={(event) => change({ unit: event.target.value })}
        />
      </div>
      <div className="pair">
        {number("Reference from (may stay empty)", "low")}
        {number("Reference to (may stay empty)", "high")}
      </div>
      <Field
        label="Taken on"
        type="date"
        max={today()}
        value={draft.date}
        onChange={(event) => change({ date: event.target.value })}
      />
      <div className="acts">
        <button className={busy ? "btn busy" : "btn go"} type="submit" disabled={busy || !good}>
          {busy ? "Sealing" : "Seal and send"}
        </button>
      </div>
    </form>
  );
}
