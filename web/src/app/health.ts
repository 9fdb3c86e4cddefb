import type { IconName } from "../components/icons";
import { earlierOf, type EarlierVersion } from "../crypto/corrections";
import type { RecordView } from "../crypto/records";
import { unitText } from "./format";

// What a record body says, whatever form it came in: a note, a measurement, a file, a FHIR
// resource. Reference ranges come from the record itself, else from the dictionary below.

export interface Category {
  key: string;
  name: string;
  /** In a sentence: "blood results, heart records and allergies". */
  phrase: string;
  /** One of them: "1 blood result". */
  one: string;
  icon: IconName;
  sensitive?: boolean;
}

export const categories: Category[] = [
  {
    key: "laboratory",
    name: "Blood results",
    phrase: "blood results",
    one: "blood result",
    icon: "flask",
  },
  {
    key: "vitals",
    name: "Measurements",
    phrase: "measurements",
    one: "measurement",
    icon: "heart",
  },
  { key: "medicines", name: "Medicines", phrase: "medicines", one: "medicine", icon: "pill" },
  { key: "allergies", name: "Allergies", phrase: "allergies", one: "allergy", icon: "allergy" },
  { key: "problems", name: "Conditions", phrase: "conditions", one: "condition", icon: "steth" },
  { key: "notes", name: "Notes and letters", phrase: "letters", one: "letter", icon: "letter" },
  {
    key: "data-set-rows",
    name: "Data set rows",
    phrase: "data set rows",
    one: "data set row",
    icon: "table",
  },
  { key: "files", name: "Photos and files", phrase: "files", one: "file", icon: "photo" },
  {
    key: "mental-health",
    name: "Mental health",
    phrase: "mental health records",
    one: "mental health record",
    icon: "mind",
    sensitive: true,
  },
];

export function categoryOf(key: string, name?: string): Category {
  const known = categories.find((one) => one.key === key);
  if (known) return known;
  const shown = name || key.charAt(0).toUpperCase() + key.slice(1).replace(/-/g, " ");
  const phrase = shown.toLowerCase();
  return { key, name: shown, phrase, one: `record of ${phrase}`, icon: "records" };
}

export interface TestInfo {
  code: string;
  label: string;
  unit: string;
  low: number | null;
  high: number | null;
  category: "laboratory" | "vitals";
  digits: number;
  about: string;
}

// Adult reference ranges in SI units; LOINC codes. A laboratory's own range, when it gives one,
// wins.
export const tests: TestInfo[] = [
  t("59261-8", "HbA1c", "mmol/mol", 20, 41, "laboratory", 0, "Long-term blood sugar"),
  t("14749-6", "Glucose", "mmol/L", 3.9, 5.6, "laboratory", 1, "Blood sugar, fasting"),
  t("14647-2", "Total cholesterol", "mmol/L", null, 5.0, "laboratory", 1, "Blood fat"),
  t("22748-8", "LDL cholesterol", "mmol/L", null, 3.0, "laboratory", 1, "Blood fat"),
  t("14646-4", "HDL cholesterol", "mmol/L", 1.0, null, "laboratory", 1, "Blood fat"),
  t("14682-9", "Creatinine", "µmol/L", 45, 90, "laboratory", 0, "Kidneys"),
  t("33914-3", "eGFR", "mL/min/1.73 m²", 60, null, "laboratory", 0, "Kidneys"),
  t("2823-3", "Potassium", "mmol/L", 3.5, 5.1, "laboratory", 1, "Blood salt"),
  t("2951-2", "Sodium", "mmol/L", 135, 145, "laboratory", 0, "Blood salt"),
  t("718-7", "Haemoglobin", "g/dL", 12, 16, "laboratory", 1, "Red blood cells"),
  t("8480-6", "Systolic blood pressure", "mmHg", 90, 140, "vitals", 0, "Upper value"),
  t("8462-4", "Diastolic blood pressure", "mmHg", 60, 90, "vitals", 0, "Lower value"),
  t("8867-4", "Heart rate", "/min", 60, 100, "vitals", 0, "At rest"),
  t("29463-7", "Weight", "kg", null, null, "vitals", 1, "Body weight"),
  t("8310-5", "Temperature", "°C", 36.1, 37.5, "vitals", 1, "Body temperature"),
  t("2708-6", "Oxygen saturation", "%", 95, 100, "vitals", 0, "Oxygen in the blood"),
];

function t(
  code: string,
  label: string,
  unit: string,
  low: number | null,
  high: number | null,
  category: "laboratory" | "vitals",
  digits: number,
  about: string,
): TestInfo {
  return { code, label, unit, low, high, category, digits, about };
}

export interface Entry {
  view: RecordView;
  kind: "measurement" | "note" | "file" | "other";
  title: string;
  detail: string;
  at: number;
  value?: number;
  unit?: string;
  low?: number | null;
  high?: number | null;
  code?: string;
  text?: string;
  severity?: string;
  file?: { name: string; mime: string; data: string };
  /** What it said before it was corrected, oldest first. */
  earlier: EarlierVersion[];
}

/** What a body says, before its history is added. */
type Said = Omit<Entry, "earlier">;
type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

function timeOf(value: unknown, fallback: number): number {
  if (typeof value === "number") return value;
  const parsed = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isNaN(parsed) ? fallback : parsed;
}

