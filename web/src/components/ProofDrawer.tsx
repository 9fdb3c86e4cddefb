import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { call, callBytes, errorText } from "../api/http";
import { exactTime, hash, number, timeOfDay, timeWithSeconds } from "../app/format";
import { Notice } from "./basics";
import { download } from "./DataTable";
import { Icon, type IconName } from "./icons";
import type { Claims } from "../proof/bundle";

// Where the proof is, and how to check it without believing the server.

export interface ProofSource {
  home: string;
  /** The path of the receipt bundle. */
  path: string;
  fileName: string;
}

export interface TrailStep {
  icon: IconName;
  /** Null: when the block was sealed. */
  time: number | null;
  text: string;
  meta?: string;
}

export interface Proof {
  position?: number | undefined;
  /**
   * The block it is in; whoever does not know its time lets the drawer ask. Null: not sealed yet.
   */
  sealed: { height: number; time?: number } | null;
  trail: TrailStep[];
  source: ProofSource;
  facts: [string, ReactNode][];
}

type Check =
  | { state: "idle" }
  | { state: "busy" }
  | { state: "fits"; claims: Claims; ms: number; at: number }
  | { state: "broken"; message: string };

export function ProofDrawer({ proof, onClose }: { proof: Proof; onClose: () => void }) {
  const id = useId();
  const box = useRef<HTMLElement>(null);
  const [check, setCheck] = useState<Check>({ state: "idle" });
  useFocusReturn(box, onClose);
  const sealedAt = useSealedAt(proof.sealed);

  const verify = async () => {
    setCheck({ state: "busy" });
    try {
      setCheck(await checkHere(proof.source));
    } catch (error) {
      setCheck({ state: "broken", message: errorText(error) });
    }
  };
  const save = async () => {
    try {
      const bundle = await callBytes(proof.source.path, { home: proof.source.home });
      download(proof.source.fileName, bundle, "application/octet-stream");
    } catch (error) {
      setCheck({ state: "broken", message: errorText(error) });
    }
  };
  const position = check.state === "fits" ? check.claims.position : proof.position;
  return (
    <>
      <div className="scrim phone-only" onClick={onClose} />
      <section
        ref={box}
        className="drawer sheetup"
        role="dialog"
        aria-labelledby={id}
        tabIndex={-1}
      >
        <div className="grab" />
        <div className="row between">
          <h2 id={id}>Proof</h2>
          <button
            className="btn quiet icon"
            type="button"
            aria-label="Close proof"
            onClick={onClose}
          >
            <Icon name="cross" />
          </button>
        </div>
        <p className="big">{headline(proof.sealed !== null, sealedAt, position)}</p>
        <ol className="trail">
          {proof.trail.map((step) => (
            <li key={step.text}>
              <Icon name={step.icon} />
              <div>
                <TrailTime time={step.time ?? sealedAt} /> {step.text}
                {step.meta ? <p className="meta">{step.meta}</p> : null}
              </div>
            </li>
          ))}
        </ol>
        {proof.sealed === null ? null : (
          <div className="stack tight">
            <div className="acts">
              <button
                className={check.state === "busy" ? "btn busy" : "btn go"}
                type="button"
                onClick={() => void verify()}
              >
                Check it yourself
              </button>
              <button className="btn" type="button" onClick={() => void save()}>
                <Icon name="dl" />
                Download receipt
              </button>
            </div>
            <Verdict check={check} />
            <p className="meta">
              <a href="/verify.html" download="verify.html">
                Check it yourself, offline
              </a>
              : a page that opens from a file and asks nobody.
            </p>
          </div>
        )}
        <details>
          <summary>
            <Icon name="right" small />
            Technical details
          </summary>
          <dl className="facts">
            {proof.facts.map(([name, value]) => (
              <Fact key={name} name={name} value={value} />
            ))}
            {check.state === "fits" ? (
              <>
                <Fact name="Log entry" value={number(check.claims.position)} />
                <Fact
                  name="Block"
                  value={`${number(check.claims.height)}, ${exactTime(check.claims.time)}`}
                />
                <Fact
                  name="Log root"
                  value={
                    <span className="mono">
                      {hash(check.claims.root)}, size {number(check.claims.logSize)}
                    </span>
                  }
                />
              </>
            ) : null}
          </dl>
        </details>
      </section>
    </>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function TrailTime({ time }: { time: number | undefined }) {
  return time === undefined ? null : <b>{timeWithSeconds(time)}</b>;
}

function headline(
  sealed: boolean,
  sealedAt: number | undefined,
  position: number | undefined,
): string {
  if (!sealed) return "This is written down and will be sealed in the log within a minute.";
  const entry = position === undefined ? "" : ` — entry ${number(position)}`;
  const when = sealedAt === undefined ? "" : `, sealed ${timeOfDay(sealedAt)}`;
  return `This is in the log${entry}${when}.`;
}

function useSealedAt(sealed: Proof["sealed"]): number | undefined {
  const height = sealed?.height ?? 0;
  const block = useQuery({
    queryKey: ["block-time", height],
    queryFn: () => call<{ time: number }>(`/api/block/${height}`),
    enabled: sealed !== null && sealed.time === undefined,
    staleTime: Infinity,
  });
  return sealed?.time ?? block.data?.time;
}

function Verdict({ check }: { check: Check }) {
  if (check.state === "fits") {
    const seconds = number(Math.max(0.1, check.ms / 1000), 1);
    const keys =
      check.claims.signatures === 1 ? "one signature" : `${check.claims.signatures} signatures`;
    return (
      <Notice tone="ok" role="status">
        <p>
          <b>It fits.</b> Checked on this device at {timeOfDay(check.at)} in {seconds} s: every hash
          was computed again and {keys} tested.
        </p>
      </Notice>
    );
  }
  if (check.state === "broken") {
    return (
      <Notice tone="bad" role="alert">
        <p>
          <b>It does not fit.</b> {check.message} Keep the receipt as evidence and tell your privacy
          officer.
        </p>
      </Notice>
    );
  }
  return null;
}

/** Keys of the log, once asked for, stay the same for this tab: a server cannot swap them later. */
let pinned: Promise<string[]> | null = null;

export function logKeys(): Promise<string[]> {
  pinned ??= call<{ keys: string[] }>("/api/log/keys").then((answer) => answer.keys);
  pinned.catch(() => (pinned = null));
  return pinned;
}

async function checkHere(source: ProofSource): Promise<Check> {
  const [bundle, keys, { checkBundle }, { parseVerifierKey }] = await Promise.all([
    callBytes(source.path, { home: source.home }),
    logKeys(),
    import("../proof/bundle"),
    import("../proof/note"),
  ]);
  const start = performance.now();
  const claims = checkBundle(bundle, keys.map(parseVerifierKey));
  return { state: "fits", claims, ms: performance.now() - start, at: Date.now() };
}

/** Focus goes in, Escape closes, and focus returns to the row it came from. */
function useFocusReturn(box: React.RefObject<HTMLElement>, onClose: () => void): void {
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const before = document.activeElement;
    box.current?.focus({ preventScroll: true });
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") close.current();
    };
    addEventListener("keydown", onKey);
    return () => {
      removeEventListener("keydown", onKey);
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [box]);
}
