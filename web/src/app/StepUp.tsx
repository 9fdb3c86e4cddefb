import { useState, useSyncExternalStore, type FormEvent } from "react";
import { errorText, needsStepUp } from "../api/http";
import { Notice } from "../components/basics";
import { Dialog, PasswordField, TotpCode } from "../components/forms";
import { vault } from "../crypto/client";
import type { Home } from "./session";

// Sharing, stopping, inviting and exporting ask for a fresh proof that it is really you.

interface Asked {
  home: string;
  settle: (proved: boolean) => void;
}

let asked: Asked | null = null;
const listeners = new Set<() => void>();

function publish(next: Asked | null): void {
  asked = next;
  for (const listener of listeners) listener();
}

/** Runs `work`; when the node wants a fresh proof, asks for it and runs `work` once more. */
export async function withStepUp<T>(home: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!needsStepUp(error)) throw error;
    const proved = await new Promise<boolean>((settle) => publish({ home, settle }));
    if (!proved) throw new Error("Nothing was changed: the proof was not given.");
    return work();
  }
}

export function StepUpHost({ home }: { home: Home }) {
  const request = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
  if (!request || request.home !== home.home) return null;
  return <StepUpDialog home={home} request={request} />;
}

function StepUpDialog({ home, request }: { home: Home; request: Asked }) {
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const [byPassword, setByPassword] = useState(false);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const close = (proved: boolean) => {
    publish(null);
    request.settle(proved);
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await vault("stepUp", byPassword ? { home: home.home, password } : { home: home.home, code });
      close(true);
    } catch (failure) {
      setError(errorText(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog title="Is it really you?" open onClose={() => close(false)}>
      <form className="stack mid" onSubmit={(event) => void submit(event)}>
        <p>This changes who can open records, so it needs a fresh proof.</p>
        {byPassword ? (
          <PasswordField
            label="Password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        ) : (
          <TotpCode value={code} onChange={setCode} autoFocus />
        )}
        {error ? (
          <Notice tone="bad" role="alert">
            {error}
          </Notice>
        ) : null}
        <div className="acts">
          <button className="btn go" type="submit" disabled={busy}>
            Go on
          </button>
          <button className="btn" type="button" onClick={() => close(false)}>
            Cancel
          </button>
        </div>
        <button
          className="link asbtn"
          type="button"
          onClick={() => {
            setByPassword(!byPassword);
            setError(undefined);
          }}
        >
          {byPassword ? "Use a code instead" : "Use my password instead"}
        </button>
      </form>
    </Dialog>
  );
}
