import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { errorText } from "../../api/http";
import type { Person } from "../../api/types";
import { useAsks, useKeyring, useRecords } from "../../api/queries";
import { dateShort, number, plural } from "../../app/format";
import { categoryOf, type Entry } from "../../app/health";
import { useHome } from "../../app/session";
import { withStepUp } from "../../app/StepUp";
import { useTitle } from "../../app/title";
import { EmptyState, Notice, Skeleton, StatusPill, Steps } from "../../components/basics";
import {
  ChangeList,
  consentText,
  ConsentSentence,
  type Change,
  type ConsentParts,
} from "../../components/ConsentSentence";
import { Pick } from "../../components/forms";
import { Icon } from "../../components/icons";
import type { AskView } from "../../crypto/asks";
import type { KeyringCollection } from "../../crypto/keyring";
import { vault } from "../../crypto/client";
import { inDays } from "../shared/asking";
import { addsOnly, fromNow, PurposePicks, UntilPicks, WhoPicks } from "./sharePieces";

const names = ["Who", "What", "Until when"];

interface Draft {
  ask: AskView | null;
  who: Person | null;
  what: string[];
  lastTicked: string | null;
  purpose: string;
  from: number;
  until: number | null;
}

/** Kinds that laboratories add to, offered also while there is no collection of them. */
const labKinds = ["laboratory", "vitals"];
const missingPrefix = "missing:";
const isMissing = (id: string): boolean => id.startsWith(missingPrefix);

/** What may be chosen: of a laboratory also what is made in the same step. */
function offered(own: KeyringCollection[], adds: boolean): KeyringCollection[] {
  if (!adds) return own;
  const lacking = labKinds.filter((key) => !own.some((one) => one.category === key));
  const made = lacking.map((category): KeyringCollection => {
    const { name } = categoryOf(category);
    return { id: missingPrefix + category, category, name, epoch: 1, kind: "records", created: 0 };
  });
  return [...own, ...made];
}

/** Sharing of one's own accord, or the answer to an ask: `/sharing/new?ask=ID`. */
export function Share() {
  const wanted = new URLSearchParams(useSearch()).get("ask");
  const asks = useAsks(wanted !== null);
  const keyring = useKeyring();
  if (keyring.isPending || (wanted !== null && asks.isPending)) return <Skeleton lines={5} />;
  const ask = asks.data?.find((one) => one.id === wanted && one.state === "open");
  return <ShareSteps key={ask?.id ?? ""} ask={ask ?? null} />;
}

/** What an ask begins with: what it names, of what there is. */
function begun(ask: AskView | null, own: KeyringCollection[]): Draft {
  const wanted = own.filter((one) => ask?.text?.categories.includes(one.category));
  return {
    ask,
    who: ask?.person ?? null,
    what: wanted.filter((one) => !categoryOf(one.category).sensitive).map((one) => one.id),
    lastTicked: null,
    purpose: ask?.text?.purpose ?? "TREAT",
    from: fromNow(),
    until: ask?.text ? inDays(ask.text.days) : null,
  };
}

function ShareSteps({ ask }: { ask: AskView | null }) {
  useTitle("Share");
  const keyring = useKeyring();
  const [step, setStep] = useState(ask ? 1 : 0);
  const [draft, setDraft] = useState<Draft>(() =>
    begun(
      ask,
      (keyring.data?.collections ?? []).filter((one) => one.kind === "records"),
    ),
  );
  const { entries } = useRecords();
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const own = (keyring.data?.collections ?? []).filter((one) => one.kind === "records");
  const collections = offered(own, addsOnly(draft.who));

  if (step > 0 && collections.length === 0) {
    return (
      <div className="wrap stack">
        <h1>Share</h1>
        <EmptyState
          icon="records"
          title="There is nothing to share yet"
          action={
            <>
              <Link className="btn go" href="/records/add">
                Add a record
              </Link>
              <button className="btn" type="button" onClick={() => setStep(0)}>
                Back
              </button>
            </>
          }
        >
          Add a record first; then you choose who may open it. A laboratory you can let add results
          already.
        </EmptyState>
      </div>
    );
  }
  const common = { draft, change, collections, entries };
  return (
    <div className="wrap stack">
      {step === 0 ? <Who {...common} next={() => setStep(1)} /> : null}
      {step === 1 ? <What {...common} next={() => setStep(2)} back={() => setStep(0)} /> : null}
      {step === 2 ? <Until {...common} back={() => setStep(1)} /> : null}
    </div>
  );
}

interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  collections: KeyringCollection[];
  entries: Entry[];
  next?: () => void;
  back?: () => void;
}

function Head({ step, title }: { step: number; title: string }) {
  return (
    <header className="stack mid">
      <Steps names={names} now={step} />
      <h1>{title}</h1>
    </header>
  );
}

