import * as account from "./account";
import * as recovery from "./recovery";
import * as records from "./records";
import * as sharing from "./sharing";
import * as shared from "./shared";
import * as organisation from "./organisation";
import * as dataset from "./dataset";
import * as claims from "./claims";
import * as laboratory from "./laboratory";
import * as asks from "./asks";
import * as corrections from "./corrections";

// Everything a page may ask of the keys. Each function takes one plain object and returns another.
export const vaultApi = {
  ...account.api,
  ...recovery.api,
  ...records.api,
  ...sharing.api,
  ...shared.api,
  ...organisation.api,
  ...dataset.api,
  ...claims.api,
  ...laboratory.api,
  ...asks.api,
  ...corrections.api,
};

export type VaultApi = typeof vaultApi;
