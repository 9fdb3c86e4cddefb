import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useHome } from "../app/session";
import { readEntry, type Entry } from "../app/health";
import { vault } from "../crypto/client";
import { call } from "./http";
import type {
  Alert,
  BlockRow,
  GrantRow,
  Opening,
  Person,
  Session,
  SessionRow,
  SlotRow,
  Status,
} from "./types";

// What pages read, each under its home's name, so that two homes in one tab never mix.

export function useStatus() {
  return useQuery({ queryKey: ["status"], queryFn: () => call<Status>("/api/status") });
}

export function useRecords() {
  const { home } = useHome();
  const query = useQuery({
    queryKey: [home, "records"],
    queryFn: () => vault("myRecords", { home }),
    staleTime: 60_000,
  });
  const entries = useMemo<Entry[]>(() => (query.data ?? []).map(readEntry), [query.data]);
  const sorted = useMemo(() => [...entries].sort((a, b) => b.at - a.at), [entries]);
  return { ...query, entries: sorted };
}

export function useFeed() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "feed"],
    queryFn: () => call<{ openings: Opening[] }>("/api/feed?count=200", { home }),
    select: (data) => data.openings,
    // An opening is sealed in the log a moment after it was written down.
    refetchInterval: ({ state }) =>
      state.data?.openings.some((one) => one.anchored === null) ? 5_000 : false,
  });
}

export function useGrants() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "grants"],
    queryFn: () => call<{ grants: GrantRow[] }>("/api/grants", { home }),
    select: (data) => data.grants,
  });
}

/** Asks to this person and by this person. */
export function useAsks(enabled = true) {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "asks"],
    queryFn: () => vault("myAsks", { home }),
    enabled,
  });
}

export function useKeyring() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "keyring"],
    queryFn: () => vault("myKeyring", { home }),
    staleTime: 30_000,
  });
}

export function useSessions() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "sessions"],
    queryFn: () => call<{ sessions: SessionRow[] }>("/api/sessions", { home }),
    select: (data) => data.sessions,
  });
}

export function useSlots() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "slots"],
    queryFn: () => call<{ slots: SlotRow[] }>("/api/slots", { home }),
    select: (data) => data.slots,
  });
}

export function useNotices(home: string) {
  return useQuery({
    queryKey: [home, "notices"],
    queryFn: () => call<Session>("/api/session", { home }),
    select: (data) => data.notices ?? [],
    staleTime: 60_000,
  });
}

const stateNames = ["open", "explained", "case", "dismissed", "held"];

function stateOf(alert: Alert): string {
  return typeof alert.state === "number" ? (stateNames[alert.state] ?? "") : alert.state;
}

/** Staff and organisations by account, so that a page can say a name instead of digits. */
export function useNames() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "names"],
    queryFn: () => call<{ people: Person[] }>("/api/directory?q=&kind=", { home }),
    select: (data) => new Map(data.people.map((one) => [one.account, one])),
    staleTime: 60_000,
  });
}

export const memberCount = (status: Status | undefined): number => {
  const members = status?.members ?? 1;
  return typeof members === "number" ? members : members.length;
};

export function useAlerts(state: string) {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "alerts", state],
    queryFn: () => call<{ alerts: Alert[] }>(`/api/alerts?state=${state}`, { home }),
    select: (data) => data.alerts.filter((alert) => stateOf(alert) === state),
  });
}

export function useAccesses() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "accesses"],
    queryFn: () => call<{ openings: Opening[] }>("/api/accesses?count=200", { home }),
    select: (data) => data.openings,
  });
}

export function useBlocks(count: number) {
  return useQuery({
    queryKey: ["blocks", count],
    queryFn: () => call<{ blocks: BlockRow[] }>(`/api/blocks?count=${count}`),
    select: (data) => data.blocks,
  });
}

/** Live news from the node: what it says is stale is asked for again. */
export function useEvents(onAlert?: (alert: Alert) => void): void {
  const { home } = useHome();
  const queries = useQueryClient();
  useEffect(() => {
    const source = new EventSource(`/api/events?home=${home}`);
    const again = (key: unknown[]) => () => void queries.invalidateQueries({ queryKey: key });
    const block = again(["blocks"]);
    const feed = again([home, "feed"]);
    source.addEventListener("block", block);
    source.addEventListener("feed", feed);
    source.addEventListener("ask", () => {
      for (const key of ["asks", "shared"]) {
        void queries.invalidateQueries({ queryKey: [home, key] });
      }
    });
    source.addEventListener("alert", (event) => {
      void queries.invalidateQueries({ queryKey: [home, "alerts"] });
      void queries.invalidateQueries({ queryKey: [home, "accesses"] });
      if (onAlert) onAlert(JSON.parse((event as MessageEvent<string>).data) as Alert);
    });
    return () => source.close();
  }, [home, queries, onAlert]);
}
