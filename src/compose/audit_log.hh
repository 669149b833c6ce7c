// What ran: one record a run, chained so that a changed or removed one shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hh"
#include "compose/digest.hh"
#include "compose/plan.hh"
#include "compose/time.hh"

namespace pylon::compose {

/// A component that a run instantiated, with what it was granted.
struct AuditedComponent {
  std::string id;
  Digest digest;
  Grants grants;

  bool operator==(const AuditedComponent&) const = default;
};

/// A run.
struct AuditRecord {
  Seconds time = 0;
  Digest plan;
  std::string trusted;                       ///< why it was allowed: Verdict::text()
  std::vector<AuditedComponent> components;  ///< in the order of their first use, the root first
  std::vector<std::string> limits_hit;       ///< "memory", "timeout"...
  std::vector<std::string> network;          ///< "connect 192.0.2.1:443": granted uses of it
  std::vector<std::string> refused;          ///< "read /etc/passwd": what was not granted
  int exit_code = 0;

  bool operator==(const AuditRecord&) const = default;
};

/// What verify() found.
struct AuditReport {
  std::vector<AuditRecord> records;
  std::string problem;  ///< "audit.log: line 7: ...": what is wrong first; empty if nothing is
};

/// audit.log, lines of JSON, and audit.head, which says where it ends, so that removed last lines
/// show too. Appending syncs nothing to the disk: after a crash of the machine the last records may
/// be missing, which verify() tells. After a crash of the process nothing is lost: part of a line
/// is cut off by the next append. A file that is full is closed: it becomes audit.log.1, the next
/// one audit.log.2, and the chain goes on from each to the next.
class AuditLog {
 public:
  static constexpr std::uint64_t kMost = std::uint64_t{8} << 20;

  /// `most` is the size from which on a file is full.
  explicit AuditLog(std::filesystem::path directory, std::uint64_t most = kMost)
      : directory_(std::move(directory)), most_(most) {}

  const std::filesystem::path& directory() const { return directory_; }

  /// Appends a record; processes wait for each other. Makes the directory if it is not there.
  Result<void> append(const AuditRecord& record) const;

  /// Reads all files and checks the chain. Records behind a break are read as far as they can be.
  Result<AuditReport> verify() const;

 private:
  std::filesystem::path directory_;
  std::uint64_t most_;
};

}  // namespace pylon::compose
