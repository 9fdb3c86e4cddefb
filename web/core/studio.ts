// What pages call: a typed promise for each studio verb, answered by the worker.
import type { Reply, Request, Word } from "./studio.worker";

export type Stage = "loaded" | "prepared" | "released";
export type Kind = "number" | "integer" | "category" | "text" | "date" | "identifier";
export type Role = "none" | "identifier" | "quasi_identifier" | "sensitive" | "label";
export type Fill = "mean" | "median" | "mode" | "not_stated" | "leave";
export type NoiseKind = "none" | "random" | "zero_sum" | "zero_out";

export interface LoadedColumn {
  name: string;
  kind: Kind;
  missing: number;
  distinct: number;
  role: Role;
  label: string;
  unit: string;
}
export interface Loaded {
  name: string;
  rows: number;
  columns: LoadedColumn[];
  duplicate_rows: number;
  missing_cells: number;
  warnings: string[];
}
export interface Summary {
  name: string;
  label: string;
  unit: string;
  kind: Kind;
  role: Role;
  present: number;
  missing: number;
  distinct: number;
  filled: number;
  min?: number | null;
  max?: number | null;
  mean?: number | null;
  sd?: number | null;
  q1?: number | null;
  median?: number | null;
  q3?: number | null;
  histogram?: { low: number; high: number; count: number }[];
  levels?: { text: string; count: number }[];
}
export interface Chart {
  column: string;
  label: string;
  unit: string;
  title: string;
  note: string;
  binned: boolean;
  rows: number;
  bars: { label: string; count: number; share: number; not_stated: boolean }[];
}
/** `filled`: [row of this page, column] of cells that processing filled. */
export interface Page {
  from: number;
  rows_total: number;
  columns: string[];
  rows: string[][];
  filled: [number, number][];
}
export interface Prepared {
  rows_before: number;
  rows_after: number;
  duplicates_dropped: number;
  missing_before: number;
  missing_after: number;
  cells_filled: number;
  filled: { column: string; how: Fill; cells: number; value: string }[];
  encodings: { column: string; levels: string[] }[];
  notes: string[];
}
export interface Released {
  label: string;
  rows: number;
  columns: {
    column: string;
    noise: NoiseKind;
    scale: number;
    decimals: number;
    cells: number;
    left_out: boolean;
    sum_before: string;
    sum_after: string;
  }[];
  notes: string[];
  linkage: {
    share: number;
    rows_linked: number;
    rows: number;
    looked_at: number;
    sampled: boolean;
    numbers: string[];
    categories: string[];
    note: string;
  };
  utility: {
    percent: number;
    sentence: string;
    means_exact: boolean;
    mean_shift_max: number;
    correlation_shift_max: number | null;
    label: string;
    auc_before: number | null;
    auc_after: number | null;
    sampled: boolean;
    means: { column: string; before: number; after: number; shift: number }[];
  };
}
export interface LoadOptions {
  name?: string;
  columns?: string[];
  missing?: string[];
  delimiter?: string;
  dictionary?: string;
}
export interface PrepareOptions {
  dropDuplicates?: boolean;
  encode?: boolean;
  fill?: Fill;
  fillOf?: Record<string, Fill>;
}
export interface ReleaseOptions {
  noise: NoiseKind;
  /** Share of each column's spread; for `zero_out` of its cells. */
  scale: number;
  noiseOf?: Record<string, NoiseKind>;
  scaleOf?: Record<string, number>;
  suppressColumns?: string[];
  /** Rows count from 1. */
  suppressCells?: { row: number; column: string }[];
  keepIdentifiers?: boolean;
  keepCovariance?: boolean;
  /** 64 hex digits; drawn anew when absent. Who knows it can undo the noise: keep it. */
  seed?: string;
}
export type Progress = (done: number, total: number) => void;

export class StudioError extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(detail);
    this.name = "StudioError";
  }
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  progress?: Progress;
}
type Unsent<T> = T extends Request ? Omit<T, "id"> : never;

const flag = (value: boolean): string => (value ? "1" : "0");
const viewWords = (stage: Stage | undefined): Word[] => (stage ? [["stage", stage]] : []);