function Who({ draft, change, next }: StepProps) {
  return (
    <>
      <Head step={0} title="Who may open your records?" />
      <div className="narrow stack mid">
        <WhoPicks
          who={draft.who}
          onChange={(who) => change({ who, ask: null, what: [], lastTicked: null })}
        />
      </div>
      <Foot ready={draft.who !== null} label="Choose what" next={next} cancel />
    </>
  );
}

function partsOf(draft: Draft, collections: KeyringCollection[]): ConsentParts {
  return {
    kind: draft.who?.kind === "organisation" ? "organisation" : "person",
    who: draft.who?.display_name ?? "",
    what: collections.filter((one) => draft.what.includes(one.id)).map((one) => one.name),
    purpose: draft.purpose,
    from: draft.from,
    until: draft.until,
    adds: addsOnly(draft.who),
  };
}

function What({ draft, change, collections, entries, next, back }: StepProps) {
  const adds = addsOnly(draft.who);
  const countOf = (id: string) => entries.filter((entry) => entry.view.collection === id);
  const ordinary = collections.filter((one) => !categoryOf(one.category).sensitive);
  const sensitive = collections.filter((one) => categoryOf(one.category).sensitive);
  const tick = (id: string, on: boolean) =>
    change({
      what: on ? [...draft.what, id] : draft.what.filter((one) => one !== id),
      lastTicked: on ? id : null,
    });
  const row = (one: KeyringCollection) => {
    const rows = countOf(one.id);
    const newest = rows[0] ? `, newest ${dateShort(rows[0].at)}` : "";
    const look = categoryOf(one.category, one.name);
    return (
      <li key={one.id}>
        <Pick
          checked={draft.what.includes(one.id)}
          onChange={(on) => tick(one.id, on)}
          icon={look.icon}
          title={look.name}
          meta={
            isMissing(one.id)
              ? "None yet; begins with this"
              : plural(rows.length, "record") + newest
          }
          end={
            draft.ask?.text?.categories.includes(one.category) ? (
              <StatusPill icon="chat">Asked for</StatusPill>
            ) : null
          }
        />
      </li>
    );
  };
  return (
    <>
      <Head
        step={1}
        title={`What may ${draft.who?.display_name ?? ""} ${adds ? "add to" : "open"}?`}
      />
      <div className="two half">
        <form className="stack mid" aria-label="What to share">
          <fieldset>
            <legend className="vh">Categories</legend>
            <ul className="card rows picks">{ordinary.map(row)}</ul>
          </fieldset>
          {sensitive.length > 0 ? (
            <fieldset className="stack tight">
              <legend className="sens">Kept apart unless you tick them</legend>
              <ul className="card rows picks">{sensitive.map(row)}</ul>
            </fieldset>
          ) : null}
          <p className="meta note">
            <Icon name="info" small />
            <span>
              {adds
                ? "A laboratory adds results. What it adds is yours at once, and it reads only that."
                : "New records in what you tick are open too, while the sharing lasts."}
            </span>
          </p>
        </form>
        <Meaning draft={draft} collections={collections} entries={entries} />
      </div>
      <Foot ready={draft.what.length > 0} label="Choose until when" next={next} back={back} />
    </>
  );
}

function Meaning({ draft, collections, entries }: Omit<StepProps, "change">) {
  const chosen = collections.filter((one) => draft.what.includes(one.id));
  const closed = collections.filter((one) => !draft.what.includes(one.id));
  const adds = addsOnly(draft.who);
  const changes: Change[] = [];
  const added = chosen.find((one) => one.id === draft.lastTicked);
  if (added) {
    const count = entries.filter((entry) => entry.view.collection === added.id).length;
    const name = categoryOf(added.category, added.name).name;
    changes.push({
      kind: "added",
      text: `${adds ? name : `${name}, ${plural(count, "record")}`}. You ticked this just now.`,
    });
  }
  if (adds) {
    const text = "Your records. They read what they add themselves, and see nothing else.";
    changes.push({ kind: "closed", text });
  } else if (closed.length > 0) {
    const list = closed.map((one) => categoryOf(one.category, one.name).name).join(", ");
    changes.push({ kind: "closed", text: `${list}. They do not see that these exist.` });
  }
  return (
    <aside className="stack" aria-label="What this means">
      <section className="card pad stack mid first" aria-live="polite" aria-labelledby="true">
        <h2 id="true" className="small">
          What will be true
        </h2>
        <ConsentSentence parts={partsOf(draft, collections)} />
        <ChangeList changes={changes} />
      </section>
      {chosen.length > 0 && !adds ? (
        <Preview draft={draft} chosen={chosen} entries={entries} />
      ) : null}
    </aside>
  );
}

