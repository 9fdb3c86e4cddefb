import { number } from "../../app/format";

// What a contract's method does, in a word or two.

const words: Record<string, string> = {
  "registry.enrol": "join",
  "registry.rotate": "new keys",
  "registry.credential_issue": "issue a role",
  "registry.credential_revoke": "end a role",
  "registry.deactivate": "leave",
  "record.collection_put": "open a collection",
  "record.collection_rotate": "new collection keys",
  "record.put": "add a record",
  "record.amend": "correct a record",
  "record.offer": "offer a record",
  "record.claim": "claim a record",
  "record.erase": "erase a record",
  "record.writer_put": "let somebody add",
  "consent.put": "share",
  "consent.revoke": "stop sharing",
  "access.anchor": "seal openings",
};

export function operationText(contract: string, method: string, count: number): string {
  const word = words[`${contract}.${method}`] ?? method.replace(/_/g, " ");
  return count > 1 ? `${word} and ${number(count - 1)} more` : word;
}
