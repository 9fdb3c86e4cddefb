import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { call, errorText } from "../../api/http";
import type { InvitationRow, Person } from "../../api/types";
import { useStatus } from "../../api/queries";
import { dateShort } from "../../app/format";
import { roleName, useHome } from "../../app/session";
import { withStepUp } from "../../app/StepUp";
import { useTitle } from "../../app/title";
import { Notice, Skeleton, StatusPill } from "../../components/basics";
import { DataTable } from "../../components/DataTable";
import { Field, Select } from "../../components/forms";
import { Icon } from "../../components/icons";
import { vault } from "../../crypto/client";

const roles = ["clinician", "steward", "laboratory", "researcher", "officer"];
const inYears = (years: number): string => {
  const end = new Date();
  end.setFullYear(end.getFullYear() + years);
  return end.toISOString().slice(0, 10);
};

export function Staff() {
  useTitle("Staff");
  const home = useHome();
  const invitations = useQuery({
    queryKey: [home.home, "invitations"],
    queryFn: () => call<{ invitations: InvitationRow[] }>("/api/invitations", { home: home.home }),
    select: (data) => data.invitations,
  });
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>Invite staff</h1>
          <p className="meta">
            A role is a credential you issue. It ends by itself on its last day.
          </p>
        </div>
      </div>
      <div className="cols staffgrid">
        <Invite />
        <section className="card panel" aria-labelledby="inv">
          <header>
            <h2 id="inv">Invitations so far</h2>
          </header>
          {invitations.data ? (
            <DataTable
              caption="Invitations"
              rows={invitations.data}
              rowKey={(row) => row.code_hint + row.display_name}
              columns={[
                {
                  id: "who",
                  header: "For",
                  text: (r) => r.display_name,
                  cell: (r) => r.display_name,
                },
                {
                  id: "role",
                  header: "Role",
                  text: (r) => r.role,
                  cell: (r) => roleName[r.role] ?? r.role,
                },
                {
                  id: "code",
                  header: "Code",
                  mono: true,
                  text: (r) => r.code_hint,
                  cell: (r) => r.code_hint,
                },
                {
                  id: "until",
                  header: "Until",
                  num: true,
                  text: (r) => r.expires,
                  cell: (r) => dateShort(r.expires),
                },
                {
                  id: "used",
                  header: "State",
                  text: (r) => (r.used ? "used" : "waiting"),
                  cell: (r) =>
                    r.used ? (
                      <StatusPill icon="check">Used</StatusPill>
                    ) : (
                      <StatusPill tone="acc" icon="clock">
                        Waiting
                      </StatusPill>
                    ),
                },
              ]}
            />
          ) : (
            <Skeleton lines={3} />
          )}
        </section>
        <OrganisationKey />
        <Readmission />
      </div>
    </div>
  );
}

function Invite() {
  const home = useHome();
  const queries = useQueryClient();
  const [role, setRole] = useState("clinician");
  const [name, setName] = useState("");
  const [licence, setLicence] = useState("");
  const [until, setUntil] = useState(inYears(1));
  const [code, setCode] = useState<string>();
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    setCode(undefined);
    const json = {
      role,
      display_name: name.trim(),
      licence: licence.trim(),
      expires: Date.parse(until),
    };
    try {
      const answer = await withStepUp(home.home, () =>
        call<{ code: string }>("/api/invitations", { home: home.home, json }),
      );
      setCode(answer.code);
      setName("");
      await queries.invalidateQueries({ queryKey: [home.home, "invitations"] });
    } catch (failure) {
      setError(errorText(failure));
    }
  };
  return (
    <form
      className="card pad stack"
      onSubmit={(event) => void submit(event)}
      aria-label="New invitation"
    >
      <Field
        label="Name"
        autoComplete="off"
        value={name}
        onChange={(e) => setName(e.target.value)}
      />
      <Select
        label="Role"
        value={role}
        onChange={setRole}
        options={roles.map((key) => ({ value: key, label: roleName[key] ?? key }))}
      />
      <Field
        label="Licence number (may stay empty)"
        autoComplete="off"
        value={licence}
        onChange={(e) => setLicence(e.target.value)}
        help="The log gets a sealed note of it, never the number."
      />
      <Field
        label="Last day"
        type="date"
        value={until}
        onChange={(e) => setUntil(e.target.value)}
      />
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      <div className="acts">
        <button className="btn go" type="submit" disabled={name.trim().length < 2}>
          <Icon name="plus" small />
          Make an invitation
        </button>
      </div>
      {code ? (
        <div className="stack tight" role="status">
          <p>
            <b>Give them this code, in person or by phone.</b> It is shown once.
          </p>
          <p className="keytext" data-testid="invitation-code">
            {code}
          </p>
          <p className="meta wrapany">
            They use it at {location.origin}/invitation/{code}
          </p>
        </div>
      ) : null}
    </form>
  );
}

