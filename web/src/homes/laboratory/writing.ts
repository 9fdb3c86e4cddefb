import { useQuery } from "@tanstack/react-query";
import { readEntry } from "../../app/health";
import { useHome } from "../../app/session";
import { vault } from "../../crypto/client";
import type { SharedView } from "../../crypto/shared";

export function usePatients() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "patients"],
    queryFn: () => vault("patientsToAddFor", { home }),
    refetchInterval: 15_000,
  });
}

/** What this laboratory wrote, as it reads. */
export function useResults() {
  const { home } = useHome();
  return useQuery({
    queryKey: [home, "results"],
    queryFn: () => vault("myResults", { home }),
    select: (views) => views.map((view) => ({ patient: view.patient, entry: readEntry(view) })),
  });
}

export const nameOf = (row: SharedView | undefined): string =>
  row?.card?.patient_name ?? "A patient";
