import { useEffect, useRef, useState } from "react";
import { dateShort, monthLabel, number, percent } from "../app/format";

// SVG drawn one to one, so that its text keeps the page's size; direct labels, no legend, bars from
// zero. The table behind the switch says the same.

/** The width the drawing has, so that it is drawn again rather than scaled. */
function useWidth(start: number) {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(start);
  useEffect(() => {
    const box = ref.current;
    if (!box) return;
    const measure = () => setWidth(Math.max(240, Math.round(box.clientWidth)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

export interface Point {
  at: number;
  value: number;
}

function niceStep(span: number): number {
  const raw = span / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const unit = raw / power;
  return (unit <= 1 ? 1 : unit <= 2 ? 2 : unit <= 5 ? 5 : 10) * power;
}

export function LineChart({
  points,
  low,
  high,
  label,
}: {
  points: Point[];
  low: number | null;
  high: number | null;
  label: string;
}) {
  const { ref, width } = useWidth(640);
  const height = 260;
  const values = points.map((point) => point.value);
  if (low !== null) values.push(low);
  if (high !== null) values.push(high);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const step = niceStep(most - least || most || 1);
  const bottom = Math.floor((least - step * 0.3) / step) * step;
  const top = Math.ceil((most + step * 0.5) / step) * step;
  const hasRange = low !== null || high !== null;
  const [left, right] = [44, width - (hasRange ? 92 : 28)];
  const first = points[0]?.at ?? 0;
  const last = points[points.length - 1]?.at ?? 1;
  const room = right - left - 32;
  // Results of one day have no distance in time: they stand side by side.
  const x = (at: number, i: number) =>
    points.length < 2
      ? (left + right) / 2
      : left + 16 + (last > first ? (at - first) / (last - first) : i / (points.length - 1)) * room;
  const y = (value: number) => 14 + ((top - value) / (top - bottom)) * (height - 60);
  const lines = Array.from(
    { length: Math.round((top - bottom) / step) + 1 },
    (_, i) => bottom + i * step,
  );
  const bandTop = y(high ?? top);
  const bandBottom = y(low ?? bottom);
  const digits = step < 1 ? 1 : 0;
  const ticks = pickTicks(points, width);
  return (
    <div ref={ref} className="chartbox">
      <svg
        className="chart"
        viewBox={`0 0 ${width} ${height}`}
        height={height}
        role="img"
        aria-label={label}
      >
        {hasRange ? (
          <rect
            className="bandr"
            x={left}
            width={right - left}
            y={bandTop}
            height={bandBottom - bandTop}
          />
        ) : null}
        {lines.map((value) => (
          <g key={value}>
            <line className="grid" x1={left} x2={right} y1={y(value)} y2={y(value)} />
            <text x={left - 8} y={y(value) + 5} textAnchor="end">
              {number(value, digits)}
            </text>
          </g>
        ))}
        <polyline
          className="line"
          points={points.map((p, i) => `${x(p.at, i)},${y(p.value)}`).join(" ")}
        />
        {points.map((point, i) => (
          <g key={point.at + i}>
            <circle
              className={i === points.length - 1 ? "dot now" : "dot"}
              cx={x(point.at, i)}
              cy={y(point.value)}
              r={i === points.length - 1 ? 5 : 4}
            />
            {points.length <= 14 || i === points.length - 1 ? (
              <text className="lab" x={x(point.at, i)} y={y(point.value) - 12} textAnchor="middle">
                {number(point.value)}
              </text>
            ) : null}
          </g>
        ))}
        {ticks.map((point) => (
          <text
            key={point.at}
            x={x(point.at, points.indexOf(point))}
            y={height - 8}
            textAnchor="middle"
          >
            {monthLabel(point.at)}
          </text>
        ))}
        {hasRange ? (
          <>
            <text x={right + 8} y={(bandTop + bandBottom) / 2 - 4}>
              Reference
            </text>
            <text x={right + 8} y={(bandTop + bandBottom) / 2 + 14}>
              {low !== null && high !== null
                ? `${low} to ${high}`
                : high !== null
                  ? `below ${high}`
                  : `above ${low}`}
            </text>
          </>
        ) : null}
      </svg>
    </div>
  );
}

/** Labels of the time axis that do not touch each other. */
function pickTicks(points: Point[], width: number): Point[] {
  const room = Math.max(2, Math.floor(width / 140));
  const months = points.filter(
    (point, i) => i === 0 || monthLabel(point.at) !== monthLabel(points[i - 1]?.at ?? 0),
  );
  if (months.length <= room) return months;
  const every = Math.ceil((months.length - 1) / (room - 1));
  return months.filter((_, i) => (months.length - 1 - i) % every === 0);
}

export interface Bar {
  label: string;
  count: number;
  share: number;
}

export function BarChart({ bars, label }: { bars: Bar[]; label: string }) {
  const { ref, width } = useWidth(620);
  const longest = Math.max(...bars.map((bar) => bar.label.length), 4);
  const left = Math.min(Math.max(72, longest * 8), Math.round(width * 0.36));
  const most = Math.max(...bars.map((bar) => bar.count), 1);
  const room = width - left - 132;
  const height = bars.length * 35 + 4;
  return (
    <div ref={ref} className="chartbox">
      <svg
        className="chart"
        viewBox={`0 0 ${width} ${height}`}
        height={height}
        role="img"
        aria-label={label}
      >
        <line className="axis" x1={left + 0.5} x2={left + 0.5} y1="0" y2={height} />
        {bars.map((bar, i) => {
          const length = bar.count === 0 ? 0 : Math.max(2, (bar.count / most) * room);
          return (
            <g key={bar.label}>
              <text className="cat" x={left - 10} y={i * 35 + 23} textAnchor="end">
                {bar.label.length * 8 > left
                  ? `${bar.label.slice(0, Math.floor(left / 8.5) - 1)}…`
                  : bar.label}
              </text>
              <rect className="bar" x={left} y={i * 35 + 6} width={length} height="24" rx="3" />
              <text x={left + length + 8} y={i * 35 + 23}>
                <tspan className="lab">{number(bar.count)}</tspan> · {percent(bar.share)}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** Standing bars for the distribution of a number. */
export function Histogram({
  bins,
  label,
  unit,
  format = number,
}: {
  format?: (value: number) => string;
  bins: { low: number; high: number; count: number }[];
  label: string;
  unit: string;
}) {
  const { ref, width } = useWidth(320);
  const height = 120;
  const most = Math.max(...bins.map((bin) => bin.count), 1);
  const each = width / Math.max(1, bins.length);
  const first = bins[0]?.low ?? 0;
  const last = bins[bins.length - 1]?.high ?? 0;
  return (
    <div ref={ref} className="chartbox">
      <svg
        className="chart"
        viewBox={`0 0 ${width} ${height}`}
        height={height}
        role="img"
        aria-label={label}
      >
        {bins.map((bin, i) => (
          <rect
            key={bin.low}
            className="bar"
            x={i * each + 1}
            width={Math.max(1, each - 2)}
            y={90 - (bin.count / most) * 84}
            height={(bin.count / most) * 84}
          />
        ))}
        <line className="axis" x1="0" x2={width} y1="90.5" y2="90.5" />
        <text x="0" y="112">
          {format(first)}
        </text>
        <text x={width} y="112" textAnchor="end">
          {format(last)} {unit}
        </text>
      </svg>
    </div>
  );
}

/** A line the size of a word, with the reference band behind it. Its numbers stand beside it. */
export function Spark({
  points,
  low,
  high,
}: {
  points: Point[];
  low?: number | null;
  high?: number | null;
}) {
  const shown = points.slice(-6);
  if (shown.length < 2) return <span className="meta">one result</span>;
  const values = shown.map((point) => point.value);
  const bounds = [...values, ...[low, high].filter((v): v is number => typeof v === "number")];
  const [least, most] = [Math.min(...bounds), Math.max(...bounds)];
  const y = (value: number) => 21 - ((value - least) / (most - least || 1)) * 18;
  const x = (i: number) => 2 + (i / (shown.length - 1)) * 66;
  const end = shown.length - 1;
  const top = y(high ?? most);
  return (
    <svg className="spark" viewBox="0 0 72 24" aria-hidden="true">
      {typeof low === "number" || typeof high === "number" ? (
        <rect x="0" width="72" y={top} height={Math.max(1, y(low ?? least) - top)} rx="2" />
      ) : null}
      <polyline points={values.map((value, i) => `${x(i)},${y(value)}`).join(" ")} />
      <circle cx={x(end)} cy={y(values[end] ?? 0)} r="2.6" />
    </svg>
  );
}

export const pointLabel = (point: Point, unit: string): string =>
  `${dateShort(point.at)}: ${number(point.value)} ${unit}`;
