import { useQuery } from "@tanstack/react-query";
import { call } from "../api/http";
import type { Alert } from "../api/types";
import { kindOf, type Home } from "./session";

/** What waits for this person: an officer's open alerts. */
export function useBadge(home: Home): { path: string; count: number } | null {
  const officer = kindOf(home) === "officer";
  const alerts = useQuery({
    queryKey: [home.home, "alerts", "open"],
    queryFn: () => call<{ alerts: Alert[] }>("/api/alerts?state=open", { home: home.home }),
    enabled: officer,
  });
  return officer ? { path: "/queue", count: alerts.data?.alerts.length ?? 0 } : null;
}
