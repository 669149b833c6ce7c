// Which imports of a component the launcher itself meets.
#pragma once

#include <string_view>

namespace pylon::compose {

/// Whether `import` is an interface that no host but the launcher has: calls back into the consumer
/// of a component, and locks on files.
inline bool is_launcher_interface(std::string_view import) {
  return import.starts_with("compose:dynlink/callback@") || import.starts_with("pylon:files/");
}

/// Whether `import`, an interface with its package ("wasi:io/poll@0.2.0"), is the host's: WASI,
/// calls between components (wit/compose-dynlink), locks (wit/pylon-files). No plan binds it to a
/// component.
inline bool is_host_interface(std::string_view import) {
  return import.starts_with("wasi:") || import.starts_with("compose:dynlink/") ||
         is_launcher_interface(import);
}

}  // namespace pylon::compose
