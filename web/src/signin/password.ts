// What the client asks of a password: length, and not being a well-known one. No composition rules.

const known = [
  "password",
  "passwort",
  "motdepasse",
  "123456",
  "12345678",
  "123456789",
  "1234567890",
  "qwerty",
  "qwertyuiop",
  "azerty",
  "qwertz",
  "iloveyou",
  "letmein",
  "welcome",
  "admin",
  "administrator",
  "abc123",
  "monkey",
  "dragon",
  "football",
  "baseball",
  "superman",
  "batman",
  "trustno1",
  "sunshine",
  "princess",
  "shadow",
  "master",
  "hello",
  "freedom",
  "whatever",
  "starwars",
  "computer",
  "internet",
  "secret",
  "changeme",
  "default",
  "hospital",
  "doctor",
  "nurse",
  "patient",
  "health",
  "salus",
];

export const lengthAlone = 15;
export const lengthWithCode = 8;
export const lengthMax = 256;

export interface PasswordRule {
  text: string;
  met: boolean;
}

/** A password that is a known word, a known word with a tail of digits, or one letter repeated. */
export function isCommon(password: string, name: string): boolean {
  const folded = password.normalize("NFKC").toLowerCase();
  const bare = folded.replace(/[\d\W_]+$/u, "");
  if (known.includes(folded) || known.includes(bare)) return true;
  const person = name.toLowerCase().split(/[@.\s]/)[0] ?? "";
  if (person.length > 2 && folded.startsWith(person) && folded.length < person.length + 5)
    return true;
  return new Set(folded).size < 4;
}

export function passwordRules(password: string, name: string, second: boolean): PasswordRule[] {
  const length = [...password.normalize("NFKC")].length;
  const least = second ? lengthWithCode : lengthAlone;
  return [
    { text: `${least} characters or more, ${length} so far`, met: length >= least },
    {
      text: "not a well-known password or your name",
      met: length > 0 && !isCommon(password, name),
    },
  ];
}

export function passwordIsGood(password: string, name: string, second: boolean): boolean {
  const short = [...password].length <= lengthMax;
  return short && passwordRules(password, name, second).every((rule) => rule.met);
}

export const nameIsGood = (name: string): boolean => /^[a-zA-Z0-9._@-]{3,64}$/.test(name);
