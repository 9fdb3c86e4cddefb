import { createHmac, randomBytes } from "node:crypto";
import { makeLedger } from "./ledger.mjs";

// The mock's off-chain side: accounts, sessions, sealed bodies, wraps, receipts and alerts.

export class Refusal extends Error {
    constructor(status, code, reason, message) {
        super(message);
        Object.assign(this, { status, code, reason });
    }
}

const hex = (n) => randomBytes(n).toString("hex");
const base64url = (n) => randomBytes(n).toString("base64url");

export function makeWorld(codec, { demo = false, ready = true, clock = Date.now } = {}) {
    const ledger = makeLedger(codec, clock);
    const world = {
        codec,
        ledger,
        clock,
        demo,
        token: "mock-token",
        organisation: null,
        users: new Map(),
        invitations: new Map(),
        sessions: new Map(),
        bodies: new Map(),
        wraps: new Map(),
        grantees: new Map(),
        organisationWraps: new Map(),
        openings: [],
        receipts: new Map(),
        alerts: [],
        failures: new Map(),
        steppedUpFor: 300_000,
    };
    if (ready) setUp(world, "Riverside Clinic");
    return world;
}

export function setUp(world, name) {
    const id = hex(16);
    world.organisation = { id, name, account: hex(16), kem: null };
    world.ledger.state.nodeAccount = hex(16);
    return { organisation: id, officer_invitation: invite(world, "officer", "First officer") };
}

export function invite(world, role, displayName, expires = world.clock() + 365 * 86_400_000) {
    const code = `${hex(2)}-${hex(2)}-${hex(2)}-${hex(2)}`.toUpperCase();
    world.invitations.set(code, {
        code_hint: `${code.slice(0, 4)}…`,
        role,
        display_name: displayName,
        expires,
        used: false,
    });
    return code;
}

export function signUp(world, input) {
    const { codec, ledger } = world;
    const name = input.name.toLowerCase();
    if (world.users.has(name)) {
        throw new Refusal(409, "already_exists", "name", "This name is taken. Choose another.");
    }
    const invitation = input.invitation ? world.invitations.get(input.invitation) : null;
    if (input.kind === "staff" && (!invitation || invitation.used)) {
        throw new Refusal(403, "denied", "invitation", "The invitation is not valid.");
    }
    const secret = input.totp_secret ? codec.fromBase64Url(input.totp_secret) : null;
    if (secret && !codeFits(world, secret, input.totp_code)) {
        throw new Refusal(401, "authentication", "second-factor", "The code does not fit.");
    }
    const receipt = ledger.submit(codec.fromBase64Url(input.tx));
    const account = ledger.state.transactions.get(receipt.id).account;
    const roles = [];
    if (invitation) {
        invitation.used = true;
        const { role, expires } = invitation;
        roles.push({ role, organisation: world.organisation.id, expires });
    }
    const user = {
        account,
        name,
        display_name: input.display_name,
        kind: input.kind,
        roles,
        kdf: input.kdf,
        auth_key: input.auth_key,
        demo_auth: null,
        totp: secret,
        label_key: input.label_key,
        slots: input.slots.map((slot) => ({ id: hex(16), ...slot })),
        keyring: { version: 0, blob: "" },
    };
    world.users.set(name, user);
    return { account, receipt, ...startSession(world, user, "sign-up") };
}

export function codeFits(world, secret, code) {
    const now = world.clock() / 1000;
    const { totpCode } = world.codec;
    return code === totpCode(secret, now) || code === totpCode(secret, now - 30);
}

export function startSession(world, user, agent) {
    const token = base64url(32);
    const now = world.clock();
    const session = {
        id: hex(16),
        token,
        account: user.account,
        created: now,
        last: now,
        user_agent: agent,
        reload_half: base64url(32),
        stepped: now,
    };
    world.sessions.set(token, session);
    return { session: sessionView(world, user, session), token };
}

export function sessionView(world, user, session) {
    return {
        account: user.account,
        name: user.name,
        display_name: user.display_name,
        kind: user.kind,
        roles: user.roles,
        home: user.account.slice(0, 8),
        reload_half: session.reload_half,
        expires: session.created + 86_400_000,
        stepped_up_until: session.stepped + world.steppedUpFor,
        second_factor: user.totp !== null,
    };
}

export function userOf(world, account) {
    for (const user of world.users.values()) if (user.account === account) return user;
    return null;
}

