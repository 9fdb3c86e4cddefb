import type { ReactNode } from "react";
import type { Opening } from "../../api/types";
import { friendlyTime, listOf, number, plural, timeOfDay } from "../../app/format";
import { categoryOf, type Entry } from "../../app/health";
import { roleName, useHome } from "../../app/session";
import { Face, StatusPill } from "../../components/basics";
import { Icon } from "../../components/icons";
import type { Proof } from "../../components/ProofDrawer";

// One sentence a row: who did what, and why.

export const isRefused = (opening: Opening): boolean =>
  opening.decision === 0 || opening.decision === "deny";
export const isEmergency = (opening: Opening): boolean => opening.purpose === "ETREAT";

const purposeWords: Record<string, string> = {
  TREAT: "to treat you",
  ETREAT: "in an emergency",
  HRESCH: "for research",
  HPAYMT: "for billing",
  PATRQT: "",
};

const refusalWords: Record<string, string> = {
  "consent-none": "you have not shared them",
  "consent-revoked": "you stopped sharing them",
  "consent-expired": "the sharing has ended",
  "consent-denied": "you forbade it",
  held: "an officer paused their access",
  "1": "you have not shared them",
  "2": "you forbade it",
  "3": "you stopped sharing them",
  "4": "the sharing has ended",
};

/** "3 blood results", "2 blood results and 1 note": in the patient's own words for them. */
export function whatOf(records: string[], entries: Entry[]): string {
  const counts = new Map<string, number>();
  for (const id of records) {
    const entry = entries.find((one) => one.view.record === id);
    const key = entry ? entry.view.category : "other";
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const words = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([key, count]) => {
      if (key === "other") return plural(count, "record");
      const look = categoryOf(key);
      return plural(count, look.one, look.phrase);
    });
  return listOf(words);
}

export function whoOf(opening: Opening): string {
  return opening.own ? "You" : (opening.actor.display_name ?? "Somebody");
}

/**
 * Why it was allowed, said to the patient: the node's own words speak of them in the third person.
 */
function allowedBy(explanation: Opening["explanation"]): string {
  if (!explanation) return "";
  if (explanation.kind === "consent") return "Your sharing allowed it.";
  if (explanation.kind === "author") return "They had added it themselves.";
  return sentence(explanation.text);
}

export function openingText(opening: Opening, entries: Entry[], times = 1): ReactNode {
  const what = <b>{whatOf(opening.records, entries)}</b>;
  if (opening.own) {
    return (
      <>
        <b>You</b> opened {what}.
      </>
    );
  }
  const who = <b>{whoOf(opening)}</b>;
  if (isRefused(opening)) {
    const why = refusalWords[String(opening.reason)] ?? "you have not shared them";
    return (
      <>
        {who} tried{times > 1 ? ` ${number(times)} times` : ""} to open {what} and was{" "}
        <b>refused</b>: {why}.
      </>
    );
  }
  const purpose = purposeWords[opening.purpose] ?? "";
  const why = allowedBy(opening.explanation);
  return (
    <>
      {who} opened {what}
      {purpose ? ` ${purpose}` : ""}.{why ? ` ${why}` : ""}
    </>
  );
}

const sentence = (text: string): string => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
};

export function OpeningRow({
  opening,
  entries,
  dated,
  current,
  times = 1,
  onProof,
}: {
  opening: Opening;
  entries: Entry[];
  /** How many alike this row stands for, the newest of them being `opening`. */
  times?: number;
  dated: boolean;
  current?: boolean;
  onProof: () => void;
}) {
  const roles = opening.actor.roles.map((role) => (typeof role === "string" ? role : role.role));
  const where = opening.own
    ? "in this browser or another of yours"
    : [roleName[roles[0] ?? ""], opening.actor.organisation_name].filter(Boolean).join(", ");
  const time = dated ? friendlyTime(opening.time) : timeOfDay(opening.time);
  const home = useHome();
  return (
    <li className="say" aria-current={current ? "true" : undefined}>
      <Face
        name={opening.own ? home.displayName : whoOf(opening)}
        kind={opening.own ? "you" : "person"}
      />
      <div className="txt">
        <p>{openingText(opening, entries, times)}</p>
        <p className="meta">{[time, where].filter(Boolean).join(" · ")}</p>
        {isRefused(opening) ? (
          <StatusPill tone="bad" icon="ban">
            Refused
          </StatusPill>
        ) : null}
        {!opening.own && !isRefused(opening) && opening.explanation === null ? (
          <StatusPill tone="warn" icon="info">
            No reason found yet
          </StatusPill>
        ) : null}
      </div>
      <button
        className="link asbtn"
        type="button"
        aria-expanded={current ?? false}
        onClick={onProof}
      >
        <Icon name="proof" small /> Proof
      </button>
    </li>
  );
}

export function openingProof(home: string, opening: Opening): Proof {
  const who = whoOf(opening);
  const before = opening.own ? "Before it was shown to you" : `Before anything was shown to ${who}`;
  return {
    sealed: opening.anchored ? { height: opening.anchored.height } : null,
    trail: [
      {
        icon: "proof",
        time: opening.time,
        text: isRefused(opening)
          ? "The attempt was written down."
          : "The opening was written down.",
        meta: isRefused(opening) ? "Nothing was shown" : before,
      },
      ...(opening.anchored
        ? [
            {
              icon: "lock" as const,
              time: null,
              text: "Sealed in the log.",
              meta: "It can no longer be changed unseen",
            },
          ]
        : []),
    ],
    source: {
      home,
      path: `/api/feed/${opening.sequence}/proof`,
      fileName: `salus-opening-${opening.sequence}.receipt`,
    },
    facts: [
      ["Receipt", opening.sequence],
      ["Purpose", opening.purpose],
      ["Records", opening.records.length],
      ...(opening.anchored
        ? ([["Transaction", <span className="mono">{opening.anchored.tx}</span>]] as [
            string,
            ReactNode,
          ][])
        : []),
    ],
  };
}
