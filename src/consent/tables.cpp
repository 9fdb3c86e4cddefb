#include "consent/tables.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace salus::consent {
namespace {

struct Row {
    std::string_view code;
    std::string_view parent;
};

// BTG stands beside treatment, not below ETREAT where the code system has it: who permits
// treatment has not permitted that his wishes be overridden.
constexpr std::array reasons{
    Row{"HMARKT", "PurposeOfUse"}, Row{"HOPERAT", "PurposeOfUse"},
    Row{"HPAYMT", "PurposeOfUse"}, Row{"HRESCH", "PurposeOfUse"},
    Row{"PATRQT", "PurposeOfUse"}, Row{"PUBHLTH", "PurposeOfUse"},
    Row{"TREAT", "PurposeOfUse"},  Row{"BTG", "PurposeOfUse"},
    Row{"CAREMGT", "HOPERAT"},     Row{"DONAT", "HOPERAT"},
    Row{"FRAUD", "HOPERAT"},       Row{"GOV", "HOPERAT"},
    Row{"HACCRED", "HOPERAT"},     Row{"HCOMPL", "HOPERAT"},
    Row{"HDECD", "HOPERAT"},       Row{"HDIRECT", "HOPERAT"},
    Row{"HDM", "HOPERAT"},         Row{"HLEGAL", "HOPERAT"},
    Row{"HOUTCOMS", "HOPERAT"},    Row{"HPRGRP", "HOPERAT"},
    Row{"HQUALIMP", "HOPERAT"},    Row{"HSYSADMIN", "HOPERAT"},
    Row{"LABELING", "HSYSADMIN"},  Row{"METAMGT", "HSYSADMIN"},
    Row{"MEMADMIN", "HOPERAT"},    Row{"MILCDM", "HOPERAT"},
    Row{"PATADMIN", "HOPERAT"},    Row{"PATSFTY", "HOPERAT"},
    Row{"PERFMSR", "HOPERAT"},     Row{"RECORDMGT", "HOPERAT"},
    Row{"SYSDEV", "HOPERAT"},      Row{"HTEST", "SYSDEV"},
    Row{"TRAIN", "HOPERAT"},       Row{"CLMATTCH", "HPAYMT"},
    Row{"COVAUTH", "HPAYMT"},      Row{"COVERAGE", "HPAYMT"},
    Row{"ELIGDTRM", "COVERAGE"},   Row{"ELIGVER", "COVERAGE"},
    Row{"ENROLLM", "COVERAGE"},    Row{"MILDCRG", "COVERAGE"},
    Row{"REMITADV", "HPAYMT"},     Row{"BIORCH", "HRESCH"},
    Row{"CLINTRCH", "HRESCH"},     Row{"CLINTRCHNPC", "CLINTRCH"},
    Row{"CLINTRCHPC", "CLINTRCH"}, Row{"PRECLINTRCH", "CLINTRCH"},
    Row{"DSRCH", "HRESCH"},        Row{"POARCH", "HRESCH"},
    Row{"TRANSRCH", "HRESCH"},     Row{"FAMRQT", "PATRQT"},
    Row{"PWATRNY", "PATRQT"},      Row{"SUPNWK", "PATRQT"},
    Row{"DISASTER", "PUBHLTH"},    Row{"THREAT", "PUBHLTH"},
    Row{"CLINTRL", "TREAT"},       Row{"COC", "TREAT"},
    Row{"ETREAT", "TREAT"},        Row{"ERTREAT", "ETREAT"},
    Row{"POPHLTH", "TREAT"},
};

// ETHUD and OPIOIDUD lie below SUD in the code system, and below ETH in IHE PCF's list of labels.
constexpr std::array sensitivities{
    Row{"ADOL", "_InformationSensitivityPolicy"},
    Row{"CEL", "_InformationSensitivityPolicy"},
    Row{"DIA", "_InformationSensitivityPolicy"},
    Row{"DRGIS", "_InformationSensitivityPolicy"},
    Row{"EMP", "_InformationSensitivityPolicy"},
    Row{"PDS", "_InformationSensitivityPolicy"},
    Row{"PHY", "_InformationSensitivityPolicy"},
    Row{"PRS", "_InformationSensitivityPolicy"},
    Row{"_ActInformationSensitivityPolicy", "_InformationSensitivityPolicy"},
    Row{"_EntitySensitivityPolicyType", "_InformationSensitivityPolicy"},
    Row{"_RoleInformationSensitivityPolicy", "_InformationSensitivityPolicy"},
    Row{"ETH", "_ActInformationSensitivityPolicy"},
    Row{"GDIS", "_ActInformationSensitivityPolicy"},
    Row{"HIV", "_ActInformationSensitivityPolicy"},
    Row{"MST", "_ActInformationSensitivityPolicy"},
    Row{"SCA", "_ActInformationSensitivityPolicy"},
    Row{"SDV", "_ActInformationSensitivityPolicy"},
    Row{"SEX", "_ActInformationSensitivityPolicy"},
    Row{"SICKLE", "_ActInformationSensitivityPolicy"},
    Row{"SPI", "_ActInformationSensitivityPolicy"},
    Row{"STD", "_ActInformationSensitivityPolicy"},
    Row{"TBOO", "_ActInformationSensitivityPolicy"},
    Row{"VIO", "_ActInformationSensitivityPolicy"},
    Row{"BH", "SPI"},
    Row{"COGN", "BH"},
    Row{"DVD", "BH"},
    Row{"EMOTDIS", "BH"},
    Row{"MH", "SPI"},
    Row{"PSY", "SPI"},
    Row{"PSYTHPN", "SPI"},
    Row{"SUD", "SPI"},
    Row{"ETHUD", "SUD"},
    Row{"ETHUD", "ETH"},
    Row{"OPIOIDUD", "SUD"},
    Row{"OPIOIDUD", "ETH"},
    Row{"DEMO", "_EntitySensitivityPolicyType"},
    Row{"DOB", "_EntitySensitivityPolicyType"},
    Row{"GENDER", "_EntitySensitivityPolicyType"},
    Row{"LIVARG", "_EntitySensitivityPolicyType"},
    Row{"MARST", "_EntitySensitivityPolicyType"},
    Row{"RACE", "_EntitySensitivityPolicyType"},
    Row{"REL", "_EntitySensitivityPolicyType"},
    Row{"B", "_RoleInformationSensitivityPolicy"},
    Row{"EMPL", "_RoleInformationSensitivityPolicy"},
    Row{"LOCIS", "_RoleInformationSensitivityPolicy"},
    Row{"SSP", "_RoleInformationSensitivityPolicy"},
};

constexpr std::array levels{
    Row{"U", "_Confidentiality"}, Row{"L", "_Confidentiality"}, Row{"M", "_Confidentiality"},
    Row{"N", "_Confidentiality"}, Row{"R", "_Confidentiality"}, Row{"V", "_Confidentiality"},
};

struct Name {
    std::string_view other;
    std::string_view canonical;
};
constexpr std::array names{
    Name{"urn:oid:2.16.840.1.113883.5.8", act_reason},
    Name{"http://hl7.org/fhir/v3/ActReason", act_reason},
    Name{"urn:oid:2.16.840.1.113883.5.4", act_code},
    Name{"http://hl7.org/fhir/v3/ActCode", act_code},
    Name{"urn:oid:2.16.840.1.113883.5.25", confidentiality},
    Name{"http://hl7.org/fhir/v3/Confidentiality", confidentiality},
    Name{"http://hl7.org/fhir/consentaction", consent_action},
};

struct Parts {
    std::string_view system;
    std::string_view code;
};
Parts split(std::string_view text) {
    const std::size_t bar = text.find('|');
    if (bar == std::string_view::npos) return {{}, text};
    return {text.substr(0, bar), text.substr(bar + 1)};
}

std::span<const Row> table_of(std::string_view system) {
    if (system == act_reason) return reasons;
    if (system == act_code) return sensitivities;
    if (system == confidentiality) return levels;
    return {};
}

void add_once(Items& to, std::string text) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(std::move(text));
}

}  // namespace

