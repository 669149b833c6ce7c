#include "composectl/cap_manifest.hh"

#include <algorithm>

#include "compose/checked_json.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;
using compose::JsonValue;

constexpr std::size_t kMaxList = 1'000;

Result<std::string> text_of(const JsonValue& value, std::string_view field) {
  if (!value.json().is_object() || !value.has(field))
    return fail(value.error("lacks the field '" + std::string(field) + "'"));
  return value.at(field).text();
}

Result<std::vector<std::string>> texts_of(const JsonValue& value, std::string_view field) {
  std::vector<std::string> out;
  if (!value.has(field)) return out;
  PYLON_TRY(elements, value.at(field).elements(kMaxList));
  for (const JsonValue& element : elements) {
    PYLON_TRY(text, element.text());
    out.push_back(text);
  }
  return out;
}

Result<void> read_providers(const JsonValue& value, const fs::path& directory, CapManifest& cap) {
  if (!value.has("providers")) return fail(value.error("lacks the field 'providers'"));
  PYLON_TRY(providers, value.at("providers").elements(kMaxList));
  if (providers.empty()) return fail(value.at("providers").error("is empty"));
  for (const JsonValue& provider : providers) {
    PYLON_TRY(component, text_of(provider, "component"));
    cap.providers.push_back(directory / component);
  }
  return {};
}

Result<void> read_grants(const JsonValue& value, CapManifest& cap) {
  if (!value.has("grants")) return {};
  const JsonValue grants = value.at("grants");
  PYLON_CHECK(grants.expect_object({}, {"read", "write", "env", "net"}));
  for (auto [field, list] : {std::pair{"read", &cap.grants.read},
                             {"write", &cap.grants.write},
                             {"env", &cap.grants.env},
                             {"net", &cap.grants.net}}) {
    PYLON_TRY(texts, texts_of(grants, field));
    *list = std::move(texts);
  }
  return {};
}

}  // namespace

Result<CapManifest> CapManifest::read(const fs::path& file) {
  PYLON_TRY(text, read_text(file));
  PYLON_TRY(document, compose::parse_json(text, file.string(), ErrorKind::kInput));
  const JsonValue value(document, file.string(), ErrorKind::kInput);
  CapManifest cap;
  PYLON_TRY(name, text_of(value, "name"));
  cap.name = name;
  PYLON_CHECK(read_providers(value, file.parent_path(), cap));
  PYLON_CHECK(read_grants(value, cap));
  if (value.has("linkage")) {
    PYLON_TRY(linkage, value.at("linkage").one_of({"dynlink", "embed", "static"}));
    cap.linkage = static_cast<compose::Linkage>(linkage);
  }
  for (auto [field, blob] : {std::pair{"schema", &cap.schema},
                             {"facade", &cap.facade},
                             {"extension", &cap.extension},
                             {"static_extension", &cap.static_extension}}) {
    if (!value.has(field) || value.at(field).json().is_null()) continue;
    PYLON_TRY(path, value.at(field).text());
    *blob = file.parent_path() / path;
  }
  PYLON_TRY(required, texts_of(value, "requires"));
  cap.requires_caps = std::move(required);
  return cap;
}

}  // namespace pylon::composectl
