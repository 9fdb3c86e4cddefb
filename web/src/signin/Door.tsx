import type { ReactNode } from "react";
import { Face, StatusPill } from "../components/basics";
import { BrandMark, Icon } from "../components/icons";

/** The page before a home: the promise on one side, one question on the other. */
export function Door({ children }: { children: ReactNode }) {
  return (
    <div className="door">
      <a className="skip" href="#main">
        Skip to the form
      </a>
      <aside aria-label="About Salus">
        <a className="brand" href="/">
          <BrandMark />
          Salus
        </a>
        <div className="pitch">
          <p className="bigline">
            Your health records. <br />
            Opened only by people you chose.
          </p>
          <ul className="card" aria-label="Example of an activity row">
            <li className="say">
              <Face name="Lena Novak" />
              <div className="txt">
                <p>
                  <b>Dr Lena Novak</b> opened <b>3 blood results</b> for your diabetes review.
                </p>
                <p className="meta">Today 10:32 · Riverside Clinic</p>
              </div>
              <StatusPill tone="ok" icon="proof">
                Proof
              </StatusPill>
            </li>
          </ul>
          <ul className="promise">
            <li>
              <Icon name="lock" />
              <p>Your records are sealed on your device. The server cannot read them.</p>
            </li>
            <li>
              <Icon name="activity" />
              <p>You see who opened what, when and why.</p>
            </li>
            <li>
              <Icon name="proof" />
              <p>You can check the proof yourself, without us.</p>
            </li>
          </ul>
        </div>
      </aside>
      <main id="main">{children}</main>
    </div>
  );
}
