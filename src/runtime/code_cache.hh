// Machine code of a plan's components, compiled ahead of time and mapped when they are first used.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/error.hh"
#include "compose/digest.hh"
#include "runtime/stamps.hh"

namespace pylon::runtime {

/// The file name of a component's code for this engine on this processor:
/// "<digest>-<engine and processor>.cwasm". Beside it, "<the same>.sha256" says what is in it.
std::string code_name(const compose::Digest& component);

/// Puts compiled code (the file `code`) into a directory, with the record of its digest.
Result<void> keep_code(const std::filesystem::path& directory, const compose::Digest& component,
                       const std::filesystem::path& code);

/// The directories in which code is looked for, an install's and a person's. Only what nobody else
/// can write is used, since code runs unchecked.
class CodeCache {
 public:
  /// Code that has to be made goes to `code` in cache_directory(). `owner` may own the install's.
  CodeCache(std::filesystem::path install, uid_t owner, const Stamps& stamps)
      : install_(std::move(install)), owner_(owner), stamps_(stamps) {}

  /// The code of a component; compiles `blob` (by `compiler`, a pylon-build) if there is none. Code
  /// that was changed is kCorrupt, a directory that others can write kRefused.
  Result<std::filesystem::path> get(const compose::Digest& component, const std::string& id,
                                    const std::filesystem::path& blob,
                                    const std::filesystem::path& compiler) const;

 private:
  Result<bool> has(const std::filesystem::path& code, const std::string& id) const;

  std::filesystem::path install_;
  uid_t owner_;
  const Stamps& stamps_;
};

}  // namespace pylon::runtime
