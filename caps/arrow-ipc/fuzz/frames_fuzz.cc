// Fuzz target: no frame of a codec may break its reader or give more than was asked for, and what
// is compressed is the same when it is read again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "arrow_ipc_cap.hh"

namespace {

using namespace cap::body_compression;
using Bytes = std::span<const std::uint8_t>;

void read_frame(codec chosen, Bytes frame, std::uint64_t size) {
  auto made = decompress(chosen, std::vector<Bytes>{frame}, std::vector<std::uint64_t>{size});
  if (made && made->size() != (size + 7) / 8 * 8) __builtin_trap();
}

void write_and_read(codec chosen, Bytes data) {
  auto frames = compress(chosen, std::vector<Bytes>{data}, {});
  if (!frames || frames->size() != 1) __builtin_trap();
  const cap::bytes& frame = (*frames)[0];
  if (frame.empty()) return;
  auto again = decompress(chosen, std::vector<Bytes>{{frame.data(), frame.size()}},
                          std::vector<std::uint64_t>{data.size()});
  if (!again || !std::equal(data.begin(), data.end(), again->data())) __builtin_trap();
}

}  // namespace

// The first byte chooses, two more are the size that the frame is said to have.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const codec chosen = data[0] & 1 ? codec::zstd : codec::lz4_frame;
  const Bytes rest(data + 3, size - 3);
  if (data[0] & 2)
    write_and_read(chosen, rest);
  else
    read_frame(chosen, rest, data[1] + std::uint64_t{256} * data[2]);
  return 0;
}