std::string_view to_string(Decision decision) noexcept {
    switch (decision) {
        case Decision::deny:
            return "deny";
        case Decision::permit:
            return "permit";
        case Decision::not_applicable:
            return "not_applicable";
        case Decision::indeterminate:
            break;
    }
    return "indeterminate";
}

std::string token(std::string_view system, std::string_view code) {
    std::string out(canonical_system(system));
    out += '|';
    return out += code;
}

std::string_view canonical_system(std::string_view system) noexcept {
    for (const Name& name : names) {
        if (name.other == system) return name.canonical;
    }
    return system;
}

std::string canonical_token(std::string_view text, std::string_view system) {
    const Parts parts = split(text);
    return token(text.find('|') == std::string_view::npos ? system : parts.system, parts.code);
}

namespace {

/// The code and all that is reached from it, from a row's `from` to its `to`.
Items reached(const std::string& code, std::string_view Row::* from, std::string_view Row::* to) {
    Items out{code};
    const Parts start = split(code);
    const auto table = table_of(start.system);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::string here(split(out[i]).code);
        for (const Row& row : table) {
            if (row.*from == here) add_once(out, token(start.system, row.*to));
        }
    }
    return out;
}

}  // namespace

Items and_above(const std::string& code) {
    return reached(code, &Row::code, &Row::parent);
}

Items and_below(const std::string& code) {
    return reached(code, &Row::parent, &Row::code);
}

bool is_or_below(const std::string& asked, const std::string& rule) {
    if (asked == rule) return true;
    const Items above = and_above(asked);
    return std::find(above.begin(), above.end(), rule) != above.end();
}

Items labels_meant(const std::string& label, bool permit) {
    Items out = and_below(label);
    const Parts parts = split(label);
    if (permit && parts.system == confidentiality) {
        // The table lists the levels from the lowest to the highest.
        const auto own = std::find_if(levels.begin(), levels.end(),
                                      [&](const Row& row) { return row.code == parts.code; });
        if (own == levels.end()) return out;
        for (auto level = levels.begin(); level != own; ++level) {
            add_once(out, token(confidentiality, level->code));
        }
    }
    return out;
}

bool is_research(const std::string& purpose) {
    return is_or_below(purpose, token(act_reason, "HRESCH")) ||
           is_or_below(purpose, token(act_reason, "CLINTRL"));
}

}  // namespace salus::consent
