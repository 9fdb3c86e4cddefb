#pragma once

#include "contracts/support/standard_args.hpp"

/// Two organisations, and every kind of person that a permission check must tell apart.
namespace salus::contracts::testing {

inline const AccountId newcomer = account(0x01);   ///< not enrolled
inline const AccountId ada = account(0x02);        ///< patient; owns `adas` and what lies there
inline const AccountId ben = account(0x03);        ///< patient; owns other things
inline const AccountId staff = account(0x04);      ///< staff whom nobody vouches for
inline const AccountId clinician = account(0x05);  ///< of A
inline const AccountId officer_a = account(0x06);  ///< the one live officer of A
inline const AccountId officer_b = account(0x07);  ///< of B
inline const AccountId expired_officer = account(0x08);  ///< of A, until yesterday
inline const AccountId revoked_officer = account(0x09);  ///< of A, revoked
inline const AccountId left_officer = account(0x10);     ///< of A, but deactivated
inline const AccountId writer = account(0x11);           ///< staff; may write into `adas`
inline const AccountId former_writer = account(0x12);    ///< staff; could until yesterday
inline const AccountId patient_of_a = account(0x13);     ///< a patient with a credential of A
inline const AccountId of_both = account(0x14);          ///< staff, vouched for by A and B
inline const AccountId once_of_a = account(0x15);        ///< staff of B; A's credential was revoked

struct Person {
    std::string_view name;
    AccountId account;
};
inline const std::vector<Person> everybody{
    {"somebody not enrolled", newcomer},
    {"the patient", ada},
    {"another patient", ben},
    {"staff without a credential", staff},
    {"a clinician of A", clinician},
    {"an officer of A", officer_a},
    {"an officer of B", officer_b},
    {"an officer of A whose credential expired", expired_officer},
    {"an officer of A whose credential was revoked", revoked_officer},
    {"an officer of A who left", left_officer},
    {"a writer", writer},
    {"a former writer", former_writer},
    {"a patient with a credential", patient_of_a},
    {"staff of A and B", of_both},
    {"staff of B, once of A", once_of_a},
    {"the node of A", node_a},
    {"the node of B", node_b},
};

inline const ObjectId adas = object(0xC0, 2);  ///< Ada's collection
inline const ObjectId bens = object(0xC0, 3);
inline const ObjectId record_ada = object(0xD0, 1);     ///< in `adas`, by Ada
inline const ObjectId record_writer = object(0xD0, 2);  ///< in `adas`, by the writer
inline const ObjectId record_former = object(0xD0, 3);  ///< in `adas`, by the former writer
inline const ObjectId record_ben = object(0xD0, 4);     ///< in `bens`
inline const ObjectId directive_ada = object(0xF0, 1);
inline const Digest claim_secret = digest(0x5E);  ///< `record_ada` is offered for it

inline constexpr std::int64_t yesterday = start_time - 86'400'000;

inline ObjectId collection_of(const AccountId& owner) {
    return object(0xC0, owner.bytes[0]);
}
inline ObjectId credential_of(const AccountId& holder, const ObjectId& organisation) {
    return object(organisation.bytes[0], holder.bytes[0]);
}

inline void vouch(StandardWorld& world, const AccountId& holder, std::string_view role,
                  const ObjectId& organisation, std::int64_t expires = start_time + 1'000'000) {
    const AccountId& node = organisation == organisation_a ? node_a : node_b;
    const Bytes args = args::issue({.id = credential_of(holder, organisation),
                                    .account = holder,
                                    .role = role,
                                    .organisation = organisation,
                                    .expires = expires});
    REQUIRE(world.as(node).call("registry", "credential_issue", args).code == 0);
}

/// Writes everything the comments above say. Block time: `yesterday` − 1, then `start_time`.
inline void populate(StandardWorld& world) {
    const auto must = [&](const AccountId& who, std::string_view contract, std::string_view method,
                          const Bytes& args) {
        const Answer answer = world.as(who).call(contract, method, args);
        INFO(contract << "." << method << ": " << as_text(answer.data) << answer.detail);
        REQUIRE(answer.code == 0);
    };
    world.at(yesterday - 1);
    world.bring_body();
    for (const Person& person : everybody) {
        if (person.account == newcomer) {
            continue;
        }
        const bool patient =
            person.account == ada || person.account == ben || person.account == patient_of_a;
        if (person.account != node_a && person.account != node_b) {
            must(person.account, "registry", "enrol", args::enrol(patient ? "patient" : "staff"));
        }
        must(person.account, "record", "collection_put",
             args::collection_put(collection_of(person.account)));
    }
    vouch(world, clinician, "clinician", organisation_a);
    vouch(world, officer_a, "officer", organisation_a);
    vouch(world, officer_b, "officer", organisation_b);
    vouch(world, expired_officer, "officer", organisation_a, yesterday);
    vouch(world, revoked_officer, "officer", organisation_a);
    vouch(world, left_officer, "officer", organisation_a);
    vouch(world, patient_of_a, "clinician", organisation_a);
    vouch(world, of_both, "clinician", organisation_a);
    vouch(world, of_both, "clinician", organisation_b);
    vouch(world, once_of_a, "clinician", organisation_a);
    vouch(world, once_of_a, "clinician", organisation_b);
    for (const AccountId& gone : {revoked_officer, once_of_a}) {
        must(node_a, "registry", "credential_revoke",
             args::one_id(credential_of(gone, organisation_a).view()));
    }
    must(left_officer, "registry", "deactivate", args::one_id(left_officer.view()));
    must(ada, "record", "writer_put", args::writer_put(adas, writer));
    must(ada, "record", "writer_put", args::writer_put(adas, former_writer, yesterday));
    must(ada, "record", "put", args::record_put(record_ada, adas));
    must(writer, "record", "put", args::record_put(record_writer, adas));
    must(former_writer, "record", "put", args::record_put(record_former, adas));
    must(ben, "record", "put", args::record_put(record_ben, bens));
    must(ada, "record", "offer", args::offer(record_ada, claim_secret));
    must(ada, "consent", "put", args::consent_put(directive_ada, {}));
    world.at(start_time);
}

}  // namespace salus::contracts::testing
