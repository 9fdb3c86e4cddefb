import { loadTs } from "./load.mjs";

// People with a history, made through the interface like any others: accounts, sealed records, a
// sharing that lives, one that ended, openings and a refused attempt.

const day = 86_400_000;

/** A fetch that knows its node and keeps its cookies, so that client code runs under Node unchanged. */
function useNode(base) {
    const plain = globalThis.fetch;
    const jar = new Map();
    globalThis.fetch = async (path, init = {}) => {
        const headers = {
            ...init.headers,
            Cookie: [...jar].map(([k, v]) => `${k}=${v}`).join("; "),
        };
        const url = String(path).startsWith("/") ? base + path : path;
        const response = await plain(url, { ...init, headers });
        for (const line of response.headers.getSetCookie?.() ?? [
            response.headers.get("set-cookie"),
        ]) {
            const match = /^([^=]+)=([^;]*)/.exec(line ?? "");
            if (match) jar.set(match[1], match[2]);
        }
        return response;
    };
    return () => {
        globalThis.fetch = plain;
    };
}

export async function makePeople(base) {
    const client = await loadTs("tests/lib/client.ts");
    const restore = useNode(base);
    return { client, restore, signUp: (person) => signUp(client, person) };
}

async function signUp(
    client,
    { name, displayName, invitation = null, password = "correct horse battery", codeOf },
) {
    const { vaultApi, totpCode, fromBase32 } = client;
    const kind = invitation ? "staff" : "patient";
    const begun = await vaultApi.beginSignUp({ name, kind });
    const secret = fromBase32(begun.secret);
    const code = codeOf ? await codeOf(begun.secret) : totpCode(secret, Date.now() / 1000);
    const { session } = await vaultApi.finishSignUp({ password, displayName, invitation, code });
    return { ...session, secret, password, recovery: begun.recovery };
}

/** A demo slot for a mock account; gives what a demo link carries. */
async function demoLink(client, person) {
    const key = client.random(32);
    const { authKey, kek } = client.demoKeys(key);
    const entry = client.need(person.home);
    const head = { type: "demo", slot: client.random(16), epoch: 1, kdf: null };
    const inside = client.encode(client.intMap({ 1: entry.amk, 2: person.secret }));
    const blob = await client.sealSlot(kek, entry.account, head, inside);
    const [auth_key, text] = [client.toBase64Url(authKey), client.toBase64Url(blob)];
    await client.call("/mock/demo-slot", { json: { name: person.name, auth_key, blob: text } });
    return `${client.toBase64Url(key)}.${person.name}`;
}

const iso = (daysAgo) => new Date(Date.now() - daysAgo * day).toISOString().slice(0, 10);

function measurement(client, code, value, daysAgo, by) {
    const info = client.tests.find((one) => one.code === code);
    const range = {};
    if (info.low !== null) range.low = info.low;
    if (info.high !== null) range.high = info.high;
    const { label, unit } = info;
    const body = {
        type: "measurement",
        code,
        label,
        value,
        unit,
        ...range,
        date: iso(daysAgo),
        by,
    };
    const name = info.category === "laboratory" ? "Blood results" : "Measurements";
    return { category: info.category, name, body };
}

const note = (category, name, title, text, daysAgo) => ({
    category,
    name,
    body: { type: "note", title, text, date: iso(daysAgo) },
});

export function amaraRecords(client) {
    const history = (code, values, step, by = "Northgate Laboratory") =>
        values.map((value, i) =>
            measurement(client, code, value, (values.length - 1 - i) * step + 1, by),
        );
    return [
        ...history("59261-8", [64, 61, 58, 53, 51, 48], 183),
        ...history("22748-8", [3.6, 3.4, 3.1, 2.8, 2.6, 2.4], 150),
        ...history("14682-9", [68, 70, 69, 72, 70, 71], 160),
        ...history("2823-3", [4.1, 4.4, 4.2, 4.5, 4.2, 4.3], 160),
        ...history("8480-6", [148, 142, 139, 134, 128], 60, "at home"),
        ...history("8462-4", [94, 90, 86, 82, 78], 60, "at home"),
        note("medicines", "Medicines", "Metformin 500 mg", "Morning and evening, with food.", 610),
        note("medicines", "Medicines", "Atorvastatin 20 mg", "In the evening.", 420),
        note("medicines", "Medicines", "Ramipril 5 mg", "In the morning.", 400),
        note("allergies", "Allergies", "Penicillin", "Rash, severe. Seen in 1994.", 520),
        note("allergies", "Allergies", "Hazelnut", "Swelling of the lips, moderate.", 520),
        note("problems", "Conditions", "Type 2 diabetes", "Since March 2024.", 600),
        note("problems", "Conditions", "High blood pressure", "Since September 2024.", 430),
        note("notes", "Notes and letters", "Eye screening, no changes found", "Next in a year.", 3),
        note("mental-health", "Mental health", "Talk with counsellor", "Sleeping better.", 40),
    ];
}

