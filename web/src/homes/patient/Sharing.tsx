import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { errorText } from "../../api/http";
import type { GrantRow, Opening } from "../../api/types";
import { useFeed, useGrants, useKeyring } from "../../api/queries";
import { counted, date, daysLeft, friendlyTime, listOf, plural } from "../../app/format";
import { roleName, useHome } from "../../app/session";
import { withStepUp } from "../../app/StepUp";
import { useTitle } from "../../app/title";
import { EmptyState, Face, Notice, Skeleton, StatusPill } from "../../components/basics";
import { Dialog } from "../../components/forms";
import { Icon } from "../../components/icons";
import { vault } from "../../crypto/client";
import { allows, scopeOf } from "../../crypto/directive";
import { MyCode } from "./MyCode";
import { isRefused } from "./sentences";

export function Sharing() {
  useTitle("Sharing");
  const grants = useGrants();
  const [stopping, setStopping] = useState<GrantRow | null>(null);
  const [stopped, setStopped] = useState<{ name: string; reads: boolean; single: boolean }>();
  if (grants.isPending) return <Skeleton lines={5} />;
  const all = [...(grants.data ?? [])].sort((a, b) => b.put_time - a.put_time);
  const live = all.filter((grant) => grant.live);
  const ended = all.filter((grant) => !grant.live);
  return (
    <div className="wrap stack">
      <div className="bar">
        <h1>{headline(live)}</h1>
        <Link className="btn go" href="/sharing/new">
          <Icon name="plus" />
          Share
        </Link>
      </div>
      {stopped ? (
        <Notice tone="ok" role="status">
          {stopped.reads ? (
            <p>
              <b>Sharing with {stopped.name} has stopped.</b> From this moment nothing more is given
              out{stopped.single ? "" : ", and new records are sealed under new keys"}. What was
              opened before stays known to them.
            </p>
          ) : (
            <p>
              <b>{stopped.name} can add nothing more.</b> What they added stays yours.
            </p>
          )}
        </Notice>
      ) : null}
      {all.length === 0 ? (
        <EmptyState icon="share" title="You share with nobody">
          You choose a person, the kinds of records, and until when. You can stop at any time.
        </EmptyState>
      ) : null}
      {live.length > 0 ? (
        <ul className="card rows">
          {live.map((grant) => (
            <LiveRow key={grant.directive} grant={grant} onStop={() => setStopping(grant)} />
          ))}
        </ul>
      ) : null}
      {ended.length > 0 ? (
        <section className="stack tight" aria-labelledby="ended">
          <h2 id="ended">Ended</h2>
          <ul className="card rows">
            {ended.map((grant) => (
              <EndedRow key={grant.directive} grant={grant} />
            ))}
          </ul>
        </section>
      ) : null}
      <MyCode />
      {stopping ? (
        <StopDialog
          grant={stopping}
          onClose={() => setStopping(null)}
          onStopped={(name) => {
            const single = scopeOf(stopping).kind === "records";
            setStopped({ name, reads: allows(stopping, "access"), single });
            setStopping(null);
          }}
        />
      ) : null}
    </div>
  );
}

function headline(live: GrantRow[]): string {
  const readers = live.filter((grant) => allows(grant, "access"));
  if (readers.length === 0) return "Only you can open your records.";
  const isOrg = (grant: GrantRow) => grant.grantee.kind === "organisation";
  const people = new Set(readers.filter((one) => !isOrg(one)).map((one) => one.grantee.account));
  const houses = [...new Set(readers.filter(isOrg).map((one) => one.grantee.display_name))];
  const members = `everybody with the key of ${listOf(houses)}`;
  const counts = people.size > 0 ? counted(people.size, "person", "people") : "";
  if (houses.length === 0) return `${counts} can open records of yours.`;
  if (counts) return `${counts}, and ${members}, can open records of yours.`;
  return `Everybody with the key of ${listOf(houses)} can open records of yours.`;
}

function GranteeFace({ grant }: { grant: GrantRow }) {
  const isOrg = grant.grantee.kind === "organisation";
  return <Face name={grant.grantee.display_name} kind={isOrg ? "org" : "person"} />;
}

function sentenceOf(grant: GrantRow, sentences: Record<string, string> | undefined): string {
  return (
    sentences?.[grant.directive] ??
    `${grant.grantee.display_name} may ` +
    `${allows(grant, "access") ? "open" : "add to"} what you chose, ` +
      `until ${date(grant.until)}.`
  );
}

