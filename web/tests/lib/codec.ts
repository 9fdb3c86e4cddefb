// What the mock node needs of the portal's own code.
export * from "../../src/crypto/bytes";
export * from "../../src/crypto/cbor";
export { coseVerify, transactionLabel, accessRequestLabel } from "../../src/crypto/cose";
export { personLabel, organisationLabel } from "../../src/crypto/derive";
export { totpCode } from "../../src/crypto/totp";
export { sha256 } from "../../src/crypto/primitives";
