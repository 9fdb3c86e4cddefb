#pragma once

#include "base/bytes.hpp"
#include "consent/directive.hpp"

#include <functional>
#include <string_view>
#include <vector>

/// Consent IR version 2: a directive as it is signed and stands on chain, and the question that the
/// `consent` contract answers. People, things and codes of records stand there as labels.
/// docs/formats/consent-ir.md.
namespace salus::consent {

/// What a name is called on chain, by what it names: `actor`, `role`, `type`, `class`, `code`,
/// `security`, `record`, `author`, `encounter`, `custodian`, `collection`, `category`. In
/// production the patient's label key makes it (docs/contracts/consent.md).
using Labeller = std::function<ObjectId(std::string_view kind, std::string_view name)>;

/// Errors: out_of_range — beyond limits.hpp; malformed — rules out of order, or none.
Result<Bytes> encode_ir(const Directive& directive, const Labeller& label);

/// Arguments of `decide`, with the codes asked about and all that they are below.
/// Errors: out_of_range — beyond limits.hpp.
Result<Bytes> encode_question(const AccountId& patient, const Question& question,
                              const Labeller& label);

/// What `decide` answers.
struct Answer {
    Decision decision = Decision::deny;
    std::vector<ObjectId> directives;
    std::uint64_t reason = 0;
    std::int64_t until = 0;
    std::uint8_t obligations = 0;
};
/// Errors: malformed.
Result<Answer> decode_answer(ByteView bytes);

}  // namespace salus::consent
