import { Redirect, Route, Switch } from "wouter";
import { More } from "../shared/More";
import { Settings } from "../shared/Settings";
import { AddResult } from "./AddResult";
import { Results } from "./Results";

/** A laboratory's home: whom it adds for, and what it added. There is nothing else to see. */
export default function LaboratoryHome() {
  return (
    <Switch>
      <Route path="/results" component={Results} />
      <Route path="/results/add/:directive">
        {(params) => <AddResult directive={params.directive} />}
      </Route>
      <Route path="/settings" component={Settings} />
      <Route path="/more">
        <More />
      </Route>
      <Route>
        <Redirect to="/results" replace />
      </Route>
    </Switch>
  );
}
