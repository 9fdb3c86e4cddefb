import { Link } from "wouter";
import { navigation } from "../../app/nav";
import { kindOf, useHome } from "../../app/session";
import { useTitle } from "../../app/title";
import { useLock } from "../../app/Shell";
import { PersonChip } from "../../components/basics";
import { Icon } from "../../components/icons";

/** What the bottom bar of a phone has no room for. */
export function More() {
  useTitle("More");
  const home = useHome();
  const lock = useLock(home);
  const items = navigation[kindOf(home)].filter((item) => item.wideOnly);
  return (
    <div className="wrap stack">
      <h1>More</h1>
      <PersonChip name={home.displayName} meta={home.name} kind="you" />
      <ul className="card rows more-list">
        {items.map((item) => (
          <li key={item.path}>
            <Link href={item.path}>
              <Icon name={item.icon} />
              {item.name}
              <Icon name="right" />
            </Link>
          </li>
        ))}
      </ul>
      <button className="btn" type="button" onClick={() => void lock()}>
        <Icon name="lock" />
        Lock
      </button>
    </div>
  );
}
