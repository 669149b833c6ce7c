// What the providers of stream codecs share: input that waits for its turn, and output that grows
// within a bound.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace cap {

using Bytes = std::span<const std::uint8_t>;

/// The part of input and output that a codec works on; it moves both along.
struct Window {
  const std::uint8_t* in;
  std::size_t in_size;
  std::uint8_t* out;
  std::size_t out_size;
};

/// One call of a library whose streams are like zlib's, with next_in, avail_in, next_out,
/// avail_out. Returns what `function` returns.
template <typename Stream, typename Function>
auto step(Stream& stream, Window& window, Function&& function) {
  using In = decltype(stream.next_in);
  using Out = decltype(stream.next_out);
  stream.next_in = (In)window.in;  // zlib's and bzip2's inputs are not const
  stream.avail_in = window.in_size;
  stream.next_out = reinterpret_cast<Out>(window.out);
  stream.avail_out = window.out_size;
  const auto code = function();
  window = {reinterpret_cast<const std::uint8_t*>(stream.next_in), stream.avail_in,
            reinterpret_cast<std::uint8_t*>(stream.next_out), stream.avail_out};
  return code;
}

/// What a codec says of one step.
enum class Step { kMore, kEnd, kError };

/// Why pump() stopped.
enum class Stop { kNeedsInput, kOutputFull, kEnd, kError, kNoMemory };

/// Whether a call came to no result.
inline bool failed(Stop stop) {
  return stop == Stop::kError || stop == Stop::kNoMemory;
}

constexpr std::size_t kFirstBlock = 32 * 1024;
constexpr std::size_t kUnlimited = SIZE_MAX;

/// The bound that a signed maximum length means; negative is none.
inline std::size_t bound(std::int64_t max_length) {
  return max_length < 0 ? kUnlimited
                        : static_cast<std::size_t>(std::min<std::int64_t>(max_length, UINT32_MAX));
}

/// Makes room for more output, at most `limit` bytes in all; false when memory is short.
template <typename Buffer>
bool grow(Buffer& out, std::size_t expected, std::size_t limit) {
  const std::size_t size = out.size();
  const std::size_t wanted =
      size == 0 ? std::max(kFirstBlock, expected) : size + std::max(size, kFirstBlock);
  return wanted > size && out.try_resize(std::min(wanted, limit));
}

/// Steps a codec until the input is used, the output holds `limit` bytes, or the stream ends.
/// `input` becomes what is left of it. The codec is stepped at least once, also without input or
/// room for output.
template <typename Buffer, typename Codec>
Stop pump(Bytes& input, Buffer& out, std::size_t limit, std::size_t expected, Codec&& codec) {
  std::size_t used = out.size();
  std::uint8_t nowhere = 0;
  for (bool first = true;; first = false) {
    if (used == out.size() && used >= limit && !first) return Stop::kOutputFull;
    if (used == out.size() && used < limit && !grow(out, std::min(expected, limit), limit))
      return Stop::kNoMemory;
    const std::size_t room = out.size() - used;
    Window window{input.data(), input.size(), room ? out.data() + used : &nowhere, room};
    const std::size_t before = input.size() + window.out_size;
    const Step step = codec(window);
    input = input.last(window.in_size);
    used = out.size() - window.out_size;
    if (step == Step::kMore && window.out_size == 0) continue;
    const bool stuck = window.in_size + window.out_size == before;
    if (step == Step::kMore && window.in_size > 0 && !stuck) continue;
    if (!out.try_resize(used)) return Stop::kNoMemory;
    if (step == Step::kEnd) return Stop::kEnd;
    return step == Step::kError || window.in_size > 0 ? Stop::kError : Stop::kNeedsInput;
  }
}

/// Input of a decompressor that could not be used yet, in front of what comes next.
template <typename Buffer>
class Inbox {
 public:
  /// What waits, followed by `fresh`; false when memory is short.
  bool take(Bytes fresh, Bytes& all) {
    all = fresh;
    if (waiting_.size() == start_) return true;
    const std::size_t size = waiting_.size() - start_;
    if (!fresh.empty()) {
      if (start_ > 0) std::memmove(waiting_.data(), waiting_.data() + start_, size);
      start_ = 0;
      if (!waiting_.try_resize(size + fresh.size())) return false;
      std::memcpy(waiting_.data() + size, fresh.data(), fresh.size());
    }
    all = Bytes(waiting_.data() + start_, waiting_.size() - start_);
    return true;
  }

  /// Keeps `rest`, the end of what take() gave; false when memory is short.
  bool keep(Bytes rest) {
    const std::uint8_t* first = waiting_.data();
    if (!rest.empty() && rest.data() >= first && rest.data() < first + waiting_.size()) {
      start_ = waiting_.size() - rest.size();
      return true;
    }
    start_ = 0;
    if (!waiting_.try_resize(rest.size())) return false;
    if (!rest.empty()) std::memcpy(waiting_.data(), rest.data(), rest.size());
    return true;
  }

  bool empty() const { return waiting_.size() == start_; }

 private:
  Buffer waiting_;
  std::size_t start_ = 0;
};

/// One call of a decompressor that keeps its input: fills a record of `data`, `unused`, `eof` and
/// `needs_input`. Room for `expected` bytes is made at first, or for twice the input if it is 0.
template <typename Buffer, typename Chunk, typename Codec>
Stop read(Inbox<Buffer>& inbox, Bytes fresh, std::int64_t max_length, Chunk& chunk, Codec&& codec,
          std::size_t expected = 0) {
  Bytes input;
  if (!inbox.take(fresh, input)) return Stop::kNoMemory;
  if (expected == 0) expected = input.size() * 2;
  const Stop stop = pump(input, chunk.data, bound(max_length), expected, codec);
  if (failed(stop)) return stop;
  chunk.eof = stop == Stop::kEnd;
  chunk.needs_input = stop == Stop::kNeedsInput;
  if (chunk.eof && !input.empty()) {
    if (!chunk.unused.try_resize(input.size())) return Stop::kNoMemory;
    std::memcpy(chunk.unused.data(), input.data(), input.size());
    input = {};
  }
  return inbox.keep(input) ? stop : Stop::kNoMemory;
}

}  // namespace cap
