import { useQuery } from "@tanstack/react-query";
import { useAsks } from "../api/queries";
import { call } from "../api/http";
import type { Alert } from "../api/types";
import { kindOf, type Home } from "./session";

/** What waits for this person: an officer's open alerts, a patient's unanswered requests. */
export function useBadge(home: Home): { path: string; count: number } | null {
  const kind = kindOf(home);
  const alerts = useQuery({
    queryKey: [home.home, "alerts", "open"],
    queryFn: () => call<{ alerts: Alert[] }>("/api/alerts?state=open", { home: home.home }),
    enabled: kind === "officer",
  });
  const asks = useAsks(kind === "patient");
  if (kind === "officer") return { path: "/queue", count: alerts.data?.alerts.length ?? 0 };
  if (kind !== "patient") return null;
  const waiting = (asks.data ?? []).filter((one) => one.state === "open");
  return { path: "/today", count: waiting.length };
}
