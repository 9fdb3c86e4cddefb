import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/http";
import type { Person } from "../../api/types";
import { dateShort } from "../../app/format";
import { roleName, useHome } from "../../app/session";
import { Face } from "../../components/basics";
import { purposes } from "../../components/ConsentSentence";
import { Field, Pick, Search } from "../../components/forms";
import { Icon } from "../../components/icons";
import { inDays, lengths } from "../shared/asking";

// What every sharing asks: who, until when, for what.

const endOfDay = (date: Date): number => date.setHours(23, 59, 59, 0);

/** A minute ago, so that a clock that runs ahead does not make the first opening too early. */
export const fromNow = (): number => Date.now() - 60_000;

const rolesOf = (person: Person): string[] =>
  person.roles.map((role) => (typeof role === "string" ? role : role.role));

/** Whoever is a laboratory and treats nobody adds results and reads none. */
export const addsOnly = (person: Person | null): boolean =>
  person !== null &&
  rolesOf(person).includes("laboratory") &&
  !rolesOf(person).includes("clinician");

/** Those who treat come first. */
function byCare(a: Person, b: Person): number {
  const rank = (person: Person): number => {
    if (person.kind === "organisation") return 1;
    return rolesOf(person).includes("clinician") ? 0 : 2;
  };
  return rank(a) - rank(b) || a.display_name.localeCompare(b.display_name);
}

function describe(person: Person): string {
  if (person.kind === "organisation") return "Everybody there who has its key";
  const first = roleName[rolesOf(person)[0] ?? ""];
  return [first, person.organisation_name].filter(Boolean).join(", ");
}

export function WhoPicks({
  who,
  onChange,
  readersOnly,
}: {
  who: Person | null;
  onChange: (person: Person) => void;
  /** Leaves out those who may only add. */
  readersOnly?: boolean;
}) {
  const home = useHome();
  const [query, setQuery] = useState("");
  const people = useQuery({
    queryKey: [home.home, "directory", query],
    queryFn: () =>
      call<{ people: Person[] }>(`/api/directory?q=${encodeURIComponent(query)}&kind=`, {
        home: home.home,
      }),
    select: (data) => data.people.filter((one) => one.kem !== null).sort(byCare),
    placeholderData: (before) => before,
  });
  const shown = (people.data ?? []).filter((one) => !readersOnly || !addsOnly(one));
  return (
    <>
      <Search
        label="Search for a person or an organisation"
        placeholder="A name"
        value={query}
        onChange={setQuery}
      />
      {people.data && shown.length === 0 ? (
        <p className="lede">
          Nobody of that name is known here. Staff and organisations are listed.
        </p>
      ) : null}
      <ul className="card rows picks">
        {shown.slice(0, 12).map((person) => (
          <li key={person.account}>
            <Pick
              type="radio"
              name="who"
              checked={who?.account === person.account}
              onChange={() => onChange(person)}
              title={person.display_name}
              meta={describe(person)}
              end={
                <Face
                  name={person.display_name}
                  kind={person.kind === "organisation" ? "org" : "person"}
                />
              }
            />
          </li>
        ))}
      </ul>
      {who?.kind === "organisation" ? (
        <p className="meta note">
          <Icon name="info" small />
          <span>
            Its privacy officer gives the key to members, also to those who come later. Your
            activity names each person who opens something.
          </span>
        </p>
      ) : null}
    </>
  );
}

export function UntilPicks({
  onChange,
  asked,
}: {
  onChange: (until: number | null) => void;
  /** The length that was asked for, chosen at first. */
  asked?: number | undefined;
}) {
  const [choice, setChoice] = useState(asked ? String(asked) : "");
  return (
    <>
      <fieldset>
        <legend>Until when</legend>
        <ul className="card rows picks">
          {lengths.map((one) => (
            <li key={one.key}>
              <Pick
                type="radio"
                name="until"
                checked={choice === one.key}
                onChange={() => {
                  setChoice(one.key);
                  onChange(inDays(one.days));
                }}
                title={one.name}
                meta={`until ${dateShort(inDays(one.days))}`}
              />
            </li>
          ))}
        </ul>
      </fieldset>
      <Field
        label="Or a day of your own"
        type="date"
        min={new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}
        onChange={(event) => {
          setChoice("");
          const day = event.target.valueAsDate;
          onChange(day ? endOfDay(new Date(day)) : null);
        }}
      />
    </>
  );
}

export function PurposePicks({
  purpose,
  onChange,
}: {
  purpose: string;
  onChange: (purpose: string) => void;
}) {
  return (
    <fieldset>
      <legend>For what</legend>
      <ul className="card rows picks">
        {purposes.map((one) => (
          <li key={one.key}>
            <Pick
              type="radio"
              name="purpose"
              checked={purpose === one.key}
              onChange={() => onChange(one.key)}
              title={one.title}
            />
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
