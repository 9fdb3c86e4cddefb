#include "postgres.hpp"

#include <pwd.h>
#include <unistd.h>

#include "../ledger_world.hpp"
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace salus::bench {

namespace {

constexpr std::string_view programs = "/usr/lib/postgresql/15/bin/";

/// 352 fixed bytes and a number: as long as the consent that the ledger is measured with.
constexpr std::size_t fixed_bytes = 352;

constexpr std::string_view schema = R"(
CREATE TABLE head (one boolean PRIMARY KEY, hash bytea NOT NULL) WITH (fillfactor = 10);
INSERT INTO head VALUES (true, sha256(''));
CREATE TABLE entry (position bigserial PRIMARY KEY, body bytea NOT NULL, hash bytea NOT NULL);
CREATE FUNCTION chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before bytea;
BEGIN
  SELECT hash INTO before FROM head FOR UPDATE;
  NEW.hash := sha256(before || NEW.body);
  UPDATE head SET hash = NEW.hash;
  RETURN NEW;
END $$;
CREATE TRIGGER chain BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION chain();
)";

/// The one whose server may be running; one at a time.
Postgres* live = nullptr;

std::string quoted(const std::string& text) {
    return "'" + text + "'";  // our folders have no quotes in their names
}

bool write_text(const std::string& path, std::string_view text) {
    std::ofstream out(path);
    out << text;
    out.close();
    return out.good();
}

/// Field numbers as in proc(5).
double ticks_of(const std::string& process, std::initializer_list<int> fields) {
    std::ifstream in("/proc/" + process + "/stat");
    const std::string line((std::istreambuf_iterator<char>(in)), {});
    // The name, the second field, may have blanks; it ends with the last parenthesis.
    std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 1)));
    std::string word;
    double ticks = 0;
    for (int field = 3; rest >> word && field <= 17; ++field) {
        for (const int wanted : fields) {
            if (field == wanted) ticks += std::stod(word);
        }
    }
    return ticks;
}

/// Latencies of a pgbench log: client, transaction, microseconds, ...
std::vector<std::int64_t> read_latencies(const std::string& directory) {
    std::vector<std::int64_t> all;
    for (const auto& file : std::filesystem::directory_iterator(directory)) {
        if (!file.path().filename().string().starts_with("latency.")) continue;
        std::ifstream in(file.path());
        for (std::string line; std::getline(in, line);) {
            std::istringstream words(line);
            std::int64_t client = 0;
            std::int64_t number = 0;
            std::int64_t us = 0;
            if (words >> client >> number >> us) all.push_back(us * 1'000);
        }
        std::filesystem::remove(file.path());
    }
    return all;
}

double read_rate(const std::string& report) {
    const std::size_t at = report.find("tps = ");
    need(at != std::string::npos, "pgbench reports no rate");
    return std::stod(report.substr(at + 6));
}

}  // namespace

std::unique_ptr<Postgres> Postgres::start() {
    if (!std::filesystem::exists(std::string(programs) + "postgres")) {
        std::fputs("bench: no PostgreSQL 15 to compare with: apt-get install postgresql-15\n",
                   stderr);
        return nullptr;
    }
    // The package makes the user; without it the cluster belongs to whoever runs this.
    const bool root = ::geteuid() == 0;
    std::unique_ptr<Postgres> server(new Postgres(root ? "postgres" : ""));
    // A benchmark that cannot go on ends the process where it stands: no server outlives it.
    static const int registered = std::atexit([] {
        if (live != nullptr) live->stop();
    });
    static_cast<void>(registered);
    live = server.get();
    if (!server->make_cluster()) {
        std::fputs("bench: PostgreSQL does not start; nothing to compare with\n", stderr);
        return nullptr;
    }
    return server;
}

