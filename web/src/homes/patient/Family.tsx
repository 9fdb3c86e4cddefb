import { Link } from "wouter";
import { useTitle } from "../../app/title";
import { EmptyState } from "../../components/basics";

export function Family() {
  useTitle("Family");
  return (
    <div className="wrap stack">
      <h1>Family</h1>
      <EmptyState
        icon="family"
        title="Nobody looks after records with you yet"
        action={
          <Link className="btn" href="/sharing/new">
            Share with somebody instead
          </Link>
        }
      >
        <p className="lede">
          Here you will look after a child’s records, or let somebody look after yours. A child’s
          records become their own when they grow up, and they see everything you did. This is not
          built yet; sharing with a person works today.
        </p>
      </EmptyState>
    </div>
  );
}
