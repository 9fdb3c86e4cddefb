import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { PersonChip } from "../components/basics";
import { BrandMark, Icon } from "../components/icons";
import { vault } from "../crypto/client";
import { DemoStrip } from "../demo/DemoStrip";
import { Notices } from "./Notices";
import { StepUpHost } from "./StepUp";
import { navigation } from "./nav";
import { firstPage, homesNow, kindOf, removeHome, roleName, type Home } from "./session";
import { useBadge } from "./badge";

/** Locks: the keys leave the worker and the session ends. */
export function useLock(home: Home): () => Promise<void> {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  return useCallback(async () => {
    await vault("leave", { home: home.home });
    queries.removeQueries({ queryKey: [home.home] });
    removeHome(home.home);
    const other = homesNow()[0];
    navigate(other ? firstPage[kindOf(other)] : "/signin");
  }, [home.home, navigate, queries]);
}

const staffIdleMs = 15 * 60_000;
const patientIdleMs = 60 * 60_000;

export function Shell({ home, children }: { home: Home; children: ReactNode }) {
  const kind = kindOf(home);
  const [path] = useLocation();
  const lock = useLock(home);
  const badge = useBadge(home);
  useIdleLock(home, lock);
  usePageFocus(path);
  const items = navigation[kind];
  const isHere = (item: string) => path === item || path.startsWith(`${item}/`);
  const behindMore = items.some((item) => item.wideOnly && isHere(item.path)) || path === "/more";
  const role = home.kind === "patient" ? "Patient" : (roleName[home.roles[0] ?? ""] ?? "Staff");

  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      {home.demo ? <DemoStrip home={home} /> : null}
      <div className={kind === "patient" ? "shell" : "shell compact"}>
        <header className="head">
          <Link className="brand" href={firstPage[kind]}>
            <BrandMark />
            Salus
          </Link>
          <button className="btn lock" type="button" onClick={() => void lock()}>
            <Icon name="lock" />
            Lock
          </button>
        </header>
        <nav className="nav" aria-label="Main">
          <ul>
            {items.map((item) => (
              <li key={item.path} className={item.wideOnly ? "wideonly" : undefined}>
                <Link href={item.path} aria-current={isHere(item.path) ? "page" : undefined}>
                  <Icon name={item.icon} />
                  {item.name}
                  {badge?.path === item.path && badge.count > 0 ? (
                    <span className="count">
                      {badge.count}
                      <span className="vh"> waiting</span>
                    </span>
                  ) : null}
                </Link>
              </li>
            ))}
            <li className="more">
              <Link href="/more" aria-current={behindMore ? "page" : undefined}>
                <Icon name="more" />
                More
              </Link>
            </li>
          </ul>
          <div className="me">
            <PersonChip name={home.displayName} meta={role} kind="you" />
            <button className="btn wide" type="button" onClick={() => void lock()}>
              <Icon name="lock" />
              Lock
            </button>
          </div>
        </nav>
        <main className="main" id="main" tabIndex={-1}>
          <Notices home={home} />
          {children}
        </main>
      </div>
      <StepUpHost home={home} />
    </>
  );
}

/** A shared workstation locks itself. */
function useIdleLock(home: Home, lock: () => Promise<void>): void {
  useEffect(() => {
    const limit = home.kind === "patient" ? patientIdleMs : staffIdleMs;
    let timer = setTimeout(() => void lock(), limit);
    const again = () => {
      clearTimeout(timer);
      timer = setTimeout(() => void lock(), limit);
    };
    const events = ["pointerdown", "keydown", "scroll"] as const;
    for (const name of events) addEventListener(name, again, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const name of events) removeEventListener(name, again);
    };
  }, [home.kind, lock]);
}

/** A new page begins at its top, and its name is in the tab. */
function usePageFocus(path: string): void {
  const [first, setFirst] = useState(path);
  useEffect(() => {
    if (first === path) return;
    setFirst("");
    scrollTo(0, 0);
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [path, first]);
}