function Preview({
  draft,
  chosen,
  entries,
}: {
  draft: Draft;
  chosen: KeyringCollection[];
  entries: Entry[];
}) {
  const home = useHome();
  return (
    <section className="stack tight" aria-labelledby="see">
      <h2 id="see" className="small">
        What they would see
      </h2>
      <div className="card seen">
        <div className="seenhead">
          <span>{home.displayName}</span>
          <span>{draft.who?.display_name}’s screen</span>
        </div>
        <dl>
          {chosen.map((one) => {
            const rows = entries.filter((entry) => entry.view.collection === one.id);
            const look = categoryOf(one.category, one.name);
            return (
              <div key={one.id}>
                <dt>
                  <Icon name={look.icon} small />
                  {look.name}
                </dt>
                {rows.slice(0, 2).map((entry) => (
                  <dd key={entry.view.record}>
                    {entry.title}
                    {entry.value === undefined ? (
                      ""
                    ) : (
                      <b>
                        {" "}
                        {number(entry.value)} {entry.unit}
                      </b>
                    )}
                    , {dateShort(entry.at)}
                  </dd>
                ))}
                {rows.length > 2 ? <dd className="meta">and {rows.length - 2} more</dd> : null}
                {rows.length === 0 ? <dd className="meta">nothing yet</dd> : null}
              </div>
            );
          })}
        </dl>
      </div>
    </section>
  );
}

/** Whether an answer holds all that was asked for, and as long. */
function givesAll({ ask, what, until, purpose }: Draft, collections: KeyringCollection[]): boolean {
  if (!ask?.text || purpose !== ask.text.purpose) return false;
  const given = collections.filter((one) => what.includes(one.id)).map((one) => one.category);
  const whole = ask.text.categories.every((key) => given.includes(key));
  return whole && (until ?? 0) >= inDays(ask.text.days);
}

function Until({ draft, change, collections, back }: StepProps) {
  const home = useHome();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const parts = partsOf(draft, collections);
  const missing = collections.filter((one) => isMissing(one.id));
  const share = async () => {
    if (!draft.who || !draft.until) return;
    setBusy(true);
    setError(undefined);
    const input = {
      home: home.home,
      grantee: draft.who,
      collections: draft.what.filter((one) => !isMissing(one)),
      begin: missing.filter((one) => draft.what.includes(one.id)),
      purpose: draft.purpose,
      from: draft.from,
      until: draft.until,
      sentence: consentText(parts),
      adds: parts.adds ?? false,
    };
    try {
      const ask = draft.ask?.id;
      const answer = givesAll(draft, collections) ? ("allow" as const) : ("narrow" as const);
      await withStepUp(home.home, () =>
        ask ? vault("allowAsk", { ...input, ask, answer }) : vault("share", input).then(() => {}),
      );
      await queries.invalidateQueries({ queryKey: [home.home] });
      navigate("/sharing");
    } catch (failure) {
      setBusy(false);
      setError(`${errorText(failure)} Nothing is shared.`);
    }
  };
  return (
    <>
      <Head step={2} title="Until when, and for what?" />
      <div className="two half">
        <form
          className="stack mid"
          aria-label="Until when"
          onSubmit={(event) => event.preventDefault()}
        >
          <UntilPicks
            onChange={(end) => change({ until: end })}
            asked={draft.ask?.text?.days}
          />
          <PurposePicks purpose={draft.purpose} onChange={(purpose) => change({ purpose })} />
        </form>
        <aside className="stack" aria-label="What this means">
          <section className="card pad stack mid first" aria-live="polite" aria-labelledby="true">
            <h2 id="true" className="small">
              What will be true
            </h2>
            <ConsentSentence parts={parts} />
            <p className="meta">
              You can stop at any time. Each opening is written to your activity.
            </p>
          </section>
          {error ? (
            <Notice tone="bad" role="alert">
              {error}
            </Notice>
          ) : null}
        </aside>
      </div>
      <Foot
        ready={draft.until !== null && !busy}
        label={busy ? "Sealing the keys" : "Share"}
        next={() => void share()}
        back={back}
        last
      />
    </>
  );
}

function Foot({
  ready,
  label,
  next,
  back,
  cancel,
  last,
}: {
  ready: boolean;
  label: string;
  next: (() => void) | undefined;
  back?: (() => void) | undefined;
  cancel?: boolean;
  last?: boolean;
}) {
  return (
    <footer className="acts stick">
      {cancel ? (
        <Link className="btn" href="/sharing">
          Cancel
        </Link>
      ) : (
        <button className="btn" type="button" onClick={back}>
          Back
        </button>
      )}
      <button className="btn go" type="button" disabled={!ready} onClick={next}>
        {label}
      </button>
      <p className="meta">
        {last ? "This is the last step." : "Nothing is shared before the last step."}
      </p>
    </footer>
  );
}
