#include "cap/descriptor.hh"

#include <algorithm>
#include <array>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace pylon::cap {
namespace {

constexpr std::int64_t kLargestComponent = 200'000'000;
constexpr std::size_t kLargestText = 1 << 20;

bool is_hex_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// Takes fields out of a table; remembers the first error, so that callers check once at the end.
class Fields {
 public:
  Fields(const toml::table& table, std::string_view where, std::string_view what = "cap.toml here")
      : table_(table), where_(where), what_(what) {}

  std::string text(std::string_view key, bool required = true) {
    const toml::node* node = find(key, required);
    if (!node) return {};
    if (!node->is_string()) return say(*node, key, "must be a string"), std::string();
    const std::string& value = node->as_string()->get();
    if (value.empty()) say(*node, key, "must not be empty");
    return value;
  }

  std::vector<std::string> texts(std::string_view key, bool required = false) {
    const toml::node* node = find(key, required);
    std::vector<std::string> out;
    if (!node) return out;
    if (!node->is_array()) return say(*node, key, "must be a list of strings"), out;
    for (const toml::node& item : *node->as_array()) {
      if (!item.is_string()) return say(item, key, "must be a list of strings"), out;
      out.push_back(item.as_string()->get());
    }
    return out;
  }

  std::int64_t integer(std::string_view key, std::int64_t smallest, std::int64_t largest,
                       bool required) {
    const toml::node* node = find(key, required);
    if (!node) return 0;
    const bool fits = node->is_integer() && node->as_integer()->get() >= smallest &&
                      node->as_integer()->get() <= largest;
    if (!fits)
      say(*node, key,
          "must be a whole number from " + std::to_string(smallest) + " to " +
              std::to_string(largest));
    return fits ? node->as_integer()->get() : 0;
  }

  bool flag(std::string_view key) {
    const toml::node* node = find(key, false);
    if (node && !node->is_boolean()) say(*node, key, "must be true or false");
    return node && node->is_boolean() && node->as_boolean()->get();
  }

  /// The table `[key]`, if there is one.
  const toml::table* table(std::string_view key) {
    const toml::node* node = find(key, false);
    if (node && !node->is_table()) say(*node, key, "must be a table");
    return node ? node->as_table() : nullptr;
  }

  /// The tables of `[[key]]`.
  std::vector<const toml::table*> tables(std::string_view key) {
    const toml::node* node = find(key, false);
    std::vector<const toml::table*> out;
    if (!node) return out;
    if (!node->is_array())
      return say(*node, key, "must be written as [[" + std::string(key) + "]]"), out;
    for (const toml::node& item : *node->as_array()) {
      if (!item.is_table())
        return say(item, key, "must be written as [[" + std::string(key) + "]]"), out;
      out.push_back(item.as_table());
    }
    return out;
  }

  bool has(std::string_view key) const { return table_.contains(key); }

  /// Marks a field as known without reading it.
  void allow(std::string_view key) { known_.emplace_back(key); }

  void say(const toml::node& node, std::string_view key, const std::string& problem) {
    complain(node.source().begin.line, "`" + std::string(key) + "` " + problem);
  }
  void say(const std::string& problem) { complain(table_.source().begin.line, problem); }

  /// The first problem; fields that nobody asked for are one.
  Result<void> finish() {
    for (const auto& [key, node] : table_)
      if (std::ranges::find(known_, key.str()) == known_.end())
        say(node, key.str(), "is not a field of " + std::string(what_));
    if (error_) return fail(std::move(*error_));
    return {};
  }

 private:
  const toml::node* find(std::string_view key, bool required) {
    known_.emplace_back(key);
    const toml::node* node = table_.get(key);
    if (!node && required) say("the field `" + std::string(key) + "` is missing");
    return node;
  }

  void complain(std::uint32_t line, const std::string& problem) {
    if (!error_)
      error_.emplace(ErrorKind::kInput,
                     std::string(where_) + ":" + std::to_string(line) + ": " + problem,
                     "docs/adding-a-cap.md describes each field");
  }