/**
 * A member who lost password and phone: their recovery code alone is not enough until an officer,
 * who has seen them, says so.
 */
function Readmission() {
  const home = useHome();
  const people = useQuery({
    queryKey: [home.home, "directory"],
    queryFn: () => call<{ people: Person[] }>("/api/directory?q=", { home: home.home }),
    select: (data) =>
      data.people.filter((one) => one.kind === "staff" && one.account !== home.account),
  });
  const [member, setMember] = useState("");
  const [done, setDone] = useState<string>();
  const [error, setError] = useState<string>();
  const list = people.data ?? [];
  const chosen = list.find((one) => one.account === member) ?? list[0];
  if (!chosen) return null;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    setDone(undefined);
    try {
      await withStepUp(home.home, () =>
        call("/api/readmissions", { home: home.home, json: { account: chosen.account } }),
      );
      setDone(chosen.display_name);
    } catch (failure) {
      setError(errorText(failure));
    }
  };
  return (
    <form
      className="card pad stack wholerow"
      aria-labelledby="readmit"
      onSubmit={(event) => void submit(event)}
    >
      <h2 id="readmit">Somebody lost phone and password</h2>
      <p>
        When you have seen the person, let their recovery code stand for both. It holds for a day
        and for one recovery; you do not learn the code.
      </p>
      <Select
        label="Member"
        value={chosen.account}
        onChange={setMember}
        options={list.map((one) => ({ value: one.account, label: one.display_name }))}
      />
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      {done ? (
        <Notice tone="ok" role="status">
          {done} can now come back by the recovery code.
        </Notice>
      ) : null}
      <div className="acts">
        <button className="btn" type="submit">
          <Icon name="key" small />
          Allow it for a day
        </button>
      </div>
    </form>
  );
}

/**
 * Members need the organisation's key to open what a patient shares with the whole organisation.
 */
function OrganisationKey() {
  const home = useHome();
  const status = useStatus();
  const queries = useQueryClient();
  const pending = useQuery({
    queryKey: [home.home, "organisation-pending"],
    queryFn: () =>
      call<{ members: { account: string; display_name: string }[] }>("/api/organisation/pending", {
        home: home.home,
      }),
    select: (data) => data.members,
  });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const waiting = pending.data ?? [];
  const has = Boolean(status.data?.organisation?.kem);
  const give = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await withStepUp(home.home, () => vault("giveOrganisationKey", { home: home.home }));
      await queries.invalidateQueries();
    } catch (failure) {
      setError(errorText(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="card pad stack wholerow" aria-labelledby="ok">
      <h2 id="ok">The organisation’s key</h2>
      <p>
        {has
          ? "Patients can share with the whole organisation. Its key is sealed to each member."
          : "Patients cannot share with the whole organisation yet. Make its key once."}
      </p>
      {waiting.length > 0 ? (
        <p className="meta">
          Waiting for it: {waiting.map((member) => member.display_name).join(", ")}
        </p>
      ) : null}
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      {!has || waiting.length > 0 ? (
        <div className="acts">
          <button className="btn" type="button" disabled={busy} onClick={() => void give()}>
            <Icon name="key" small />
            {has ? `Seal it to ${waiting.length} more` : "Make the key"}
          </button>
        </div>
      ) : (
        <p className="meta note">
          <Icon name="check" small />
          <span>Every member has it.</span>
        </p>
      )}
    </section>
  );
}
