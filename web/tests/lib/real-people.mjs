import { Authenticator } from "./real-node.mjs";
import { amaraRecords, makePeople } from "./seed.mjs";

// Accounts made through the interface by the portal's own client code under Node: for walks that
// begin where people have accounts already.

const cast = {
    officer: { name: "petra", displayName: "Petra Maas" },
    clinician: { name: "novak", displayName: "Dr Lena Novak" },
    second: { name: "haddad", displayName: "Dr Samir Haddad", role: "clinician" },
    laboratory: { name: "northgate", displayName: "Northgate Laboratory" },
  steward: { name: "jonas", displayName: "Jonas Berg" },
    patient: { name: "amara", displayName: "Amara Diallo" },
    newcomer: { name: "ben", displayName: "Ben Okoro" },
};

/** The second of them has no record yet. */
const isPatient = (role) => role === "patient" || role === "newcomer";

/**
 * Sets the node up with its officer and makes `roles`; each comes with password and authenticator.
 * `live` then gives them a history.
 */
export async function seedPeople(node, roles, live = async () => undefined) {
    const { client, restore, signUp } = await makePeople(node.url);
    const people = {};
    const join = async (role, invitation) => {
        const begun = {};
        const session = await signUp({
            ...cast[role],
            invitation,
            codeOf: (secret) => (begun.authenticator = new Authenticator(secret)).code(),
        });
        people[role] = { ...cast[role], ...session, ...begun };
    };
    try {
        const json = { token: node.token, organisation_name: "Riverside Clinic" };
        await join("officer", (await client.call("/api/setup", { json })).officer_invitation);
        for (const role of roles.filter((one) => one !== "officer")) {
            await join(
                role,
                isPatient(role) ? null : await invite(client, people.officer, role),
            );
        }
        if (people.patient) {
            const records = amaraRecords(client);
            await client.vaultApi.addRecords({ home: people.patient.home, records });
        }
        await live(client, people);
        return people;
    } finally {
        restore();
    }
}

async function invite(client, officer, role) {
    const { displayName: display_name, role: said = role } = cast[role];
    const json = { role: said, display_name, licence: "", expires: Date.now() + 365 * 86_400_000 };
    const { code } = await client.call("/api/invitations", { home: officer.home, json });
    return code;
}
