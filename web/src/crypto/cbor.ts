import { concat, fromUtf8, utf8 } from "./bytes";

// Deterministic CBOR (docs/formats/cbor.md): the subset of RFC 8949 §4.2.1 that Salus hashes, signs
// and stores. One value, one byte string: whatever is not the shortest form is refused.

export type Value =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | Value[]
  | Map<number | string, Value>
  | Tagged;

export class Tagged {
  constructor(
    readonly tag: number,
    readonly value: Value,
  ) {}
}

/** A whole item that is canonical already, written as it is. */
export class Raw extends Tagged {
  constructor(readonly item: Uint8Array) {
    super(-1, null);
  }
}

const depthMax = 16;

export function encode(value: Value): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return concat(...parts);
}

/** A map with small integer keys, as most Salus structures are. */
export function intMap(entries: Record<number, Value>): Map<number | string, Value> {
  return new Map(Object.entries(entries).map(([key, value]) => [Number(key), value]));
}

function head(major: number, value: number | bigint): Uint8Array {
  const wide = BigInt(value);
  const top = major << 5;
  if (wide < 24n) return Uint8Array.of(top | Number(wide));
  if (wide < 0x100n) return Uint8Array.of(top | 24, Number(wide));
  const size = wide < 0x10000n ? 2 : wide < 0x100000000n ? 4 : 8;
  const out = new Uint8Array(1 + size);
  out[0] = top | (size === 2 ? 25 : size === 4 ? 26 : 27);
  for (let i = 0; i < size; i++) out[size - i] = Number((wide >> BigInt(8 * i)) & 255n);
  return out;
}

function write(value: Value, out: Uint8Array[]): void {
  if (value === null) out.push(Uint8Array.of(0xf6));
  else if (typeof value === "boolean") out.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (typeof value === "number" || typeof value === "bigint") out.push(integer(value));
  else if (typeof value === "string") {
    const text = utf8(value);
    out.push(head(3, text.length), text);
  } else if (value instanceof Uint8Array) out.push(head(2, value.length), value);
  else if (Array.isArray(value)) {
    out.push(head(4, value.length));
    for (const item of value) write(item, out);
  } else if (value instanceof Raw) out.push(value.item);
  else if (value instanceof Tagged) {
    out.push(head(6, value.tag));
    write(value.value, out);
  } else writeMap(value, out);
}

function integer(value: number | bigint): Uint8Array {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new Error("only whole numbers are written");
  }
  return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
}

function writeMap(map: Map<number | string, Value>, out: Uint8Array[]): void {
  const pairs = [...map].map(([key, item]) => ({ key: encode(key), item }));
  pairs.sort((a, b) => compare(a.key, b.key));
  out.push(head(5, pairs.length));
  for (const { key, item } of pairs) {
    out.push(key);
    write(item, out);
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Exactly one item and nothing behind it. */
export function decode(data: Uint8Array): Value {
  const reader = new Reader(data);
  const value = reader.item(0, true);
  reader.end();
  return value;
}

class Reader {
  private at = 0;
  private readonly view: DataView;
  constructor(private readonly data: Uint8Array) {
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  end(): void {
    if (this.at !== this.data.length) throw new Error("bytes behind the item");
  }

  item(depth: number, outermost = false): Value {
    if (depth > depthMax) throw new Error("nested too deep");
    const first = this.byte();
    const major = first >> 5;
    if (major === 7) return this.simple(first & 31);
    const value = this.argument(first & 31);
    switch (major) {
      case 0:
        return narrow(value);
      case 1:
        return narrow(-1n - value);
      case 2:
        return this.take(value).slice();
      case 3:
        return fromUtf8(this.take(value));
      case 4:
        return this.list(value, depth);
      case 5:
        return this.map(value, depth);
      default:
        if (value !== 18n || !outermost) throw new Error("tag not allowed here");
        return new Tagged(18, this.item(depth));
    }
  }

  private byte(): number {
    const value = this.data[this.at];
    if (value === undefined) throw new Error("cut short");
    this.at++;
    return value;
  }

  private simple(info: number): Value {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    throw new Error("simple value not allowed");
  }

  private argument(info: number): bigint {
    if (info < 24) return BigInt(info);
    if (info > 27) throw new Error("indefinite length");
    const size = 1 << (info - 24);
    if (this.at + size > this.data.length) throw new Error("cut short");
    let value = 0n;
    for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(this.view.getUint8(this.at + i));
    this.at += size;
    const least = size === 1 ? 24n : 1n << BigInt(4 * size);
    if (value < least) throw new Error("not the shortest form");
    return value;
  }

  private take(length: bigint): Uint8Array {
    if (length > BigInt(this.data.length - this.at)) throw new Error("cut short");
    const out = this.data.subarray(this.at, this.at + Number(length));
    this.at += Number(length);
    return out;
  }

  private list(length: bigint, depth: number): Value[] {
    if (length > BigInt(this.data.length - this.at)) throw new Error("cut short");
    return Array.from({ length: Number(length) }, () => this.item(depth + 1));
  }

  private map(length: bigint, depth: number): Map<number | string, Value> {
    if (2n * length > BigInt(this.data.length - this.at)) throw new Error("cut short");
    const out = new Map<number | string, Value>();
    let previous: Uint8Array | undefined;
    for (let i = 0; i < Number(length); i++) {
      const start = this.at;
      const key = this.item(depth + 1);
      if (typeof key !== "number" && typeof key !== "string") throw new Error("key not allowed");
      const raw = this.data.subarray(start, this.at);
      if (previous && compare(previous, raw) >= 0) throw new Error("keys do not ascend");
      previous = raw;
      out.set(key, this.item(depth + 1));
    }
    return out;
  }
}

function narrow(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

// What a caller expects, said in one word; anything else is refused.

export function asList(value: Value | undefined): Value[] {
  if (!Array.isArray(value)) throw new Error("a list expected");
  return value;
}

export function asMap(value: Value | undefined): Map<number | string, Value> {
  if (!(value instanceof Map)) throw new Error("a map expected");
  return value;
}

export function asBytes(value: Value | undefined, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error("bytes expected");
  if (length !== undefined && value.length !== length) throw new Error("bytes of another length");
  return value;
}

export function asNumber(value: Value | undefined): number {
  if (typeof value !== "number") throw new Error("a number expected");
  return value;
}

export function asText(value: Value | undefined): string {
  if (typeof value !== "string") throw new Error("text expected");
  return value;
}
