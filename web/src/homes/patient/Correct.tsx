import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { errorText } from "../../api/http";
import { useHome } from "../../app/session";
import type { Entry } from "../../app/health";
import { Notice } from "../../components/basics";
import { Dialog, Field, TextArea } from "../../components/forms";
import { vault } from "../../crypto/client";

/** One's own entry put right: what it should say, and why. The old one stays provable. */
export function Correct({
  entry,
  onClose,
  onDone,
}: {
  entry: Entry;
  onClose: () => void;
  onDone: () => void;
}) {
  const home = useHome();
  const queries = useQueryClient();
  const measured = entry.kind === "measurement";
  const [value, setValue] = useState(String(entry.value ?? ""));
  const [title, setTitle] = useState(entry.title);
  const [text, setText] = useState(entry.text ?? "");
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const number = Number(value.replace(",", "."));
  const valid = measured ? value.trim() !== "" && Number.isFinite(number) : title.trim() !== "";
  const changed = measured
    ? number !== entry.value
    : title !== entry.title || text !== (entry.text ?? "");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const change = measured ? { value: number } : { title: title.trim(), text };
      await vault("correctRecord", { home: home.home, view: entry.view, change, reason });
      await queries.invalidateQueries({ queryKey: [home.home] });
      onDone();
    } catch (failure) {
      setBusy(false);
      setError(`${errorText(failure)} Nothing was changed.`);
    }
  };
  return (
    <Dialog title={`Correct ${measured ? entry.title : "this note"}`} open onClose={onClose}>
      <form className="stack mid" onSubmit={(event) => void submit(event)}>
        {measured ? (
          <Field
            label={`It should say${entry.unit ? `, in ${entry.unit}` : ""}`}
            inputMode="decimal"
            required
            value={value}
            onChange={(event) => setValue(event.target.value)}
          />
        ) : (
          <>
            <Field
              label="Title"
              required
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
            <TextArea label="Text" value={text} onChange={setText} />
          </>
        )}
        <Field
          label="Why"
          required
          maxLength={280}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          help="Whoever may open this record reads it beside the new value."
        />
        <p className="meta">
          The earlier version is kept, with its proof. Nobody can make it disappear unseen.
        </p>
        {error ? (
          <Notice tone="bad" role="alert">
            {error}
          </Notice>
        ) : null}
        <div className="acts">
          <button
            className={busy ? "btn busy" : "btn go"}
            type="submit"
            disabled={busy || !valid || !changed || !reason.trim()}
          >
            {busy ? "Sealing" : "Correct it"}
          </button>
          <button className="btn" type="button" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
