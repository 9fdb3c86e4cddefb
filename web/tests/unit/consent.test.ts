import { describe, expect, test } from "vitest";
import { consentText, recordWords } from "../../src/components/ConsentSentence";
import { passwordIsGood, passwordRules } from "../../src/signin/password";

describe("the consent sentence", () => {
  const parts = {
    kind: "person" as const,
    who: "Dr. Ana Silva",
    what: ["Laboratory", "Notes"],
    purpose: "TREAT",
    from: Date.UTC(2026, 10, 24, 12),
    until: Date.UTC(2026, 11, 24, 12),
  };

  test("is the one that the command line writes", () => {
    expect(consentText(parts)).toBe(
      "Dr. Ana Silva may open my Laboratory and Notes for treatment, " +
        "from 24 November 2026 until 24 December 2026 (UTC).",
    );
  });

  test("says of an organisation who there may open", () => {
    const whole = {
      ...parts,
      kind: "organisation" as const,
      who: "Riverside Clinic",
      what: ["Notes"],
    };
    expect(consentText(whole)).toContain(
      "Everybody at Riverside Clinic who has its key may open my Notes for",
    );
  });
});

test("one record is named in the consent sentence as the command line names it", () => {
  const day = Date.UTC(2026, 10, 24, 12);
  expect(recordWords("Walks again", day)).toBe("single record “Walks again” of 24 November 2026");
});

describe("a password", () => {
  test("has fifteen characters alone and eight beside a code", () => {
    expect(passwordIsGood("fourteen chars", "ana", false)).toBe(false);
    expect(passwordIsGood("fifteen charact", "ana", false)).toBe(true);
    expect(passwordIsGood("seven c", "ana", true)).toBe(false);
    expect(passwordIsGood("eight ch", "ana", true)).toBe(true);
  });

  test("is not a known one, one letter, or the person's name", () => {
    for (const bad of ["password123456789", "aaaaaaaaaaaaaaaaaaa", "Qwertyuiop123456"]) {
      expect(passwordRules(bad, "ana", false)[1]?.met).toBe(false);
    }
    expect(passwordRules("amara12", "amara", true)[1]?.met).toBe(false);
  });
});
