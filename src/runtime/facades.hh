// The Python side of a plan's caps: facade blobs, unpacked into one directory that runs mount.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "base/file.hh"
#include "compose/plan.hh"
#include "compose/resolver.hh"

namespace pylon::runtime {

/// A file of a facade.
struct FacadeFile {
  std::string path;  ///< below "site/" (modules for sys.path) or "builtin/" (for those in C)
  std::span<const std::uint8_t> content;
};

/// Reads a facade blob: a zip file whose members are all stored, not compressed. Anything else in
/// it, or a path that leads elsewhere, is kCorrupt. The contents point into `blob`.
Result<std::vector<FacadeFile>> read_facade(std::span<const std::uint8_t> blob);

/// Unpacks all facades of a plan into the directory `target`, which appears whole. Two caps with
/// the same module are kInput. Does nothing if it is there already. `launcher` (an install's
/// bin/pylon) makes the modules' bytecode; without one they are compiled by each run. The file
/// `record` in the directory says what was unpacked, `modules` what is in builtin/.
Result<void> unpack_facades(const compose::Plan& plan, const compose::Resolver& resolver,
                            const std::filesystem::path& target,
                            const std::optional<std::filesystem::path>& launcher = {});

/// Refuses unpacked facades in which a file was changed, added or removed (kCorrupt; it is named,
/// and what to do), or that others than this user, root and `owner` may write (kRefused). Reads all
/// files. The result is one line that tells their state: file_identity() of each file and
/// directory.
Result<std::string> check_facades(const std::filesystem::path& facades, uid_t owner);

/// True if nothing in unpacked facades has changed since they were in that state. Reads no file.
bool same_facades(const std::filesystem::path& facades, std::string_view state);

/// The module or package in builtin/ that a facade's file is; empty if it is none, as what a
/// package is made of.
std::string builtin_module(const std::filesystem::path& path);

/// The modules and packages in `facades`/builtin, sorted, joined by ':', each as NAME=STATE: the
/// state differs if anything in the facade that it belongs to does. Empty for an empty path.
Result<std::string> builtin_modules(const std::filesystem::path& facades);

}  // namespace pylon::runtime
