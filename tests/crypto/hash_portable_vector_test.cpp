#include "base/bytes.hpp"

#include <memory>

// The portable backend defines the functions that the library defines natively; under another
// namespace both fit into one program.
#define crypto crypto_portable
#include "../../src/crypto/hash_portable.cpp"
#undef crypto

namespace backend = salus::crypto_portable;

#include "crypto/hash_cases.hpp"