export function personView(world, account) {
    const user = userOf(world, account);
    if (!user) {
        return {
            account,
            display_name: "Someone else",
            kind: "staff",
            roles: [],
            organisation_name: null,
        };
    }
    return {
        account,
        display_name: user.display_name,
        kind: user.kind,
        roles: user.roles,
        organisation: user.kind === "staff" ? world.organisation.id : null,
        organisation_name: user.kind === "staff" ? world.organisation.name : null,
        kem: b64(world.ledger.state.accounts.get(account)?.kem),
    };
}

const b64 = (bytes) => (bytes ? Buffer.from(bytes).toString("base64url") : null);

export const isLive = (directive, now) =>
    !directive.revoked && directive.from <= now && now < directive.until;

/** Which directive of `patient` lets `actor` open records of `collection`, or why none does. */
export function decide(world, patient, actor, collection, now) {
    const owner = userOf(world, patient);
    const key = Buffer.from(owner.label_key, "base64url");
    const label = createHmac("sha256", key)
        .update(Buffer.concat([Buffer.from("person\0"), Buffer.from(actor, "hex")]))
        .digest("hex")
        .slice(0, 32);
    let reason = "consent-none";
    for (const directive of world.ledger.state.directives.values()) {
        if (directive.patient !== patient) continue;
        const labels = directive.ir.get(3).map((one) => Buffer.from(one).toString("hex"));
        const scope = directive.ir.get(4);
        const covers = scope[1].some((one) => Buffer.from(one).toString("hex") === collection);
        if (!labels.includes(label) || !covers) continue;
        if (isLive(directive, now)) return { directive, reason: null };
        reason = directive.revoked ? "consent-revoked" : "consent-expired";
    }
    return { directive: null, reason };
}

export function leaveReceipt(
    world,
    { actor, patient, records, purpose, permit, reason, directives },
) {
    const own = actor === patient;
    const opening = {
        sequence: world.openings.length + 1,
        time: world.clock(),
        actor: personView(world, actor),
        patient,
        own,
        records,
        purpose,
        decision: permit ? 1 : 0,
        reason,
        directives,
        explanation: own
            ? { kind: "own", text: "your own record" }
            : permit
              ? { kind: "consent", text: "you share it with them" }
              : null,
        anchored: null,
    };
    world.openings.push(opening);
    anchor(world, opening);
    if (!permit) raise(world, opening);
    for (const listener of world.ledger.state.listeners) listener("feed", opening, patient);
    return opening;
}

/** Each receipt is anchored at once, alone; a real node gathers those of a second. */
function anchor(world, opening) {
    const { codec, ledger } = world;
    const { encode, intMap, fromHex, leafHash, sha256, utf8, coseSign, signPublic } = codec;
    const receipt = encode(
        intMap({
            1: opening.sequence,
            2: sha256(utf8(`request ${opening.sequence}`)),
            3: fromHex(opening.actor.account),
            4: fromHex(opening.patient),
            5: opening.records.map((one) => fromHex(one)),
            6: opening.purpose,
            7: opening.decision,
            8: opening.directives.map((one) => fromHex(one)),
            9: 0,
            14: opening.time,
        }),
    );
    const empty = sha256(new Uint8Array(0));
    const { sequence } = opening;
    const args = encode(
        intMap({ 1: sequence, 2: sequence, 3: leafHash(receipt), 4: empty, 5: empty }),
    );
    const body = encode(
        intMap({
            1: ledger.state.chainId,
            2: fromHex(ledger.state.nodeAccount),
            3: codec.fromHex(hex(16)),
            4: world.clock() + 300_000,
            5: [intMap({ 1: "access", 2: "anchor", 3: args })],
        }),
    );
    const secret = sha256(utf8("the mock's node account"));
    const pair = { secret, public: signPublic(secret) };
    const { id, height } = ledger.submit(coseSign("salus/v1/transaction", pair, body).message);
    opening.anchored = { tx: id, height };
    world.receipts.set(sequence, receipt);
}

function raise(world, opening) {
    const who = opening.actor.display_name;
    addAlert(world, {
        kind: "burst-of-refusals",
        sentence: `${who} tried to open ${opening.records.length} records of a person who does not share them.`,
        actor: opening.actor,
        patient: opening.patient,
        score: 74,
        evidence: [
            { field: "Records asked for", text: String(opening.records.length) },
            { field: "Answer", text: "refused, nothing was released" },
        ],
        searched: ["Consent: ended or never given", "Visit: none", "Referral: none", "Order: none"],
        events: [opening.sequence],
    });
}

export function addAlert(world, alert) {
    const full = {
        id: hex(16),
        time: world.clock(),
        state: "open",
        resolution: "",
        patient: null,
        events: [],
        ...alert,
    };
    world.alerts.push(full);
    for (const listener of world.ledger.state.listeners) listener("alert", full);
    return full;
}
