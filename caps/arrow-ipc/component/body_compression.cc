// Buffers of message bodies, one after the other, compressed or not.
#include <algorithm>
#include <cstring>

#include "arrow_ipc_cap.hh"
#include "lz4frame.h"
#include "zstd.h"

namespace cap::body_compression {

namespace {

constexpr std::size_t kLength = 8;  // in front of each buffer
constexpr std::size_t kAlignment = 8;
constexpr std::int64_t kPlain = -1;

failure<error> invalid(std::string text) {
  return err(error{error::invalid{std::move(text)}});
}

// The content under construction; each buffer begins at a multiple of the alignment.
class Body {
 public:
  /// Room for a buffer of at most `size` bytes; null if there is none.
  std::uint8_t* open(std::size_t size) {
    start_ = made_.content.size();
    if (size > SIZE_MAX - start_ - kAlignment || !grow(start_ + size)) return nullptr;
    return made_.content.data() + start_;
  }
  /// Keeps the first `size` bytes of what was opened.
  void close(std::size_t size) {
    made_.places.insert(made_.places.end(),
                        {static_cast<std::int64_t>(start_), static_cast<std::int64_t>(size)});
    const std::size_t end = start_ + size,
                      padded = (end + kAlignment - 1) / kAlignment * kAlignment;
    made_.content.resize(padded);
    std::memset(made_.content.data() + end, 0, padded - end);
  }
  std::size_t size() const { return made_.content.size(); }
  body take() { return std::move(made_); }

 private:
  // At least doubles where it must grow, so that what is there is not moved for each buffer.
  bool grow(std::size_t size) {
    const std::size_t before = made_.content.size();
    if (size + kAlignment > capacity_) {
      const std::size_t least = size + kAlignment,
                        twice = capacity_ <= SIZE_MAX / 2 ? capacity_ * 2 : 0;
      if (made_.content.try_resize(std::max(least, twice)))
        capacity_ = std::max(least, twice);
      else if (made_.content.try_resize(least))
        capacity_ = least;
      else
        return false;
      made_.content.resize(before);
    }
    made_.content.resize(size);
    return true;
  }