bool Postgres::make_cluster() {
    const std::string& place = directory_.path();
    std::string insert = "\\set n random(1, 1000000000000)\n";
    insert += "INSERT INTO entry (body) VALUES ('\\x";
    for (std::size_t i = 0; i < fixed_bytes; ++i) insert += "5a";
    insert += "'::bytea || int8send(:n));\n";
    if (!write_text(place + "/schema.sql", schema) || !write_text(place + "/insert.sql", insert)) {
        return false;
    }
    if (!user_.empty()) {
        const passwd* const owner = ::getpwnam(user_.c_str());
        if (owner == nullptr || ::chown(place.c_str(), owner->pw_uid, owner->pw_gid) != 0) {
            return false;
        }
    }
    const std::string data = place + "/data";
    if (!run("initdb --auth=trust --username=salus --no-instructions --pgdata=" + quoted(data))) {
        return false;
    }
    const std::string options = "-c listen_addresses= -c unix_socket_directories=" + place;
    running_ = run("pg_ctl --wait --pgdata=" + quoted(data) + " --log=" + quoted(place + "/log") +
                   " --options=" + quoted(options) + " start")
                   .has_value();
    return running_ && run("psql --quiet --host=" + quoted(place) +
                           " --username=salus --dbname=postgres --set=ON_ERROR_STOP=1 --file=" +
                           quoted(place + "/schema.sql"));
}

Postgres::~Postgres() {
    stop();
    live = nullptr;
}

void Postgres::stop() {
    if (!running_) return;
    running_ = false;
    run("pg_ctl --mode=fast --pgdata=" + quoted(directory_.path() + "/data") + " stop");
    std::filesystem::remove_all(directory_.path());
}

std::optional<std::string> Postgres::run(const std::string& command) const {
    std::string line = "cd " + quoted(directory_.path()) + " && ";
    if (!user_.empty()) line += "runuser -u " + user_ + " -- ";
    line += std::string(programs) + command + " 2>/dev/null";
    FILE* const pipe = ::popen(line.c_str(), "r");
    if (pipe == nullptr) return std::nullopt;
    std::string output;
    std::array<char, 4'096> part{};
    for (std::size_t got = 0; (got = std::fread(part.data(), 1, part.size(), pipe)) > 0;) {
        output.append(part.data(), got);
    }
    if (::pclose(pipe) != 0) return std::nullopt;
    return output;
}

double Postgres::server_cpu_us() const {
    std::ifstream in(directory_.path() + "/data/postmaster.pid");
    std::string server;
    std::getline(in, server);
    // Connections that have ended count as the server's children; those that serve it, live.
    double ticks = ticks_of(server, {14, 15, 16, 17});
    std::ifstream children("/proc/" + server + "/task/" + server + "/children");
    for (std::string child; children >> child;) ticks += ticks_of(child, {14, 15});
    return ticks * 1e6 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

Row Postgres::chain(std::size_t clients, std::size_t count) const {
    const std::string& place = directory_.path();
    const std::string number = std::to_string(clients);
    const double before = server_cpu_us();
    const auto report = run("pgbench --no-vacuum --protocol=prepared --host=" + quoted(place) +
                            " --username=salus --client=" + number +
                            " --transactions=" + std::to_string(count / clients) +
                            " --file=" + quoted(place + "/insert.sql") +
                            " --log --log-prefix=" + quoted(place + "/latency") + " postgres");
    need(report.has_value(), "pgbench failed");
    const double cpu = server_cpu_us() - before;
    const std::vector<std::int64_t> latencies = read_latencies(place);
    return {.name = "peer.postgres_chain_" + number,
            .value = read_rate(*report),
            .unit = "/s",
            .p50_ms = percentile_ms(latencies, 0.50),
            .p99_ms = percentile_ms(latencies, 0.99),
            .cpu_us_per_op = cpu / static_cast<double>(count),
            .n = count,
            .note =
                "PostgreSQL 15, fsync on, a trigger chains each row by SHA-256, 360 bytes, no "
                "signatures, " +
                number + (clients == 1 ? " client" : " clients") +
                " of pgbench on a unix socket; CPU of the server"};
}

}  // namespace salus::bench
