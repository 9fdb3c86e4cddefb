import { date, number } from "../app/format";
import type { Entry } from "../app/health";
import type { EarlierVersion } from "../crypto/corrections";
import { Icon } from "./icons";

const said = ({ was }: EarlierVersion, unit: string | undefined): string =>
  was.value === undefined ? `“${was.title ?? ""}”` : `${number(was.value)} ${unit ?? ""}`.trim();

/** What an entry said before, when that was put right, and why. */
export function Earlier({
  entry,
  onProof,
}: {
  entry: Entry;
  onProof?: (version: EarlierVersion) => void;
}) {
  if (entry.earlier.length === 0) return null;
  return (
    <ul className="stack close" aria-label="Earlier versions">
      {[...entry.earlier].reverse().map((one) => (
        <li key={one.record} className="meta note">
          <Icon name="refresh" small />
          <span>
            Corrected by its author, {date(one.corrected)}: it said{" "}
            <s>{said(one, entry.unit)}</s>. {one.reason}{" "}
            {onProof ? (
              <button className="link asbtn" type="button" onClick={() => onProof(one)}>
                Proof of the earlier version
              </button>
            ) : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