  body made_;
  std::size_t start_ = 0, capacity_ = 0;
};

/// The buffer at a place, if it lies in the content.
std::optional<std::span<const std::uint8_t>> buffer_at(std::span<const std::int64_t> places,
                                                       std::size_t i,
                                                       std::span<const std::uint8_t> content) {
  const std::int64_t offset = places[i], length = places[i + 1],
                     size = static_cast<std::int64_t>(content.size());
  if (offset < 0 || length < 0 || offset > size || length > size - offset) return {};
  return content.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

bool read_lz4(std::span<const std::uint8_t> from, std::uint8_t* to, std::size_t size) {
  LZ4F_dctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) return false;
  std::size_t done = 0, hint = 1;
  while (!from.empty() && hint != 0) {
    std::size_t out = size - done, in = from.size();
    hint = LZ4F_decompress(context, to + done, &out, from.data(), &in, nullptr);
    if (LZ4F_isError(hint) || (in == 0 && out == 0)) break;
    done += out;
    from = from.subspan(in);
  }
  LZ4F_freeDecompressionContext(context);
  return hint == 0 && done == size && from.empty();
}

bool read_frame(codec chosen, std::span<const std::uint8_t> from, std::uint8_t* to,
                std::size_t size) {
  if (chosen == codec::lz4_frame) return read_lz4(from, to, size);
  const std::size_t done = ZSTD_decompress(to, size, from.data(), from.size());
  return !ZSTD_isError(done) && done == size;
}

std::size_t most_of(codec chosen, std::size_t size, const LZ4F_preferences_t& preferences) {
  return chosen == codec::lz4_frame ? LZ4F_compressFrameBound(size, &preferences)
                                    : ZSTD_compressBound(size);
}

// The bytes of the frame; 0 if it was not made.
std::size_t write_frame(codec chosen, std::span<const std::uint8_t> from, std::uint8_t* to,
                        std::size_t room, const LZ4F_preferences_t& preferences,
                        std::optional<std::int32_t> level) {
  if (chosen == codec::lz4_frame) {
    const std::size_t size = LZ4F_compressFrame(to, room, from.data(), from.size(), &preferences);
    return LZ4F_isError(size) ? 0 : size;
  }
  const std::size_t size =
      ZSTD_compress(to, room, from.data(), from.size(), level.value_or(ZSTD_CLEVEL_DEFAULT));
  return ZSTD_isError(size) ? 0 : size;
}

// What is wrong with the buffer, if anything is.
std::optional<std::string> decompress_one(codec chosen, std::span<const std::uint8_t> from,
                                          std::uint64_t most, Body& to) {
  std::int64_t stated = kPlain;
  if (!from.empty()) {
    if (from.size() < kLength) return "has no length";
    std::memcpy(&stated, from.data(), kLength);
    from = from.subspan(kLength);
  }
  if (stated < kPlain) return "has a negative length";
  const std::uint64_t size = stated == kPlain ? from.size() : static_cast<std::uint64_t>(stated);
  if (size > most || to.size() > most - size)
    return "would have " + std::to_string(size) + " bytes, more than are allowed";
  std::uint8_t* room = to.open(static_cast<std::size_t>(size));
  if (!room) return "would have " + std::to_string(size) + " bytes, for which there is no memory";
  if (stated == kPlain)
    std::ranges::copy(from, room);
  else if (!read_frame(chosen, from, room, static_cast<std::size_t>(size)))
    return "is damaged";
  to.close(static_cast<std::size_t>(size));
  return {};
}

bool compress_one(codec chosen, std::span<const std::uint8_t> from,
                  std::optional<std::int32_t> level, Body& to) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.contentSize = from.size();
  preferences.compressionLevel = level.value_or(0);
  const std::size_t room =
      from.empty() ? 0 : std::max(most_of(chosen, from.size(), preferences), from.size());
  std::uint8_t* at = to.open(room + kLength);
  if (!at) return false;
  if (from.empty()) return to.close(0), true;
  std::size_t size = write_frame(chosen, from, at + kLength, room, preferences, level);
  if (size == 0) return false;
  std::int64_t stated = static_cast<std::int64_t>(from.size());
  if (size >= from.size()) {
    stated = kPlain;
    size = from.size();
    std::ranges::copy(from, at + kLength);
  }
  std::memcpy(at, &stated, kLength);
  to.close(size + kLength);
  return true;
}

}  // namespace

result<body, error> decompress(codec chosen, std::span<const std::int64_t> places,
                               std::span<const std::uint8_t> content, std::uint64_t most) {
  if (places.size() % 2) return invalid("places are pairs of numbers");
  Body out;
  for (std::size_t i = 0; i < places.size(); i += 2) {
    const auto from = buffer_at(places, i, content);
    if (!from) return invalid("a buffer lies outside of its body");
    if (auto wrong = decompress_one(chosen, *from, most, out))
      return invalid("compressed buffer " + std::to_string(i / 2) + " " + *wrong);
  }
  return out.take();
}

result<body, error> compress(codec chosen, std::span<const std::int64_t> places,
                             std::span<const std::uint8_t> content,
                             std::optional<std::int32_t> level) {
  if (places.size() % 2) return invalid("places are pairs of numbers");
  Body out;
  for (std::size_t i = 0; i < places.size(); i += 2) {
    const auto from = buffer_at(places, i, content);
    if (!from) return invalid("a buffer lies outside of its body");
    if (!compress_one(chosen, *from, level, out))
      return invalid("buffer " + std::to_string(i / 2) + " could not be compressed: out of memory");
  }
  return out.take();
}

}  // namespace cap::body_compression
