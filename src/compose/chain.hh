// Logs whose lines are chained by hashes, so that a changed, added or removed line shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"

namespace pylon::compose {

/// Where a log stands: how many lines it has, how many bytes they are, and the SHA-256 of the last
/// line (64 zeros before the first).
struct ChainHead {
  std::uint64_t count = 0;
  std::uint64_t size = 0;
  std::string hash = std::string(64, '0');

  bool operator==(const ChainHead&) const = default;
};

/// The line, with its line break, that `record` (an object) becomes after `head`, which is
/// advanced: one line of JSON that begins with "seq" and "prev", the hash of the line before.
std::string chain_line(ChainHead& head, const nlohmann::ordered_json& record);

/// What a reader found in a log.
struct ChainReading {
  std::vector<nlohmann::json> records;  ///< without those behind the first break
  ChainHead head;                       ///< after the last good line
  std::string problem;                  ///< what is wrong with the next line; empty if nothing is
  bool torn = false;  ///< the text ends in part of a line, which a writer did not finish
};

/// Reads lines that follow `head`.
ChainReading read_chain(std::string_view text, const ChainHead& head = {});

/// Appends a line to a file behind its first `head.size` bytes, cutting what lies beyond; `head` is
/// advanced. With `sync` it returns when the line will outlive a crash of the machine. The caller
/// keeps other writers out.
Result<void> append_to_chain(const std::filesystem::path& file, ChainHead& head,
                             const nlohmann::ordered_json& record, bool sync);

}  // namespace pylon::compose
