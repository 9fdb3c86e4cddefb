import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link, useLocation } from "wouter";
import { errorText } from "../../api/http";
import type { Receipt } from "../../api/types";
import { bytes } from "../../app/format";
import { categories, categoryOf, rangeText, tests } from "../../app/health";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { Notice, Segmented } from "../../components/basics";
import { Field, Select, TextArea } from "../../components/forms";
import { Icon } from "../../components/icons";
import { LogEntryCard } from "../../components/LogEntryCard";
import { toBase64 } from "../../crypto/bytes";
import { vault } from "../../crypto/client";

type Kind = "measurement" | "note" | "file";
const today = (): string => new Date().toISOString().slice(0, 10);
const fileMax = 10 << 20;
/** Categories that are filled in another way than by writing a note. */
const otherForms = ["laboratory", "vitals", "files", "data-set-rows"];

export function AddRecord() {
  useTitle("Add a record");
  const [kind, setKind] = useState<Kind>("measurement");
  const [receipt, setReceipt] = useState<Receipt>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const home = useHome();
  const queries = useQueryClient();
  const [, navigate] = useLocation();

  const add = async (category: string, body: unknown) => {
    setBusy(true);
    setError(undefined);
    try {
      const name = categoryOf(category).name;
      const records = [{ category, name, body }];
      setReceipt(await vault("addRecords", { home: home.home, records }));
      await queries.invalidateQueries({ queryKey: [home.home] });
    } catch (failure) {
      setError(`${errorText(failure)} Nothing was stored; try again.`);
    } finally {
      setBusy(false);
    }
  };

  if (receipt) {
    return (
      <div className="narrow stack">
        <h1>It is sealed and stored.</h1>
        <LogEntryCard receipt={receipt} title="Your record in the log" />
        <div className="acts">
          <button className="btn go" type="button" onClick={() => navigate("/records")}>
            See my records
          </button>
          <button className="btn" type="button" onClick={() => setReceipt(undefined)}>
            Add another
          </button>
        </div>
      </div>
    );
  }
  const common = { busy, add, setError };
  return (
    <div className="narrow stack">
      <header className="stack close">
        <p>
          <Link className="link" href="/records">
            <Icon name="left" small /> Records
          </Link>
        </p>
        <h1>What would you like to add?</h1>
      </header>
      <div>
        <Segmented
          label="Kind of record"
          value={kind}
          onChange={setKind}
          options={[
            { value: "measurement", label: "Measurement", icon: "heart" },
            { value: "note", label: "Note", icon: "note" },
            { value: "file", label: "Photo or file", icon: "photo" },
          ]}
        />
      </div>
      {kind === "measurement" ? <MeasurementForm {...common} /> : null}
      {kind === "note" ? <NoteForm {...common} /> : null}
      {kind === "file" ? <FileForm {...common} /> : null}
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      <p className="meta note">
        <Icon name="lock" small />
        <span>Sealed on this device. The server stores bytes that it cannot read.</span>
      </p>
    </div>
  );
}

interface FormProps {
  busy: boolean;
  add: (category: string, body: unknown) => Promise<void>;
  setError: (text: string | undefined) => void;
}

function Submit({ busy, ready = true }: { busy: boolean; ready?: boolean }) {
  return (
    <div className="acts">
      <button className={busy ? "btn busy" : "btn go"} type="submit" disabled={busy || !ready}>
        {busy ? "Sealing" : "Seal and store"}
      </button>
    </div>
  );
}

function MeasurementForm({ busy, add }: FormProps) {
  const [code, setCode] = useState(tests[0]?.code ?? "");
  const [value, setValue] = useState("");
  const [date, setDate] = useState(today());
  const [by, setBy] = useState("");
  const info = tests.find((one) => one.code === code);
  const parsed = Number(value.replace(",", "."));
  const good = value.trim() !== "" && Number.isFinite(parsed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!info || !good) return;
    const { label, unit, low, high, category } = info;
    const range = { ...(low === null ? {} : { low }), ...(high === null ? {} : { high }) };
    const body = { type: "measurement", code, label, value: parsed, unit, ...range, date };
    void add(category, by.trim() ? { ...body, by: by.trim() } : body);
  };
  return (
    <form className="card pad stack mid" onSubmit={submit}>
      <Select
        label="What was measured"
        value={code}
        onChange={setCode}
        options={tests.map((one) => ({ value: one.code, label: `${one.label}, ${one.unit}` }))}
      />
      <Field
        label={`Value in ${info?.unit ?? ""}`}
        inputMode="decimal"
        autoComplete="off"
        value={value}
        onChange={(event) => setValue(event.target.value)}
        error={value && !good ? "A number, please." : undefined}
        help={
          info && rangeText(info) !== "none"
            ? `${info.about}. Reference ${rangeText(info)}.`
            : info?.about
        }
      />
      <Field
        label="Date"
        type="date"
        max={today()}
        value={date}
        onChange={(e) => setDate(e.target.value)}
      />
      <Field
        label="Measured by (may stay empty)"
        autoComplete="off"
        value={by}
        onChange={(event) => setBy(event.target.value)}
      />
      <Submit busy={busy} ready={good} />
    </form>
  );
}

function NoteForm({ busy, add }: FormProps) {
  const [category, setCategory] = useState("notes");
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  const [date, setDate] = useState(today());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void add(category, { type: "note", title: title.trim(), text: text.trim(), date });
  };
  const kinds = categories.filter((one) => !otherForms.includes(one.key));
  return (
    <form className="card pad stack mid" onSubmit={submit}>
      <Select
        label="Where it belongs"
        value={category}
        onChange={setCategory}
        options={kinds.map((one) => ({ value: one.key, label: one.name }))}
      />
      <Field
        label="Title"
        autoComplete="off"
        value={title}
        onChange={(e) => setTitle(e.target.value)}
      />
      <TextArea label="Text" value={text} onChange={setText} />
      <Field
        label="Date"
        type="date"
        max={today()}
        value={date}
        onChange={(e) => setDate(e.target.value)}
      />
      <Submit busy={busy} ready={title.trim() !== ""} />
    </form>
  );
}

function FileForm({ busy, add, setError }: FormProps) {
  const [file, setFile] = useState<File>();
  const [title, setTitle] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!file) return;
    const data = new Uint8Array(await file.arrayBuffer());
    await add("files", {
      type: "file",
      title: title.trim() || file.name,
      name: file.name,
      mime: file.type || "application/octet-stream",
      data: toBase64(data),
      date: today(),
    });
  };
  const choose = (chosen: File | undefined) => {
    setError(undefined);
    if (chosen && chosen.size > fileMax) {
      setError(`This file has ${bytes(chosen.size)}; 10 MB is the most.`);
    } else setFile(chosen);
  };
  return (
    <form className="card pad stack mid" onSubmit={(event) => void submit(event)}>
      <label className="btn filebtn">
        <Icon name="upload" />
        {file ? file.name : "Choose a photo or file"}
        <input type="file" onChange={(event) => choose(event.target.files?.[0])} />
      </label>
      {file ? <p className="meta">{bytes(file.size)}</p> : null}
      <Field
        label="Title"
        autoComplete="off"
        value={title}
        onChange={(e) => setTitle(e.target.value)}
      />
      <Submit busy={busy} ready={file !== undefined} />
    </form>
  );
}
