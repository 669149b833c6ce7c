// OpenSSL's queue of errors as a value of the contract.
#pragma once

#include "openssl_cap.hh"

namespace cap {

/// Takes all that the queue holds: its last entry and those before it.
error::problem last_problem();

/// A failure that the component itself finds, not OpenSSL.
error::problem own_problem(std::string_view reason);

/// Memory is short for a result of the size that was asked for.
error::problem no_memory();

}  // namespace cap
