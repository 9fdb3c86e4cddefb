import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { errorText } from "../../api/http";
import type { Person } from "../../api/types";
import type { Entry } from "../../app/health";
import { useHome } from "../../app/session";
import { withStepUp } from "../../app/StepUp";
import { Notice, Steps } from "../../components/basics";
import {
  ChangeList,
  consentText,
  ConsentSentence,
  recordWords,
  type ConsentParts,
} from "../../components/ConsentSentence";
import { Dialog } from "../../components/forms";
import { vault } from "../../crypto/client";
import { fromNow, PurposePicks, UntilPicks, WhoPicks } from "./sharePieces";

const names = ["Who", "Until when", "Share"];

/** One record to one person or organisation: its key goes out, and nothing that opens another. */
export function ShareRecord({
  entry,
  onClose,
  onShared,
}: {
  entry: Entry;
  onClose: () => void;
  onShared: (name: string) => void;
}) {
  const home = useHome();
  const queries = useQueryClient();
  const [step, setStep] = useState(0);
  const [who, setWho] = useState<Person | null>(null);
  const [until, setUntil] = useState<number | null>(null);
  const [purpose, setPurpose] = useState("TREAT");
  const [from] = useState(fromNow);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const { record } = entry.view;
  const parts: ConsentParts = {
    kind: who?.kind === "organisation" ? "organisation" : "person",
    who: who?.display_name ?? "",
    what: [recordWords(entry.title, entry.at)],
    purpose,
    from,
    until,
  };
  const share = async () => {
    if (!who || !until) return;
    setBusy(true);
    setError(undefined);
    const input = {
      home: home.home,
      grantee: who,
      collections: [],
      record: { id: record, title: entry.title },
      purpose,
      from,
      until,
      sentence: consentText(parts),
    };
    try {
      await withStepUp(home.home, () => vault("share", input));
      await queries.invalidateQueries({ queryKey: [home.home] });
      onShared(who.display_name);
    } catch (failure) {
      setBusy(false);
      setError(`${errorText(failure)} Nothing is shared.`);
    }
  };
  const ready = [who !== null, until !== null, !busy][step] ?? false;
  const next = () => (step < 2 ? setStep(step + 1) : void share());
  return (
    <Dialog title={`Share “${entry.title}”`} open onClose={onClose}>
      <Steps names={names} now={step} />
      {who ? (
        <section aria-live="polite" aria-label="What will be true">
          <ConsentSentence parts={parts} />
        </section>
      ) : null}
      {step === 0 ? <WhoPicks who={who} onChange={setWho} readersOnly /> : null}
      {step === 1 ? <UntilPicks onChange={setUntil} /> : null}
      {step === 2 ? (
        <>
          <PurposePicks purpose={purpose} onChange={setPurpose} />
          <ChangeList
            changes={[
              { kind: "closed", text: "Every other record. They do not see that it exists." },
            ]}
          />
        </>
      ) : null}
      {error ? (
        <Notice tone="bad" role="alert">
          {error}
        </Notice>
      ) : null}
      <div className="acts">
        {step > 0 ? (
          <button className="btn" type="button" onClick={() => setStep(step - 1)}>
            Back
          </button>
        ) : null}
        <button className="btn go" type="button" disabled={!ready} onClick={next}>
          {busy ? "Sealing the key" : step < 2 ? "Go on" : "Share it"}
        </button>
        <p className="meta">
          {step < 2 ? "Nothing is shared before the last step." : "You can stop at any time."}
        </p>
      </div>
    </Dialog>
  );
}
