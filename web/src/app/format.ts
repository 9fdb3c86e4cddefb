// Every figure, time and size a page shows is written here, so that one idea looks the same
// everywhere.

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" });
const dayShort = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const dayYear = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
});
const dayYearShort = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
});
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "long" });
const monthYear = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric" });
const monthShort = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const zoned = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  timeZoneName: "short",
});

const dayKey = (ms: number): string => new Date(ms).toDateString();

export function number(value: number, digits?: number): string {
  if (digits === undefined) return value.toLocaleString("en-GB", { maximumFractionDigits: 6 });
  return value.toLocaleString("en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function percent(share: number, digits = 1): string {
  return `${number(share * 100, digits)} %`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

const small = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** "Two people", "14 people": how a headline begins. */
export function counted(count: number, one: string, many = `${one}s`): string {
  const word = small[count] ?? number(count);
  return `${word.charAt(0).toUpperCase()}${word.slice(1)} ${count === 1 ? one : many}`;
}

export function bytes(count: number): string {
  if (count < 10_000) return `${number(count)} bytes`;
  if (count < 10_000_000) return `${number(count / 1000, 1)} kB`;
  return `${number(count / 1_000_000, 1)} MB`;
}

export const timeOfDay = (ms: number): string => clock.format(ms);
export const timeWithSeconds = (ms: number): string => clockSeconds.format(ms);
export const exactTime = (ms: number): string => zoned.format(ms);
export const date = (ms: number): string => dayYear.format(ms);
export const dateShort = (ms: number): string => dayYearShort.format(ms);
export const dayMonth = (ms: number): string => dayShort.format(ms);
export const month = (ms: number): string => monthYear.format(ms);
export const monthLabel = (ms: number): string => monthShort.format(ms);

/** "Today 10:32", "Yesterday 18:02", "Sunday 19:04", "9 October 11:20": patients' pages. */
export function friendlyTime(ms: number, now = Date.now()): string {
  return `${friendlyDay(ms, now).split(",")[0]} ${timeOfDay(ms)}`;
}

/** A day's heading: "Today, 13 October". */
export function friendlyDay(ms: number, now = Date.now()): string {
  const days = Math.round(
    (new Date(dayKey(now)).getTime() - new Date(dayKey(ms)).getTime()) / 86_400_000,
  );
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  const plain = sameYear ? day.format(ms) : dayYear.format(ms);
  if (days === 0) return `Today, ${plain}`;
  if (days === 1) return `Yesterday, ${plain}`;
  if (days > 1 && days < 7) return `${weekday.format(ms)}, ${plain}`;
  return plain;
}

export function todayLine(now = Date.now()): string {
  return `${weekday.format(now)} ${day.format(now)}`;
}

/** "2 h ago (09:03)": staff pages. */
export function ago(ms: number, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - ms) / 1000));
  const exact = dayKey(ms) === dayKey(now) ? timeOfDay(ms) : `${dayMonth(ms)} ${timeOfDay(ms)}`;
  if (seconds < 60) return `just now (${exact})`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago (${exact})`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago (${exact})`;
  return `${plural(Math.floor(seconds / 86_400), "day")} ago (${exact})`;
}

export function daysLeft(until: number, now = Date.now()): string {
  const left = until - now;
  if (left <= 0) return "ended";
  if (left < 86_400_000) return `${Math.max(1, Math.round(left / 3_600_000))} h left`;
  return `${plural(Math.ceil(left / 86_400_000), "day")} left`;
}

export function zoneName(now = Date.now()): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(now);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** A hash in groups of four, whole or with its middle left out. */
export function hash(hex: string, whole = false): string {
  const groups = hex.match(/.{1,4}/g) ?? [];
  if (whole || groups.length <= 4) return groups.join(" ");
  return `${groups[0]} ${groups[1]} … ${groups[groups.length - 1]}`;
}

export function hexBytes(data: Uint8Array, count: number): string {
  const shown = Array.from(data.subarray(0, count), (b) => b.toString(16).padStart(2, "0"));
  return shown.join(" ") + (data.length > count ? " …" : "");
}

/** "blood results, heart records and allergies" */
/** A unit as people write it: tables come with kg/m2 and mm3. */
export const unitText = (unit: string): string =>
  unit.replace(/m2(?![0-9A-Za-z])/g, "m²").replace(/m3(?![0-9A-Za-z])/g, "m³");

export function listOf(words: string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

export function initials(name: string): string {
  const words = name
    .replace(/^(Dr|Nurse|Prof|Mr|Mrs|Ms)\.?\s+/i, "")
    .split(/[\s-]+/)
    .filter(Boolean);
  const first = words[0]?.[0] ?? "?";
  const last = words.length > 1 ? (words[words.length - 1]?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}
