// One way to ask the node: JSON or CBOR, the home's header, and errors that say what happened.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly reason: string,
    message: string,
    readonly reference: string,
  ) {
    super(message);
  }
}

export interface CallOptions {
  home?: string | undefined;
  method?: string;
  json?: unknown;
  body?: Uint8Array;
  type?: string;
  signal?: AbortSignal;
}

async function send(path: string, options: CallOptions): Promise<Response> {
  const headers: Record<string, string> = {};
  if (options.home) headers["Salus-Home"] = options.home;
  let body: BodyInit | undefined;
  if (options.json !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(options.json);
  } else if (options.body) {
    headers["Content-Type"] = options.type ?? "application/cbor";
    body = options.body as BufferSource;
  }
  const method = options.method ?? (body === undefined ? "GET" : "POST");
  const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) init.body = body;
  if (options.signal) init.signal = options.signal;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(0, "unavailable", "network", "The server cannot be reached.", "");
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const { error } = (await response.json()) as { error: Record<string, string> };
    return new ApiError(
      response.status,
      error["code"] ?? "",
      error["reason"] ?? "",
      error["message"] ?? "The server refused without saying why.",
      error["reference"] ?? "",
    );
  } catch {
    const message = `The server answered with status ${response.status}.`;
    return new ApiError(response.status, "unavailable", "", message, "");
  }
}

export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const response = await send(path, options);
  const text = await response.text();
  return (text ? JSON.parse(text) : {}) as T;
}

export async function callBytes(path: string, options: CallOptions = {}): Promise<Uint8Array> {
  const response = await send(path, options);
  return new Uint8Array(await response.arrayBuffer());
}

export async function callText(path: string, options: CallOptions = {}): Promise<string> {
  return (await send(path, options)).text();
}

/** What happened, in the node's words, with its code to quote. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) {
    return error.reference ? `${error.message} (${error.reference})` : error.message;
  }
  return error instanceof Error ? error.message : "Something went wrong.";
}

/** 401 with this reason means: ask for a fresh code, then try again. */
export const needsStepUp = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.status === 401 &&
  (error.reason === "step-up" || error.message.startsWith("step up"));

export const sessionGone = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.status === 401 &&
  !needsStepUp(error) &&
  (error.reason === "login" || error.reason === "authentication");