  const toml::table& table_;
  std::string_view where_;
  std::string_view what_;
  std::vector<std::string> known_;
  std::optional<Error> error_;
};

Result<Source> parse_source(const toml::table& table, std::string_view where) {
  Fields fields(table, where);
  Source out;
  const char* registry = fields.has("crate") ? "crate" : fields.has("sdist") ? "sdist" : "package";
  out.registry = registry;
  out.name = fields.text(registry);
  out.version = fields.text("version");
  out.sha256 = fields.text("sha256");
  out.licence_files = fields.texts("licence_files", true);
  if (out.registry == "package") {
    out.suite = fields.text("suite");
    out.is_binary = fields.flag("binary");
    static_cast<void>(fields.integer("size", 1, INT64_MAX, true));
  } else if (fields.has("archive")) {
    static_cast<void>(fields.text("archive"));
  }
  if (!is_hex_digest(out.sha256)) fields.say("`sha256` must be 64 hexadecimal digits");
  if (out.licence_files.empty()) fields.say("`licence_files` must name at least one file");
  PYLON_CHECK(fields.finish());
  return out;
}

Result<Provider> parse_provider(const toml::table& table, std::string_view where,
                                const std::string& cap) {
  Fields fields(table, where);
  Provider out;
  out.name = fields.has("name") ? fields.text("name") : cap;
  out.folder = fields.has("folder") ? fields.text("folder") : "component";
  out.vendor = fields.texts("vendor");
  if (fields.has("build")) out.build = fields.text("build");
  fields.allow("name");
  fields.allow("folder");
  static_cast<void>(fields.texts("include"));
  static_cast<void>(fields.texts("flags"));
  static_cast<void>(fields.texts("link"));
  static_cast<void>(fields.flag("exceptions"));
  static_cast<void>(fields.integer("max_size", 1, kLargestComponent, false));
  if (!is_cap_name(out.name))
    fields.say("`name` of a provider must be small letters, digits and hyphens");
  if (out.folder.find("..") != out.folder.npos || out.folder.starts_with('/'))
    fields.say("`folder` must lie inside of the cap's folder");
  if (out.build.find("..") != out.build.npos || out.build.starts_with('/'))
    fields.say("`build` must be a script in the cap's folder");
  PYLON_CHECK(fields.finish());
  return out;
}

Result<void> check_grants(const toml::table& table, std::string_view where) {
  Fields fields(table, where, "`grants`: there are read, write, env and net");
  for (std::string_view key : {"read", "write", "env", "net"})
    for (const std::string& entry : fields.texts(key)) {
      const bool is_path = key == "read" || key == "write";
      if (entry.empty() || (is_path && entry != "*" && !entry.starts_with('/')))
        fields.say(*table.get(key), key,
                   is_path ? "must name absolute paths" : "must not hold empty strings");
    }
  return fields.finish();
}

std::optional<Linkage> linkage_of(std::string_view text) {
  constexpr std::array<std::string_view, 3> kNames{"dynlink", "embed", "static"};
  const auto found = std::ranges::find(kNames, text);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Linkage>(found - kNames.begin());
}

void check_names(Fields& fields, const Descriptor& cap) {
  if (!is_cap_name(cap.name))
    fields.say("`name` must be small letters, digits and single hyphens, beginning with a letter");
  for (const std::string& other : cap.requires_caps)
    if (!is_cap_name(other.ends_with('?') ? other.substr(0, other.size() - 1) : other))
      fields.say("`requires` names no cap: " + other);
}

}  // namespace

bool is_cap_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() < 'a' || name.front() > 'z' ||
      name.back() == '-')
    return false;
  if (name.find("--") != name.npos) return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos;
}

std::string binding_module(std::string_view name) {
  std::string out = "_" + std::string(name) + "_cap";
  std::ranges::replace(out, '-', '_');
  return out;
}

Result<Descriptor> parse_descriptor(std::string_view text, std::string_view where) {
  if (text.size() > kLargestText)
    return fail(ErrorKind::kInput, std::string(where) + " is larger than 1 MiB");
  const toml::parse_result parsed = toml::parse(text, where);
  if (!parsed)
    return fail(ErrorKind::kInput,
                std::string(where) + ":" + std::to_string(parsed.error().source().begin.line) +
                    ": " + std::string(parsed.error().description()),
                "docs/adding-a-cap.md describes the file");
  Fields fields(parsed.table(), where);
  Descriptor out;
  out.name = fields.text("name");
  out.version = fields.text("version");
  out.summary = fields.text("summary");
  out.licence = fields.text("licence");
  out.modules = fields.texts("modules", true);
  out.requires_caps = fields.texts("requires");
  out.uses_wasi = fields.flag("uses_wasi");
  out.max_size = fields.integer("max_size", 1, kLargestComponent, true);
  if (const toml::table* grants = fields.table("grants")) {
    PYLON_CHECK(check_grants(*grants, where));
  }
  const auto linkage = linkage_of(fields.has("linkage") ? fields.text("linkage") : "dynlink");
  fields.allow("linkage");
  if (linkage) out.linkage = *linkage;
  if (!linkage) fields.say("`linkage` must be dynlink, embed or static");
  if (out.uses_wasi && linkage == Linkage::kStatic)
    fields.say("`linkage` cannot be static where `uses_wasi` is true");
  for (const toml::table* source : fields.tables("source")) {
    PYLON_TRY(one, parse_source(*source, where));
    out.sources.push_back(std::move(one));
  }
  for (const toml::table* provider : fields.tables("provider")) {
    PYLON_TRY(one, parse_provider(*provider, where, out.name));
    out.providers.push_back(std::move(one));
  }
  if (out.providers.empty()) out.providers.push_back({out.name, "component", {}});
  check_names(fields, out);
  PYLON_CHECK(fields.finish());
  return out;
}

}  // namespace pylon::cap