export function randomSeed(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Studio {
  private next = 1;
  private readonly waiting = new Map<number, Waiting>();

  private constructor(private readonly worker: Worker) {
    worker.onmessage = (event: MessageEvent<Reply>) => this.receive(event.data);
    worker.onerror = () => this.failAll("the studio stopped; load the data set again");
  }

  /** `wasm` is the address of salus_core.wasm; the worker is made by the page's bundler. */
  static async open(worker: Worker, wasm: string): Promise<Studio> {
    const studio = new Studio(worker);
    await studio.send({ kind: "open", wasm });
    return studio;
  }

  close(): void {
    this.worker.terminate();
    this.failAll("the studio was closed");
  }

  /** The file's buffer moves to the worker and is empty afterwards. */
  load(file: ArrayBuffer, options: LoadOptions = {}, progress?: Progress): Promise<Loaded> {
    const words: Word[] = [];
    if (options.name) words.push(["name", options.name]);
    for (const column of options.columns ?? []) words.push(["column", column]);
    for (const mark of options.missing ?? []) words.push(["missing", mark]);
    if (options.delimiter) words.push(["delimiter", options.delimiter]);
    if (options.dictionary) words.push(["dictionary", options.dictionary]);
    return this.verb<Loaded>("load", words, progress, file);
  }
  loadDemo(rows = 5000, seed = 1): Promise<Loaded> {
    return this.verb<Loaded>("load", [
      ["demo_rows", `${rows}`],
      ["demo_seed", `${seed}`],
    ]);
  }
  describe(stage?: Stage, bins = 20): Promise<{ columns: Summary[] }> {
    return this.verb("describe", [...viewWords(stage), ["bins", `${bins}`]]);
  }
  chart(column?: string, stage?: Stage): Promise<Chart> {
    return this.verb("chart", [
      ...viewWords(stage),
      ...(column ? [["column", column] as Word] : []),
    ]);
  }
  page(from: number, count: number, stage?: Stage): Promise<Page> {
    return this.verb("page", [...viewWords(stage), ["from", `${from}`], ["count", `${count}`]]);
  }
  setRole(column: string, role: Role): Promise<{ column: string; role: Role }> {
    return this.verb("role", [
      ["column", column],
      ["role", role],
    ]);
  }
  prepare(options: PrepareOptions = {}): Promise<Prepared> {
    const words: Word[] = [];
    if (options.dropDuplicates !== undefined)
      words.push(["drop_duplicates", flag(options.dropDuplicates)]);
    if (options.encode !== undefined) words.push(["encode", flag(options.encode)]);
    if (options.fill) words.push(["fill", options.fill]);
    for (const [column, fill] of Object.entries(options.fillOf ?? {}))
      words.push([`fill:${column}`, fill]);
    return this.verb("process", words);
  }
  release(options: ReleaseOptions): Promise<Released> {
    const words: Word[] = [
      ["noise", options.noise],
      ["scale", `${options.scale}`],
    ];
    for (const [column, noise] of Object.entries(options.noiseOf ?? {}))
      words.push([`noise:${column}`, noise]);
    for (const [column, scale] of Object.entries(options.scaleOf ?? {}))
      words.push([`scale:${column}`, `${scale}`]);
    for (const column of options.suppressColumns ?? []) words.push(["suppress_column", column]);
    for (const cell of options.suppressCells ?? [])
      words.push([`suppress_cell:${cell.column}`, `${cell.row}`]);
    if (options.keepIdentifiers !== undefined)
      words.push(["keep_identifiers", flag(options.keepIdentifiers)]);
    if (options.keepCovariance !== undefined)
      words.push(["keep_covariance", flag(options.keepCovariance)]);
    words.push(["seed", options.seed ?? randomSeed()]);
    return this.verb("release", words);
  }
  /** Record texts to encrypt, at most 10,000 at once (docs/formats/data-set-row.md). */
  async rows(from: number, count: number, stage?: Stage): Promise<string[]> {
    const words: Word[] = [...viewWords(stage), ["from", `${from}`], ["count", `${count}`]];
    return (await this.verb<{ records: string[] }>("rows", words)).records;
  }
  dataset(stage?: Stage): Promise<Record<string, unknown>> {
    return this.verb("dataset", viewWords(stage));
  }
  async csv(stage?: Stage): Promise<string> {
    return (await this.verb<{ csv: string }>("csv", viewWords(stage))).csv;
  }
  async sha256Hex(bytes: ArrayBuffer): Promise<string> {
    return (await this.send({ kind: "sha256", bytes })) as string;
  }
  async isCanonicalCbor(bytes: ArrayBuffer): Promise<boolean> {
    return (await this.send({ kind: "cbor", bytes })) as boolean;
  }

  private async verb<T>(
    verb: string,
    words: Word[],
    progress?: Progress,
    file?: ArrayBuffer,
  ): Promise<T> {
    const request: Unsent<Request> = file
      ? { kind: "studio", verb, words, file }
      : { kind: "studio", verb, words };
    return (await this.send(request, progress, file ? [file] : [])) as T;
  }

  private send(
    request: Unsent<Request>,
    progress?: Progress,
    transfer: ArrayBuffer[] = [],
  ): Promise<unknown> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, progress });
      this.worker.postMessage({ ...request, id }, transfer);
    });
  }

  private receive(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    if (!waiting) return;
    if (reply.kind === "progress") {
      waiting.progress?.(reply.done, reply.total);
      return;
    }
    this.waiting.delete(reply.id);
    if (reply.kind === "done") waiting.resolve(reply.value);
    else waiting.reject(new StudioError(reply.code, reply.detail));
  }

  private failAll(detail: string): void {
    for (const waiting of this.waiting.values())
      waiting.reject(new StudioError("unavailable", detail));
    this.waiting.clear();
  }
}
