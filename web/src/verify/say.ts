import type { AbsenceAnswer } from "../proof/absence";
import type { Claims } from "../proof/bundle";

// What a checked receipt says, in sentences. `holds` is what `salus verify --receipt` ends with.

export interface Saying {
  holds: boolean;
  lines: string[];
}

const day = (time: number): string =>
  `${new Date(time).toISOString().replace("T", " ").slice(0, 19)} UTC`;

function openingLine(answer: AbsenceAnswer): string {
  const opened = answer.names[0]?.opened;
  if (answer.notOpened) {
    return "No anchored opening: the receipts of the trusted nodes hold none by this account.";
  }
  if (opened === "yes") return "An anchored opening: this account opened records in that time.";
  return "Cannot be proved absent: the openings around that time are not shown.";
}

function sayAbsence(answer: AbsenceAnswer): Saying {
  const lines = [
    `Account ${answer.grantee}, records of ${answer.patient}.`,
    `From ${day(answer.from)} until ${day(answer.until)}.`,
    answer.notPermitted
      ? "Was not permitted: no consent named this account, or an organisation or role it held then."
      : "Was permitted: a consent named this account, or an organisation or role it held then.",
    openingLine(answer),
  ];
  for (const name of answer.names.slice(1)) {
    const who = name.role === "" ? "organisation" : `role ${name.role} of organisation`;
    const permitted = name.permitted ? "permitted" : "not permitted";
    lines.push(`Held then: ${who} ${name.organisation} — ${permitted}.`);
    lines.push(`Openings under it: ${name.opened}.`);
  }
  lines.push(
    "This receipt holds the patient's label key: with it other accounts can be tested too.",
  );
  return { holds: answer.notPermitted && answer.notOpened, lines };
}

export function say(claims: Claims): Saying {
  const signed = `Signed by ${claims.signatures} trusted key(s), log of ${claims.logSize} entries.`;
  if (claims.absence) {
    const said = sayAbsence(claims.absence);
    return { holds: said.holds, lines: [...said.lines, signed] };
  }
  if (claims.state) {
    const present = claims.state.filter((claim) => claim.value !== null).length;
    const absent = claims.state.length - present;
    const lines = [
      `State at block ${claims.height}: ${present} key(s) have the value shown, ${absent} are absent.`,
    ];
    return { holds: true, lines: [...lines, signed] };
  }
  const what = { transaction: "A transaction", operation: "One operation", access: "An opening" };
  const kind = claims.kind as keyof typeof what;
  const lines = [
    `${what[kind]} is in the log: entry ${claims.position}, block ${claims.height}, ${day(claims.time)}.`,
    `Transaction ${claims.id}, result code ${claims.code}.`,
  ];
  return { holds: true, lines: [...lines, signed] };
}
