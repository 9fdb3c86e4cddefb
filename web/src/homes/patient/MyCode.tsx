import { useQuery } from "@tanstack/react-query";
import { useHome } from "../../app/session";
import { QrCode } from "../../components/QrCode";
import { vault } from "../../crypto/client";

/** What a patient shows to somebody who wants to ask. */
export function MyCode() {
  const { home } = useHome();
  const code = useQuery({
    queryKey: [home, "my-code"],
    queryFn: () => vault("myCode", { home }),
    staleTime: Infinity,
  });
  if (!code.data) return null;
  return (
    <section className="card pad stack mid" aria-labelledby="code">
      <h2 id="code">Somebody wants to ask you?</h2>
      <p>
        Show them this code. It opens nothing: they send a request, and you answer it on Today.
      </p>
      <p className="mono" data-testid="my-code">
        {code.data}
      </p>
      <QrCode
        text={`${location.origin}/requests#${code.data}`}
        label="Your code as a picture to scan"
      />
    </section>
  );
}
