// The shapes of docs/formats/http-api.md.

export interface Role {
  role: string;
  organisation: string;
  expires: number;
}

export interface Session {
  account: string;
  name: string;
  display_name: string;
  kind: "patient" | "staff";
  roles: Role[];
  home: string;
  reload_half: string;
  expires: number;
  stepped_up_until: number;
  second_factor: boolean;
  notices?: AccountNotice[];
}

/** What the owner of an account should know of; `kind` as in docs/formats/identity.md. */
export interface AccountNotice {
  time: number;
  kind: string;
}

export interface SlotRow {
  id: string;
  type: string;
  created: number;
}

export interface Slot {
  id: string;
  type: string;
  blob: string;
}

export interface Status {
  chain_id: string;
  genesis: string;
  engine: string;
  height: number;
  transactions: number;
  log_size: number;
  header_hash: string;
  app_hash: string;
  state_root: string;
  last_block_time: number;
  time: number;
  organisation: { id: string; name: string; account: string; kem: string | null } | null;
  members: number | { id: string; name: string }[];
  witnesses: number;
  cosignatures?: { name: string; log_size: number | null; time: number | null }[];
  witness_alarm?: string | null;
  setup_needed: boolean;
  demo: boolean;
}

export interface Receipt {
  id: string;
  position: number;
  height: number;
  time: number;
  code?: number;
  codes?: number[];
  header_hash: string;
  previous: string;
  stored?: number;
}

export interface KdfText {
  m_kib: number;
  t: number;
  p: number;
  salt: string;
}

export interface Invitation {
  role: string;
  organisation: string;
  expires: number;
  account_kind: "patient" | "staff";
}

export interface InvitationRow {
  code_hint: string;
  role: string;
  display_name: string;
  expires: number;
  used: boolean;
}

export interface SessionRow {
  id: string;
  created: number;
  last: number;
  user_agent: string;
  current: boolean;
}

export interface Person {
  account: string;
  display_name: string;
  kind: string;
  roles: (Role | string)[];
  organisation: string | null;
  organisation_name: string | null;
  kem: string | null;
}

/** Somebody asks a patient; `blob` is the copy sealed to the reader. */
export interface AskRow {
  id: string;
  side: "patient" | "asker";
  asker: string;
  patient: string;
  person: Person;
  blob: string;
  made: number;
  expires: number;
  state: "open" | "allowed" | "narrowed" | "refused" | "withdrawn" | "expired";
  answered: number | null;
  directive: string | null;
}

export interface CollectionRow {
  collection: string;
  epoch: number;
  flags: number;
  records: number;
  height: number;
}

export interface RecordRow {
  record: string;
  collection: string;
  epoch: number;
  digest: string;
  size: number;
  author: string;
  author_name?: string | null;
  height: number;
  time: number;
  /** Absent in lists that hold live records only. */
  status?: number | string;
  tx: string;
  position: number;
}

export interface GrantRow {
  directive: string;
  grantee: Omit<Person, "organisation" | "kem">;
  ir: string;
  put_height: number;
  put_time: number;
  revoked: number | null;
  from: number;
  until: number;
  live: boolean;
}

export interface SharedRow {
  directive: string;
  patient: string;
  via: "person" | "organisation";
  /** `access` to read, `write` to add. */
  actions?: string[];
  card: string;
  until: number;
  live: boolean;
  ended: null | "revoked" | "expired";
}

export interface Actor {
  account: string;
  display_name: string | null;
  roles: (Role | string)[];
  organisation_name: string | null;
}

export interface Opening {
  sequence: number;
  time: number;
  actor: Actor;
  patient?: string | { account: string; display_name: string | null };
  own: boolean;
  records: string[];
  purpose: string;
  decision: number | string;
  reason: number | string;
  directives: string[];
  explanation: { kind: string; text: string } | null;
  anchored: { tx: string; height: number } | null;
}

export interface Alert {
  id: string | number;
  time: number;
  kind: number | string;
  sentence: string;
  actor: Actor | string | null;
  patient: string | null;
  score: number;
  evidence: { field: string; text: string }[];
  searched: string[];
  events: number[];
  state: number | string;
  resolution: string;
}

export interface BlockRow {
  height: number;
  time: number;
  header_hash: string;
  previous: string;
  transactions: number;
  log_from: number;
  log_size: number;
  bytes: number;
}

export interface BlockEntry {
  position: number;
  link?: string;
  id?: string;
  code?: number;
  account?: string;
  contract?: string;
  method?: string;
  operations?: number;
  size?: number;
}

export interface Block extends BlockRow {
  transaction_root: string;
  result_root: string;
  log_root: string;
  state_root: string;
  app_hash: string;
  proposer: string;
  checkpoint: string;
  entries: BlockEntry[];
}

export interface TransactionDetail {
  id: string;
  position: number;
  height: number;
  time: number;
  code: number;
  account: string;
  kid: string;
  size: number;
  valid_until: number;
  operations: {
    contract: string;
    method: string;
    code: number;
    payload: { digest: string; size: number } | null;
  }[];
  header_hash: string;
  previous: string;
}
