// File permissions: which paths the guest may read or write. Decided here, enforced by the engine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "engine/engine.hh"

namespace pylon::runtime {

/// What a path is granted for. Writing implies reading.
enum class Access { kRead, kWrite };

/// The paths that a run may use. Guest paths equal host paths.
class FileGrants {
 public:
  /// Relative paths are taken against `directory`.
  explicit FileGrants(std::string directory) : directory_(std::move(directory)) {}

  /// Grants a file or a directory with everything below it, under the path as written and under the
  /// real path behind it. A path that does not exist yet may be granted if its directory exists
  /// (kInput if not).
  Result<void> allow(std::string_view path, Access access);

  bool empty() const { return grants_.empty(); }

  /// Of these grants, what `outer` grants too.
  FileGrants within(const FileGrants& outer) const;

  /// True if `path` (absolute) may be used so, by the grants alone.
  bool allows(const std::string& path, Access access) const;

  /// The preopens that give exactly these rights: sorted by guest path, none redundant, always one
  /// for "/", which has no rights at all unless "/" was granted (so that a refused path reaches the
  /// host as such).
  std::vector<engine::Preopen> preopens() const;

 private:
  struct Grant {
    std::string guest;  // normal path as the guest writes it
    std::string real;   // where it leads
    bool directory;
    bool write;
  };

  void add(Grant grant);
  bool writable(const Grant& grant) const;
  bool covered(const Grant& grant, const std::vector<Grant>& kept) const;

  std::string directory_;
  std::vector<Grant> grants_;
};

}  // namespace pylon::runtime
