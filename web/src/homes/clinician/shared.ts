import { useQuery } from "@tanstack/react-query";
import { useHome } from "../../app/session";
import { vault } from "../../crypto/client";

export function useShared() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "shared"],
    queryFn: () => vault("sharedWithMe", { home }),
    // The right to add is the laboratory's page; there is nothing to open under it.
    select: (rows) => rows.filter((row) => !row.actions || row.actions.includes("access")),
    refetchInterval: 15_000,
  });
}

export const endedReason: Record<string, string> = {
  revoked: "The patient stopped this sharing. Opening it is refused.",
  expired: "This sharing reached its last day. Opening it is refused.",
};

export function age(born: string | undefined): string {
  const date = born ? new Date(born) : null;
  if (!date || Number.isNaN(date.getTime())) return "";
  const now = new Date();
  const before =
    now.getMonth() < date.getMonth() ||
    (now.getMonth() === date.getMonth() && now.getDate() < date.getDate());
  return `${now.getFullYear() - date.getFullYear() - (before ? 1 : 0)} years`;
}
