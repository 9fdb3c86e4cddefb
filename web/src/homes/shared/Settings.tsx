import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { call, errorText } from "../../api/http";
import { useSessions, useSlots } from "../../api/queries";
import { dateShort, friendlyTime } from "../../app/format";
import { useHome } from "../../app/session";
import { useLock } from "../../app/Shell";
import { withStepUp } from "../../app/StepUp";
import { chooseTheme, themeNow, type Theme } from "../../app/theme";
import { useTitle } from "../../app/title";
import { Notice, Segmented, Skeleton, StatusPill } from "../../components/basics";
import { PasswordField } from "../../components/forms";
import { Icon } from "../../components/icons";
import { vault } from "../../crypto/client";
import { passwordIsGood, passwordRules } from "../../signin/password";

export function Settings() {
  useTitle("Settings");
  const home = useHome();
  const lock = useLock(home);
  const [theme, setTheme] = useState<Theme>(themeNow());
  return (
    <div className="wrap stack">
      <h1>Settings</h1>
      <section className="stack tight" aria-labelledby="se-ses">
        <h2 id="se-ses">Where you are signed in</h2>
        <Sessions />
      </section>
      <section className="stack tight" aria-labelledby="se-pw">
        <h2 id="se-pw">Password</h2>
        <ChangePassword />
      </section>
      <section className="stack tight" aria-labelledby="se-rec">
        <h2 id="se-rec">Recovery</h2>
        <Recovery />
      </section>
      <section className="stack tight" aria-labelledby="se-look">
        <h2 id="se-look">How it looks</h2>
        <div>
          <Segmented
            label="Colours"
            value={theme}
            options={[
              { value: "system", label: "As the system" },
              { value: "light", label: "Light" },
              { value: "dark", label: "Dark" },
            ]}
            onChange={(next) => {
              setTheme(next);
              chooseTheme(next);
            }}
          />
        </div>
      </section>
      <section className="stack tight" aria-labelledby="se-lock">
        <h2 id="se-lock">Lock</h2>
        <p>
          Locking removes your keys from this browser and ends the session. Salus also locks itself
          after {home.kind === "patient" ? "an hour" : "15 minutes"} without use.
        </p>
        <div className="acts">
          <button className="btn" type="button" onClick={() => void lock()}>
            <Icon name="lock" />
            Lock now
          </button>
        </div>
      </section>
    </div>
  );
}

function Sessions() {
  const home = useHome();
  const sessions = useSessions();
  const queries = useQueryClient();
  const [error, setError] = useState<string>();
  const end = async (id: string) => {
    try {
      await call(`/api/sessions/${id}`, { home: home.home, method: "DELETE" });
      await queries.invalidateQueries({ queryKey: [home.home, "sessions"] });
    } catch (failure) {
      setError(errorText(failure));
    }
  };
  if (!sessions.data) return <Skeleton lines={2} />;
  return (
    <>
      <ul className="card rows">
        {sessions.data.map((session) => (
          <li key={session.id} className="rowlink">
            <span className="ic">
              <Icon name="phone" />
            </span>
            <div className="grow">
              <b>{device(session.user_agent)}</b>
              <p className="meta">Last used {friendlyTime(session.last)}</p>
            </div>
            {session.current ? (
              <StatusPill tone="acc" icon="check">
                This one
              </StatusPill>
            ) : (
              <button className="btn" type="button" onClick={() => void end(session.id)}>
                Sign out
              </button>
            )}
          </li>
        ))}
      </ul>
      {error ? <Notice tone="bad">{error}</Notice> : null}
    </>
  );
}

/** "Chrome on Linux" out of a user agent text; the text itself when it is none. */
function device(agent: string): string {
  const browser = /(Edg|Firefox|Chrome|Safari)\//.exec(agent)?.[1]?.replace("Edg", "Edge");
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1];
  if (!browser) return agent.slice(0, 60) || "Unknown device";
  return system ? `${browser} on ${system.replace(" OS X", "")}` : browser;
}

const slotNames: Record<string, string> = {
  password: "Password",
  recovery: "Recovery code",
  passkey: "Passkey",
  demo: "Demo link",
};

/** The ways to unlock the keys, and a new recovery code in place of a lost or shown one. */
function Recovery() {
  const home = useHome();
  const slots = useSlots();
  const queries = useQueryClient();
  const [code, setCode] = useState<string>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const renew = async () => {
    setError(undefined);
    setBusy(true);
    try {
      const made = await withStepUp(home.home, () => vault("newRecoveryCode", { home: home.home }));
      setCode(made.recovery);
      await queries.invalidateQueries({ queryKey: [home.home, "slots"] });
    } catch (failure) {
      setError(errorText(failure));
    }
    setBusy(false);
  };
  return (
    <div className="card pad stack mid">
      <p>
        These open your keys. Your recovery code does so when you lose your phone or password; it is
        shown once, and nobody, not even this server, can show it again.
      </p>
      {slots.data ? (
        <ul className="stack tight" aria-label="Ways to unlock">
          {slots.data.map((slot) => (
            <li key={slot.id} className="row between">
              <b>{slotNames[slot.type] ?? slot.type}</b>
              <span className="meta">made {dateShort(slot.created)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <Skeleton lines={2} />
      )}
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      {code ? (
        <div className="stack tight" role="status">
          <p>
            <b>Write this down now.</b> The code before it opens nothing any more.
          </p>
          <p className="keytext" data-testid="recovery-code">
            {code}
          </p>
          <div className="acts">
            <button className="btn" type="button" onClick={() => setCode(undefined)}>
              I wrote it down
            </button>
          </div>
        </div>
      ) : (
        <div className="acts">
          <button className="btn" type="button" disabled={busy} onClick={() => void renew()}>
            Make a new recovery code
          </button>
        </div>
      )}
    </div>
  );
}

function ChangePassword() {
  const home = useHome();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string>();
  const [done, setDone] = useState(false);
  const second = home.kind === "staff";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      await withStepUp(home.home, () => vault("changePassword", { home: home.home, password }));
      await queries.invalidateQueries({ queryKey: [home.home, "slots"] });
      setDone(true);
      setOpen(false);
      setPassword("");
    } catch (failure) {
      setError(errorText(failure));
    }
  };
  return (
    <div className="card pad stack mid">
      {done ? (
        <Notice tone="ok" role="status">
          Your password was changed. The old one opens nothing any more.
        </Notice>
      ) : null}
      {open ? (
        <form className="stack mid" onSubmit={(event) => void submit(event)}>
          <PasswordField
            label="New password"
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            help={passwordRules(password, home.name, second)
              .map((rule) => rule.text)
              .join("; ")}
          />
          {error ? (
            <Notice tone="bad" role="alert">
              {error}
            </Notice>
          ) : null}
          <div className="acts">
            <button
              className="btn go"
              type="submit"
              disabled={!passwordIsGood(password, home.name, second)}
            >
              Change it
            </button>
            <button className="btn" type="button" onClick={() => setOpen(false)}>
              Cancel
            </button>
          </div>
        </form>
      ) : (
        <div className="row between">
          <p>Your password never leaves this device. Changing it keeps your records as they are.</p>
          <button className="btn" type="button" onClick={() => setOpen(true)}>
            Change password
          </button>
        </div>
      )}
    </div>
  );
}
