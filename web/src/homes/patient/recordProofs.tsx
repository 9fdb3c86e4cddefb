import { number } from "../../app/format";
import type { Entry } from "../../app/health";
import type { Proof } from "../../components/ProofDrawer";
import type { EarlierVersion } from "../../crypto/corrections";

// What the proof drawer shows of a record, and of what it said before.

/** The old version's own place in the log: it is there for good, whatever corrects it. */
export function earlierProof(home: string, earlier: EarlierVersion): Proof {
  return {
    position: earlier.position,
    sealed: { height: earlier.height, time: earlier.time },
    trail: [
      {
        icon: "lock",
        time: earlier.time,
        text: "The earlier version was sealed.",
        meta: "Its bytes are kept beside the newer ones",
      },
      {
        icon: "refresh",
        time: earlier.corrected,
        text: "Its author corrected it.",
        meta: earlier.reason,
      },
    ],
    source: {
      home,
      path: `/api/tx/${earlier.tx}/receipt`,
      fileName: `salus-record-${earlier.record.slice(0, 8)}.receipt`,
    },
    facts: [
      ["Log entry", number(earlier.position)],
      ["Transaction", <span className="mono wrapany">{earlier.tx}</span>],
    ],
  };
}

export function recordProof(home: string, entry: Entry): Proof {
  const { view } = entry;
  return {
    position: view.position,
    sealed: { height: view.height, time: view.time },
    trail: [
      {
        icon: "lock",
        time: view.time,
        text: "Sealed on the author’s device.",
        meta: "The server was given the sealed bytes only",
      },
      {
        icon: "proof",
        time: view.time,
        text: `Written into block ${number(view.height)}.`,
        meta: "It can no longer be changed unseen",
      },
    ],
    source: {
      home,
      path: `/api/tx/${view.tx}/receipt`,
      fileName: `salus-record-${view.record.slice(0, 8)}.receipt`,
    },
    facts: [
      ["Log entry", number(view.position)],
      ["Transaction", <span className="mono wrapany">{view.tx}</span>],
      ["Digest", <span className="mono wrapany">{view.digest}</span>],
      ["Stored size", `${number(view.size)} bytes`],
    ],
  };
}
