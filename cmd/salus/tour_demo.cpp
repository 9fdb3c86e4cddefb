#include "learn/demo.hpp"

#include "stage_rows.hpp"
#include "table_input.hpp"
#include "tour.hpp"
#include <array>
#include <cmath>

/// What the tour leaves behind for the demo homes. Nobody in it exists.
namespace salus::command {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::size_t demo_rows = 1'000;

/// A test of the demo chart: LOINC code, unit and reference range as laboratories print them.
struct Test {
    const char* category;
    const char* code;
    const char* label;
    const char* unit;
    double low, high;     ///< below 0: none
    double start, drift;  ///< first value, and what two years change
    int count;
};
constexpr std::array<Test, 7> tests{{
    {"laboratory", "59261-8", "HbA1c", "mmol/mol", 20, 41, 47, -8, 5},
    {"laboratory", "14647-2", "Total cholesterol", "mmol/L", -1, 5.0, 6.1, -1.3, 4},
    {"laboratory", "14682-9", "Creatinine", "µmol/L", 45, 90, 71, 4, 3},
    {"vitals", "8480-6", "Systolic blood pressure", "mmHg", 90, 140, 148, -19, 6},
    {"vitals", "8462-4", "Diastolic blood pressure", "mmHg", 60, 90, 92, -9, 4},
    {"vitals", "29463-7", "Weight", "kg", -1, -1, 84.2, -7.5, 4},
    {"vitals", "8867-4", "Heart rate", "/min", 60, 100, 78, -6, 2},
}};
struct Note {
    const char* category;
    const char* title;
    const char* text;
    int days_ago;
};
constexpr std::array<Note, 6> notes{{
    {"notes", "First visit",
     "Raised blood pressure at two visits; advised on salt and walking, review in three months.",
     725},
    {"notes", "Letter from the diabetes clinic",
     "Long-term blood sugar above the range; diet first, tablets if it stays.", 610},
    {"medicines", "Ramipril 5 mg", "One tablet in the morning.", 600},
    {"medicines", "Metformin 500 mg", "One tablet with breakfast and one with dinner.", 540},
    {"allergies", "Penicillin", "Rash in childhood; severity: moderate.", 700},
    {"notes", "Yearly review",
     "Blood pressure and sugar back in range; same medicines, next review in a year.", 20},
}};

std::string name_of(std::string_view category) {
    return category == "laboratory"  ? "Blood results"
           : category == "vitals"    ? "Measurements"
           : category == "medicines" ? "Medicines"
           : category == "allergies" ? "Allergies"
                                     : "Notes and letters";
}

json::Value bound(double value) {
    return value < 0 ? json::Value(nullptr) : json::Value(value);
}

/// Measurement `index` of a test: a steady course with a small, repeatable unevenness.
std::string measurement(const Test& test, int index, UnixMillis now) {
    const double share = test.count == 1 ? 1.0 : static_cast<double>(index) / (test.count - 1);
    const double uneven =
        ((index * 7 + static_cast<int>(test.code[0])) % 5 - 2) * 0.008 * test.start;
    const double value = std::round((test.start + test.drift * share + uneven) * 10) / 10;
    const auto days = static_cast<std::int64_t>(std::lround(720 * (1 - share))) + index % 3;
    return json::write(
        json::Object{{"type", "measurement"},
                     {"code", test.code},
                     {"label", test.label},
                     {"value", value},
                     {"unit", test.unit},
                     {"low", bound(test.low)},
                     {"high", bound(test.high)},
                     {"date", client::iso_date(UnixMillis{now.value - days * day_ms})}});
}

std::vector<client::NewRecord> records_of(UnixMillis now, std::string_view only) {
    std::vector<client::NewRecord> out;
    for (const Test& test : tests) {
        if (!only.empty() && test.category != only) continue;
        for (int i = 0; i < test.count; ++i) {
            out.push_back({test.category, name_of(test.category), measurement(test, i, now)});
        }
    }
    if (!only.empty()) return out;
    for (const Note& one : notes) {
        const UnixMillis day{now.value - one.days_ago * day_ms};
        out.push_back({one.category, name_of(one.category),
                       json::write(json::Object{{"type", "note"},
                                                {"title", one.title},
                                                {"text", one.text},
                                                {"date", client::iso_date(day)}})});
    }
    return out;
}

/// Every collection of records that the account has, shared for treatment for a year.
Status share_all(client::Home& owner, const client::Grantee& grantee) {
    const client::KeyList list = SALUS_TRY(owner.key_list());
    client::GrantOptions options;
    for (const client::KnownCollection& one : list.collections) {
        if (!one.is_data_set) options.collections.push_back(one.id);
    }
    options.from = owner.now();
    options.until = UnixMillis{options.from.value + 365 * day_ms};
    SALUS_TRY(owner.grant(grantee, options));
    return done;
}

}  // namespace

