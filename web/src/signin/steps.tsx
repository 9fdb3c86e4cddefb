import { useState, type FormEvent, type ReactNode } from "react";
import { Notice } from "../components/basics";
import { Field, PasswordField, Pick, TotpCode } from "../components/forms";
import { Icon } from "../components/icons";
import { QrCode } from "../components/QrCode";
import { lengthAlone, nameIsGood, passwordIsGood, passwordRules } from "./password";
import type { Draft, Secrets } from "./SignUp";

interface StepProps {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  error: string | undefined;
  kind: "patient" | "staff";
  next: () => void;
  back?: () => void;
}

function StepForm({
  title,
  lede,
  error,
  children,
  next,
  back,
  ready,
  label = "Go on",
}: {
  title: string;
  lede?: ReactNode;
  error: string | undefined;
  children: ReactNode;
  next: () => void;
  back?: (() => void) | undefined;
  ready: boolean;
  label?: string;
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) next();
  };
  return (
    <form onSubmit={submit}>
      <header className="stack close">
        <h1>{title}</h1>
        {lede ? <p className="lede">{lede}</p> : null}
      </header>
      {children}
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      <div className="acts">
        {back ? (
          <button className="btn" type="button" onClick={back}>
            Back
          </button>
        ) : null}
        <button className="btn go" type="submit" disabled={!ready}>
          {label}
        </button>
      </div>
    </form>
  );
}

export function PersonStep({ draft, change, error, kind, next }: StepProps) {
  const [left, setLeft] = useState(false);
  const good = nameIsGood(draft.name.trim());
  return (
    <StepForm
      title="Create an account"
      lede="Your keys are made on this device and stay yours."
      error={error}
      ready={good && draft.displayName.trim().length > 1}
      next={next}
    >
      <Field
        label="Your name"
        autoComplete="name"
        help={
          kind === "patient"
            ? "People you share with see it. The server keeps it, the log never does."
            : "Colleagues and patients see it when you open a record."
        }
        value={draft.displayName}
        onChange={(event) => change({ displayName: event.target.value })}
      />
      <Field
        label="Email or name to sign in with"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={draft.name}
        error={left && draft.name && !good ? "3 to 64 letters, digits, or . _ @ -" : undefined}
        onBlur={() => setLeft(true)}
        onChange={(event) => change({ name: event.target.value })}
      />
    </StepForm>
  );
}

export function PasswordStep({ draft, change, error, kind, next, back }: StepProps) {
  const rules = passwordRules(draft.password, draft.name, draft.second);
  return (
    <StepForm
      title="Choose a password"
      lede="A sentence works well. It never leaves this device."
      error={error}
      ready={passwordIsGood(draft.password, draft.name, draft.second)}
      next={next}
      back={back}
    >
      <PasswordField
        label="Password"
        autoComplete="new-password"
        autoFocus
        value={draft.password}
        onChange={(event) => change({ password: event.target.value })}
        help={
          <ul className="hint">
            {rules.map((rule, i) => (
              <li key={i} className={rule.met ? "yes" : undefined}>
                <Icon name={rule.met ? "check" : "info"} small />
                <span>
                  {rule.text}
                  {rule.met ? <span className="vh">, met</span> : null}
                </span>
              </li>
            ))}
          </ul>
        }
      />
      {kind === "patient" ? (
        <fieldset className="stack tight">
          <legend>Second proof when you sign in</legend>
          <div className="card rows picks">
            <Pick
              type="radio"
              name="second"
              checked={draft.second}
              onChange={() => change({ second: true })}
              title="A code from an app"
              meta="Safer. Your password may then be shorter."
            />
            <Pick
              type="radio"
              name="second"
              checked={!draft.second}
              onChange={() => change({ second: false, code: "" })}
              title="None"
              meta={`Your password then needs ${lengthAlone} characters.`}
            />
          </div>
        </fieldset>
      ) : null}
    </StepForm>
  );
}

export function FactorStep(props: StepProps & { secrets: Secrets }) {
  const { draft, change, error, next, back, secrets } = props;
  if (!draft.second) {
    return (
      <StepForm title="No second proof" error={error} ready next={next} back={back}>
        <p>You sign in with your password alone. You can add a code later in Settings.</p>
      </StepForm>
    );
  }
  return (
    <StepForm
      title="Add Salus to your authenticator app"
      error={error}
      ready={draft.code.length === 6}
      next={next}
      back={back}
    >
      <div className="twocol">
        <QrCode text={secrets.uri} label="QR code for your authenticator app" />
        <div className="stack tight">
          <p>Scan the picture, or type this key into the app:</p>
          <p className="keytext" data-testid="totp-secret">
            {secrets.secret.match(/.{1,4}/g)?.join(" ")}
          </p>
        </div>
      </div>
      <TotpCode
        value={draft.code}
        onChange={(code) => change({ code })}
        label="The code it shows now"
      />
    </StepForm>
  );
}

export function RecoveryStep({
  secrets,
  error,
  busy,
  finish,
  back,
  label = busy ? "Making your keys" : "Create my account",
}: {
  secrets: Secrets;
  error: string | undefined;
  busy: boolean;
  finish: () => void;
  back: () => void;
  label?: string;
}) {
  const [typed, setTyped] = useState("");
  const groups = secrets.recovery.split("-");
  const last = groups[groups.length - 1] ?? "";
  const fits = typed.trim().toUpperCase() === last;
  return (
    <StepForm
      title="Write down your recovery code"
      lede="It opens your records if you lose your phone or password. We cannot make another one."
      error={error}
      ready={fits && !busy}
      next={finish}
      back={back}
      label={label}
    >
      <p className="keytext" data-testid="recovery-code">
        {secrets.recovery}
      </p>
      <p className="meta note">
        <Icon name="info" small />
        <span>Keep it on paper, away from this device. Whoever has it can open your records.</span>
      </p>
      <Field
        label={`Type its last ${last.length} characters`}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        help="So that we know you have it."
      />
    </StepForm>
  );
}
