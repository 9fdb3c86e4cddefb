import { Fragment } from "react";
import { listOf } from "../app/format";
import { Icon } from "./icons";

// One generator for the sentence that is shown, signed and kept: what will be true. The text is
// that of the command line (src/client/sentence.cpp), character for character.

export interface ConsentParts {
  kind: "person" | "organisation";
  who: string;
  /** Names of the collections, as their owner calls them; or one record's words. */
  what: string[];
  purpose: string;
  from: number;
  until: number | null;
  /** The right to add, which reads nothing. */
  adds?: boolean;
}

export const purposes: { key: string; title: string }[] = [
  { key: "TREAT", title: "Treatment" },
  { key: "HRESCH", title: "Medical research" },
  { key: "HPAYMT", title: "Billing" },
];

const purposeWords: Record<string, string> = {
  TREAT: "treatment",
  ETREAT: "emergency treatment",
  HRESCH: "medical research",
  HPAYMT: "billing",
  PATRQT: "a request of mine",
  HOPERAT: "running the hospital",
};

export const purposeWord = (key: string): string => purposeWords[key] ?? key;

const utcDay = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

type Piece = { text: string; mark?: boolean; blank?: boolean };

function pieces(parts: ConsentParts): Piece[] {
  const what: Piece[] = parts.what.length
    ? [{ text: listOf(parts.what), mark: true }]
    : [{ text: "records I choose", blank: true }];
  const until: Piece = parts.until
    ? { text: utcDay.format(parts.until), mark: true }
    : { text: "a day I choose next", blank: true };
  // Both hold: the node lets members in only, and only the key opens.
  const who =
    parts.kind === "organisation" ? `Everybody at ${parts.who} who has its key` : parts.who;
  return [
    { text: who, mark: true },
    { text: parts.adds ? " may add to my " : " may open my " },
    ...what,
    { text: ` for ${purposeWord(parts.purpose)}, from ${utcDay.format(parts.from)} until ` },
    until,
    { text: parts.adds ? ` (UTC). ${who} may not read my records.` : " (UTC)." },
  ];
}

/** One record among the `what` of a sentence. */
export const recordWords = (title: string, at: number): string =>
  `single record “${title}” of ${utcDay.format(at)}`;

/** The plain text, as it is hashed into the transaction and kept. */
export const consentText = (parts: ConsentParts): string =>
  pieces(parts)
    .map((piece) => piece.text)
    .join("");

export function ConsentSentence({ parts }: { parts: ConsentParts }) {
  return (
    <p className="consent">
      {pieces(parts).map((piece, i) =>
        piece.mark ? (
          <mark key={i}>{piece.text}</mark>
        ) : piece.blank ? (
          <span key={i} className="blank">
            {piece.text}
          </span>
        ) : (
          <Fragment key={i}>{piece.text}</Fragment>
        ),
      )}
    </p>
  );
}

export interface Change {
  kind: "added" | "removed" | "closed";
  text: string;
}

const changeLook = {
  added: { icon: "plus", label: "Added", className: "add" },
  removed: { icon: "cross", label: "Removed", className: "not" },
  closed: { icon: "ban", label: "Not open", className: "not" },
} as const;

export function ChangeList({ changes }: { changes: Change[] }) {
  return (
    <ul className="diff">
      {changes.map((change) => {
        const look = changeLook[change.kind];
        return (
          <li key={change.kind + change.text} className={look.className}>
            <Icon name={look.icon} small />
            <b>{look.label}</b>
            <span>{change.text}</span>
          </li>
        );
      })}
    </ul>
  );
}
