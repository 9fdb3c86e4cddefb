import type { IconName } from "../components/icons";
import type { HomeKind } from "./session";

export interface NavItem {
  path: string;
  name: string;
  icon: IconName;
  wideOnly?: boolean;
}

export const navigation: Record<HomeKind, NavItem[]> = {
  patient: [
    { path: "/today", name: "Today", icon: "today" },
    { path: "/records", name: "Records", icon: "records" },
    { path: "/sharing", name: "Sharing", icon: "share" },
    { path: "/activity", name: "Activity", icon: "activity" },
    { path: "/family", name: "Family", icon: "family", wideOnly: true },
    { path: "/settings", name: "Settings", icon: "settings", wideOnly: true },
  ],
  clinician: [
    { path: "/patients", name: "Patients", icon: "people" },
    { path: "/requests", name: "Requests", icon: "share" },
    { path: "/emergency", name: "Emergency", icon: "bolt" },
    { path: "/settings", name: "Settings", icon: "settings", wideOnly: true },
  ],
  laboratory: [
    { path: "/results", name: "Results", icon: "flask" },
    { path: "/settings", name: "Settings", icon: "settings", wideOnly: true },
  ],
  officer: [
    { path: "/queue", name: "Queue", icon: "flag" },
    { path: "/explore", name: "Explore", icon: "search" },
    { path: "/log", name: "Log", icon: "chain" },
    { path: "/reports", name: "Reports", icon: "report" },
    { path: "/staff", name: "Staff", icon: "people", wideOnly: true },
    { path: "/settings", name: "Settings", icon: "settings", wideOnly: true },
  ],
  steward: [
    { path: "/datasets", name: "Data sets", icon: "table" },
    { path: "/studies", name: "Studies", icon: "chart" },
    { path: "/models", name: "Models", icon: "box" },
    { path: "/log", name: "Log", icon: "chain" },
    { path: "/settings", name: "Settings", icon: "settings", wideOnly: true },
  ],
};