export const readEntry = (view: RecordView): Entry => ({
  ...read(view),
  earlier: earlierOf(view.body),
});

function read(view: RecordView): Said {
  const body = view.body;
  const base = { view, at: view.time, title: view.name, detail: "", kind: "other" as const };
  if (!isObject(body)) return { ...base, title: "A record that could not be read" };
  const at = timeOf(body["date"], view.time);
  switch (body["type"]) {
    case "note":
      return {
        ...base,
        kind: "note",
        title: textOf(body["title"]),
        text: textOf(body["text"]),
        at,
      };
    case "measurement":
      return measurement(view, body, at);
    case "file":
      return {
        ...base,
        kind: "file",
        title: textOf(body["title"]) || textOf(body["name"]),
        detail: textOf(body["mime"]),
        at,
        file: {
          name: textOf(body["name"]),
          mime: textOf(body["mime"]),
          data: textOf(body["data"]),
        },
      };
    default:
      return typeof body["resourceType"] === "string" ? fhir(view, body) : plain(view, body);
  }
}

function measurement(view: RecordView, body: Json, at: number): Said {
  const code = textOf(body["code"]);
  const info = tests.find((one) => one.code === code);
  const entry: Said = {
    view,
    kind: "measurement",
    title: textOf(body["label"]) || info?.label || code,
    detail: textOf(body["by"]),
    at,
    code: code || textOf(body["label"]),
    unit: unitText(textOf(body["unit"]) || info?.unit || ""),
    low: numberOf(body["low"]) ?? info?.low ?? null,
    high: numberOf(body["high"]) ?? info?.high ?? null,
  };
  const value = numberOf(body["value"]);
  return value === undefined ? entry : { ...entry, value };
}

/** The few FHIR R4 resources a timeline shows by name; everything else keeps its type as title. */
function fhir(view: RecordView, body: Json): Said {
  const type = textOf(body["resourceType"]);
  const coding = conceptText(body["code"] ?? body["medicationCodeableConcept"]);
  const at = timeOf(
    body["effectiveDateTime"] ?? body["onsetDateTime"] ?? body["recordedDate"] ?? body["date"],
    view.time,
  );
  const title = coding || type;
  if (type === "Observation" && isObject(body["valueQuantity"])) {
    const quantity = body["valueQuantity"];
    const ranges = body["referenceRange"];
    const range: unknown = Array.isArray(ranges) ? ranges[0] : undefined;
    const bound = (name: string): number | undefined =>
      isObject(range) && isObject(range[name]) ? numberOf(range[name]["value"]) : undefined;
    const made = {
      code: conceptCode(body["code"]),
      label: coding,
      value: quantity["value"],
      unit: quantity["unit"],
      low: bound("low"),
      high: bound("high"),
    };
    return measurement(view, made, at);
  }
  const note = Array.isArray(body["note"]) ? textOf((body["note"][0] as Json)["text"]) : "";
  const severity = textOf(body["criticality"]);
  return { view, kind: "note", title, detail: "", text: note, at, severity };
}

function conceptText(value: unknown): string {
  if (!isObject(value)) return "";
  const first: unknown = Array.isArray(value["coding"]) ? value["coding"][0] : undefined;
  return textOf(value["text"]) || (isObject(first) ? textOf(first["display"]) : "");
}

function conceptCode(value: unknown): string {
  if (!isObject(value) || !Array.isArray(value["coding"])) return "";
  const first: unknown = value["coding"][0];
  return isObject(first) ? textOf(first["code"]) : "";
}

/** A data-set row or another flat object: its cells, as a text. */
function plain(view: RecordView, body: Json): Said {
  const cells = isObject(body["cells"]) ? body["cells"] : body;
  const text = Object.entries(cells)
    .filter(([, value]) => typeof value === "string" || typeof value === "number")
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join("\n");
  const title = textOf(body["title"]) || textOf(body["dataset"]) || view.name;
  return { view, kind: "note", title, detail: "", text, at: timeOf(body["date"], view.time) };
}

export type RangeState = "in" | "above" | "below" | "none";

export function rangeState(entry: Pick<Entry, "value" | "low" | "high">): RangeState {
  const { value, low, high } = entry;
  if (value === undefined || ((low ?? null) === null && (high ?? null) === null)) return "none";
  if (high !== null && high !== undefined && value > high) return "above";
  if (low !== null && low !== undefined && value < low) return "below";
  return "in";
}

export function rangeText(entry: Pick<Entry, "low" | "high">): string {
  const [low, high] = [entry.low ?? null, entry.high ?? null];
  if (low !== null && high !== null) return `${low}–${high}`;
  if (high !== null) return `below ${high}`;
  if (low !== null) return `above ${low}`;
  return "none";
}

/** Measurements of one test, oldest first. */
export function seriesOf(entries: Entry[]): Map<string, Entry[]> {
  const series = new Map<string, Entry[]>();
  for (const entry of entries) {
    if (entry.kind !== "measurement" || entry.value === undefined || !entry.code) continue;
    const list = series.get(entry.code) ?? [];
    list.push(entry);
    series.set(entry.code, list);
  }
  for (const list of series.values()) {
    list.sort((a, b) => a.at - b.at || a.view.position - b.view.position);
  }
  return series;
}
