import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { number } from "../../app/format";
import { useHome } from "../../app/session";
import { Notice, ProgressBar } from "../../components/basics";
import { Pick } from "../../components/forms";
import { Icon } from "../../components/icons";
import { LogEntryCard } from "../../components/LogEntryCard";
import { storeWork } from "../../studio/store";
import type { Stored, Work } from "../../studio/work";

export function Store({ work }: { work: Work }) {
  const home = useHome();
  const queries = useQueryClient();
  const [careCopy, setCareCopy] = useState(true);
  const started = work.stored.length > 0;
  const failed = work.stored.some((one) => one.error);
  const start = async () => {
    await storeWork(home.home, careCopy);
    await queries.invalidateQueries({ queryKey: [home.home] });
  };
  return (
    <div className="narrow wide stack">
      <section className="card pad stack mid" aria-labelledby="what">
        <h2 id="what">What is stored</h2>
        <ul className="rows picks">
          <li>
            <div className="pick on">
              <Icon name="check" />
              <span>
                <b>The release, with noise</b>
                <span className="meta">
                  {number(work.released?.rows ?? 0)} rows; {work.released?.label ?? ""}
                </span>
              </span>
            </div>
          </li>
          <li>
            <Pick
              checked={careCopy}
              onChange={setCareCopy}
              icon="lock"
              title="The clean rows too"
              meta="Without noise, sealed for you alone"
            />
          </li>
        </ul>
        <p className="meta note">
          <Icon name="lock" small />
          <span>
            Each row is sealed here under a key of its own. The server stores bytes, the log their
            hash.
          </span>
        </p>
        {started && !failed ? null : (
          <div className="acts">
            <button
              className="btn go"
              type="button"
              disabled={work.storing || !work.released}
              onClick={() => void start()}
            >
              <Icon name="lock" small />
              {failed ? "Try again" : "Seal and store"}
            </button>
          </div>
        )}
      </section>
      {work.stored.map((one) => (
        <StoredCard key={one.title} stored={one} />
      ))}
      {started && work.storing ? (
        <p className="meta">You may leave this page; it continues while this tab is open.</p>
      ) : null}
    </div>
  );
}

function StoredCard({ stored }: { stored: Stored }) {
  if (stored.error) {
    return (
      <Notice tone="bad" role="alert">
        <p>
          <b>“{stored.title}” could not be stored whole.</b> {stored.error} What was sealed stays
          sealed.
        </p>
      </Notice>
    );
  }
  if (stored.receipt) {
    return (
      <>
        <LogEntryCard receipt={stored.receipt} title={`“${stored.title}” is stored`} />
        <p>
          {number(stored.done - 1)} rows and their description are sealed.{" "}
          <Link href={`/datasets/${stored.collection}`}>Open it</Link> ·{" "}
          <Link href={`/log/${stored.receipt.height}`}>see it in the log</Link>
        </p>
      </>
    );
  }
  return (
    <section className="card pad">
      <ProgressBar
        done={stored.done}
        total={stored.total || 1}
        label={
          stored.total
            ? `${stored.title}: ${number(stored.done)} of ${number(stored.total)} rows`
            : `${stored.title}: waiting`
        }
        left={timeLeft(stored)}
      />
    </section>
  );
}

function timeLeft(stored: Stored): string | undefined {
  if (stored.done === 0 || stored.total === 0) return undefined;
  const spent = (Date.now() - stored.started) / 1000;
  const left = Math.ceil((spent / stored.done) * (stored.total - stored.done));
  return `about ${number(Math.max(1, left))} s left`;
}
