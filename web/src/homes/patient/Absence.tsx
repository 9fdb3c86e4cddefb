import { useId, useState, type FormEvent } from "react";
import { callBytes, errorText } from "../../api/http";
import { useNames } from "../../api/queries";
import { useHome } from "../../app/session";
import { Notice } from "../../components/basics";
import { download } from "../../components/DataTable";
import { logKeys } from "../../components/ProofDrawer";
import { Icon } from "../../components/icons";
import type { AbsenceAnswer } from "../../proof/absence";

// "Prove that somebody had no access": a person and a day give two sentences and a file.

interface Proven {
  bundle: Uint8Array;
  answer: AbsenceAnswer;
  name: string;
  date: string;
}

/** The day as this device's clock has it: [its first moment, that of the next day). */
function dayOf(date: string): [number, number] {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  return [new Date(year, month - 1, day).getTime(), new Date(year, month - 1, day + 1).getTime()];
}

function yesterday(): string {
  const at = new Date(Date.now() - 86_400_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

async function prove(
  home: string,
  grantee: string,
  date: string,
): Promise<[Uint8Array, AbsenceAnswer]> {
  const [from, until] = dayOf(date);
  const path = `/api/absence?grantee=${grantee}&from=${from}&until=${until}`;
  const [bundle, keys, { checkBundle }, { parseVerifierKey }] = await Promise.all([
    callBytes(path, { home }),
    logKeys(),
    import("../../proof/bundle"),
    import("../../proof/note"),
  ]);
  const { absence } = checkBundle(bundle, keys.map(parseVerifierKey));
  if (!absence) throw new Error("The node answered with another proof.");
  return [bundle, absence];
}

export function AbsenceProof() {
  const { home } = useHome();
  const people = useNames();
  const [grantee, setGrantee] = useState("");
  const [date, setDate] = useState(yesterday);
  const [busy, setBusy] = useState(false);
  const [proven, setProven] = useState<Proven | null>(null);
  const [problem, setProblem] = useState("");
  const [personId, dateId] = [useId(), useId()];
  const staff = [...(people.data?.values() ?? [])].filter((one) => one.kind === "staff");

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProven(null);
    setProblem("");
    try {
      const [bundle, answer] = await prove(home, grantee, date);
      const name = people.data?.get(grantee)?.display_name ?? "This person";
      setProven({ bundle, answer, name, date });
    } catch (error) {
      setProblem(errorText(error));
    }
    setBusy(false);
  };
  return (
    <details className="card">
      <summary>Prove that somebody had no access</summary>
      <form className="stack tight" onSubmit={(event) => void submit(event)}>
        <div className="field">
          <label htmlFor={personId}>Person</label>
          <select
            id={personId}
            required
            value={grantee}
            onChange={(event) => setGrantee(event.target.value)}
          >
            <option value="">Choose a person</option>
            {staff.map((one) => (
              <option key={one.account} value={one.account}>
                {one.display_name}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor={dateId}>Day</label>
          <input
            id={dateId}
            type="date"
            required
            max={yesterday()}
            value={date}
            onChange={(event) => setDate(event.target.value)}
          />
        </div>
        <button className={busy ? "btn busy" : "btn go"} type="submit" disabled={busy}>
          Make the proof
        </button>
      </form>
      {problem ? (
        <Notice tone="bad" role="alert">
          <p>{problem}</p>
        </Notice>
      ) : null}
      {proven ? <Answer proven={proven} /> : null}
    </details>
  );
}

function Answer({ proven }: { proven: Proven }) {
  const { answer, name, date, bundle } = proven;
  const permitted = answer.notPermitted
    ? `${name} was not permitted to open your records on ${date}.`
    : `${name} was permitted to open some of your records on ${date}.`;
  const opened = answer.notOpened
    ? "And opened nothing: the sealed log holds no opening."
    : answer.names[0]?.opened === "yes"
      ? "And opened records that day."
      : "That nothing was opened cannot be proved for this day.";
  return (
    <Notice tone={answer.notPermitted && answer.notOpened ? "ok" : "bad"} role="status">
      <p>
        <b>{permitted}</b> {opened}
      </p>
      <p>
        Whoever gets this file can check it without this server, and can then test for other people
        too whether you had permitted them: it holds the key to those names.
      </p>
      <button
        className="btn"
        type="button"
        onClick={() => download(`no-access-${date}.salus`, bundle, "application/octet-stream")}
      >
        <Icon name="dl" />
        Download the proof
      </button>
    </Notice>
  );
}
