import {
    addAlert,
    codeFits,
    decide,
    invite,
    isLive,
    leaveReceipt,
    personView,
    Refusal,
    sessionView,
    setUp,
    signUp,
    startSession,
    userOf,
} from "./world.mjs";

// One function a call of docs/formats/http-api.md. Each takes what the request says and returns JSON,
// or bytes for CBOR answers.

const denied = (reason, message) => new Refusal(403, "denied", reason, message);
const login = () => new Refusal(401, "authentication", "login", "Sign in first.");

function need(ctx) {
    if (!ctx.session) throw login();
    ctx.session.last = ctx.world.clock();
    return ctx.user;
}

function officer(ctx) {
    const user = need(ctx);
    if (!user.roles.some((role) => role.role === "officer")) throw denied("role", "Officers only.");
    return user;
}

function stepped(ctx) {
    if (ctx.session.stepped + ctx.world.steppedUpFor < ctx.world.clock()) {
        throw new Refusal(401, "authentication", "step-up", "A fresh proof is needed.");
    }
}

const notFound = () => new Refusal(404, "not_found", "", "There is nothing here.");

const blockRow = (block) => ({ ...block, entries: undefined, checkpoint: undefined });

const queries = {
    "registry.account": (state, args, { toHex }) => {
        const found = state.accounts.get(toHex(args.get(1)));
        return found && { 1: found.kind, 2: found.sig, 3: found.kem, 4: 1, 5: 1, 6: null };
    },
    "record.collection": (state, args, { toHex, fromHex }) => {
        const found = state.collections.get(toHex(args.get(1)));
        return found && { 1: fromHex(found.owner), 2: found.label, 3: found.flags, 4: found.epoch };
    },
    "consent.directive": (state, args, { toHex }) => {
        const found = state.directives.get(toHex(args.get(2)));
        return (
            found && { 1: found.irBytes, 3: found.put_height, 4: found.put_time, 5: found.revoked }
        );
    },
};

