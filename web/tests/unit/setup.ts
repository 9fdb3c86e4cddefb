import { webcrypto } from "node:crypto";

// Node 18 keeps WebCrypto behind a module; browsers and later versions have it as a global.
if (!("crypto" in globalThis)) Object.assign(globalThis, { crypto: webcrypto });
