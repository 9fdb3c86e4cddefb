import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { call } from "../api/http";
import type { Status } from "../api/types";
import { vault } from "../crypto/client";
import { Skeleton } from "../components/basics";
import { readDemoLink, useDemoLink } from "../demo/link";
import { SignIn } from "../signin/SignIn";
import { firstPage, kindOf, removeHome, useHomes, type Home } from "./session";
import { Shell } from "./Shell";

const SignUp = lazy(() => import("../signin/SignUp"));
const Recover = lazy(() => import("../signin/Recover"));
const Setup = lazy(() => import("../setup/Setup"));
const PatientHome = lazy(() => import("../homes/patient"));
const ClinicianHome = lazy(() => import("../homes/clinician"));
const OfficerHome = lazy(() => import("../homes/officer"));
const LaboratoryHome = lazy(() => import("../homes/laboratory"));
const StewardHome = lazy(() => import("../homes/steward"));

const homes = {
  patient: PatientHome,
  clinician: ClinicianHome,
  officer: OfficerHome,
  steward: StewardHome,
  laboratory: LaboratoryHome,
};

// Read before anything else can change the address: a demo key must not stay in the history.
const linkAtStart = readDemoLink();

export function App() {
  const { homes: open, active } = useHomes();
  const home = open.find((known) => known.home === active);
  const status = useQuery({ queryKey: ["status"], queryFn: () => call<Status>("/api/status") });
  const demo = useDemoLink(linkAtStart);
  const ready = useKeys(home);

  if (demo.busy) return <Waiting text="Opening the demo home" />;
  if (home && ready === "no") return <SignIn again={home} demoError={demo.error} />;
  if (home && ready === "yes") return <SignedIn home={home} />;
  if (home) return <Waiting text="Opening your home" />;
  const setupNeeded = status.data?.setup_needed ?? false;
  return (
    <Suspense fallback={<Waiting text="Loading" />}>
      <Switch>
        <Route path="/setup">
          <Setup needed={setupNeeded} known={status.isSuccess} />
        </Route>
        <Route path="/signup">
          <SignUp invitation={null} />
        </Route>
        <Route path="/invitation/:code?">
          {(params) => <SignUp invitation={params.code ?? ""} />}
        </Route>
        <Route path="/recover" component={Recover} />
        <Route>
          {setupNeeded ? <Redirect to="/setup" replace /> : <SignIn demoError={demo.error} />}
        </Route>
      </Switch>
    </Suspense>
  );
}

function SignedIn({ home }: { home: Home }) {
  const kind = kindOf(home);
  const Pages = homes[kind];
  const [path] = useLocation();
  const outside = /^\/(signin|signup|setup|recover|invitation.*)?$/.test(path);
  return (
    <Shell key={home.home} home={home}>
      <Suspense fallback={<Skeleton lines={6} />}>
        {outside ? <Redirect to={firstPage[kind]} replace /> : <Pages />}
      </Suspense>
    </Shell>
  );
}

/** Are this home's keys in the worker? After a reload they come back by the split key, or not. */
function useKeys(home: Home | undefined): "wait" | "yes" | "no" {
  const id = home?.home;
  const [state, setState] = useState<{ home?: string | undefined; ready: "wait" | "yes" | "no" }>({
    ready: "wait",
  });
  useEffect(() => {
    if (!id) return;
    let current = true;
    vault("resume", { home: id }).then(
      ({ session }) => current && setState({ home: id, ready: session ? "yes" : "no" }),
      () => {
        if (!current) return;
        removeHome(id);
        setState({ home: id, ready: "no" });
      },
    );
    return () => {
      current = false;
    };
  }, [id]);
  return state.home === id ? state.ready : "wait";
}

function Waiting({ text }: { text: string }) {
  return (
    <div className="centre">
      <p className="lede" role="status">
        {text} …
      </p>
    </div>
  );
}
