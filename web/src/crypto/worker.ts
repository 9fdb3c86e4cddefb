import { ApiError } from "../api/http";
import { vaultApi, type VaultApi } from "./vault";

// The dedicated worker that holds every secret of this tab.

interface Request {
  id: number;
  name: keyof VaultApi;
  input: never;
}

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  const { id, name, input } = data;
  const report = (done: number, total: number): void => {
    self.postMessage({ id, progress: { done, total } });
  };
  try {
    if (!Object.hasOwn(vaultApi, name)) throw new Error("no such work");
    const result = await (vaultApi[name] as (input: never, report: unknown) => unknown)(
      input,
      report,
    );
    self.postMessage({ id, result });
  } catch (error) {
    self.postMessage({ id, error: plain(error) });
  }
};

function plain(error: unknown): { message: string; api?: [number, string, string, string] } {
  if (error instanceof ApiError) {
    const { status, code, reason, reference, message } = error;
    return { message, api: [status, code, reason, reference] };
  }
  return { message: error instanceof Error ? error.message : "unknown error" };
}
