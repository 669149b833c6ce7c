// The authorities that come with the component: those that Mozilla trusts for servers.
#pragma once

#include <vector>

#include "owned.hh"

namespace cap {

/// Those with this subject; nullptr: all. Only what is asked for is parsed.
std::vector<OwnedCertificate> own_authorities(const X509_NAME* subject);

}  // namespace cap
