import { Link, Redirect, Route, Switch } from "wouter";
import { EmptyState } from "../../components/basics";
import { useTitle } from "../../app/title";
import { LogPage } from "../log/Log";
import { More } from "../shared/More";
import { Settings } from "../shared/Settings";
import { Datasets } from "./Datasets";
import { Dataset } from "./Dataset";
import { StudioPage } from "./Studio";

export default function StewardHome() {
  return (
    <Switch>
      <Route path="/datasets" component={Datasets} />
      <Route path="/datasets/studio/:step">{(params) => <StudioPage step={params.step} />}</Route>
      <Route path="/datasets/:collection">{(params) => <Dataset id={params.collection} />}</Route>
      <Route path="/studies" component={Studies} />
      <Route path="/models" component={Models} />
      <Route path="/log">
        <LogPage />
      </Route>
      <Route path="/log/:height">{(params) => <LogPage height={Number(params.height)} />}</Route>
      <Route path="/settings" component={Settings} />
      <Route path="/more">
        <More />
      </Route>
      <Route>
        <Redirect to="/datasets" replace />
      </Route>
    </Switch>
  );
}

const toDatasets = (
  <Link className="btn" href="/datasets">
    To the data sets
  </Link>
);

function Studies() {
  useTitle("Studies");
  return (
    <div className="stack">
      <h1>Studies</h1>
      <EmptyState icon="chart" title="No study runs on this node" action={toDatasets}>
        <p className="lede">
          Rounds of learning across hospitals will show here live, with what each costs in privacy.
          This node cannot run one yet.
        </p>
      </EmptyState>
    </div>
  );
}

function Models() {
  useTitle("Models");
  return (
    <div className="stack">
      <h1>Models</h1>
      <EmptyState icon="box" title="No model is registered here" action={toDatasets}>
        <p className="lede">
          A model’s card will say what it was trained on, how well it does for whom, and where it
          stops. This node cannot train or keep one yet. A sealed data set is what it will learn
          from.
        </p>
      </EmptyState>
    </div>
  );
}
