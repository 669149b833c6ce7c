// Spares looking again at what has not changed since it was checked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hh"
#include "compose/digest.hh"

namespace pylon::runtime {

/// What the system says of a file that changes when its content does: inode, size, and the times of
/// content and inode. "-" if it is not there. The second time cannot be set by programs.
std::string file_identity(const std::filesystem::path& file);

/// True if that is the identity of what lies at `path` below an open directory; "" is the directory
/// itself.
bool has_identity(int directory, const char* path, std::string_view identity);

/// Notes about checked files in a directory of this user's. Without one, or if others may write it,
/// nothing is noted and nothing believed.
class Stamps {
 public:
  explicit Stamps(std::optional<std::filesystem::path> directory);

  /// The note of that name; empty if there is none.
  std::string read(std::string_view name) const;

  /// Notes a text. Failing is no harm: things are then checked again.
  void write(std::string_view name, std::string_view text) const;

  /// Refuses (kCorrupt) a file whose SHA-256 is not `expected`; hashes it only if it has changed
  /// since it was hashed last. `what` ("component 'zstd'") and `hint` are for the message.
  Result<void> check(const std::filesystem::path& file, const compose::Digest& expected,
                     std::string_view what, std::string_view hint) const;

  /// True if no file of these identities was changed just now: a change in the same tick of the
  /// clock would not show.
  static bool settled(std::string_view identities);

 private:
  std::filesystem::path path_of(std::string_view name) const;

  std::optional<std::filesystem::path> directory_;
};

}  // namespace pylon::runtime
