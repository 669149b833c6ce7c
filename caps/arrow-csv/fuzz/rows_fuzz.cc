// Fuzz target: no text may break the reader of CSV, whatever the dialect and however it is cut into
// blocks; and the columns that it makes can be written.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "arrow_csv_cap.hh"

namespace {

using namespace cap::csv;

constexpr std::size_t kChosen = 3;  // bytes of the input that choose how the others are read

cap::bytes text(const char* of) {
  const std::string_view view(of);
  return cap::bytes(std::span(reinterpret_cast<const std::uint8_t*>(view.data()), view.size()));
}

options options_of(std::uint8_t bits, std::uint8_t more) {
  options out{};
  out.delimiter = bits & 1 ? ';' : ',';
  if (!(bits & 2)) out.quote = '"';
  out.double_quote = bits & 4;
  if (bits & 8) out.escape = '\\';
  out.ignore_empty_lines = bits & 16;
  out.decimal_point = '.';
  out.null_values = {text(""), text("NA")};
  out.true_values = {text("true"), text("1")};
  out.false_values = {text("false"), text("0")};
  out.texts_can_be_null = bits & 32;
  out.quoted_can_be_null = bits & 64;
  out.check_utf8 = bits & 128;
  out.made_up_names = more & 1;
  if (more & 2) out.names = {"a", "b"};
  out.skip_lines = more >> 2 & 1;
  out.skip_rows = more >> 3 & 1;
  if (more & 16) out.kinds = {{"a", static_cast<kind>(more >> 5)}};
  return out;
}

void write_again(batch& made) {
  std::vector<source> columns;
  for (column& one : made.columns) {
    if (one.null_count > made.rows) __builtin_trap();
    columns.push_back({one.kind, true, std::move(one.buffers)});
  }
  if (!write(columns, made.rows, ',')) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < kChosen) return 0;
  const auto reader = make_reader(options_of(data[0], data[1]));
  const std::size_t block = data[2] + std::size_t{1};
  data += kChosen, size -= kChosen;
  bool last = false;
  while (!last) {
    // Of its own, so that a look beyond its end is seen.
    const std::vector<std::uint8_t> piece(data, data + std::min(block, size));
    data += piece.size(), size -= piece.size();
    last = size == 0;
    auto made = reader->feed(piece, last);
    if (!made) return 0;
    write_again(*made);
  }
  return 0;
}
