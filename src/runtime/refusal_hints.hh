// What to tell the user about refused operations after a run that failed.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/engine.hh"
#include "runtime/file_grants.hh"

namespace pylon::runtime {

/// A refused operation and the flag that would have allowed it.
struct RefusalHint {
  std::string message;  ///< "reading /etc/passwd was refused"
  std::string flag;     ///< "--allow-read=/etc/passwd", quoted for a shell
};

/// The last refusals that a flag would lift, at most `kMaxHints`, each once, in the order in which
/// they happened. Mere looks at a path count only if nothing else was refused, and those at nothing
/// only if there was nothing at any of them.
std::vector<RefusalHint> refusal_hints(std::span<const engine::Refusal> refusals,
                                       const FileGrants& files);
constexpr std::size_t kMaxHints = 3;

/// `text` as one word of a POSIX shell.
std::string shell_word(std::string_view text);

}  // namespace pylon::runtime
