import { Link } from "wouter";
import { useTitle } from "../app/title";
import { Door } from "./Door";
import { Icon } from "../components/icons";

/** What helps today, in the order to try it. */
export default function Recover() {
  useTitle("Lost phone or password");
  return (
    <Door>
      <div className="doorform">
        <header className="stack close">
          <h1>Lost phone or password</h1>
          <p className="lede">Your records are safe. Nobody can open them in the meantime.</p>
        </header>
        <ul className="next">
          <li>
            <Icon name="phone" />
            <div>
              <b>Lost the phone, know the password</b>
              <p className="meta">
                The same key in another authenticator app gives the same codes. If you kept the key
                from sign-up, type it into a new app.
              </p>
            </div>
          </li>
          <li>
            <Icon name="key" />
            <div>
              <b>Have the recovery code</b>
              <p className="meta">
                It opens your keys without phone or password, and nobody else has it. Keep it: this
                version of the portal has no page that uses it.
              </p>
            </div>
          </li>
          <li>
            <Icon name="people" />
            <div>
              <b>Have neither</b>
              <p className="meta">
                Ask the privacy officer of your clinic. They cannot open your records either, and
                can start a new account for you.
              </p>
            </div>
          </li>
        </ul>
        <Link className="btn" href="/signin">
          Back to sign in
        </Link>
      </div>
    </Door>
  );
}