export const open = {
    "GET /api/status": ({ world }) => {
        const { state, genesis, newest } = world.ledger;
        const block = newest();
        return {
            chain_id: state.chainId,
            genesis,
            engine: "embedded",
            height: block?.height ?? 0,
            transactions: state.transactions.size,
            log_size: state.lines.length,
            header_hash: block?.header_hash ?? genesis,
            app_hash: block?.app_hash ?? genesis,
            state_root: block?.state_root ?? genesis,
            last_block_time: block?.time ?? 0,
            time: world.clock(),
            organisation: world.organisation,
            members: 1,
            witnesses: 0,
            cosignatures: [],
            witness_alarm: null,
            setup_needed: !world.organisation,
            demo: world.demo,
        };
    },
    "GET /api/log/keys": ({ world }) => ({ keys: [world.ledger.keyText] }),
    "GET /api/blocks": ({ world, query }) => {
        const { state } = world.ledger;
        const count = Math.min(200, Number(query.get("count") ?? 20));
        const from = query.has("from")
            ? Number(query.get("from")) - 1
            : state.blocks.length - count;
        const start = Math.max(0, from);
        return { blocks: state.blocks.slice(start, start + count).map(blockRow) };
    },
    "GET /api/block/:id": ({ world, params }) => {
        const block = world.ledger.state.blocks[Number(params.id) - 1];
        if (!block) throw notFound();
        return block;
    },
    "GET /api/tx/:id": ({ world, params }) => {
        const tx = world.ledger.state.transactions.get(params.id);
        if (!tx) throw notFound();
        const operations = tx.operations.map((op) => ({ ...op, bytes: undefined }));
        return { ...tx, operations, message: undefined };
    },
    "GET /api/tx/:id/receipt": ({ world, params }) => {
        const tx = world.ledger.state.transactions.get(params.id);
        if (!tx) throw notFound();
        return world.ledger.bundleOf(tx);
    },
    "GET /api/checkpoint": ({ world }) => world.ledger.newest()?.checkpoint ?? "",
    "GET /api/log": ({ world, query }) => ({
        entries: [...world.ledger.state.transactions.values()]
            .slice(-Number(query.get("last") ?? 50))
            .map((tx) => ({
                position: tx.position,
                id: tx.id,
                height: tx.height,
                time: tx.time,
                code: tx.code,
                contract: tx.operations[0].contract,
                method: tx.operations[0].method,
                account: tx.account,
            })),
    }),
    "GET /api/query": ({ world, query }) => {
        const { codec, ledger } = world;
        const args = codec.decode(codec.fromBase64Url(query.get("args")));
        const run = queries[`${query.get("contract")}.${query.get("method")}`];
        if (!run) throw notFound();
        const value = run(ledger.state, args, codec);
        return codec.encode(value ? codec.intMap(value) : null);
    },
    "POST /api/setup": ({ world, json }) => {
        if (world.organisation) throw denied("setup", "This node is set up.");
        if (json.token !== world.token)
            throw denied("token", "That is not the token of this node.");
        return setUp(world, json.organisation_name);
    },
    "POST /api/prelogin": ({ world, json }) => {
        const user = world.users.get(json.name.toLowerCase());
        return { kdf: user?.kdf ?? { m_kib: 65536, t: 3, p: 1, salt: "AAAAAAAAAAAAAAAAAAAAAA" } };
    },
    "GET /api/invitation/:id": ({ world, params }) => {
        const found = world.invitations.get(params.id);
        if (!found || found.used) throw notFound();
        return {
            role: found.role,
            organisation: world.organisation.name,
            expires: found.expires,
            account_kind: found.role === "patient" ? "patient" : "staff",
        };
    },
    "POST /api/signup": (ctx) => {
        const { token, ...answer } = signUp(ctx.world, ctx.json);
        ctx.setCookie(answer.session.home, token);
        return answer;
    },
    "POST /api/login": (ctx) => {
        const { world, json } = ctx;
        const user = world.users.get(json.name.toLowerCase());
        const wrong = new Refusal(
            401,
            "authentication",
            "login",
            "Name, password or code do not fit.",
        );
        if (!user || user.auth_key !== json.auth_key) {
            countFailure(world, json.name);
            throw wrong;
        }
        if (user.totp && !(json.code && codeFits(world, user.totp, json.code))) {
            throw new Refusal(401, "authentication", "second-factor", "A code is needed.");
        }
        const { session, token } = startSession(world, user, ctx.agent);
        ctx.setCookie(session.home, token);
        return { account: user.account, session, slots: user.slots };
    },
    "POST /api/demo/login": (ctx) => {
        const user = ctx.world.users.get(ctx.json.name.toLowerCase());
        if (!ctx.world.demo || !user?.demo_auth || user.demo_auth !== ctx.json.auth_key)
            throw login();
        const { session, token } = startSession(ctx.world, user, ctx.agent);
        ctx.setCookie(session.home, token);
        return { account: user.account, session, slots: user.slots };
    },
    // Not part of the interface: how the seeding script gives a mock account its demo slot.
    "POST /mock/demo-slot": ({ world, json }) => {
        const user = world.users.get(json.name);
        user.demo_auth = json.auth_key;
        user.slots.push({ id: "00", type: "demo", blob: json.blob });
        return {};
    },
    "POST /mock/alert": ({ world, json }) => addAlert(world, json),
    "POST /mock/forget-step-up": ({ world }) => {
        for (const session of world.sessions.values()) session.stepped = 0;
        return {};
    },
};

function countFailure(world, name) {
    const count = (world.failures.get(name) ?? 0) + 1;
    world.failures.set(name, count);
    if (count === 5) {
        addAlert(world, {
            kind: "burst-of-logins",
            actor: null,
            score: 60,
            searched: [],
            sentence: `5 failed sign-ins for one name within a minute, then none.`,
            evidence: [{ field: "Name", text: name }],
        });
    }
}

