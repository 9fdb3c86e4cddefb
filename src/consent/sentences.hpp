#pragma once

#include "consent/directive.hpp"

#include <functional>
#include <string>
#include <vector>

/// A directive in plain English, a sentence for each rule, as the patient reads it before signing;
/// its hash stands beside the IR.
namespace salus::consent {

/// What somebody or something is called: a reference to words. Unknown ones stay as they are.
using Namer = std::function<std::string(const std::string& reference)>;

/// One sentence for each rule, in order; an exception is indented by two blanks for each level and
/// says everything that holds in it, so that each sentence can be read alone.
std::vector<std::string> sentences(const Directive& directive, const Namer& name);
/// The same, one to a line: what is hashed.
std::string text_of(const Directive& directive, const Namer& name);

/// A code in a patient's words: `treatment`, `mental health`; one that is not known as it stands.
std::string code_words(const std::string& token);

}  // namespace salus::consent
