import type { ReactNode } from "react";
import { initials } from "../app/format";
import { Icon, type IconName } from "./icons";

export type Tone = "plain" | "ok" | "warn" | "bad" | "info" | "acc";

/** Icon and word, never colour alone. */
export function StatusPill({
  tone = "plain",
  icon,
  children,
}: {
  tone?: Tone;
  icon: IconName;
  children: ReactNode;
}) {
  return (
    <span className={tone === "plain" ? "pill" : `pill ${tone}`}>
      <Icon name={icon} small />
      {children}
    </span>
  );
}

export function Face({ name, kind = "person" }: { name: string; kind?: "person" | "org" | "you" }) {
  const shape = kind === "person" ? "face" : `face ${kind}`;
  return (
    <span className={shape} aria-hidden="true">
      {initials(name)}
    </span>
  );
}

export function PersonChip({
  name,
  meta,
  kind,
  children,
}: {
  name: string;
  meta?: ReactNode;
  kind?: "person" | "org" | "you";
  children?: ReactNode;
}) {
  return (
    <div className="person">
      <Face name={name} kind={kind} />
      <div>
        <b>{name}</b>
        {meta ? <p className="meta">{meta}</p> : null}
        {children}
      </div>
    </div>
  );
}

const noticeIcon = { plain: "info", ok: "check", warn: "info", bad: "warn" } as const;

export function Notice({
  tone = "plain",
  icon,
  title,
  children,
  end,
  role,
}: {
  tone?: keyof typeof noticeIcon;
  icon?: IconName;
  title?: ReactNode;
  children?: ReactNode;
  end?: ReactNode;
  role?: "status" | "alert";
}) {
  return (
    <div className={tone === "plain" ? "notice" : `notice ${tone}`} role={role}>
      <Icon name={icon ?? noticeIcon[tone]} />
      <div className="stack close">
        {title ? <b>{title}</b> : null}
        {typeof children === "string" ? <p>{children}</p> : children}
      </div>
      {end ? <div className="end">{end}</div> : null}
    </div>
  );
}

/** What will be here, and the one thing to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon: IconName;
  title: string;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <section className="card pad empty">
      <span className="ic">
        <Icon name={icon} />
      </span>
      <div className="stack close">
        <h2>{title}</h2>
        {typeof children === "string" ? <p className="lede">{children}</p> : children}
      </div>
      {action ? <div className="acts">{action}</div> : null}
    </section>
  );
}

/** Grey lines in the shape of what is coming; announced once as loading. */
export function Skeleton({ lines = 3, label = "Loading" }: { lines?: number; label?: string }) {
  return (
    <div className="card pad skeleton" role="status">
      <span className="vh">{label}</span>
      {Array.from({ length: lines }, (_, i) => (
        <i key={i} />
      ))}
    </div>
  );
}

export function ProgressBar({
  done,
  total,
  label,
  left,
}: {
  done: number;
  total: number;
  label: string;
  left?: string | undefined;
}) {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  return (
    <div className="stack tight" role="status">
      <div className="row between">
        <p>
          <b>{label}</b>
        </p>
        {left ? <span className="meta">{left}</span> : null}
      </div>
      <div
        className="track"
        role="progressbar"
        aria-label={label}
        aria-valuenow={Math.round(share * 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}

export interface MeterProps {
  title: string;
  figure: string;
  detail: ReactNode;
  value: number;
  max: number;
  limit?: number;
  text: string;
  maxLabel: string;
  limitLabel?: string;
  pill?: ReactNode;
}

export function Meter(props: MeterProps) {
  const { title, figure, detail, value, max, limit, text, maxLabel, limitLabel, pill } = props;
  const share = Math.max(0, Math.min(1, value / max));
  return (
    <div className="meter">
      <div className="row between">
        <h3>{title}</h3>
        {pill}
      </div>
      <p>
        <span className="fig">{figure}</span> <span className="meta">{detail}</span>
      </p>
      <div
        className="track"
        role="meter"
        aria-label={title}
        aria-valuenow={Math.min(value, max)}
        aria-valuemin={0}
        aria-valuemax={max}
        aria-valuetext={text}
      >
        <i style={{ width: `${share * 100}%` }} />
        {limit === undefined ? null : <s style={{ left: `${(limit / max) * 100}%` }} />}
      </div>
      <div className="ends">
        <span>0 %</span>
        {limit !== undefined && limitLabel ? (
          <span className="at" style={{ left: `${(limit / max) * 100}%` }}>
            {limitLabel}
          </span>
        ) : null}
        <span>{maxLabel}</span>
      </div>
    </div>
  );
}

export function Steps({ names, now }: { names: string[]; now: number }) {
  return (
    <ol className="steps" aria-label={`Step ${now + 1} of ${names.length}`}>
      {names.map((name, i) => (
        <li
          key={name}
          className={i < now ? "done" : undefined}
          aria-current={i === now ? "step" : undefined}
        >
          <span className="n">{i < now ? <Icon name="check" small /> : i + 1}</span>
          <span className={i === now ? undefined : "lbl-off"}>
            {name}
            {i < now ? <span className="vh">, done</span> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}

export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
  wide,
}: {
  label: string;
  value: T;
  options: { value: T; label: ReactNode; icon?: IconName }[];
  onChange: (value: T) => void;
  wide?: boolean;
}) {
  return (
    <div className={wide ? "seg three" : "seg"} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
        >
          {option.icon ? <Icon name={option.icon} small /> : null}
          {option.label}
        </button>
      ))}
    </div>
  );
}
