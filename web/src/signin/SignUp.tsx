import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { ApiError, call, errorText } from "../api/http";
import type { Invitation, Receipt, Session } from "../api/types";
import { addHome, firstPage, homeOf, kindOf, roleName } from "../app/session";
import { useTitle } from "../app/title";
import { Notice, Steps } from "../components/basics";
import { Field } from "../components/forms";
import { LogEntryCard } from "../components/LogEntryCard";
import { vault } from "../crypto/client";
import { Door } from "./Door";
import { FactorStep, PasswordStep, PersonStep, RecoveryStep } from "./steps";

export interface Draft {
  displayName: string;
  name: string;
  password: string;
  second: boolean;
  code: string;
}

export interface Secrets {
  uri: string;
  secret: string;
  recovery: string;
  organisation: string;
}

const names = ["You", "Password", "Code", "Recovery"];

export default function SignUp({ invitation }: { invitation: string | null }) {
  useTitle("Create an account");
  if (invitation === "") return <AskInvitation />;
  if (invitation !== null) return <Invited code={invitation} />;
  return <SignUpSteps kind="patient" invitation={null} />;
}

function AskInvitation() {
  const [code, setCode] = useState("");
  const [, navigate] = useLocation();
  return (
    <Door>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          navigate(`/invitation/${encodeURIComponent(code.trim())}`);
        }}
      >
        <h1>Use your invitation</h1>
        <Field
          label="Invitation code"
          help="From the privacy officer who invited you. It works once."
          autoComplete="off"
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        <button className="btn go wide" type="submit">
          Go on
        </button>
      </form>
    </Door>
  );
}

function Invited({ code }: { code: string }) {
  const invitation = useQuery({
    queryKey: ["invitation", code],
    queryFn: () => call<Invitation>(`/api/invitation/${encodeURIComponent(code)}`),
    staleTime: Infinity,
  });
  if (invitation.data) {
    const { role, organisation, account_kind } = invitation.data;
    const text = `You are invited as ${(roleName[role] ?? role).toLowerCase()}`;
    const at = /^[0-9a-f]{32}$/.test(organisation) ? "" : ` at ${organisation}`;
    return <SignUpSteps kind={account_kind} invitation={code} intro={`${text}${at}.`} />;
  }
  return (
    <Door>
      <div className="doorform">
        {invitation.isError ? (
          <>
            <h1>This invitation does not work</h1>
            <p className="lede">
              It was used already, has run out, or was mistyped. Ask the privacy officer for a new
              one.
            </p>
            <Link className="btn wide" href="/invitation">
              Type the code again
            </Link>
          </>
        ) : (
          <p role="status">Looking up your invitation …</p>
        )}
      </div>
    </Door>
  );
}

export function SignUpSteps({
  kind,
  invitation,
  intro,
}: {
  kind: "patient" | "staff";
  invitation: string | null;
  intro?: string;
}) {
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState<Draft>({
    displayName: "",
    name: "",
    password: "",
    second: true,
    code: "",
  });
  const [secrets, setSecrets] = useState<Secrets>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState<{ session: Session; receipt: Receipt }>();
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });

  const toFactor = async () => {
    setSecrets(await vault("beginSignUp", { name: draft.name.trim().toLowerCase(), kind }));
    setStep(2);
  };
  const finish = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setDone(
        await vault("finishSignUp", {
          password: draft.password,
          displayName: draft.displayName.trim(),
          invitation,
          code: draft.second ? draft.code : null,
        }),
      );
    } catch (failure) {
      setBusy(false);
      setError(errorText(failure));
      if (failure instanceof ApiError && failure.reason === "second-factor") setStep(2);
      if (failure instanceof ApiError && failure.status === 409) setStep(0);
    }
  };
  if (done) return <Welcome {...done} />;

  const common = { draft, change, error };
  return (
    <Door>
      <div className="doorform">
        <Steps names={names} now={step} />
        {intro && step === 0 ? <Notice icon="letter">{intro}</Notice> : null}
        {step === 0 ? <PersonStep {...common} kind={kind} next={() => setStep(1)} /> : null}
        {step === 1 ? (
          <PasswordStep
            {...common}
            kind={kind}
            next={() => void toFactor().catch((e: unknown) => setError(errorText(e)))}
            back={() => setStep(0)}
          />
        ) : null}
        {step === 2 && secrets ? (
          <FactorStep
            {...common}
            kind={kind}
            secrets={secrets}
            next={() => setStep(3)}
            back={() => setStep(1)}
          />
        ) : null}
        {step === 3 && secrets ? (
          <RecoveryStep
            secrets={secrets}
            error={error}
            busy={busy}
            finish={() => void finish()}
            back={() => setStep(2)}
          />
        ) : null}
        {step === 0 ? (
          <p className="meta">
            Have an account? <Link href="/signin">Sign in</Link>
            {kind === "patient" ? (
              <>
                {" · "}
                <Link href="/invitation">I have an invitation</Link>
              </>
            ) : null}
          </p>
        ) : null}
      </div>
    </Door>
  );
}

function Welcome({ session, receipt }: { session: Session; receipt: Receipt }) {
  const [, navigate] = useLocation();
  const home = homeOf(session, false);
  return (
    <Door>
      <div className="doorform">
        <header className="stack close">
          <h1>Welcome, {session.display_name}. Your account is in the log.</h1>
          <p className="lede">Only your public keys are there. No name, no password, no record.</p>
        </header>
        <LogEntryCard receipt={receipt} title="Your registration" />
        <button
          className="btn go wide"
          type="button"
          onClick={() => {
            addHome(home);
            navigate(firstPage[kindOf(home)], { replace: true });
          }}
        >
          Open my home
        </button>
      </div>
    </Door>
  );
}
