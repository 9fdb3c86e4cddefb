import { listOf } from "../../app/format";
import { categoryOf } from "../../app/health";
import { purposeWord } from "../../components/ConsentSentence";
import type { AskText } from "../../crypto/asks";

// What an ask says, in the same words for whoever asks and whoever is asked.

export const lengths = [
  { key: "7", name: "One week", days: 7 },
  { key: "30", name: "One month", days: 30 },
  { key: "183", name: "Half a year", days: 183 },
  { key: "365", name: "One year", days: 365 },
];

/** The end of the day that many days from now. */
export function inDays(days: number): number {
  const end = new Date();
  end.setDate(end.getDate() + days);
  return end.setHours(23, 59, 59, 0);
}

export const lengthWords = (days: number): string =>
  lengths.find((one) => one.days === days)?.name.toLowerCase() ?? `${days} days`;

/** An organisation's words are no part of the sentence: who asks comes first, on its own. */
export function AskSentence({ text, who, whose }: { text: AskText; who: string; whose: string }) {
  const what = text.categories.map((key) => categoryOf(key).phrase);
  return (
    <p>
      {who} to open {whose} <b>{listOf(what)}</b> for {purposeWord(text.purpose)}, for{" "}
      <b>{lengthWords(text.days)}</b> from the answer.
    </p>
  );
}
