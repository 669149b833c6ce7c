#include "runtime/quantity.hh"

#include <charconv>
#include <optional>
#include <span>
#include <string>

namespace pylon::runtime {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr Unit kDurations[] = {{"", 1e3}, {"s", 1e3}, {"ms", 1}, {"m", 60e3}, {"h", 3600e3}};

constexpr double kKilo = 1024;
constexpr Unit kSizes[] = {
    {"", 1},
    {"b", 1},
    {"k", kKilo},
    {"kb", kKilo},
    {"kib", kKilo},
    {"m", kKilo * kKilo},
    {"mb", kKilo * kKilo},
    {"mib", kKilo * kKilo},
    {"g", kKilo * kKilo * kKilo},
    {"gb", kKilo * kKilo * kKilo},
    {"gib", kKilo * kKilo * kKilo},
};

constexpr double kYear = 366.0 * 24 * 3600e3;
constexpr double kLargestSize = 4611686018427387904.0;  // 2^62

// A decimal number (digits, at most one point) and its unit, in the unit's smallest measure.
std::optional<double> parse_quantity(std::string_view text, std::span<const Unit> units) {
  std::size_t length = text.find_first_not_of("0123456789.");
  std::string_view digits = text.substr(0, length);
  std::string unit(length == std::string_view::npos ? "" : text.substr(length));
  for (char& c : unit)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  double number = 0;
  auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number,
                                        std::chars_format::fixed);
  if (problem != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  for (const Unit& candidate : units)
    if (candidate.name == unit) return number * candidate.factor;
  return std::nullopt;
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::optional<double> value = parse_quantity(text, kDurations);
  if (!value || *value < 1 || *value > kYear)
    return fail(ErrorKind::kUsage, "'" + std::string(text) + "' is not a duration",
                "write a number of seconds, or for instance 500ms, 1.5s, 2m or 1h");
  return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
}

Result<std::uint64_t> parse_size(std::string_view text) {
  std::optional<double> value = parse_quantity(text, kSizes);
  if (!value || *value < 1 || *value > kLargestSize)
    return fail(ErrorKind::kUsage, "'" + std::string(text) + "' is not a size",
                "write a number of bytes, or for instance 512K, 64M or 1G");
  return static_cast<std::uint64_t>(*value);
}

}  // namespace pylon::runtime
