#include <sys/resource.h>

#include "command.hpp"
#include <algorithm>
#include <cstring>

namespace {

using namespace salus;
using command::Words;

int help() {
    command::print("salus: a secure home for health records\n");
    for (const command::Group& group : command::groups()) {
        command::print(group.usage);
    }
    command::print(
        "\nA command that needs a node takes --url U (or SALUS_URL; http://localhost:8080 "
        "otherwise); one\n"
        "that reads a stopped node's data takes --data DIR. --json prints JSON alone on stdout.\n"
        "Exit: 0 done, 1 the answer is no, 2 wrong use, 3 the world failed.");
    return command::exit_done;
}

}  // namespace

namespace salus::command {

const std::vector<Group>& groups() {
    static const std::vector<Group> all{
        {"verify",
         "  verify --data DIR | --receipt FILE --trust FILE [--checkpoint FILE]\n"
         "         [--consistency FILE]",
         run_verify},
        {"log",
         "  log tail [--last N] | keys | checkpoint --out FILE [--receipt FILE] |\n"
         "      stamp --checkpoint FILE --request-out FILE | --response FILE --ca FILE",
         run_log},
        {"tx", "  tx submit [--count N] | show ID [--receipt FILE] | wait ID", run_tx},
        {"block", "  block show N", run_block},
        {"chain", "  chain status | init --local N --out DIR --port P [--web DIR] [--demo]",
         run_chain},
        {"witness",
         "  witness --key FILE --name NAME [--state FILE [--trust FILE] [--once | --every S]\n"
         "          [--listen ADDRESS:PORT]]",
         run_witness},
        {"snapshot",
         "  snapshot create --data DIR [--out DIR] | list --data DIR |\n"
         "           restore --from SNAPSHOT --data DIR --trust FILE [--checkpoint FILE]",
         run_snapshot},
        {"user", "  user signup|login|whoami|invite|join|logout|setup|slots|recovery-code|readmit",
         run_user},
        {"recover", "  recover --name NAME", run_recover},
        {"record", "  record add [--to COLLECTION] | list [--written] | show RECORD | claim CODE",
         run_record},
        {"grant",
         "  grant ACCOUNT --collection ID… | --category NAME… | --record ID [--purpose P]\n"
         "        [--days N] [--laboratory [--name NAME]]",
         run_grant},
        {"revoke", "  revoke DIRECTIVE", run_revoke},
        {"feed", "  feed [--last N]", run_feed},
        {"absence",
         "  absence --grantee ACCOUNT --date YYYY-MM-DD | --from MS --until MS --out FILE",
         run_absence},
        {"export", "  export FILE", run_export},
        {"dataset",
         "  dataset load|describe|chart|process|release FILE | store FILE | demo |\n"
         "          offer COLLECTION --row N | offer RECORD",
         run_dataset},
        {"sentinel",
         "  sentinel simulate --seed N --out DIR | sketch --edges FILE [--scores FILE] |\n"
         "           replay --events FILE [--train-until T] [--budget F] [--truth FILE] [--logins "
         "FILE]",
         run_sentinel},
        {"learn",
         "  learn anomaly|cv --csv FILE --label COLUMN [--model M] [--folds N] [--repeats N] "
         "[--seed N] |\n"
         "        federated --sites A,B,C --split FILE --dictionary FILE --label COLUMN\n"
         "        [--epsilon E] [--delta D] [--seeds N]",
         run_learn},
        {"consent", "  consent diff BEFORE.json AFTER.json [--at TIME] | say CONSENT.json",
         run_consent},
        {"kat", "  kat", run_kat},
        {"tour",
         "  tour --data-dir DIR [--data FILE] [--columns a,b] [--missing LIST] [--setup-token T]",
         run_tour},
    };
    return all;
}

}  // namespace salus::command

int main(int argc, char** argv) {
    // Keys pass through this process: a crash must not write them to a file.
    const rlimit no_core{0, 0};
    static_cast<void>(setrlimit(RLIMIT_CORE, &no_core));
    const Words words(argv + 1, argv + argc);
    if (words.empty()) {
        return command::wrong_use("name a command; salus --help lists them");
    }
    if (words.front() == "--help" || words.front() == "-h" || words.front() == "help") {
        return help();
    }
    const auto& groups = command::groups();
    const auto group = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& one) { return one.name == words.front(); });
    if (group == groups.end()) {
        return command::wrong_use("this command is unknown; salus --help lists them");
    }
    return group->run(machine_env(), Words(words.begin() + 1, words.end()));
}
