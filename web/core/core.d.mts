export type Words = [key: string, value: string][];

/** An answer that says no: `code` is one of Salus' error codes, the message one sentence. */
export class CoreError extends Error {
  constructor(code: string, detail: string);
  readonly code: string;
}

export interface Core {
  /** Raw JSON text of a studio verb; `file` for `load` only. */
  studioText(verb: string, words?: Words, file?: Uint8Array | null): string;
  studio(verb: string, words?: Words, file?: Uint8Array | null): unknown;
  sha256Hex(bytes: Uint8Array): string;
  isCanonicalCbor(bytes: Uint8Array): boolean;
  onProgress(handler: ((done: number, total: number) => boolean | void) | undefined): void;
  memoryBytes(): number;
}

export function encodeWords(words: Words): Uint8Array;
export function openCore(
  source: BufferSource | WebAssembly.Module,
  options?: { onProgress?: (done: number, total: number) => boolean | void },
): Promise<Core>;
