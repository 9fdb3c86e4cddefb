import { checkBundle } from "../proof/bundle";
import { parseVerifierKey, type VerifierKey } from "../proof/note";
import { say } from "./say";

// The page that checks receipts without a server: it opens from a file and asks nobody anything.

const bundleBytesMax = 1 << 20;
const byId = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;

function readTrust(text: string): VerifierKey[] {
  const lines = text.split("\n").map((line) => line.trim());
  const keys = lines.filter((line) => line !== "" && !line.startsWith("#")).map(parseVerifierKey);
  if (keys.length === 0) throw new Error("malformed: give at least one key that you trust");
  const seen = new Set(keys.map((key) => key.key.join()));
  if (seen.size !== keys.length) throw new Error("malformed: a key is named twice");
  return keys;
}

function show(tone: "fits" | "no" | "broken", title: string, lines: string[]): void {
  const box = byId("answer");
  box.dataset["tone"] = tone;
  box.replaceChildren();
  const head = document.createElement("h2");
  head.textContent = title;
  box.append(head);
  for (const line of lines) {
    const p = document.createElement("p");
    p.textContent = line;
    box.append(p);
  }
}

let bundle: Uint8Array | null = null;

function check(): void {
  if (bundle === null) return;
  try {
    const said = say(checkBundle(bundle, readTrust(byId<HTMLTextAreaElement>("trust").value)));
    if (said.holds) show("fits", "It fits.", said.lines);
    else show("no", "It is genuine, and the answer is no.", said.lines);
  } catch (error) {
    show("broken", "It does not fit.", [error instanceof Error ? error.message : String(error)]);
  }
}

async function take(file: File | undefined): Promise<void> {
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes.length > bundleBytesMax) {
    show("broken", "It does not fit.", ["out_of_range: a receipt has at most 1 MiB"]);
    return;
  }
  // A list of keys is text, a receipt is not: either may be dropped anywhere.
  if (file.name.endsWith(".txt") || file.name.endsWith(".keys")) {
    byId<HTMLTextAreaElement>("trust").value = new TextDecoder().decode(bytes);
  } else {
    bundle = bytes;
    byId("name").textContent = file.name;
  }
  check();
}

const input = byId<HTMLInputElement>("file");
input.addEventListener("change", () => void take(input.files?.[0]));
byId("trust").addEventListener("input", check);
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  for (const file of event.dataTransfer?.files ?? []) void take(file);
});