function LiveRow({ grant, onStop }: { grant: GrantRow; onStop: () => void }) {
  const keyring = useKeyring();
  const roles = grant.grantee.roles.map((role) => (typeof role === "string" ? role : role.role));
  const isOrg = grant.grantee.kind === "organisation";
  const at = isOrg ? "Organisation" : grant.grantee.organisation_name;
  const where = [roleName[roles[0] ?? ""], at].filter(Boolean);
  return (
    <li className="rowlink">
      <GranteeFace grant={grant} />
      <div className="grow stack close">
        <p>
          <b>{grant.grantee.display_name}</b> <span className="meta">{where.join(", ")}</span>
        </p>
        <p>{sentenceOf(grant, keyring.data?.grants)}</p>
        <p className="meta">
          Since {friendlyTime(grant.put_time)} · {daysLeft(grant.until)}
        </p>
      </div>
      <button className="btn bad" type="button" onClick={onStop}>
        {allows(grant, "access") ? "Stop sharing" : "Stop"}
      </button>
    </li>
  );
}

function EndedRow({ grant }: { grant: GrantRow }) {
  const keyring = useKeyring();
  return (
    <li className="rowlink">
      <GranteeFace grant={grant} />
      <div className="grow stack close">
        <p>
          <b>{grant.grantee.display_name}</b>
        </p>
        <p className="meta">{sentenceOf(grant, keyring.data?.grants)}</p>
      </div>
      {grant.revoked ? (
        <StatusPill icon="ban">Stopped {friendlyTime(grant.revoked)}</StatusPill>
      ) : (
        <StatusPill icon="clock">Ended {date(grant.until)}</StatusPill>
      )}
    </li>
  );
}

/** Members open under the organisation's sharing in their own names. */
const openedBy = (opening: Opening, { grantee, directive }: GrantRow): boolean =>
  grantee.kind === "organisation"
    ? opening.directives.includes(directive)
    : opening.actor.account === grantee.account;

function whatStops(grant: GrantRow): string {
  const org = grant.grantee.kind === "organisation";
  const name = org ? `everybody at ${grant.grantee.display_name}` : grant.grantee.display_name;
  const closed = org ? "is refused under this sharing" : "can open nothing more of this sharing";
  if (scopeOf(grant).kind === "records") return `At once, ${name} ${closed}.`;
  return (
    `At once, ${name} ${closed}. New records get new keys, so they stay closed even if ` +
    "somebody kept an old one."
  );
}

function StopDialog({
  grant,
  onClose,
  onStopped,
}: {
  grant: GrantRow;
  onClose: () => void;
  onStopped: (name: string) => void;
}) {
  const home = useHome();
  const feed = useFeed();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const name = grant.grantee.display_name;
  const reads = allows(grant, "access");
  const opened = (feed.data ?? []).filter(
    (one) => !isRefused(one) && !one.own && openedBy(one, grant),
  );
  const records = new Set(opened.flatMap((one) => one.records)).size;
  const stop = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const input = { home: home.home, directive: grant.directive };
      await withStepUp(home.home, () => vault("stopSharing", input));
      await queries.invalidateQueries({ queryKey: [home.home] });
      onStopped(name);
    } catch (failure) {
      setBusy(false);
      setError(errorText(failure));
    }
  };
  return (
    <Dialog
      title={reads ? `Stop sharing with ${name}?` : `Stop ${name} adding?`}
      open
      onClose={onClose}
    >
      <p>
        {reads
          ? whatStops(grant)
          : `At once, ${name} can add nothing more. What they added stays yours; they can still read what they wrote.`}
      </p>
      {reads ? (
        <p className="meta note">
          <Icon name="info" small />
          <span>
            {records === 0
              ? `${name} has opened nothing so far.`
              : `${name} has opened ${plural(records, "record")} before. Nothing undoes that.`}
          </span>
        </p>
      ) : null}
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      <div className="acts">
        <button className="btn bad" type="button" disabled={busy} onClick={() => void stop()}>
          {busy ? "Stopping" : reads ? "Stop sharing" : "Stop"}
        </button>
        <button className="btn" type="button" onClick={onClose}>
          {reads ? "Keep sharing" : "Keep it"}
        </button>
      </div>
    </Dialog>
  );
}
