import { Redirect, Route, Switch } from "wouter";
import { useEvents } from "../../api/queries";
import { EmptyState } from "../../components/basics";
import { useTitle } from "../../app/title";
import { More } from "../shared/More";
import { Settings } from "../shared/Settings";
import { Chart } from "./Chart";
import { Patients } from "./Patients";
import { Requests } from "./Requests";

export default function ClinicianHome() {
  useEvents();
  return (
    <Switch>
      <Route path="/patients" component={Patients} />
      <Route path="/chart/:directive">{(params) => <Chart directive={params.directive} />}</Route>
      <Route path="/requests" component={Requests} />
      <Route path="/emergency" component={Emergency} />
      <Route path="/settings" component={Settings} />
      <Route path="/more">
        <More />
      </Route>
      <Route>
        <Redirect to="/patients" replace />
      </Route>
    </Switch>
  );
}

function Emergency() {
  useTitle("Emergency access");
  return (
    <div className="stack">
      <h1>Emergency access</h1>
      <EmptyState icon="bolt" title="Not available on this node">
        <p className="lede">
          Opening a record without consent will need two people, a reason, and is told to the
          patient at once. It is not built yet, so there is no way around a refusal here. Use your
          organisation’s emergency procedure.
        </p>
      </EmptyState>
    </div>
  );
}
