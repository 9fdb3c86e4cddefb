import { Redirect, Route, Switch } from "wouter";
import { useEvents } from "../../api/queries";
import { More } from "../shared/More";
import { Settings } from "../shared/Settings";
import { Activity } from "./Activity";
import { AddRecord } from "./AddRecord";
import { ClaimRecord } from "./ClaimRecord";
import { Family } from "./Family";
import { Records } from "./Records";
import { Share } from "./Share";
import { Sharing } from "./Sharing";
import { Today } from "./Today";

export default function PatientHome() {
  useEvents();
  return (
    <Switch>
      <Route path="/today" component={Today} />
      <Route path="/records" component={Records} />
      <Route path="/records/add" component={AddRecord} />
      <Route path="/records/claim" component={ClaimRecord} />
      <Route path="/sharing" component={Sharing} />
      <Route path="/sharing/new" component={Share} />
      <Route path="/activity" component={Activity} />
      <Route path="/family" component={Family} />
      <Route path="/settings" component={Settings} />
      <Route path="/more">
        <More />
      </Route>
      <Route>
        <Redirect to="/today" replace />
      </Route>
    </Switch>
  );
}
