#include "snapshot/image_record.hh"

#include <nlohmann/json.hpp>
#include <set>

namespace pylon::snapshot {
namespace {

using Json = nlohmann::ordered_json;

const std::set<std::string> kNumbers = {"version", "offset", "start", "length", "file_size"};

bool is_digest(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// What is wrong with the record, or nothing.
std::string fault(const Json& json) {
  if (!json.is_object()) return "is not a JSON object";
  for (const auto& [key, value] : json.items()) {
    bool number = kNumbers.contains(key);
    if (!number && key != "file_sha256") return "has an unknown field " + key;
    if (number ? !value.is_number_unsigned() : !value.is_string())
      return "has a wrong value for " + key;
  }
  if (json.size() != kNumbers.size() + 1) return "lacks a field";
  if (json["version"] != ImageRecord::kVersion) return "has an unknown version";
  if (!is_digest(json["file_sha256"].get<std::string>())) return "has a malformed digest";
  std::uint64_t start = json["start"].get<std::uint64_t>();
  if (start > UINT32_MAX || json["length"].get<std::uint64_t>() > UINT32_MAX - start)
    return "has an impossible size";
  return {};
}

}  // namespace

Result<ImageRecord> ImageRecord::parse(std::string_view text, const std::string& name) {
  Json json = Json::parse(text, nullptr, false);
  if (std::string what = fault(json); !what.empty())
    return fail(ErrorKind::kCorrupt, name + " " + what,
                "run `pylon-build images` again, or install again");
  ImageRecord record;
  record.offset = json["offset"].get<std::uint64_t>();
  record.start = json["start"].get<std::uint32_t>();
  record.length = json["length"].get<std::uint32_t>();
  record.file_size = json["file_size"].get<std::uint64_t>();
  record.file_sha256 = json["file_sha256"].get<std::string>();
  return record;
}

std::string ImageRecord::json() const {
  Json json = {{"version", kVersion}, {"offset", offset},       {"start", start},
               {"length", length},    {"file_size", file_size}, {"file_sha256", file_sha256}};
  return json.dump(1) + "\n";
}

std::filesystem::path ImageRecord::path_for(const std::filesystem::path& cwasm) {
  return cwasm.string() + ".image.json";
}

}  // namespace pylon::snapshot
