import type { Actor, Alert, Person } from "../../api/types";
import type { Tone } from "../../components/basics";
import type { IconName } from "../../components/icons";

// The kinds of docs/formats/alert.md, as numbers or as words.

const kinds: { words: string[]; label: string; tone: Tone; icon: IconName }[] = [
  { words: ["0", "unexplained"], label: "No reason found", tone: "bad", icon: "warn" },
  { words: ["1", "burst-of-openings"], label: "Burst", tone: "warn", icon: "up" },
  {
    words: ["2", "burst-of-refusals"],
    label: "Refused attempts",
    tone: "warn",
    icon: "ban",
  },
  { words: ["3", "burst-of-logins"], label: "Sign-ins", tone: "warn", icon: "key" },
  { words: ["4", "recovery"], label: "Recovery", tone: "warn", icon: "key" },
];

export function kindOf(alert: Alert): { label: string; tone: Tone; icon: IconName } {
  const word = String(alert.kind);
  return (
    kinds.find((kind) => kind.words.includes(word)) ?? { label: word, tone: "warn", icon: "info" }
  );
}

/** Who an alert is about: named by the node, or looked up by account. */
export function actorOf(
  actor: Actor | string | null,
  names: Map<string, Person> | undefined,
): Actor | null {
  if (actor === null || typeof actor !== "string") return actor;
  const known = names?.get(actor);
  return {
    account: actor,
    display_name: known?.display_name ?? `account ${actor.slice(0, 8)}`,
    roles: known?.roles ?? [],
    organisation_name: known?.organisation_name ?? null,
  };
}

export type Action = "explain" | "case" | "dismiss" | "hold";

export const actions: {
  key: string;
  action: Action;
  label: string;
  icon: IconName;
  bad?: boolean;
  done: string;
}[] = [
  { key: "c", action: "case", label: "Open a case", icon: "flag", done: "A case was opened." },
  { key: "e", action: "explain", label: "Explained", icon: "check", done: "Marked as explained." },
  { key: "d", action: "dismiss", label: "Dismiss", icon: "cross", done: "Dismissed." },
  {
    key: "p",
    action: "hold",
    label: "Pause access",
    icon: "ban",
    bad: true,
    done: "Their access is paused.",
  },
];