export const account = {
    "GET /api/session": (ctx) => sessionView(ctx.world, need(ctx), ctx.session),
    "POST /api/stepup": (ctx) => {
        const user = need(ctx);
        const { code, auth_key } = ctx.json;
        const fits = code
            ? user.totp && codeFits(ctx.world, user.totp, code)
            : user.auth_key === auth_key;
        if (!fits) throw new Refusal(401, "authentication", "second-factor", "That does not fit.");
        ctx.session.stepped = ctx.world.clock();
        return { stepped_up_until: ctx.session.stepped + ctx.world.steppedUpFor };
    },
    "POST /api/logout": (ctx) => {
        if (ctx.session) ctx.world.sessions.delete(ctx.session.token);
        return {};
    },
    "GET /api/sessions": (ctx) => {
        const user = need(ctx);
        const mine = [...ctx.world.sessions.values()].filter((one) => one.account === user.account);
        return {
            sessions: mine.map(({ id, created, last, user_agent }) => ({
                id,
                created,
                last,
                user_agent,
                current: id === ctx.session.id,
            })),
        };
    },
    "DELETE /api/sessions/:id": (ctx) => {
        need(ctx);
        for (const [token, one] of ctx.world.sessions) {
            if (one.id === ctx.params.id) ctx.world.sessions.delete(token);
        }
        return {};
    },
    "GET /api/slots": (ctx) => ({
        slots: need(ctx).slots.map(({ id, type }) => ({ id, type, created: Date.now() })),
    }),
    "DELETE /api/notices": () => ({}),
    "PUT /api/slots": (ctx) => {
        const user = need(ctx);
        stepped(ctx);
        const { add, remove } = ctx.json;
        user.slots = user.slots.filter(
            (slot) => !remove.includes(slot.id) && !add.some((one) => one.type === slot.type),
        );
        user.slots.push(...add.map((slot, i) => ({ id: `${Date.now()}${i}`, ...slot })));
        if (ctx.json.kdf)
            Object.assign(user, { kdf: ctx.json.kdf, auth_key: ctx.json.auth_key });
        return {};
    },
    "GET /api/keyring": (ctx) => need(ctx).keyring,
    "PUT /api/keyring": (ctx) => {
        const user = need(ctx);
        if (ctx.json.version !== user.keyring.version + 1) {
            throw new Refusal(409, "already_exists", "version", "Another client was first.");
        }
        user.keyring = ctx.json;
        return {};
    },
    "GET /api/directory": (ctx) => {
        need(ctx);
        const text = (ctx.query.get("q") ?? "").toLowerCase();
        const people = [...ctx.world.users.values()].filter((user) => user.kind === "staff");
        return {
            people: people
                .filter((user) => user.display_name.toLowerCase().includes(text))
                .map((user) => personView(ctx.world, user.account)),
        };
    },
    "POST /api/invitations": (ctx) => {
        officer(ctx);
        stepped(ctx);
        return { code: invite(ctx.world, ctx.json.role, ctx.json.display_name, ctx.json.expires) };
    },
    "GET /api/invitations": (ctx) => {
        officer(ctx);
        return { invitations: [...ctx.world.invitations.values()] };
    },
    "PUT /api/organisation/key": (ctx) => {
        officer(ctx);
        ctx.world.ledger.submit(ctx.world.codec.fromBase64Url(ctx.json.tx));
        Object.assign(ctx.world.organisation, { kem: ctx.json.kem, account: ctx.json.account });
        for (const wrap of ctx.json.wraps) ctx.world.organisationWraps.set(wrap.account, wrap.blob);
        return {};
    },
    "GET /api/organisation/key": (ctx) => {
        const blob = ctx.world.organisationWraps.get(need(ctx).account);
        if (!blob) throw notFound();
        return { kem: ctx.world.organisation.kem, blob };
    },
    "GET /api/organisation/pending": (ctx) => {
        officer(ctx);
        const staff = [...ctx.world.users.values()].filter((user) => user.kind === "staff");
        const waiting = staff.filter((user) => !ctx.world.organisationWraps.has(user.account));
        return {
            members: waiting.map((user) => {
                const { account, display_name, kem } = personView(ctx.world, user.account);
                return { account, display_name, kem };
            }),
        };
    },
    "POST /api/organisation/wraps": (ctx) => {
        officer(ctx);
        for (const wrap of ctx.json.wraps) ctx.world.organisationWraps.set(wrap.account, wrap.blob);
        return {};
    },
};

const recordsOf = (world, collection) =>
    [...world.ledger.state.records.values()].filter((one) => one.collection === collection);

function page(rows, query) {
    const after = query.get("after");
    const start = after ? rows.findIndex((row) => row.record === after) + 1 : 0;
    return { records: rows.slice(start, start + Number(query.get("count") ?? 100)) };
}

