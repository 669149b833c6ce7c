// Frames of LZ4 and Zstandard, each the whole content of one buffer.
#include <algorithm>
#include <cstring>

#include "arrow_ipc_cap.hh"
#include "lz4frame.h"
#include "zstd.h"

namespace cap::body_compression {

namespace {

constexpr std::uint64_t kAlignment = 8;
// What a byte of a frame can become at most: by a match's length of LZ4 that is all 255, by blocks
// of Zstandard (4 bytes) that repeat one byte 128 KiB long.
constexpr std::uint64_t kMostOfLz4 = 255, kMostOfZstd = 32768;

failure<error> invalid(std::string text) {
  return err(error{error::invalid{std::move(text)}});
}

/// A library's context, which serves all buffers of a call; null if there was no memory for it.
template <typename T, std::size_t (*kFree)(T*)>
struct Context {
  T* at = nullptr;

  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    if (at) kFree(at);
  }
};

/// Reads frames of one codec.
class Decompressor {
 public:
  explicit Decompressor(codec chosen) : is_lz4_(chosen == codec::lz4_frame) {
    if (!is_lz4_)
      zstd_.at = ZSTD_createDCtx();
    else if (LZ4F_isError(LZ4F_createDecompressionContext(&lz4_.at, LZ4F_VERSION)))
      lz4_.at = nullptr;
  }

  /// How many bytes a frame of so many can hold.
  std::uint64_t most_of(std::size_t size) const {
    return size * (is_lz4_ ? kMostOfLz4 : kMostOfZstd);
  }

  /// True if the frame holds exactly `size` bytes, which are then at `to`.
  bool read(std::span<const std::uint8_t> frame, std::uint8_t* to, std::size_t size) {
    if (is_lz4_) return lz4_.at && read_lz4(frame, to, size);
    if (!zstd_.at) return false;
    const std::size_t done = ZSTD_decompressDCtx(zstd_.at, to, size, frame.data(), frame.size());
    return !ZSTD_isError(done) && done == size;
  }

 private:
  bool read_lz4(std::span<const std::uint8_t> frame, std::uint8_t* to, std::size_t size) {
    LZ4F_decompressOptions_t options{};
    options.stableDst = 1;  // what was written stays there: no copy of it is needed to refer to
    std::size_t done = 0, hint = 1;
    LZ4F_resetDecompressionContext(lz4_.at);
    while (!frame.empty() && hint != 0) {
      std::size_t out = size - done, in = frame.size();
      hint = LZ4F_decompress(lz4_.at, to + done, &out, frame.data(), &in, &options);
      if (LZ4F_isError(hint) || (in == 0 && out == 0)) return false;
      done += out;
      frame = frame.subspan(in);
    }
    return hint == 0 && done == size && frame.empty();
  }

  bool is_lz4_;
  Context<LZ4F_dctx, LZ4F_freeDecompressionContext> lz4_;
  Context<ZSTD_DCtx, ZSTD_freeDCtx> zstd_;
};

/// Makes frames of one codec.
class Compressor {
 public:
  Compressor(codec chosen, std::optional<std::int32_t> level)
      : is_lz4_(chosen == codec::lz4_frame),
        level_(level.value_or(is_lz4_ ? 0 : ZSTD_CLEVEL_DEFAULT)) {
    if (!is_lz4_) zstd_.at = ZSTD_createCCtx();
  }

  /// A frame of the buffer, or nothing if it would not be smaller; false if there was no memory.
  bool write(std::span<const std::uint8_t> buffer, bytes& frame) {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.contentSize = buffer.size();
    preferences.compressionLevel = level_;
    const std::size_t room = is_lz4_ ? LZ4F_compressFrameBound(buffer.size(), &preferences)
                                     : ZSTD_compressBound(buffer.size());
    if ((!is_lz4_ && !zstd_.at) || !frame.try_resize(room)) return false;
    const std::size_t size =
        is_lz4_
            ? LZ4F_compressFrame(frame.data(), room, buffer.data(), buffer.size(), &preferences)
            : ZSTD_compressCCtx(zstd_.at, frame.data(), room, buffer.data(), buffer.size(), level_);
    if (is_lz4_ ? LZ4F_isError(size) : ZSTD_isError(size)) return false;
    frame.resize(size < buffer.size() ? size : 0);
    return true;
  }

 private:
  bool is_lz4_;
  std::int32_t level_;
  Context<ZSTD_CCtx, ZSTD_freeCCtx> zstd_;
};

std::uint64_t padded(std::uint64_t size) {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

std::string buffer_that(std::size_t number, std::string_view is) {
  return "compressed buffer " + std::to_string(number).append(is);
}

}  // namespace

result<bytes, error> decompress(codec chosen, std::span<const std::span<const std::uint8_t>> frames,
                                std::span<const std::uint64_t> sizes) {
  if (frames.size() != sizes.size()) return invalid("there are not as many frames as sizes");
  Decompressor decompressor(chosen);
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (sizes[i] > decompressor.most_of(frames[i].size()))
      return invalid(buffer_that(i, " is too short for what it promises"));
    end += padded(sizes[i]);
  }
  bytes out;
  if (end > SIZE_MAX || !out.try_resize(static_cast<std::size_t>(end)))
    return invalid("there is no memory for the " + std::to_string(end) + " bytes of the buffers");
  std::uint8_t* to = out.data();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const auto size = static_cast<std::size_t>(sizes[i]),
               whole = static_cast<std::size_t>(padded(size));
    if (!decompressor.read(frames[i], to, size)) return invalid(buffer_that(i, " is damaged"));
    std::fill(to + size, to + whole, std::uint8_t{0});
    to += whole;
  }
  return out;
}

result<std::vector<bytes>, error> compress(codec chosen,
                                           std::span<const std::span<const std::uint8_t>> buffers,
                                           std::optional<std::int32_t> level) {
  Compressor compressor(chosen, level);
  std::vector<bytes> frames(buffers.size());
  for (std::size_t i = 0; i < buffers.size(); ++i)
    if (!compressor.write(buffers[i], frames[i]))
      return invalid("buffer " + std::to_string(i) + " could not be compressed: out of memory");
  return frames;
}

}  // namespace cap::body_compression
