import { useCallback, useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import type { Alert } from "../../api/types";
import { useEvents } from "../../api/queries";
import { LiveRegion } from "../../components/forms";
import { LogPage } from "../log/Log";
import { More } from "../shared/More";
import { Settings } from "../shared/Settings";
import { Explore } from "./Explore";
import { Queue } from "./Queue";
import { Reports } from "./Reports";
import { Staff } from "./Staff";

export default function OfficerHome() {
  const [news, setNews] = useState("");
  useEvents(useCallback((alert: Alert) => setNews(`New alert: ${alert.sentence}`), []));
  return (
    <>
      <LiveRegion>{news}</LiveRegion>
      <Switch>
        <Route path="/queue" component={Queue} />
        <Route path="/explore" component={Explore} />
        <Route path="/log">
          <LogPage />
        </Route>
        <Route path="/log/:height">{(params) => <LogPage height={Number(params.height)} />}</Route>
        <Route path="/reports" component={Reports} />
        <Route path="/staff" component={Staff} />
        <Route path="/settings" component={Settings} />
        <Route path="/more">
          <More />
        </Route>
        <Route>
          <Redirect to="/queue" replace />
        </Route>
      </Switch>
    </>
  );
}