Status Tour::leave_patients() {
    client::Home& maria = home("maria");
    // Her own 34 records; the laboratory adds six itself, sealed to her collection.
    std::vector<client::NewRecord> own = records_of(maria.now(), "");
    SALUS_TRY(maria.add_records(own));
    const client::KeyList list = SALUS_TRY(maria.key_list());
    const client::KnownCollection* results = list.find_category("laboratory");
    if (results == nullptr)
        return Error{Errc::not_found, "the demo patient has no collection of blood results"};
    client::Home& laboratory = home("laboratory");
    SALUS_TRY(maria.allow_writing(results->id, laboratory.keys().account,
                                  UnixMillis{maria.now().value + 365 * day_ms}));
    const Test potassium{"laboratory", "2823-3", "Potassium", "mmol/L", 3.5, 5.1, 4.1, 0.3, 6};
    std::vector<std::string> bodies;
    for (int i = 0; i < potassium.count; ++i)
        bodies.push_back(measurement(potassium, i, maria.now()));
    SALUS_TRY(laboratory.write_to(results->id, bodies));

    const client::NodeStatus status = SALUS_TRY(api_.status());
    if (!status.organisation.account) return Error{Errc::not_found, "the organisation has no key"};
    SALUS_TRY(share_all(
        maria, {*status.organisation.account, status.organisation.name, status.organisation.id}));

    client::Home& jonas = home("jonas");
    SALUS_TRY(jonas.add_records(records_of(jonas.now(), "vitals")));
    const TourPerson& clinician = person("clinician");
    SALUS_TRY(
        share_all(jonas, {clinician.home->keys().account, clinician.display_name, std::nullopt}));

    // A visit explains why this clinician looks at Maria's chart; nothing explains the other one.
    client::Home& officer = home("officer");
    SALUS_TRY(api_.post("/api/context",
                        json::Object{{"kind", "encounter"},
                                     {"id", "visit-1042"},
                                     {"t", officer.now().value - day_ms},
                                     {"until", officer.now().value + 30 * day_ms},
                                     {"patient", to_hex(maria.keys().account.view())},
                                     {"user", to_hex(clinician.home->keys().account.view())}},
                        officer.name()));
    for (const char* who : {"clinician", "second"}) {
        client::Home& member = home(who);
        const client::SharedItem item =
            SALUS_TRY(shared_by_organisation(member, maria.keys().account));
        std::vector<client::ListedRecord> records = SALUS_TRY(member.list_shared(item.directive));
        records.resize(std::min<std::size_t>(records.size(), 12));
        SALUS_TRY(member.open_shared(item, records));
    }
    return done;
}

Status Tour::leave_data_sets() {
    client::Home& steward = home("steward");
    learn::Studio studio;
    studio.load_demo({demo_rows, learn::seed_from(1)});
    SALUS_TRY(studio.process());
    learn::ReleaseOptions options;
    options.seed = random_seed(env_);
    SALUS_TRY(studio.release(options));
    SALUS_TRY(store_stage(env_, steward, studio, learn::Stage::prepared, "Demo rows", ""));
    SALUS_TRY(store_stage(env_, steward, studio, learn::Stage::released,
                          "Demo rows, noised release", ""));
    return done;
}

Status Tour::leave_demo_homes() {
    if (left_) return done;
    SALUS_TRY(freshen());
    SALUS_TRY(leave_patients());
    SALUS_TRY(leave_data_sets());
    left_ = true;
    return keep_people();
}

}  // namespace salus::command
