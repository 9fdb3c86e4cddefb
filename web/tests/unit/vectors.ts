import { readFileSync } from "node:fs";

const root = new URL("../../../tests/vectors/", import.meta.url);

/** A file of tests/vectors: answers made by others, or by a second implementation of our pages. */
export const vectorText = (path: string): string => readFileSync(new URL(path, root), "utf8");
export const vector = <T>(path: string): T => JSON.parse(vectorText(path)) as T;
