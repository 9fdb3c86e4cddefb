#include "crypto/hash.hpp"

namespace backend = salus::crypto;

#include "crypto/hash_cases.hpp"
