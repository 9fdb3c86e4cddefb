import { useState } from "react";
import { errorText } from "../../api/http";
import { number } from "../../app/format";
import { useHome } from "../../app/session";
import { withStepUp } from "../../app/StepUp";
import { Notice, StatusPill } from "../../components/basics";
import { Dialog } from "../../components/forms";
import { Icon } from "../../components/icons";
import { SealedBytes } from "../../components/SealedBytes";
import { vault } from "../../crypto/client";
import type { Row } from "./Dataset";

/** The chosen row: the bytes it is kept as, and what may be done with it. */
export function RowPanel({ row, name, noised }: {
  row: Row | undefined;
  name: string;
  /** Rows of a release are nobody's any more: there is nothing to hand over. */
  noised: boolean;
}) {
  const home = useHome();
  const [offering, setOffering] = useState(false);
  if (!row) return null;
  return (
    <aside className="stack tight" aria-label="What the server stores">
      <h2>What the server stores</h2>
      <SealedBytes home={home.home} record={row.record} readers="One record of this data set.">
        <p>
          <b>Row {number(row.row)}</b>
        </p>
        <p className="meta">{name}</p>
        <p>
          <StatusPill icon="lock">Opened here</StatusPill>
        </p>
      </SealedBytes>
      {noised ? null : (
        <div className="acts">
          <button className="btn" type="button" onClick={() => setOffering(true)}>
            <Icon name="person" small />
            Offer to a patient
          </button>
        </div>
      )}
      {offering ? <OfferDialog row={row} onClose={() => setOffering(false)} /> : null}
    </aside>
  );
}

function OfferDialog({ row, onClose }: { row: Row; onClose: () => void }) {
  const home = useHome();
  const [code, setCode] = useState<string>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const offer = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const input = { home: home.home, record: row.record };
      setCode((await withStepUp(home.home, () => vault("offerRecord", input))).code);
    } catch (failure) {
      setError(`${errorText(failure)} Nothing was offered.`);
    }
    setBusy(false);
  };
  const title = `Offer row ${number(row.row)} to its patient?`;
  return (
    <Dialog title={code ? "Give this code to the patient" : title} open onClose={onClose}>
      {code ? (
        <Code code={code} />
      ) : (
        <p>
          You get a one-time code for the person this row is about. Whoever enters it takes the row
          over: it leaves your data set, and from then on you cannot open it.
        </p>
      )}
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      <div className="acts">
        {code ? null : (
          <button className="btn go" type="button" disabled={busy} onClick={() => void offer()}>
            {busy ? "Sealing the key" : "Make the code"}
          </button>
        )}
        <button className="btn" type="button" onClick={onClose}>
          {code ? "Done" : "Cancel"}
        </button>
      </div>
    </Dialog>
  );
}

function Code({ code }: { code: string }) {
  return (
    <div className="stack mid" role="status">
      <p className="keytext" data-testid="claim-code">
        {code}
      </p>
      <p>
        <b>In person or by phone, after you made sure who they are.</b> It is shown once and works
        once. They enter it under Records, Claim a record.
      </p>
      <p className="meta">
        Until they do, the row stays yours. A new offer of the same row replaces this code.
      </p>
    </div>
  );
}
