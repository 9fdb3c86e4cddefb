#include "sentinel/stream.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace salus::sentinel {

namespace {

/// The first element of a list, or the thing itself where it is no list.
const json::Value* first_of(const json::Value* value) {
    if (value == nullptr || value->array() == nullptr) return value;
    return value->array()->empty() ? nullptr : &value->array()->front();
}

const json::Value* follow(const json::Value* value, std::initializer_list<std::string_view> path) {
    for (const std::string_view key : path) {
        value = first_of(value);
        if (value == nullptr) return nullptr;
        value = value->find(key);
    }
    return first_of(value);
}

std::string text_at(const json::Value* value, std::initializer_list<std::string_view> path) {
    const json::Value* found = follow(value, path);
    if (found == nullptr) return {};
    if (found->text() != nullptr) return *found->text();
    return found->number() != nullptr ? found->number()->text : std::string{};
}

std::string first_text(const json::Value* value,
                       std::initializer_list<std::initializer_list<std::string_view>> paths) {
    for (const auto& path : paths)
        if (std::string text = text_at(value, path); !text.empty()) return text;
    return {};
}

/// The agent who asked; the first one where none says so.
const json::Value* requestor(const json::Value& event) {
    const json::Value* agents = event.find("agent");
    if (agents == nullptr || agents->array() == nullptr) return agents;
    for (const json::Value& agent : *agents->array()) {
        const json::Value* asked = agent.find("requestor");
        if (asked != nullptr && asked->boolean() != nullptr && *asked->boolean()) return &agent;
    }
    return first_of(agents);
}

void put(json::Object& out, std::string_view key, std::string text) {
    if (!text.empty()) out.emplace_back(key, std::move(text));
}

/// What was touched: the patient, the reasons named, and how many other things.
void put_entities(json::Object& out, const json::Value& event) {
    const json::Value* entities = event.find("entity");
    if (entities == nullptr || entities->array() == nullptr) return;
    constexpr std::array<std::string_view, 5> reasons{"Encounter/", "ServiceRequest/",
                                                      "Appointment/", "CareTeam/", "Consent/"};
    std::string patient;
    std::uint64_t records = 0;
    json::Array refs;
    for (const json::Value& entity : *entities->array()) {
        const std::string what =
            first_text(&entity, {{"what", "reference"}, {"what", "identifier", "value"}});
        const bool is_patient =
            what.find("Patient/") != std::string::npos || text_at(&entity, {"role", "code"}) == "1";
        bool is_reason = false;
        for (const std::string_view one : reasons)
            is_reason = is_reason || what.find(one) != std::string::npos;
        if (is_patient && patient.empty()) patient = what;
        if (is_reason) refs.emplace_back(what);
        if (!is_patient && !is_reason && !what.empty()) ++records;
    }
    put(out, "patient", std::move(patient));
    out.emplace_back("records", std::max<std::uint64_t>(records, 1));
    if (!refs.empty()) out.emplace_back("reason_refs", std::move(refs));
}

}  // namespace

// FHIR R4 AuditEvent; IHE BALP names the patient as an entity of role 1.
json::Value event_of_audit(const json::Value& line) {
    if (text_at(&line, {"resourceType"}) != "AuditEvent") return line;
    // DICOM 110114: User Authentication.
    const bool login = text_at(&line, {"type", "code"}) == "110114";
    json::Object out{{"kind", login ? "login" : "access"}};
    put(out, "t", text_at(&line, {"recorded"}));
    const json::Value* agent = requestor(line);
    put(out, "user",
        first_text(agent,
                   {{"who", "identifier", "value"}, {"who", "reference"}, {"altId"}, {"name"}}));
    put(out, "role", first_text(agent, {{"role", "coding", "code"}, {"role", "text"}}));
    put(out, "ip", text_at(agent, {"network", "address"}));
    put(out, "site", first_text(&line, {{"source", "site"}, {"source", "observer", "reference"}}));
    put(out, "action", text_at(&line, {"action"}));
    put(out, "result", text_at(&line, {"outcome"}));
    std::string purpose = text_at(&line, {"purposeOfEvent", "coding", "code"});
    if (purpose.empty()) purpose = text_at(agent, {"purposeOfUse", "coding", "code"});
    put(out, "purpose", std::move(purpose));
    put_entities(out, line);
    return json::Value(std::move(out));
}

}  // namespace salus::sentinel