export const records = {
    "POST /api/store": (ctx) => {
        need(ctx);
        const { codec, ledger, bodies } = ctx.world;
        const [message, rows] = codec.decode(ctx.body);
        for (const [record, dekWrap, body] of rows)
            bodies.set(codec.toHex(record), { dekWrap, body });
        return { ...ledger.submit(message), stored: rows.length };
    },
    "GET /api/collections": (ctx) => {
        const user = need(ctx);
        const mine = [...ctx.world.ledger.state.collections.values()].filter(
            (one) => one.owner === user.account,
        );
        return {
            collections: mine.map(({ id, epoch, flags, height }) => {
                const rows = recordsOf(ctx.world, id);
                const bytes = rows.reduce((sum, row) => sum + row.size, 0);
                return { collection: id, epoch, flags, records: rows.length, bytes, height };
            }),
        };
    },
    "GET /api/records": (ctx) => {
        need(ctx);
        return page(recordsOf(ctx.world, ctx.query.get("collection")), ctx.query);
    },
    "GET /api/sealed/:id": (ctx) => {
        need(ctx);
        const found = ctx.world.bodies.get(ctx.params.id);
        if (!found) throw notFound();
        return found.body;
    },
    "POST /api/open": (ctx) => openRecords(ctx, need(ctx)),
    "POST /api/grants": (ctx) => {
        const user = need(ctx);
        stepped(ctx);
        const { codec, ledger } = ctx.world;
        const [message, grantee, card, wraps] = codec.decode(ctx.body);
        const receipt = ledger.submit(message);
        const directive = [...ledger.state.directives.keys()].pop();
        const entry = { grantee: codec.toHex(grantee), card, wraps: [] };
        for (const [, object, epoch, wrap] of wraps) {
            entry.wraps.push({ collection: codec.toHex(object), epoch, wrap });
        }
        ctx.world.grantees.set(directive, { ...entry, patient: user.account });
        return { directive, receipt };
    },
    "POST /api/revoke": (ctx) => {
        need(ctx);
        stepped(ctx);
        const { codec, ledger, grantees } = ctx.world;
        const [message, wraps] = codec.decode(ctx.body);
        const receipt = ledger.submit(message);
        for (const [collection, epoch, grantee, wrap] of wraps) {
            for (const entry of grantees.values()) {
                if (entry.grantee !== codec.toHex(grantee)) continue;
                entry.wraps.push({ collection: codec.toHex(collection), epoch, wrap });
            }
        }
        return { directive: "", receipt };
    },
    "GET /api/asks": () => ({ asks: [] }),
    "GET /api/grants": (ctx) => {
        const user = need(ctx);
        const now = ctx.world.clock();
        const rows = [...ctx.world.ledger.state.directives.values()].filter(
            (one) => one.patient === user.account,
        );
        return {
            grants: rows.map((one) => ({
                directive: one.directive,
                grantee: personView(
                    ctx.world,
                    ctx.world.grantees.get(one.directive)?.grantee ?? "",
                ),
                ir: Buffer.from(one.irBytes).toString("base64url"),
                put_height: one.put_height,
                put_time: one.put_time,
                revoked: one.revoked,
                from: one.from,
                until: one.until,
                live: isLive(one, now),
            })),
        };
    },
    "GET /api/shared": (ctx) => {
        const user = need(ctx);
        const now = ctx.world.clock();
        const shared = [];
        for (const [directive, entry] of ctx.world.grantees) {
            if (entry.grantee !== user.account) continue;
            const found = ctx.world.ledger.state.directives.get(directive);
            const live = isLive(found, now);
            shared.push({
                directive,
                patient: entry.patient,
                via: "person",
                until: found.until,
                live,
                card: Buffer.from(entry.card).toString("base64url"),
                ended: live ? null : found.revoked ? "revoked" : "expired",
            });
        }
        return { shared };
    },
    "GET /api/shared/:id/records": (ctx) => {
        need(ctx);
        const found = ctx.world.ledger.state.directives.get(ctx.params.id);
        if (!found) throw notFound();
        if (!isLive(found, ctx.world.clock()))
            throw denied("denied", "The patient has stopped sharing this.");
        const rows = found.ir
            .get(4)[1]
            .flatMap((one) => recordsOf(ctx.world, Buffer.from(one).toString("hex")));
        return page(rows, ctx.query);
    },
};

