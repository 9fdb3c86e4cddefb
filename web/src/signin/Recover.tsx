import { useState, type FormEvent } from "react";
import { Link, useLocation } from "wouter";
import { ApiError, errorText } from "../api/http";
import { addHome, firstPage, homeOf, kindOf } from "../app/session";
import { useTitle } from "../app/title";
import { Notice, Steps } from "../components/basics";
import { Field, NameField, TotpCode } from "../components/forms";
import { Icon } from "../components/icons";
import { vault } from "../crypto/client";
import { Door } from "./Door";
import type { Draft } from "./SignUp";
import { FactorStep, PasswordStep, RecoveryStep } from "./steps";

interface Begun {
  kind: "patient" | "staff";
  secondFactor: boolean;
  uri: string;
  secret: string;
  recovery: string;
}

const names = ["Code", "Password", "App", "New code"];

/** Password and device are lost: the recovery code opens the keys, and everything else is new. */
export default function Recover() {
  useTitle("Lost phone or password");
  const [step, setStep] = useState(0);
  const [begun, setBegun] = useState<Begun>();
  const [draft, setDraft] = useState<Draft>(empty);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [, navigate] = useLocation();
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const go = (to: number) => {
    setError(undefined);
    setStep(to);
  };

  const opened = (name: string, answer: Begun) => {
    setBegun(answer);
    setDraft({ ...empty, name, second: answer.secondFactor });
    go(1);
  };
  const finish = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const totp = draft.second ? draft.code : null;
      const { session } = await vault("finishRecovery", { password: draft.password, totp });
      const home = homeOf(session, false);
      addHome(home);
      navigate(firstPage[kindOf(home)], { replace: true });
    } catch (failure) {
      setBusy(false);
      setError(errorText(failure));
      if (failure instanceof ApiError && failure.status === 401 && draft.second) setStep(2);
    }
  };

  const common = { draft, change, error };
  return (
    <Door>
      <div className="doorform">
        <Steps names={names} now={step} />
        {step === 0 ? <CodeStep done={opened} /> : null}
        {step === 1 && begun ? (
          <PasswordStep
            {...common}
            kind={begun.secondFactor ? "staff" : "patient"}
            next={() => go(2)}
          />
        ) : null}
        {step === 2 && begun ? (
          <FactorStep
            {...common}
            kind={begun.kind}
            secrets={{ ...begun, organisation: "" }}
            next={() => go(3)}
            back={() => go(1)}
          />
        ) : null}
        {step === 3 && begun ? (
          <RecoveryStep
            secrets={{ ...begun, organisation: "" }}
            error={error}
            busy={busy}
            finish={() => void finish()}
            back={() => go(2)}
            label={busy ? "Sealing your keys" : "Open my home"}
          />
        ) : null}
        <Link className="link" href="/signin">
          Back to sign in
        </Link>
      </div>
    </Door>
  );
}

const empty: Draft = { displayName: "", name: "", password: "", second: true, code: "" };

function CodeStep({ done }: { done: (name: string, answer: Begun) => void }) {
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [totp, setTotp] = useState("");
  const [askTotp, setAskTotp] = useState(false);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    setBusy(true);
    const given = name.trim().toLowerCase();
    try {
      done(given, await vault("beginRecovery", { name: given, code, totp: totp || null }));
    } catch (failure) {
      setBusy(false);
      const wantsCode = failure instanceof ApiError && failure.reason === "second-factor";
      if (wantsCode && !askTotp) setAskTotp(true);
      else if (wantsCode) setError("That code does not fit. Wait for the next one and try again.");
      else if (failure instanceof ApiError && failure.status === 401) {
        setError("Name or recovery code do not fit. Nothing was opened.");
      } else setError(errorText(failure));
    }
  };
  return (
    <form aria-labelledby="re" onSubmit={(event) => void submit(event)}>
      <header className="stack close">
        <h1 id="re">Lost phone or password</h1>
        <p className="lede">
          Your records are safe. The recovery code you wrote down opens them again.
        </p>
      </header>
      <NameField value={name} onChange={setName} />
      <Field
        label="Recovery code"
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        required
        value={code}
        onChange={(event) => setCode(event.target.value)}
        help="Nine groups of three. Capitals, blanks and hyphens do not matter."
      />
      {askTotp ? (
        <>
          <TotpCode value={totp} onChange={setTotp} autoFocus />
          <p className="meta note">
            <Icon name="info" small />
            <span>
              Lost the app too? Staff then need a privacy officer, who can let the recovery code
              stand for it for a day.
            </span>
          </p>
        </>
      ) : null}
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      <button className={busy ? "btn busy wide" : "btn go wide"} type="submit" disabled={busy}>
        {busy ? "Opening your keys" : "Go on"}
      </button>
      <p className="meta">
        No recovery code either? Nobody can open these records, not even your clinic; it can start a
        new account for you.
      </p>
    </form>
  );
}
