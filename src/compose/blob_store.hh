// A directory of blobs, each named by the SHA-256 of its bytes: ab/cdef...
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/error.hh"
#include "base/file.hh"
#include "compose/digest.hh"

namespace pylon::compose {

/// A blob of a store.
struct BlobInfo {
  Digest digest;
  std::uint64_t size = 0;
};

/// Something in a store that is no valid blob.
struct BlobProblem {
  std::string name;     ///< path within the store
  std::string problem;  ///< "its content is sha256:...", "cannot be read: ..."
};

/// What verify() found.
struct BlobReport {
  std::size_t good = 0;
  std::vector<BlobProblem> problems;
};

/// What repair() did with each damaged or missing blob.
struct RepairReport {
  std::vector<Digest> repaired;
  std::vector<BlobProblem> removed;  ///< damaged, and no source has it
  std::vector<Digest> missing;       ///< wanted, and neither here nor in a source
};

/// What gc() removed.
struct GcReport {
  std::vector<BlobInfo> removed;
  std::size_t kept = 0;
  std::size_t leftovers = 0;  ///< files that interrupted writers left
};

/// The store. Writers write aside, sync, rename and sync the directory, so a name stands for a
/// whole blob or is not there, whenever a process dies; readers hash what they read. Any number of
/// processes may use one store at once. The directory is made by the first write.
class BlobStore {
 public:
  static constexpr std::uint64_t kLargestBlob = std::uint64_t{1} << 30;

  explicit BlobStore(std::filesystem::path root) : root_(std::move(root)) {}

  const std::filesystem::path& root() const { return root_; }

  /// Where a blob lies if it is there.
  std::filesystem::path path_of(const Digest& digest) const;

  /// True if a blob of that name is there; its content is not looked at.
  bool has(const Digest& digest) const;

  /// The bytes of a blob, hashed after reading. kInput if it is not there, kCorrupt if it is not
  /// what its name says.
  Result<Bytes> get(const Digest& digest) const;

  /// The path of a blob whose content was hashed just now; errors as get().
  Result<std::filesystem::path> checked_path(const Digest& digest) const;

  /// Stores bytes or a file's content, unless it is there already. kIo if the store cannot be
  /// written.
  Result<Digest> put(std::span<const std::uint8_t> data);
  Result<Digest> put_file(const std::filesystem::path& file);

  /// All blobs, ascending; what is in the directory but has no blob's name is left out.
  Result<std::vector<BlobInfo>> list() const;

  /// Hashes every blob.
  Result<BlobReport> verify() const;

  /// Replaces damaged blobs, and adds those of `wanted` that are missing, from `sources`: other
  /// stores, directories (every file in them, at any depth), files. Damaged blobs that no source
  /// has are removed. With `dry_run` only tells.
  Result<RepairReport> repair(std::span<const std::filesystem::path> sources,
                              const std::set<Digest>& wanted, bool dry_run);

  /// Removes blobs that are not in `live` and were not put (again) in the last `grace_seconds`, and
  /// what interrupted writers left. With `dry_run` only tells.
  Result<GcReport> gc(const std::set<Digest>& live, std::int64_t grace_seconds, bool dry_run);

 private:
  std::filesystem::path root_;
};

}  // namespace pylon::compose
