// What the mock node needs of the portal's own code.
export * from "../../src/crypto/bytes";
export * from "../../src/crypto/cbor";
export { coseVerify, transactionLabel, accessRequestLabel } from "../../src/crypto/cose";
export { personLabel, organisationLabel } from "../../src/crypto/derive";
export { totpCode } from "../../src/crypto/totp";
export { sha256 } from "../../src/crypto/primitives";
export { coseSign } from "../../src/crypto/cose";
export { agreePublic, hmacSha256, sign, signPublic } from "../../src/crypto/primitives";
export { headerHash } from "../../src/proof/chain";
export { inclusionPath, leafHash, merkleRoot } from "../../src/proof/merkle";
