import { memberCount, useAccesses, useAlerts, useStatus } from "../../api/queries";
import { date, number, percent } from "../../app/format";
import { useTitle } from "../../app/title";
import { Skeleton } from "../../components/basics";
import { BarChart } from "../../components/charts";
import { download } from "../../components/DataTable";
import { Icon } from "../../components/icons";
import { isRefused } from "../patient/sentences";

/** The figures an officer is asked for, from what this node wrote down. */
export function Reports() {
  useTitle("Reports");
  const accesses = useAccesses();
  const open = useAlerts("open");
  const status = useStatus();
  if (accesses.isPending || status.isPending) return <Skeleton lines={5} />;
  const all = accesses.data ?? [];
  const foreign = all.filter((one) => !one.own);
  const refused = foreign.filter(isRefused).length;
  const given = foreign.length - refused;
  const explained = foreign.filter((one) => !isRefused(one) && one.explanation).length;
  const own = all.length - foreign.length;
  const bars = [
    { label: "Explained", count: explained, share: all.length ? explained / all.length : 0 },
    {
      label: "No reason",
      count: given - explained,
      share: all.length ? (given - explained) / all.length : 0,
    },
    { label: "Refused", count: refused, share: all.length ? refused / all.length : 0 },
    { label: "Own record", count: own, share: all.length ? own / all.length : 0 },
  ];
  const share = given ? explained / given : 1;
  const save = () => {
    const lines = [
      `Salus access report, ${status.data?.organisation?.name ?? ""}, ${date(Date.now())}`,
      ...bars.map((bar) => `${bar.label}: ${bar.count}`),
      `Open alerts: ${open.data?.length ?? 0}`,
      `Log: block ${status.data?.height ?? 0}, ${status.data?.log_size ?? 0} entries`,
      `Header hash: ${status.data?.header_hash ?? ""}`,
    ];
    download("salus-access-report.txt", `${lines.join("\n")}\n`, "text/plain");
  };
  return (
    <div className="stack">
      <div className="topbar">
        <div>
          <h1>{percent(share, 0)} of openings by others have a reason.</h1>
          <p className="meta">From the newest {number(all.length)} receipts of this node</p>
        </div>
        <button className="btn" type="button" onClick={save}>
          <Icon name="dl" small />
          Save report
        </button>
      </div>
      <figure className="card pad stack tight" aria-labelledby="rp">
        <figcaption>
          <h2 id="rp">Openings by what explains them</h2>
        </figcaption>
        <BarChart bars={bars} label={bars.map((bar) => `${bar.label} ${bar.count}`).join(", ")} />
      </figure>
      <section className="card pad">
        <dl className="kv">
          <Figure name="Open alerts" value={number(open.data?.length ?? 0)} />
          <Figure name="Blocks" value={number(status.data?.height ?? 0)} />
          <Figure name="Log entries" value={number(status.data?.log_size ?? 0)} />
          <Figure name="Members" value={number(memberCount(status.data))} />
          <Figure name="Witnesses" value={number(status.data?.witnesses ?? 0)} />
        </dl>
      </section>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
