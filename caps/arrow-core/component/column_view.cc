#include "column_view.hh"

#include <string>

#include "problem.hh"
#include "wire.hh"

namespace arrow {

namespace {

constexpr std::int64_t kLongest = std::int64_t{1} << 40;

bool is_text(enum ArrowType type) {
  return type == NANOARROW_TYPE_STRING || type == NANOARROW_TYPE_LARGE_STRING;
}

// How many buffers an array of the layout has.
std::size_t buffers_of(const ArrowLayout& layout) {
  std::size_t count = 0;
  while (count < NANOARROW_MAX_FIXED_BUFFERS &&
         layout.buffer_type[count] != NANOARROW_BUFFER_TYPE_NONE)
    ++count;
  return count;
}

std::optional<cap::problems::error> check_text(const ArrowArrayView& view) {
  for (std::int64_t i = 0; i < view.length; ++i) {
    if (ArrowArrayViewIsNull(&view, i)) continue;
    const ArrowBufferView text = ArrowArrayViewGetBytesUnsafe(&view, i);
    if (!cap::glue::is_utf8(text.data.as_uint8, static_cast<std::size_t>(text.size_bytes)))
      return invalid("value " + std::to_string(i) + " is not valid UTF-8").value;
  }
  return {};
}

}  // namespace

std::optional<cap::problems::error> schema_of(std::string_view format, ArrowSchema& schema) {
  ArrowSchemaInit(&schema);
  if (ArrowSchemaSetFormat(&schema, std::string(format).c_str()) != NANOARROW_OK)
    return invalid("out of memory").value;
  ArrowSchemaView view;
  ArrowError error{};
  if (int code = ArrowSchemaViewInit(&view, &schema, &error))
    return problem(code, error, "reading a type").value;
  return {};
}

std::optional<cap::problems::error> view_of(const cap::values::column& column,
                                            ArrowArrayView& view) {
  Schema schema;
  if (auto wrong = schema_of(column.format, *schema)) return wrong;
  ArrowError error{};
  if (int code = ArrowArrayViewInitFromSchema(&view, schema.get(), &error))
    return problem(code, error, "reading an array").value;
  if (column.offset < 0 || column.length < 0 || column.offset > kLongest ||
      column.length > kLongest)
    return invalid("an array of " + std::to_string(column.length) + " values from " +
                   std::to_string(column.offset))
        .value;
  if (column.buffers.size() != buffers_of(view.layout))
    return invalid("an array of the format " + column.format + " has " +
                   std::to_string(buffers_of(view.layout)) + " buffers, not " +
                   std::to_string(column.buffers.size()))
        .value;
  view.offset = column.offset;
  view.length = column.length;
  for (std::size_t i = 0; i < column.buffers.size(); ++i) {
    view.buffer_views[i].data.data = column.buffers[i].data();
    view.buffer_views[i].size_bytes = static_cast<std::int64_t>(column.buffers[i].size());
  }
  // An empty bitmap is none: all values are there.
  const bool has_bitmap =
      view.layout.buffer_type[0] == NANOARROW_BUFFER_TYPE_VALIDITY && !column.buffers[0].empty();
  view.null_count = has_bitmap ? -1 : 0;
  if (int code = ArrowArrayViewValidate(&view, NANOARROW_VALIDATION_LEVEL_FULL, &error))
    return problem(code, error, "checking an array").value;
  if (is_text(view.storage_type)) return check_text(view);
  return {};
}

}  // namespace arrow
