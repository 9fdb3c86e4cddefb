#pragma once

#include "learn/studio.hpp"

#include "row_store.hpp"
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace salus::command {

struct TourOptions {
    std::string url;
    std::string data_dir;
    std::string setup_token;          ///< empty: read from data_dir/setup-token
    std::optional<std::string> file;  ///< empty: demo rows
    std::size_t demo_rows = 5'000;
    learn::LoadOptions load;
};

/// Somebody who takes part: keys, session and, where a sign-in is shown, password and second
/// factor.
struct TourPerson {
    std::string name;
    std::string display_name;
    std::string password;
    Bytes totp_secret;
    std::string demo_key;  ///< base64url; empty outside demo nodes
    std::optional<client::Home> home;
};

/// Plays the product's path against a live node: README, "The tour". Each step answers one sentence
/// for a newcomer.
class Tour {
  public:
    Tour(Env& env, client::Api api, TourOptions options)
        : env_(env), api_(std::move(api)), options_(std::move(options)) {}

    /// Organisation, staff and keys; on a node that was prepared by an earlier tour, signs them in
    /// again.
    Status prepare();
    /// Steps 1 to 14. Errors: whatever kept the step from its end.
    Result<std::string> step(int number);
    /// What the demo homes show, once; from demo rows whatever the tour's table is.
    Status leave_demo_homes();
    /// "Patient, Maria Keller: http://localhost:8080/#demo=…" for each home.
    [[nodiscard]] std::vector<std::string> demo_links();

  private:
    // tour_people.cpp
    Result<TourPerson> join(std::string name, std::string display_name, std::string invitation);
    Result<TourPerson> invite(std::string name, std::string display_name, std::string role);
    Status prepare_fresh();
    Status prepare_again(const json::Value& kept);
    Status keep_people() const;
    [[nodiscard]] std::string kept_path() const { return options_.data_dir + "/demo-links"; }
    Result<client::Home> sign_in(const TourPerson& person);
    /// Signs everybody in again whose session or step-up a long step outlasted.
    Status freshen();
    // tour_account.cpp: steps 1 to 3
    Result<std::string> sign_up();
    Result<std::string> see_log_entry();
    Result<std::string> log_in();
    // tour_table.cpp: steps 4 to 9
    Result<std::string> load_table();
    Result<std::string> chart();
    Result<std::string> process();
    Result<std::string> add_noise();
    Result<std::string> store();
    Result<std::string> look_at_stored();
    // tour_sharing.cpp: steps 10 to 13
    Result<std::string> grant();
    Result<std::string> open_as_clinician();
    Result<std::string> revoke();
    Result<std::string> odd_access();
    Result<std::uint64_t> wait_for_anchor(client::Home& patient, std::uint64_t sequence);
    Result<std::string> wait_for_alert(std::uint64_t sequence);
    Result<client::SharedItem> shared_by_organisation(client::Home& member,
                                                      const AccountId& patient);
    // tour_verify.cpp: step 14
    Result<std::string> verify_copies();
    // tour_demo.cpp
    Status leave_patients();
    Status leave_data_sets();

    TourPerson& person(const std::string& who) { return people_.at(who); }
    client::Home& home(const std::string& who) { return *people_.at(who).home; }
    [[nodiscard]] double since(std::int64_t began_ns) const {
        return static_cast<double>(env_.steady_ns() - began_ns) / 1e9;
    }

    Env& env_;
    client::Api api_;
    TourOptions options_;
    client::NodeStatus status_;
    bool left_ = false;  ///< the demo homes were filled by an earlier tour
    std::map<std::string, TourPerson>
        people_;  ///< officer, clinician, second, laboratory, steward, maria, jonas, patient
    learn::Studio studio_;
    std::string table_name_;
    std::optional<StoredRows> care_, released_;
    std::optional<client::Granted> granted_;
    std::optional<client::SharedItem> shared_;
    std::optional<client::ListedRecord> row_;
};

/// "1,234,567".
std::string counted(std::uint64_t number);
/// "0.21 s".
std::string seconds_text(double seconds);
/// The first `digits` of an id, for people.
std::string brief(std::string_view hex, std::size_t digits = 12);

}  // namespace salus::command
