#include "connect.hpp"
#include "tour.hpp"

/// Steps 1 to 3: an account comes to be, and is signed in to.
namespace salus::command {

Result<std::string> Tour::sign_up() {
    // A tour that is played again on the same data meets the earlier patient's name.
    const std::string name = "robin-" + to_hex(random_bytes<ObjectId>(env_).view().first(3));
    people_["patient"] = SALUS_TRY(join(name, "Robin Meyer", ""));
    const client::Home& robin = home("patient");
    return "Robin Meyer signed up as a patient: the password stretched by Argon2id (64 MiB) and "
           "the keys made on this "
           "side, account " +
           brief(to_hex(robin.keys().account.view())) + " enrolled on the ledger.";
}

Result<std::string> Tour::see_log_entry() {
    const client::TxReceipt& receipt = *home("patient").enrolment();
    const json::Value entry = SALUS_TRY(api_.get("/api/tx/" + receipt.id));
    const json::Value block = SALUS_TRY(api_.get("/api/block/" + std::to_string(receipt.height)));
    const std::string hash = SALUS_TRY(json::need_text(block, "header_hash"));
    const std::string previous = SALUS_TRY(json::need_text(block, "previous"));
    const std::uint64_t position = SALUS_TRY(json::need_uint(entry, "position"));
    if (hash != receipt.header_hash || position != receipt.position) {
        return Error{Errc::integrity, "the block shows something else than the receipt"};
    }
    return "The sign-up is entry " + counted(position) + " of the log: block " +
           counted(receipt.height) + ", hash " + brief(hash, 16) + ", previous hash " +
           brief(previous, 16) + ", sealed on " + plain_time(receipt.time) + ".";
}

Result<std::string> Tour::log_in() {
    TourPerson& robin = person("patient");
    SALUS_TRY(robin.home->log_out());
    const auto alone = client::Home::log_in(env_, api_, robin.name, robin.password, "");
    if (alone.ok() || client::reason_of(alone.error()) != "second-factor") {
        return Error{Errc::denied,
                     "the password alone was not answered by asking for the second factor"};
    }
    client::Home again = SALUS_TRY(sign_in(robin));
    if (again.keys().account != robin.home->keys().account) {
        return Error{Errc::integrity, "the sign-in led to another account"};
    }
    robin.home = std::move(again);
    return "Robin logged in: the password alone was not enough, password and one-time code were, "
           "and the server never "
           "saw the password.";
}

}  // namespace salus::command
