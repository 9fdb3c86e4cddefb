#pragma once

#include "ledger/receipt_sign.hpp"
#include "ledger/state_tree.hpp"

#include "fixture.hpp"
#include <algorithm>
#include <functional>
#include <map>

/// A patient, somebody who treats, one hospital, and its state and relation tree as they would be.
namespace salus::ledger::test {

inline constexpr std::int64_t day_ms = 86'400'000;
inline constexpr UnixMillis day_from{1'767'225'600'000};  // 2026-01-01
inline constexpr UnixMillis day_until{day_from.value + day_ms};

struct AbsenceWorld {
    AccountId patient = filled<AccountId>(0xA1);
    AccountId grantee = filled<AccountId>(0xB2);
    AccountId node = filled<AccountId>(0x00);
    ObjectId organisation = filled<ObjectId>(0x00);
    Bytes label_key = Bytes(32, 0x4B);
    UnixMillis anchored{day_until.value + anchor_lag_ms};
    std::vector<HeldRole> history{{"clinician", organisation, UnixMillis{day_from.value - day_ms},
                                   UnixMillis{day_until.value + 365 * day_ms}, std::nullopt}};
    std::map<Label, std::vector<GrantInterval>> intervals;
    std::map<Label, std::vector<RelationEntry>> openings;
    std::vector<Member> members = genesis_of(3).config.members;

    [[nodiscard]] Label person() const { return person_label(label_key, grantee); }
    [[nodiscard]] Label house() const { return organisation_label(label_key, organisation); }
    [[nodiscard]] Label role() const { return role_label(label_key, "clinician", organisation); }
    [[nodiscard]] std::vector<VerifierKey> trust() const {
        std::vector<VerifierKey> keys;
        for (const Member& m : members)
            keys.push_back(member_key("test", m.organisation, m.signing_key));
        return keys;
    }

    /// Relation tree, state, proofs and signatures.
    Bytes bundle() {
        build_relations();
        build_state();
        Absence absence{patient, label_key, grantee, day_from, day_until, {}, {}};
        for (const Bytes& key : keys_to_show()) absence.claims.push_back(claim(key));
        absence.nodes.push_back({node, {}});
        for (const NamedLabel& name :
             labels_within(label_key, grantee, history, day_from, day_until)) {
            absence.nodes[0].claims.push_back(relation_claim(name.label));
        }
        std::sort(absence.nodes[0].claims.begin(), absence.nodes[0].claims.end(),
                  [](const RelationClaim& a, const RelationClaim& b) { return a.label < b.label; });
        if (change) change(absence);
        return must(make_state_bundle(BundleKind::absence, encode_absence(absence), note()));
    }
    std::function<void(Absence&)> change;  ///< what a forger does

    StateClaim claim(const Bytes& key) {
        const auto found = values.find(key);
        const auto value = found == values.end() ? std::nullopt : std::optional(found->second);
        return {key, value, encode_state_proof(must(state.prove(key)))};
    }
    [[nodiscard]] Bytes note() const {
        Checkpoint checkpoint{
            "salus/test", 9, filled<Digest>(0x1C), BlockHeight{4}, filled<Digest>(0x1D),
            state.root(), {}};
        const std::string text = checkpoint_text(checkpoint);
        std::vector<NoteSignature> signatures;
        std::uint8_t seed = member_key_seed;
        for (const VerifierKey& key : trust())
            signatures.push_back(sign_checkpoint(text, key.name, key_of(seed++)));
        return to_bytes(write_note(text, signatures));
    }

    StateTree state = StateTree::in_memory();
    StateTree relations = StateTree::in_memory();
    std::map<Bytes, Bytes> values;
    std::map<Label, Bytes> relation_values;
    bool show_places = true;
    bool anchors = true;  ///< whether the hospital's node ever anchored

