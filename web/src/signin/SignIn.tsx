import { useState, type FormEvent } from "react";
import { Link, useLocation } from "wouter";
import { ApiError, errorText } from "../api/http";
import { addHome, firstPage, homeOf, kindOf, removeHome, type Home } from "../app/session";
import { useTitle } from "../app/title";
import { Notice } from "../components/basics";
import { NameField, PasswordField, TotpCode } from "../components/forms";
import { vault } from "../crypto/client";
import { Door } from "./Door";

/** Name and password first; the code is asked for only when the account has one. */
export function SignIn({ again, demoError }: { again?: Home; demoError?: string | undefined }) {
  useTitle("Sign in");
  const [name, setName] = useState(again?.name ?? "");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [askCode, setAskCode] = useState(false);
  const [error, setError] = useState<string | undefined>(demoError);
  const [busy, setBusy] = useState(false);
  const [, navigate] = useLocation();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    setBusy(true);
    try {
      const { session } = await vault("signIn", {
        name: name.trim(),
        password,
        code: code || null,
      });
      const home = homeOf(session, false);
      if (again && again.home !== home.home) removeHome(again.home);
      addHome(home);
      if (!again) navigate(firstPage[kindOf(home)], { replace: true });
      else location.reload();
    } catch (failure) {
      setBusy(false);
      const wantsCode = failure instanceof ApiError && failure.reason === "second-factor";
      if (wantsCode && !askCode) setAskCode(true);
      else if (wantsCode) setError("That code does not fit. Wait for the next one and try again.");
      else if (failure instanceof ApiError && failure.status === 401) {
        setError("Name, password or code do not fit. Nothing was opened.");
      } else setError(errorText(failure));
    }
  };

  return (
    <Door>
      <form aria-labelledby="si" onSubmit={(event) => void submit(event)}>
        <h1 id="si">{again ? "Sign in again" : "Sign in"}</h1>
        {again ? (
          <p className="lede">
            Your keys were removed from this browser. Sign in to open your records again.
          </p>
        ) : null}
        <NameField value={name} onChange={setName} />
        <PasswordField
          label="Password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {askCode ? <TotpCode value={code} onChange={setCode} autoFocus /> : null}
        {error ? (
          <Notice tone="bad" role="alert">
            {error}
          </Notice>
        ) : null}
        <button className={busy ? "btn busy wide" : "btn go wide"} type="submit" disabled={busy}>
          {busy ? "Unlocking your keys" : askCode ? "Sign in" : "Go on"}
        </button>
        <div className="row between">
          <Link className="link" href="/recover">
            I lost my phone or password
          </Link>
          <Link className="link" href="/signup">
            Create an account
          </Link>
        </div>
      </form>
    </Door>
  );
}
