#include "tour.hpp"
#include <chrono>
#include <thread>

/// Steps 10 to 13: a clinician may look, looks, may no longer, and somebody looks without a reason.
namespace salus::command {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t patience_ns = 10'000'000'000;
constexpr auto poll_every = std::chrono::milliseconds(50);

/// The cells a row record holds.
Result<std::size_t> cells_of(const Bytes& plaintext) {
    const json::Value row = SALUS_TRY(json::parse(as_text(plaintext)));
    const json::Value* cells = row.find("cells");
    if (cells == nullptr || cells->object() == nullptr)
        return Error{Errc::malformed, "the record is no row"};
    return cells->object()->size();
}

}  // namespace

Result<std::string> Tour::grant() {
    if (!care_) return Error{Errc::not_found, "nothing was stored"};
    SALUS_TRY(freshen());
    client::Home& robin = home("patient");
    client::GrantOptions options;
    options.collections = {care_->collection};
    options.from = robin.now();
    options.until = UnixMillis{options.from.value + 30 * day_ms};
    const TourPerson& clinician = person("clinician");
    granted_ = SALUS_TRY(robin.grant(
        {clinician.home->keys().account, clinician.display_name, std::nullopt}, options));
    return "Robin signed a consent: \"" + granted_->sentence + "\" (directive " +
           brief(to_hex(granted_->directive.view())) + ", block " +
           counted(granted_->receipt.height) + ").";
}

Result<std::uint64_t> Tour::wait_for_anchor(client::Home& patient, std::uint64_t sequence) {
    const std::int64_t began = env_.steady_ns();
    while (env_.steady_ns() - began < patience_ns) {
        const json::Array openings = SALUS_TRY(patient.feed(10));
        for (const json::Value& opening : openings) {
            if (SALUS_TRY(json::need_uint(opening, "sequence")) != sequence) continue;
            const json::Value* anchored = opening.find("anchored");
            if (anchored == nullptr || anchored->is_null()) continue;
            return json::need_uint(*anchored, "height");
        }
        std::this_thread::sleep_for(poll_every);
    }
    return Error{Errc::unavailable, "the access receipt was not anchored within ten seconds"};
}

Result<std::string> Tour::open_as_clinician() {
    if (!granted_) return Error{Errc::not_found, "nothing was granted"};
    client::Home& clinician = home("clinician");
    for (client::SharedItem& item : SALUS_TRY(clinician.shared())) {
        if (item.directive == granted_->directive) shared_ = std::move(item);
    }
    if (!shared_) return Error{Errc::not_found, "the clinician does not see the sharing"};
    const client::Card card = SALUS_TRY(clinician.card_of(*shared_));
    const client::RecordFacts facts = SALUS_TRY(api_.record(care_->sample));
    row_ = client::ListedRecord{};
    row_->record = care_->sample;
    row_->collection = facts.collection;
    row_->epoch = facts.epoch;
    row_->author = facts.author;
    const std::int64_t began = env_.steady_ns();
    const client::Opened opened = SALUS_TRY(clinician.open_shared(*shared_, {*row_}));
    const std::size_t cells = SALUS_TRY(cells_of(opened.records.front().plaintext));
    const std::uint64_t height = SALUS_TRY(wait_for_anchor(home("patient"), opened.sequence));
    return clinician.display_name() + " opened a row of " + card.patient_name +
           "'s care copy, decrypted on the "
           "clinician's side: " +
           counted(cells) + " cells; access receipt " + counted(opened.sequence) +
           " was written before any byte left and was anchored in block " + counted(height) +
           " within " + seconds_text(since(began)) + ".";
}

Result<std::string> Tour::revoke() {
    if (!granted_ || !shared_ || !row_) return Error{Errc::not_found, "there is no sharing to end"};
    const client::TxReceipt receipt = SALUS_TRY(home("patient").revoke(granted_->directive));
    const auto refused = home("clinician").open_shared(*shared_, {*row_});
    if (refused.ok()) return Error{Errc::integrity, "the clinician could still open the record"};
    const std::string_view reason = client::reason_of(refused.error());
    if (reason != "consent-revoked") return refused.error();
    return "Robin ended the sharing in block " + counted(receipt.height) +
           ", with a new key for all that follows; the clinician asked again and was refused: \"" +
           refused.error().detail.substr(0, refused.error().detail.rfind(" (")) + "\" (" +
           std::string(reason) + ").";
}

Result<client::SharedItem> Tour::shared_by_organisation(client::Home& member,
                                                        const AccountId& patient) {
    for (client::SharedItem& item : SALUS_TRY(member.shared())) {
        if (item.by_organisation && item.live && item.patient == patient) return std::move(item);
    }
    return Error{Errc::not_found, "no patient shares with the organisation"};
}

Result<std::string> Tour::wait_for_alert(std::uint64_t sequence) {
    client::Home& officer = home("officer");
    const std::int64_t began = env_.steady_ns();
    while (env_.steady_ns() - began < patience_ns) {
        const json::Value answer = SALUS_TRY(api_.get("/api/alerts?state=open", officer.name()));
        for (const json::Value& alert : *SALUS_TRY(json::need_array(answer, "alerts"))) {
            for (const json::Value& event : *SALUS_TRY(json::need_array(alert, "events"))) {
                const json::Number* number = event.number();
                if (number != nullptr && number->text == std::to_string(sequence)) {
                    return json::need_text(alert, "sentence");
                }
            }
        }
        std::this_thread::sleep_for(poll_every);
    }
    return Error{Errc::unavailable, "no alert came within ten seconds"};
}

Result<std::string> Tour::odd_access() {
    client::Home& stranger = home("second");
    const client::SharedItem item =
        SALUS_TRY(shared_by_organisation(stranger, home("maria").keys().account));
    std::vector<client::ListedRecord> records = SALUS_TRY(stranger.list_shared(item.directive));
    if (records.empty()) return Error{Errc::not_found, "the sharing covers no record"};
    records.resize(std::min<std::size_t>(records.size(), 3));
    const client::Opened opened = SALUS_TRY(stranger.open_shared(item, records));
    const std::int64_t began = env_.steady_ns();
    const std::string sentence = SALUS_TRY(wait_for_alert(opened.sequence));
    return "A clinician looked through the hospital's consent without any visit, referral or "
           "order, and the privacy "
           "officer was told " +
           seconds_text(since(began)) + " later: \"" + sentence + "\"";
}

}  // namespace salus::command
