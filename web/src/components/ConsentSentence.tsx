import { Fragment } from "react";
import { date, listOf } from "../app/format";
import { Icon } from "./icons";

// One generator for the sentence that is shown, signed and kept: what will be true.

export interface ConsentParts {
  who: string;
  at?: string | undefined;
  what: string[];
  purpose: string;
  until: number | null;
}

export const purposes: { key: string; phrase: string; title: string }[] = [
  { key: "TREAT", phrase: "to treat you", title: "To treat me" },
  { key: "HRESCH", phrase: "for research", title: "For research" },
  { key: "HPAYMT", phrase: "for billing", title: "For billing" },
];

export const purposePhrase = (key: string): string =>
  purposes.find((one) => one.key === key)?.phrase ??
  ({ PATRQT: "at your request", ETREAT: "in an emergency" }[key] ?? "for another purpose");

type Piece = { text: string; mark?: boolean; blank?: boolean };

function pieces(parts: ConsentParts): Piece[] {
  const what: Piece[] = parts.what.length
    ? [{ text: listOf(parts.what), mark: true }]
    : [{ text: "what you choose", blank: true }];
  const until: Piece = parts.until
    ? { text: `until ${date(parts.until)}`, mark: true }
    : { text: "until a day you choose", blank: true };
  return [
    { text: parts.who, mark: true },
    { text: parts.at ? ` at ${parts.at} may open your ` : " may open your " },
    ...what,
    { text: `, today’s and new ones, ${purposePhrase(parts.purpose)}, ` },
    until,
    { text: "." },
  ];
}

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
