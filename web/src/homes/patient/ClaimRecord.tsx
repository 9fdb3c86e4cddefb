import { useQueryClient } from "@tanstack/react-query";
import { Fragment, useState, type FormEvent } from "react";
import { Link } from "wouter";
import { errorText } from "../../api/http";
import type { Receipt } from "../../api/types";
import { categoryOf } from "../../app/health";
import { useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { Notice } from "../../components/basics";
import { Field } from "../../components/forms";
import { Icon } from "../../components/icons";
import { LogEntryCard } from "../../components/LogEntryCard";
import { vault } from "../../crypto/client";

interface Claimed {
  record: string;
  body: unknown;
  receipt: Receipt;
}

const category = "data-set-rows";

/** A row of somebody's data set becomes the patient's own, by the one-time code she was given. */
export function ClaimRecord() {
  useTitle("Claim a record");
  const home = useHome();
  const queries = useQueryClient();
  const [code, setCode] = useState("");
  const [claimed, setClaimed] = useState<Claimed>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const claim = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const { name } = categoryOf(category);
      setClaimed(await vault("claimRecord", { home: home.home, code, category, name }));
      await queries.invalidateQueries({ queryKey: [home.home] });
    } catch (failure) {
      setError(errorText(failure));
    } finally {
      setBusy(false);
    }
  };
  if (claimed) return <Done claimed={claimed} />;
  return (
    <div className="narrow stack">
      <header className="stack close">
        <p>
          <Link className="link" href="/records">
            <Icon name="left" small /> Records
          </Link>
        </p>
        <h1>Claim a record about you</h1>
        <p className="lede">
          Whoever keeps data about you can hand your row over to you. They give you a code for it.
        </p>
      </header>
      <form className="card pad stack mid" onSubmit={(event) => void claim(event)}>
        <Field
          label="The code you were given"
          className="mono"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          placeholder="ABC-DEF-…"
          value={code}
          onChange={(event) => setCode(event.target.value)}
          help="Nine groups of three. It works once."
        />
        <ul className="hint">
          <li>
            <Icon name="lock" small /> It is sealed anew with your own key, on this device.
          </li>
          <li>
            <Icon name="ban" small /> Whoever had it can open it no longer.
          </li>
          <li>
            <Icon name="share" small /> From then on only you share it.
          </li>
        </ul>
        <div className="acts">
          <button
            className={busy ? "btn busy" : "btn go"}
            type="submit"
            disabled={busy || code.trim() === ""}
          >
            {busy ? "Claiming" : "Claim it"}
          </button>
        </div>
      </form>
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
    </div>
  );
}

function cellsOf(body: unknown): [string, string][] {
  const cells = (body as { cells?: Record<string, string> } | null)?.cells ?? {};
  return Object.entries(cells);
}

function Done({ claimed }: { claimed: Claimed }) {
  const { dataset } = (claimed.body ?? {}) as { dataset?: string };
  return (
    <div className="narrow stack">
      <h1>It is yours now.</h1>
      <section className="card pad stack mid" aria-labelledby="row">
        <h2 id="row">{dataset ? `Your row of “${dataset}”` : "Your record"}</h2>
        <dl className="facts">
          {cellsOf(claimed.body).map(([name, cell]) => (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{cell}</dd>
            </Fragment>
          ))}
        </dl>
      </section>
      <LogEntryCard receipt={claimed.receipt} title="The claim in the log" />
      <div className="acts">
        <Link className="btn go" href={`/records?record=${claimed.record}`}>
          See it in my records
        </Link>
      </div>
    </div>
  );
}
