import { fromBase32, toBase32 } from "./bytes";

// Codes that people write down (docs/formats/key-slot.md): nine groups of three characters, of
// which the last is a check that finds any one wrong character and any two neighbours swapped.

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const characters = 27;

/** Multiplies by x in GF(32) modulo x^5 + x^2 + 1. */
function timesX(value: number): number {
  const shifted = value << 1;
  return shifted & 0x20 ? shifted ^ 0x25 : shifted;
}

function evaluate(text: string): number {
  let value = 0;
  for (const letter of text) value = timesX(value) ^ alphabet.indexOf(letter);
  return value;
}

export function writeCode(code: Uint8Array): string {
  const text = toBase32(code);
  const whole = text + alphabet[timesX(evaluate(text))];
  return whole.match(/.{3}/g)?.join("-") ?? "";
}

/** Case, blanks and hyphens are free; 0, 1 and 8 are read as O, I and B. */
export function readCode(text: string): Uint8Array {
  const plain = text
    .toUpperCase()
    .replace(/[\s-]/g, "")
    .replace(/0/g, "O")
    .replace(/1/g, "I")
    .replace(/8/g, "B");
  if (plain.length !== characters || [...plain].some((letter) => !alphabet.includes(letter))) {
    throw new Error("A code has 27 letters and digits 2 to 7.");
  }
  if (evaluate(plain) !== 0) throw new Error("This code has a typing mistake.");
  return fromBase32(plain.slice(0, characters - 1));
}
