import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link, Redirect, useLocation } from "wouter";
import { call, errorText } from "../api/http";
import { useTitle } from "../app/title";
import { Notice } from "../components/basics";
import { Field } from "../components/forms";
import { Door } from "../signin/Door";

/**
 * An empty node: the terminal's one-time token names the organisation and invites its first
 * officer.
 */
export default function Setup({ needed, known }: { needed: boolean; known: boolean }) {
  useTitle("Set up this node");
  const [token, setToken] = useState("");
  const [name, setName] = useState("");
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [invitation, setInvitation] = useState<string>();
  const [, navigate] = useLocation();
  const queries = useQueryClient();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const answer = await call<{ organisation: string; officer_invitation: string }>(
        "/api/setup",
        {
          json: { token: token.trim(), organisation_name: name.trim() },
        },
      );
      setInvitation(answer.officer_invitation);
    } catch (failure) {
      setError(errorText(failure));
      setBusy(false);
    }
  };

  if (invitation) {
    return (
      <Door>
        <div className="doorform">
          <h1>{name} is set up. Now its first officer.</h1>
          <p className="lede">This code makes you the privacy officer. It works once.</p>
          <p className="keytext" data-testid="officer-invitation">
            {invitation}
          </p>
          <button
            className="btn go wide"
            type="button"
            onClick={() => {
              void queries.invalidateQueries({ queryKey: ["status"] });
              navigate(`/invitation/${encodeURIComponent(invitation)}`);
            }}
          >
            Create the officer’s account
          </button>
        </div>
      </Door>
    );
  }
  if (known && !needed) return <Redirect to="/signin" replace />;
  return (
    <Door>
      <form aria-labelledby="su" onSubmit={(event) => void submit(event)}>
        <header className="stack close">
          <h1 id="su">Set up this node</h1>
          <p className="lede">It is empty. Two things and it is yours.</p>
        </header>
        <Field
          label="Token from the terminal"
          help="salusd printed it when it started."
          autoComplete="off"
          spellCheck={false}
          required
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
        <Field
          label="Name of your organisation"
          autoComplete="organization"
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {error ? (
          <Notice tone="bad" role="alert">
            {error}
          </Notice>
        ) : null}
        <button className="btn go wide" type="submit" disabled={busy}>
          Set it up
        </button>
        <p className="meta">
          Already set up? <Link href="/signin">Sign in</Link>
        </p>
      </form>
    </Door>
  );
}
