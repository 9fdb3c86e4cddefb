// The portal's own client code for Node: the key vault as the worker runs it.
export { vaultApi } from "../../src/crypto/vault";
export { totpCode } from "../../src/crypto/totp";
export { fromBase32, random, toBase64Url } from "../../src/crypto/bytes";
export { encode, intMap } from "../../src/crypto/cbor";
export { demoKeys } from "../../src/crypto/derive";
export { need } from "../../src/crypto/held";
export { sealSlot } from "../../src/crypto/slot";
export { call } from "../../src/api/http";
export { tests } from "../../src/app/health";
export { writeCode } from "../../src/crypto/code";
