#include "schema_tree.hh"

#include "problem.hh"
#include "wire.hh"

namespace arrow {

namespace {

using cap::metadata::field;

std::string text_of(const char* text) {
  return text ? text : "";
}

cap::bytes bytes_of(ArrowStringView view) {
  return cap::bytes(std::span(reinterpret_cast<const std::uint8_t*>(view.data),
                              static_cast<std::size_t>(view.size_bytes)));
}

void append_metadata(const char* metadata, field& to) {
  ArrowMetadataReader reader;
  if (!metadata || ArrowMetadataReaderInit(&reader, metadata) != NANOARROW_OK) return;
  ArrowStringView key, value;
  while (reader.remaining_keys > 0 &&
         ArrowMetadataReaderRead(&reader, &key, &value) == NANOARROW_OK)
    to.metadata.emplace_back(bytes_of(key), bytes_of(value));
}

bool is_utf8(const std::string& text) {
  return cap::glue::is_utf8(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

// What is wrong with it, if anything is.
const char* append_fields(const ArrowSchema& schema, const ArrowIpcDictionaryEncodings& encodings,
                          int depth, std::vector<field>& to) {
  if (depth > kDeepest) return "its types are nested more than 64 deep";
  field& made = to.emplace_back();
  made.name = text_of(schema.name);
  made.format = text_of(schema.format);
  if (!is_utf8(made.name) || !is_utf8(made.format)) return "a name is not UTF-8";
  made.nullable = schema.flags & ARROW_FLAG_NULLABLE;
  made.keys_sorted = schema.flags & ARROW_FLAG_MAP_KEYS_SORTED;
  made.children = static_cast<std::uint32_t>(schema.n_children);
  append_metadata(schema.metadata, made);
  if (schema.dictionary) {
    const ArrowIpcDictionaryEncoding* known = ArrowIpcDictionaryEncodingsFind(&encodings, &schema);
    made.dictionary = {known ? known->id : 0, (schema.flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0};
    if (const char* wrong = append_fields(*schema.dictionary, encodings, depth + 1, to))
      return wrong;
  }
  for (std::int64_t i = 0; i < schema.n_children; ++i)
    if (const char* wrong = append_fields(*schema.children[i], encodings, depth + 1, to))
      return wrong;
  return nullptr;
}

bool set_metadata(const field& from, ArrowSchema& schema) {
  if (from.metadata.empty()) return true;
  Buffer packed;
  if (ArrowMetadataBuilderInit(packed.get(), nullptr) != NANOARROW_OK) return false;
  for (const auto& [key, value] : from.metadata) {
    const ArrowStringView views[] = {
        {reinterpret_cast<const char*>(key.data()), static_cast<std::int64_t>(key.size())},
        {reinterpret_cast<const char*>(value.data()), static_cast<std::int64_t>(value.size())}};
    if (ArrowMetadataBuilderAppend(packed.get(), views[0], views[1]) != NANOARROW_OK) return false;
  }
  return ArrowSchemaSetMetadata(&schema, reinterpret_cast<const char*>(packed->data)) ==
         NANOARROW_OK;
}

std::int64_t flags_of(const field& from) {
  return (from.nullable ? ARROW_FLAG_NULLABLE : 0) |
         (from.keys_sorted ? ARROW_FLAG_MAP_KEYS_SORTED : 0) |
         (from.dictionary && from.dictionary->ordered ? ARROW_FLAG_DICTIONARY_ORDERED : 0);
}

/// Takes the fields of one tree from the front.
class Builder {
 public:
  explicit Builder(std::span<const field> fields) : fields_(fields) {}

  bool done() const { return fields_.empty(); }

  const char* build(ArrowSchema& schema, int depth) {
    if (fields_.empty()) return "a field is missing";
    if (depth > kDeepest) return "the types are nested too deeply";
    const field& from = fields_.front();
    fields_ = fields_.subspan(1);
    ArrowSchemaInit(&schema);
    if (ArrowSchemaSetFormat(&schema, from.format.c_str()) != NANOARROW_OK ||
        ArrowSchemaSetName(&schema, from.name.c_str()) != NANOARROW_OK ||
        !set_metadata(from, schema))
      return "out of memory";
    schema.flags = flags_of(from);
    return from.children > fields_.size() ? "a field is missing"
                                          : build_below(from, schema, depth + 1);
  }

 private:
  const char* build_below(const field& from, ArrowSchema& schema, int depth) {
    if (from.dictionary) {
      if (ArrowSchemaAllocateDictionary(&schema) != NANOARROW_OK) return "out of memory";
      if (const char* problem = build(*schema.dictionary, depth)) return problem;
    }
    if (ArrowSchemaAllocateChildren(&schema, from.children) != NANOARROW_OK) return "out of memory";
    for (std::int64_t i = 0; i < schema.n_children; ++i)
      if (const char* problem = build(*schema.children[i], depth)) return problem;
    return nullptr;
  }

  std::span<const field> fields_;
};

}  // namespace

cap::result<std::vector<field>, cap::problems::error> fields_of(
    const ArrowSchema& schema, const ArrowIpcDictionaryEncodings& encodings) {
  std::vector<field> out;
  if (const char* wrong = append_fields(schema, encodings, 0, out))
    return invalid(std::string("a schema: ") + wrong);
  return out;
}

std::optional<cap::problems::error> tree_of(std::span<const field> fields, ArrowSchema& schema) {
  Builder builder(fields);
  const char* problem = builder.build(schema, 0);
  if (!problem && !builder.done()) problem = "there are more fields than the schema has children";
  if (problem) return invalid(std::string("a schema: ") + problem).value;
  return {};
}

}  // namespace arrow
