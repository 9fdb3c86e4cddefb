import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { call, errorText } from "../../api/http";
import { friendlyTime, listOf } from "../../app/format";
import { categoryOf } from "../../app/health";
import { roleName, useHome } from "../../app/session";
import { withStepUp } from "../../app/StepUp";
import { Notice, PersonChip, StatusPill } from "../../components/basics";
import { consentText, ConsentSentence, type ConsentParts } from "../../components/ConsentSentence";
import type { AskText, AskView } from "../../crypto/asks";
import { vault } from "../../crypto/client";
import type { KeyringCollection } from "../../crypto/keyring";
import { inDays } from "../shared/asking";
import { fromNow } from "./sharePieces";

// Somebody asks: who, what, why, how long, and what would be true. One decision, three answers.

/** What the patient's consent would cover: what is there, and kinds that the same step begins. */
function useAsked(text: AskText | null) {
  const { home } = useHome();
  const categories = text?.categories ?? [];
  return useQuery({
    queryKey: [home, "asked", ...categories],
    queryFn: () => vault("askedFor", { home, categories }),
    enabled: categories.length > 0,
  });
}

export function AskedCard({ ask }: { ask: AskView }) {
  const home = useHome();
  const queries = useQueryClient();
  const asked = useAsked(ask.text);
  const [busy, setBusy] = useState("");
  const [error, setError] = useState<string>();
  const run = async (what: string, work: () => Promise<unknown>) => {
    setBusy(what);
    setError(undefined);
    try {
      await work();
      await queries.invalidateQueries({ queryKey: [home.home] });
    } catch (failure) {
      setBusy("");
      setError(errorText(failure));
    }
  };
  const refuse = () =>
    run("refuse", () =>
      call(`/api/asks/${ask.id}/answer`, { home: home.home, json: { answer: "refuse" } }),
    );
  const roles = ask.person.roles.map((role) => (typeof role === "string" ? role : role.role));
  const where = [roleName[roles[0] ?? ""], ask.person.organisation_name].filter(Boolean);
  const sensitive = (ask.text?.categories ?? []).filter((key) => categoryOf(key).sensitive);
  const parts = ask.text && asked.data ? partsOf(ask, ask.text, asked.data) : null;
  const allow = () => {
    if (!parts || !asked.data) return;
    const input = {
      home: home.home,
      ask: ask.id,
      answer: "allow" as const,
      grantee: ask.person,
      collections: asked.data.there.map((one) => one.id),
      begin: asked.data.missing.map((key) => ({ category: key, name: categoryOf(key).name })),
      purpose: parts.purpose,
      from: parts.from,
      until: parts.until ?? 0,
      sentence: consentText(parts),
    };
    void run("allow", () => withStepUp(home.home, () => vault("allowAsk", input)));
  };
  const title = `ask-${ask.id}`;
  const narrow = `/sharing/new?ask=${ask.id}`;
  return (
    <section className="card ask" aria-labelledby={title}>
      <div className="stack mid">
        <div className="row between">
          <h2 id={title}>Waiting for your answer</h2>
          <StatusPill tone="acc" icon="clock">
            Asked {friendlyTime(ask.made)}
          </StatusPill>
        </div>
        <PersonChip name={ask.person.display_name} meta={where.join(", ")} />
        {ask.text === null ? (
          <Notice tone="warn">
            This request cannot be read, or was not signed by this person. Do not allow it.
          </Notice>
        ) : (
          <>
            {ask.text.note ? <p>“{ask.text.note}”</p> : null}
            {parts ? (
              <div className="stack tight">
                <p className="meta">If you allow it, this will be true:</p>
                <ConsentSentence parts={parts} />
              </div>
            ) : null}
            {sensitive.length > 0 ? (
              <Notice tone="warn">
                This includes {listOf(sensitive.map((key) => categoryOf(key).phrase))}. Look first;
                you may leave them out.
              </Notice>
            ) : null}
          </>
        )}
        <p className="meta">Nothing is shared until you answer. You can stop at any time.</p>
        {error ? (
          <Notice tone="bad" role="alert">
            {error}
          </Notice>
        ) : null}
      </div>
      <div className="acts">
        {sensitive.length > 0 ? (
          <Link className="btn go" href={narrow}>
            Look and decide
          </Link>
        ) : null}
        {ask.text && sensitive.length === 0 ? (
          <>
            <button
              className="btn go"
              type="button"
              disabled={!parts || busy !== ""}
              onClick={allow}
            >
              {busy === "allow" ? "Sealing the keys" : "Allow"}
            </button>
            <Link className="btn" href={narrow}>
              Narrow
            </Link>
          </>
        ) : null}
        <button
          className="btn"
          type="button"
          disabled={busy !== ""}
          onClick={() => void refuse()}
        >
          Refuse
        </button>
      </div>
    </section>
  );
}

function partsOf(
  ask: AskView,
  text: AskText,
  { there, missing }: { there: KeyringCollection[]; missing: string[] },
): ConsentParts {
  return {
    kind: "person",
    who: ask.person.display_name,
    what: [...there.map((one) => one.name), ...missing.map((key) => categoryOf(key).name)],
    purpose: text.purpose,
    from: fromNow(),
    until: inDays(text.days),
  };
}
