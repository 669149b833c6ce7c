// The Python side of a plan's caps: facade blobs, unpacked into one directory that runs mount.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.hh"
#include "base/file.hh"
#include "compose/plan.hh"
#include "compose/resolver.hh"

namespace pylon::runtime {

/// A file of a facade.
struct FacadeFile {
  std::string path;  ///< below "site/" (modules for sys.path) or "builtin/" (<module>.py)
  std::span<const std::uint8_t> content;
};

/// Reads a facade blob: a zip file whose members are all stored, not compressed. Anything else in
/// it, or a path that leads elsewhere, is kCorrupt. The contents point into `blob`.
Result<std::vector<FacadeFile>> read_facade(std::span<const std::uint8_t> blob);

/// Unpacks all facades of a plan into the directory `target`, which appears whole. Two caps with
/// the same module are kInput. Does nothing if it is there already.
Result<void> unpack_facades(const compose::Plan& plan, const compose::Resolver& resolver,
                            const std::filesystem::path& target);

/// The names of the modules in `facades`/builtin, joined by ':', sorted.
std::string builtin_modules(const std::filesystem::path& facades);

}  // namespace pylon::runtime
