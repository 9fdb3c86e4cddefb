import type { ReactNode } from "react";

// One path set per idea, drawn on a 20 by 20 grid; colour comes from the text around the icon.
const shapes = {
  activity: (
    <>
      <path d="M1.8 10S4.8 4.5 10 4.5 18.2 10 18.2 10 15.2 15.5 10 15.5 1.8 10 1.8 10z" />
      <circle cx="10" cy="10" r="2.5" />
    </>
  ),
  allergy: (
    <>
      <path d="M10 2.5 16.5 5v4.6c0 4-2.7 6.6-6.5 8-3.8-1.4-6.5-4-6.5-8V5z" />
      <path d="M10 6.8v4M10 13.3v.1" />
    </>
  ),
  ban: (
    <>
      <circle cx="10" cy="10" r="7.5" />
      <path d="m4.8 4.8 10.4 10.4" />
    </>
  ),
  bolt: (
    <>
      <path d="M11.2 2.2 4 11.5h5l-.8 6.3 7.3-9.6h-5z" />
    </>
  ),
  box: (
    <>
      <path d="m10 2.5 7 3.5v8l-7 3.5L3 14V6z" />
      <path d="m3 6 7 3.5L17 6M10 9.5v8" />
    </>
  ),
  chain: (
    <>
      <rect x="2" y="6.5" width="5" height="7" rx="1.2" />
      <rect x="13" y="6.5" width="5" height="7" rx="1.2" />
      <path d="M7 10h6" />
    </>
  ),
  chart: (
    <>
      <path d="M3 3.5v13h14" />
      <path d="m5.5 12.5 3.5-4 3 2.3 4.5-5.3" />
    </>
  ),
  chat: (
    <>
      <path d="M3 4h14v9.5H9.5L5.5 17v-3.5H3z" />
    </>
  ),
  check: (
    <>
      <path d="m4 10.5 4 4 8-9" />
    </>
  ),
  clock: (
    <>
      <circle cx="10" cy="10" r="7.5" />
      <path d="M10 5.5V10l3 2" />
    </>
  ),
  copy: (
    <>
      <rect x="6.5" y="6.5" width="10" height="10" rx="1.5" />
      <path d="M13.5 6.5v-3h-10v10h3" />
    </>
  ),
  cross: (
    <>
      <path d="m5 5 10 10M15 5 5 15" />
    </>
  ),
  dl: (
    <>
      <path d="M10 3v9.5M6 9l4 4 4-4M3.5 16.8h13" />
    </>
  ),
  down: (
    <>
      <path d="M10 4v12M5 11l5 5 5-5" />
    </>
  ),
  eye: (
    <>
      <path d="M1.8 10S4.8 4.5 10 4.5 18.2 10 18.2 10 15.2 15.5 10 15.5 1.8 10 1.8 10z" />
      <circle cx="10" cy="10" r="2.5" />
    </>
  ),
  family: (
    <>
      <circle cx="7" cy="6.5" r="2.7" />
      <circle cx="14.2" cy="9.2" r="2" />
      <path d="M2 16.8c.3-3.4 2.3-5.3 5-5.3s4.7 1.9 5 5.3M12.8 13.4c.5-.3 1-.4 1.5-.4 2 0 3.4 1.3 3.7 3.8" />
    </>
  ),
  file: (
    <>
      <path d="M5 2.8h7l3.5 3.5v10.9H5z" />
      <path d="M7.8 9h5M7.8 12h5M7.8 15h3" />
    </>
  ),
  filter: (
    <>
      <path d="M3 5h14M6 10h8M8.5 15h3" />
    </>
  ),
  flag: (
    <>
      <path d="M4.5 17.5v-15M4.5 3.5h10.8l-2.3 3.7 2.3 3.7H4.5" />
    </>
  ),
  flask: (
    <>
      <path d="M7.5 2.5h5M8.5 2.5v5L4 15.6a1.3 1.3 0 0 0 1.2 1.9h9.6a1.3 1.3 0 0 0 1.2-1.9l-4.5-8.1v-5M6.3 12.5h7.4" />
    </>
  ),
  flat: (
    <>
      <path d="M3 10h14M12.5 5.5 17 10l-4.5 4.5" />
    </>
  ),
  heart: (
    <>
      <path d="M10 16.8S2.5 12.6 2.5 7.6A3.9 3.9 0 0 1 10 6.2a3.9 3.9 0 0 1 7.5 1.4c0 5-7.5 9.2-7.5 9.2z" />
    </>
  ),
  info: (
    <>
      <circle cx="10" cy="10" r="7.5" />
      <path d="M10 9v5M10 6.3v.1" />
    </>
  ),
  key: (
    <>
      <circle cx="6.5" cy="10" r="3.7" />
      <path d="M10.2 10H18M15.5 10v3M12.8 10v2" />
    </>
  ),
  left: (
    <>
      <path d="m12 5-5 5 5 5" />
    </>
  ),
  letter: (
    <>
      <rect x="2.5" y="4.5" width="15" height="11" rx="1.5" />
      <path d="m3 5.5 7 5.5 7-5.5" />
    </>
  ),
  lock: (
    <>
      <rect x="4" y="9" width="12" height="8.5" rx="2" />
      <path d="M6.8 9V6.2a3.2 3.2 0 0 1 6.4 0V9" />
    </>
  ),
  mind: (
    <>
      <path d="M7 17.5v-2.7H5.2a1.2 1.2 0 0 1-1.2-1.2v-2L2.6 11l1.6-3A5.7 5.7 0 0 1 10 2.8a6 6 0 0 1 6 6c0 2.2-1 3.7-2.3 4.9v3.8" />
    </>
  ),
  more: (
    <>
      <circle cx="4" cy="10" r="1.2" />
      <circle cx="10" cy="10" r="1.2" />
      <circle cx="16" cy="10" r="1.2" />
    </>
  ),
  note: (
    <>
      <path d="M4.5 3h11v9.5L11.5 17h-7z" />
      <path d="M15.5 12.5H11.5V17M7.5 7h5M7.5 10h3" />
    </>
  ),
  out: (
    <>
      <path d="M8 3.5H4v13h4M12.5 6.5 16 10l-3.5 3.5M16 10H8" />
    </>
  ),
  people: (
    <>
      <circle cx="10" cy="6.5" r="3" />
      <path d="M4 17c.3-3.6 2.8-5.5 6-5.5s5.7 1.9 6 5.5" />
    </>
  ),
  person: (
    <>
      <circle cx="10" cy="6.5" r="3" />
      <path d="M4 17c.3-3.6 2.8-5.5 6-5.5s5.7 1.9 6 5.5" />
    </>
  ),
  phone: (
    <>
      <rect x="6" y="2.5" width="8" height="15" rx="1.8" />
      <path d="M9 15h2" />
    </>
  ),
  photo: (
    <>
      <rect x="2.5" y="4.5" width="15" height="11.5" rx="1.5" />
      <path d="m3 14 4.5-4.5 4 4 2-2 3.5 3.5" />
      <circle cx="13" cy="8" r="1.2" />
    </>
  ),
  pill: (
    <>
      <rect x="1.8" y="6.5" width="16.4" height="7" rx="3.5" transform="rotate(-40 10 10)" />
      <path d="m7.7 7.3 4.6 5.4" />
    </>
  ),
  plus: (
    <>
      <path d="M10 4v12M4 10h12" />
    </>
  ),
  proof: (
    <>
      <circle cx="10" cy="10" r="7.5" />
      <path d="m6.7 10.2 2.3 2.3 4.4-4.8" />
    </>
  ),
  records: (
    <>
      <path d="M5 2.8h7l3.5 3.5v10.9H5z" />
      <path d="M7.8 9h5M7.8 12h5M7.8 15h3" />
    </>
  ),
  refresh: (
    <>
      <path d="M16 6.5A7 7 0 1 0 17 10M16.5 3v3.8h-3.8" />
    </>
  ),
  report: (
    <>
      <path d="M4.5 2.8h11v14.4h-11z" />
      <path d="M7.5 13.5v-2M10 13.5V8M12.5 13.5v-3.5" />
    </>
  ),
  right: (
    <>
      <path d="m8 5 5 5-5 5" />
    </>
  ),
  scale: (
    <>
      <path d="M3 16.5h14M5.5 16.5v-5M10 16.5V4M14.5 16.5v-8" />
    </>
  ),
  search: (
    <>
      <circle cx="9" cy="9" r="5.5" />
      <path d="m13.2 13.2 4 4" />
    </>
  ),
  settings: (
    <>
      <path d="M3 6h8M15 6h2M3 14h2M9 14h8" />
      <circle cx="13" cy="6" r="2" />
      <circle cx="7" cy="14" r="2" />
    </>
  ),
  share: (
    <>
      <circle cx="6.5" cy="7" r="2.7" />
      <path d="M1.8 16.5c.3-3 2.2-4.8 4.7-4.8s4.4 1.8 4.7 4.8" />
      <path d="M13 8h5.2M15.8 5.4 18.4 8l-2.6 2.6" />
    </>
  ),
  steth: (
    <>
      <path d="M5 3v4.5a3.5 3.5 0 0 0 7 0V3M8.5 11v2.2a4 4 0 0 0 8 0V11.5" />
      <circle cx="16.5" cy="9.5" r="1.8" />
    </>
  ),
  sun: (
    <>
      <circle cx="10" cy="10" r="3.4" />
      <path d="M10 2.2v1.9M10 15.9v1.9M2.2 10h1.9M15.9 10h1.9M4.5 4.5l1.3 1.3M14.2 14.2l1.3 1.3M4.5 15.5l1.3-1.3M14.2 5.8l1.3-1.3" />
    </>
  ),
  syringe: (
    <>
      <path d="m12.5 2.5 5 5M15 5l-2.3 2.3M10.5 5.3l4.2 4.2-6.2 6.2H4.3v-4.2zM4.3 15.7 2.3 17.7" />
    </>
  ),
  table: (
    <>
      <rect x="2.8" y="4" width="14.4" height="12" rx="1.5" />
      <path d="M2.8 8.3h14.4M2.8 12.2h14.4M8 8.3V16" />
    </>
  ),
  today: (
    <>
      <circle cx="10" cy="10" r="3.4" />
      <path d="M10 2.2v1.9M10 15.9v1.9M2.2 10h1.9M15.9 10h1.9M4.5 4.5l1.3 1.3M14.2 14.2l1.3 1.3M4.5 15.5l1.3-1.3M14.2 5.8l1.3-1.3" />
    </>
  ),
  trash: (
    <>
      <path d="M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.8 11h7.4l.8-11" />
    </>
  ),
  up: (
    <>
      <path d="M10 16V4M5 9l5-5 5 5" />
    </>
  ),
  upload: (
    <>
      <path d="M10 13V3.5M6 7l4-4 4 4M3.5 16.8h13" />
    </>
  ),
  warn: (
    <>
      <path d="M10 3 18 16.8H2z" />
      <path d="M10 8v4M10 14.3v.1" />
    </>
  ),
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof shapes;

export function Icon({ name, small }: { name: IconName; small?: boolean }) {
  return (
    <svg className={small ? "i s" : "i"} viewBox="0 0 20 20" aria-hidden="true">
      {shapes[name]}
    </svg>
  );
}

export function BrandMark() {
  return (
    <svg viewBox="0 0 28 28" aria-hidden="true">
      <rect width="28" height="28" rx="8" fill="currentColor" />
      <path
        d="M18.6 9.300c-.8-1.500-2.500-2.300-4.600-2.300-2.700 0-4.600 1.300-4.600 3.300 0 4.900 9.400 2.400 9.400 7.300
          0 2-2 3.400-4.800 3.400-2.200 0-4-.8-4.900-2.400"
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
    </svg>
  );
}