export async function seedDemo(base, world) {
    const { invite } = await import("../mock/world.mjs");
    const { client, restore, signUp: join } = await makePeople(base);
    const { vaultApi } = client;
    try {
        const staff = (role, name, displayName) =>
            join({ name, displayName, invitation: invite(world, role, displayName) });
        const officer = await staff("officer", "petra", "Petra Maas");
        const novak = await staff("clinician", "novak", "Dr Lena Novak");
        const haddad = await staff("clinician", "haddad", "Dr Samir Haddad");
        const steward = await staff("steward", "jonas", "Jonas Berg");
        const amara = await join({ name: "amara", displayName: "Amara Diallo" });
        await vaultApi.giveOrganisationKey({ home: officer.home });
        await vaultApi.addRecords({ home: amara.home, records: amaraRecords(client) });
        await shareAll(
            client,
            amara,
            novak,
            ["laboratory", "medicines", "allergies", "problems"],
            110,
        );
        const ended = await shareAll(client, amara, haddad, ["laboratory", "vitals"], 60);
        await openAs(client, haddad);
        await vaultApi.stopSharing({ home: amara.home, directive: ended.directive });
        await client.vaultApi
            .openShared({ home: haddad.home, directive: ended.directive, purpose: "TREAT" })
            .catch(() => undefined);
        await openAs(client, novak);
        await seedAlerts(client, haddad);
        const links = [];
        for (const person of [amara, novak, officer, steward])
            links.push(await demoLink(client, person));
        return links;
    } finally {
        restore();
    }
}

export async function shareAll(client, patient, staff, categories, days) {
    const { vaultApi, call } = client;
    const keyring = await vaultApi.myKeyring({ home: patient.home });
    const { people } = await call("/api/directory?q=&kind=", { home: patient.home });
    const grantee = people.find((one) => one.account === staff.account);
    const chosen = keyring.collections.filter((one) => categories.includes(one.category));
    const until = Date.now() + days * day;
    const phrases = chosen.map((one) => one.name).join(", ");
    const end = new Date(until).toLocaleDateString("en-GB", {
        day: "numeric",
        month: "long",
        year: "numeric",
    });
    return vaultApi.share({
        home: patient.home,
        grantee,
        collections: chosen.map((one) => one.id),
        purpose: "TREAT",
        from: Date.now() - 60_000,
        until,
        born: "1971-05-04",
        sentence: `${staff.display_name} may open my ${phrases} for treatment, from today until ${end} (UTC).`,
    });
}

export async function openAs(client, staff) {
    const { vaultApi } = client;
    await vaultApi.closeShared({ home: staff.home });
    for (const row of await vaultApi.sharedWithMe({ home: staff.home })) {
        await vaultApi.openShared({ home: staff.home, directive: row.directive, purpose: "TREAT" });
    }
}

async function seedAlerts(client, haddad) {
    const searched = [
        "Consent: none of them shares with billing",
        "Visit: none within 30 days",
        "Referral: none",
        "Order: none",
    ];
    const alerts = [
        {
            kind: "unexplained",
            score: 93,
            time: Date.now() - 11 * 3_600_000,
            events: [1, 2, 3],
            searched,
            sentence:
                "Dr Samir Haddad opened 14 records of people he has no visit with, between 22:12 and 22:21.",
            actor: {
                account: haddad.account,
                display_name: "Dr Samir Haddad",
                roles: ["clinician"],
                organisation_name: "Riverside Clinic",
            },
            evidence: [
                {
                    field: "Openings in 9 minutes",
                    text: "14; the usual for this role is 3 an hour",
                },
                { field: "Hour", text: "22:12, outside of the usual 07 to 16" },
                { field: "People", text: "14 different, none seen before" },
            ],
        },
        {
            kind: "burst-of-openings",
            score: 61,
            time: Date.now() - 2 * 3_600_000,
            actor: null,
            searched: [],
            sentence: "Reception desk 2 opened 38 summaries in an hour; its usual is 12.",
            evidence: [{ field: "Openings in an hour", text: "38; its usual is 12" }],
        },
        {
            kind: "burst-of-logins",
            score: 47,
            time: Date.now() - 3_600_000,
            actor: null,
            searched: [],
            sentence: "9 failed sign-ins for one name from one address in 4 minutes, then none.",
            evidence: [{ field: "Failed sign-ins", text: "9 in 4 minutes" }],
        },
    ];
    for (const alert of alerts) await client.call("/mock/alert", { json: alert });
}