function openRecords(ctx, user) {
    const { world } = ctx;
    const { codec, ledger, bodies, grantees } = world;
    const body = codec.decode(codec.coseVerify("salus/v1/access-request", ctx.body).payload);
    const patient = codec.toHex(body.get(5));
    const asked = body.get(6).map((one) => codec.toHex(one));
    const own = patient === user.account;
    const directives = new Set();
    let refusal = null;
    for (const record of asked) {
        const row = ledger.state.records.get(record);
        if (!row) throw notFound();
        if (own) continue;
        const { directive, reason } = decide(
            world,
            patient,
            user.account,
            row.collection,
            world.clock(),
        );
        if (directive) directives.add(directive.directive);
        else refusal ??= reason;
    }
    const opening = leaveReceipt(world, {
        actor: user.account,
        patient,
        records: asked,
        purpose: body.get(7),
        permit: refusal === null,
        reason: refusal ?? (own ? 10 : 0),
        directives: [...directives],
    });
    if (refusal) throw denied(refusal, refusals[refusal]);
    const wraps = [];
    let until = 0;
    for (const directive of directives) {
        const entry = grantees.get(directive);
        until = Math.max(until, ledger.state.directives.get(directive).until);
        for (const wrap of entry.wraps) {
            wraps.push([codec.fromHex(wrap.collection), wrap.epoch, wrap.wrap]);
        }
    }
    const rows = asked.map((record) => {
        const row = ledger.state.records.get(record);
        const kept = bodies.get(record);
        return [
            codec.fromHex(record),
            codec.fromHex(row.collection),
            row.epoch,
            kept.dekWrap,
            null,
            kept.body,
        ];
    });
    const head = codec.intMap({
        1: opening.sequence,
        2: codec.sha256(codec.utf8(`receipt ${opening.sequence}`)),
        3: [...directives].map((one) => codec.fromHex(one)),
        4: until,
    });
    return codec.encode([head, wraps, rows]);
}

const refusals = {
    "consent-none": "This person does not share these records with you.",
    "consent-revoked": "This person stopped sharing these records with you.",
    "consent-expired": "This sharing has ended.",
};

export const watching = {
    "GET /api/feed/:id/proof": (ctx) => {
        need(ctx);
        const sequence = Number(ctx.params.id);
        const opening = ctx.world.openings[sequence - 1];
        if (!opening?.anchored) throw notFound();
        const tx = ctx.world.ledger.state.transactions.get(opening.anchored.tx);
        return ctx.world.ledger.accessBundle(tx, [ctx.world.receipts.get(sequence)], 0);
    },
    "GET /api/feed": (ctx) => {
        const user = need(ctx);
        return { openings: newestFirst(ctx, (one) => one.patient === user.account) };
    },
    "GET /api/accesses": (ctx) => {
        officer(ctx);
        return {
            openings: newestFirst(ctx, () => true).map((one) => ({
                ...one,
                patient: one.patient,
            })),
        };
    },
    "GET /api/alerts": (ctx) => {
        officer(ctx);
        const state = ctx.query.get("state");
        const rows = ctx.world.alerts.filter((one) => !state || one.state === state);
        return { alerts: rows.sort((a, b) => b.score - a.score) };
    },
    "POST /api/alerts/:id": (ctx) => {
        officer(ctx);
        const found = ctx.world.alerts.find((one) => one.id === ctx.params.id);
        if (!found) throw notFound();
        const states = { explain: "explained", case: "case", dismiss: "dismissed", hold: "held" };
        Object.assign(found, { state: states[ctx.json.action], resolution: ctx.json.note ?? "" });
        return { state: found.state };
    },
};

function newestFirst(ctx, keep) {
    const after = Number(ctx.query.get("after") ?? 0);
    const count = Number(ctx.query.get("count") ?? 100);
    const rows = ctx.world.openings.filter((one) => keep(one) && (!after || one.sequence < after));
    return rows.reverse().slice(0, count);
}

export { userOf };
