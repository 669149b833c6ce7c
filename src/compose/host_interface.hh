// Which imports of a component the launcher itself meets.
#pragma once

#include <string_view>

namespace pylon::compose {

/// Whether `import`, an interface with its package ("wasi:io/poll@0.2.0"), is the host's: WASI,
/// calls between components (wit/compose-dynlink), locks (wit/pylon-files). No plan binds it to a
/// component.
inline bool is_host_interface(std::string_view import) {
  return import.starts_with("wasi:") || import.starts_with("compose:dynlink/") ||
         import.starts_with("pylon:files/");
}

}  // namespace pylon::compose
