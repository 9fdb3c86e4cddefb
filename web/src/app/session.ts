import { useSyncExternalStore } from "react";
import type { Session } from "../api/types";

// Which homes this tab has open. Names and ids only: no key, code or token is ever kept here. The
// cookies are HttpOnly, and keys live in the worker (src/crypto/worker.ts).

export interface Home {
  home: string;
  account: string;
  name: string;
  displayName: string;
  kind: "patient" | "staff";
  roles: string[];
  organisation: string;
  demo: boolean;
  expires: number;
}

interface State {
  homes: Home[];
  active: string | null;
}

const storeKey = "salus.homes";
const listeners = new Set<() => void>();
let state: State = load();

function load(): State {
  try {
    const text = sessionStorage.getItem(storeKey);
    if (text) return JSON.parse(text) as State;
  } catch {
    // Storage can be switched off; the tab then works until it is closed or reloaded.
  }
  return { homes: [], active: null };
}

function save(next: State): void {
  state = next;
  try {
    sessionStorage.setItem(storeKey, JSON.stringify(next));
  } catch {
    // As above.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function homeOf(session: Session, demo: boolean): Home {
  return {
    home: session.home,
    account: session.account,
    name: session.name,
    displayName: session.display_name,
    kind: session.kind,
    roles: session.roles.map((role) => role.role),
    organisation: session.roles[0]?.organisation ?? "",
    demo,
    expires: session.expires,
  };
}

export function addHome(home: Home): void {
  const others = state.homes.filter((known) => known.home !== home.home);
  save({ homes: [...others, home], active: home.home });
}

export function removeHome(home: string): void {
  const homes = state.homes.filter((known) => known.home !== home);
  const active = state.active === home ? (homes[0]?.home ?? null) : state.active;
  save({ homes, active });
}

export function activate(home: string): void {
  save({ ...state, active: home });
}

export const homesNow = (): Home[] => state.homes;

export function activeHome(): Home | undefined {
  return state.homes.find((home) => home.home === state.active);
}

export function useHomes(): State {
  return useSyncExternalStore(subscribe, () => state);
}

export function useHome(): Home {
  const { homes, active } = useHomes();
  const home = homes.find((known) => known.home === active);
  if (!home) throw new Error("no home is open");
  return home;
}

export type HomeKind = "patient" | "clinician" | "officer" | "steward" | "laboratory";

/** The pages a person gets follow from the credentials the organisation issued. */
export function kindOf(home: Home): HomeKind {
  if (home.kind === "patient") return "patient";
  if (home.roles.includes("officer")) return "officer";
  if (home.roles.includes("steward") || home.roles.includes("researcher")) return "steward";
  if (home.roles.includes("laboratory") && !home.roles.includes("clinician")) return "laboratory";
  return "clinician";
}

export const roleName: Record<string, string> = {
  officer: "Privacy officer",
  clinician: "Clinician",
  steward: "Data steward",
  laboratory: "Laboratory",
  researcher: "Researcher",
  patient: "Patient",
};

export const firstPage: Record<HomeKind, string> = {
  patient: "/today",
  clinician: "/patients",
  officer: "/queue",
  steward: "/datasets",
  laboratory: "/results",
};
