import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError, sessionGone } from "./api/http";
import { App } from "./app/App";
import { homesNow, removeHome } from "./app/session";
import { applyTheme } from "./app/theme";
import { vault } from "./crypto/client";
import "./theme/index.css";

applyTheme();

/** A session that ended on the server takes its keys along. */
function onFailure(error: Error, key: readonly unknown[]): void {
  const home = homesNow().find((one) => one.home === key[0]);
  if (!home || !sessionGone(error)) return;
  void vault("leave", { home: home.home });
  removeHome(home.home);
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: (error, query) => onFailure(error, query.queryKey) }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => !(error instanceof ApiError && error.status > 0) && count < 2,
    },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
