import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import {
  activate,
  firstPage,
  homesNow,
  kindOf,
  roleName,
  useHomes,
  type Home,
} from "../app/session";
import { vault } from "../crypto/client";
import { knownDemoLinks, openDemo } from "./link";

/**
 * Switches between the demo's homes and shows the current code, which on a real node nobody sees.
 */
export function DemoStrip({ home }: { home: Home }) {
  const { homes } = useHomes();
  const [, navigate] = useLocation();
  const code = useDemoCode(home);
  const links = knownDemoLinks();
  const opened = homes.filter((one) => one.demo).map((one) => one.name);
  const names = [...new Set([...links.map((link) => link.name), ...opened])];

  const go = async (name: string) => {
    const link = links.find((one) => one.name === name);
    const open = homes.find((one) => one.name === name);
    if (open) activate(open.home);
    else if (link) await openDemo(link);
    const now = homesNow().find((one) => one.name === name);
    if (now) navigate(firstPage[kindOf(now)]);
  };

  return (
    <section className="demostrip" aria-label="Demo homes">
      <span className="label">Demo data</span>
      <div className="who" role="group" aria-label="Switch home">
        {names.map((name) => {
          const open = homes.find((one) => one.name === name);
          return (
            <button
              key={name}
              type="button"
              aria-pressed={name === home.name}
              onClick={() => void go(name)}
            >
              {open ? `${open.displayName}, ${roleOf(open)}` : name}
            </button>
          );
        })}
      </div>
      {code ? (
        <p className="code6">
          <span>Code now</span> <b>{code.code}</b> <span>{code.left} s</span>
        </p>
      ) : null}
    </section>
  );
}

const roleOf = (home: Home): string =>
  (roleName[home.kind === "patient" ? "patient" : (home.roles[0] ?? "")] ?? "staff").toLowerCase();

function useDemoCode(home: Home) {
  const [code, setCode] = useState<{ code: string; left: number } | null>(null);
  useEffect(() => {
    let current = true;
    const tick = () => {
      void vault("demoCode", { home: home.home }).then((next) => current && setCode(next));
    };
    tick();
    const timer = setInterval(tick, 1000);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [home.home]);
  return code;
}