  private:
    std::vector<Bytes> keys_to_show() {
        std::vector<Bytes> keys{contract_key("registry", "a", {patient.view()}),
                                contract_key("registry", "h", {grantee.view()})};
        for (const Member& m : members) {
            keys.push_back(contract_key("registry", "o", {m.organisation.view()}));
            keys.push_back(contract_key("access", "n", {m.node_account.view()}));
        }
        for (const NamedLabel& name :
             labels_within(label_key, grantee, history, day_from, day_until)) {
            keys.push_back(contract_key("consent", "l", {patient.view(), name.label.view()}));
        }
        std::sort(keys.begin(), keys.end());
        return keys;
    }
    static std::vector<Digest> leaves(const std::vector<RelationEntry>& entries) {
        std::vector<Digest> out;
        for (const RelationEntry& e : entries) out.push_back(merkle_leaf(encode_relation_entry(e)));
        return out;
    }
    void build_relations() {
        relations = StateTree::in_memory();
        std::vector<StateChange> changes;
        for (const auto& [label, entries] : openings) {
            relation_values[label] =
                encode_relation({entries.back(), merkle_root(leaves(entries)), entries.size()});
            changes.push_back(StateChange::put(label.view(), relation_values[label]));
        }
        relations.commit(must(relations.prepare(changes)));
    }
    RelationClaim relation_claim(const Label& label) {
        RelationClaim out{label, {}, encode_state_proof(must(relations.prove(label.view()))), {}};
        const auto found = openings.find(label);
        if (found == openings.end()) return out;
        out.value = relation_values[label];
        const auto& entries = found->second;
        const auto later = std::find_if(entries.begin(), entries.end(),
                                        [](const RelationEntry& e) { return e.time >= day_from; });
        if (later == entries.end() || !show_places) return out;
        const auto index = static_cast<std::uint64_t>(later - entries.begin());
        for (std::uint64_t i = index == 0 ? 0 : index - 1; i <= index; ++i) {
            out.places.push_back(
                {i, encode_relation_entry(entries[i]), must(merkle_inclusion(leaves(entries), i))});
        }
        return out;
    }
    static void write_time(cbor::Writer& out, const std::optional<UnixMillis>& time) {
        if (time) {
            out.integer(time->value);
        } else {
            out.null();
        }
    }
    void build_state() {
        values.clear();
        cbor::Writer account;
        account.map(6).uint(1).text("patient").uint(2).bytes(Digest{}.view()).uint(3);
        account.bytes(Digest{}.view()).uint(4).uint(1).uint(5).uint(1).uint(6);
        account.bytes(label_commitment(Bytes(32, 0x4B)).view());
        values[contract_key("registry", "a", {patient.view()})] = account.take();
        if (!history.empty()) {
            cbor::Writer held;
            held.array(history.size());
            for (const HeldRole& h : history) {
                held.array(6).bytes(filled<ObjectId>(0x0C).view()).text(h.role);
                held.bytes(h.organisation.view()).integer(h.begin.value).integer(h.expires.value);
                write_time(held, h.revoked);
            }
            values[contract_key("registry", "h", {grantee.view()})] = held.take();
        }
        for (const auto& [label, list] : intervals) {
            cbor::Writer out;
            out.array(list.size());
            for (const GrantInterval& i : list) {
                out.array(4).bytes(i.directive.view()).integer(i.begin.value);
                out.integer(i.until.value);
                write_time(out, i.revoked);
            }
            values[contract_key("consent", "l", {patient.view(), label.view()})] = out.take();
        }
        for (const Member& m : members) {
            cbor::Writer out;
            out.map(3).uint(1).bytes(m.signing_key.view()).uint(2).bytes(m.node_account.view());
            values[contract_key("registry", "o", {m.organisation.view()})] =
                out.uint(3).bytes(Digest{}.view()).take();
        }
        cbor::Writer anchor;
        anchor.map(5).uint(1).uint(7).uint(2).bytes(Digest{}.view()).uint(3);
        anchor.bytes(relations.root().view()).uint(4).uint(3).uint(5).integer(anchored.value);
        values.erase(contract_key("access", "n", {node.view()}));
        if (anchors) values[contract_key("access", "n", {node.view()})] = anchor.take();
        state = StateTree::in_memory();
        std::vector<StateChange> changes;
        for (const auto& [key, value] : values) changes.push_back(StateChange::put(key, value));
        state.commit(must(state.prepare(changes)));
    }
};

}  // namespace salus::ledger::test
