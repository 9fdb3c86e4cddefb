#pragma once

#include "consent/reference.hpp"

#include <vector>

/// Who decides when several could: the first layer that decides wins.
///
///     L0 law or court forbids → L0 disclosure that law demands, with notice → L1 the patient and
///     guardians, less what law withholds → L2 break-glass, where it is allowed and no absolute
///     directive stands against it → L3 the patient's directives → L4 the implicit policy, and deny
///
/// Law speaks in directives of its own, whose codes are in the clear: they hold for every patient.
namespace salus::consent {

/// Purposes that hold where no directive is in force. docs/formats/consent-ir.md §6.
struct ImplicitPolicy {
    Items purposes;
    [[nodiscard]] bool permits(const Question& question) const;
};

struct Layers {
    std::vector<Directive> forbids;   ///< L0: what these deny is denied
    std::vector<Directive> mandates;  ///< L0: what these permit is permitted, and told
    Items selves;                     ///< L1: the patient, and guardians in office
    std::vector<Directive> withheld;  ///< what these deny is not L1's to permit
    bool break_glass = false;         ///< L2: the jurisdiction knows it, and the asker may
    std::vector<Directive> absolute;  ///< what these deny no break-glass opens
    ImplicitPolicy implicit;          ///< L4
};

/// What the layers above the patient's directives decide; not_applicable: nothing.
Verdict above_directives(const Layers& layers, const Question& question);
/// What holds where no directive is in force.
Verdict below_directives(const Layers& layers, const Question& question);

/// The filter of all layers, given that of the directives (or of the implicit policy) below.
/// Law: a record passes exactly when the first layer that decides about it permits.
Filter around(const Layers& layers, const Question& question, Filter below);

}  // namespace salus::consent
