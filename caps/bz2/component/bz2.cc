// bzip2 behind its contract.
#include <bzlib.h>

#include "bz2_cap.hh"
#include "cap_stream.hh"

// The library reports a broken invariant of its own here.
extern "C" void bz_internal_error(int) {
  __builtin_trap();
}

namespace cap::codec {

namespace {

using cap_stream::Bytes;
using cap_stream::Step;
using cap_stream::Stop;
using cap_stream::Window;

error error_of(Stop stop, int code) {
  if (stop == Stop::kNoMemory || code == BZ_MEM_ERROR) return error::memory;
  return code == BZ_PARAM_ERROR || code == BZ_SEQUENCE_ERROR ? error::parameter : error::data;
}

/// Runs one step of the library.
template <typename Function>
Step step(bz_stream& stream, Window& window, int& code, Function&& function) {
  stream.next_in = reinterpret_cast<char*>(const_cast<std::uint8_t*>(window.in));
  stream.avail_in = window.in_size;
  stream.next_out = reinterpret_cast<char*>(window.out);
  stream.avail_out = window.out_size;
  code = function(stream);
  window = {reinterpret_cast<std::uint8_t*>(stream.next_in), stream.avail_in,
            reinterpret_cast<std::uint8_t*>(stream.next_out), stream.avail_out};
  return code == BZ_STREAM_END ? Step::kEnd : code < 0 ? Step::kError : Step::kMore;
}

class Compressor final : public compressor {
 public:
  ~Compressor() override { BZ2_bzCompressEnd(&stream_); }

  bz_stream& stream() { return stream_; }

  result<bytes, error> compress(Bytes data) override {
    if (data.empty()) return bytes();
    return run(data, BZ_RUN);
  }

  result<bytes, error> finish() override { return run({}, BZ_FINISH); }

 private:
  result<bytes, error> run(Bytes input, int action) {
    bytes out;
    int code = BZ_OK;
    const Stop stop = cap_stream::pump(input, out, cap_stream::kUnlimited, 0, [&](Window& window) {
      return step(stream_, window, code, [&](bz_stream& stream) {
        // The library takes a call that has nothing to do for a mistake.
        const bool idle = action == BZ_RUN && stream.avail_in == 0;
        const int made = BZ2_bzCompress(&stream, action);
        return idle && made == BZ_PARAM_ERROR ? BZ_RUN_OK : made;
      });
    });
    if (stop == Stop::kError || stop == Stop::kNoMemory) return err(error_of(stop, code));
    return out;
  }

  bz_stream stream_{};
};

class Decompressor final : public decompressor {
 public:
  ~Decompressor() override { BZ2_bzDecompressEnd(&stream_); }

  result<chunk, error> decompress(Bytes data, std::int64_t max_length) override {
    int code = started_ ? BZ_OK : BZ2_bzDecompressInit(&stream_, 0, 0);
    if (code != BZ_OK) return err(error_of(Stop::kError, code));
    started_ = true;
    chunk out{};
    const Stop stop = cap_stream::read(inbox_, data, max_length, out, [&](Window& window) {
      return step(stream_, window, code,
                  [](bz_stream& stream) { return BZ2_bzDecompress(&stream); });
    });
    if (stop == Stop::kError || stop == Stop::kNoMemory) return err(error_of(stop, code));
    return out;
  }

 private:
  bz_stream stream_{};
  bool started_ = false;
  cap_stream::Inbox<bytes> inbox_;
};

}  // namespace

result<std::unique_ptr<compressor>, error> compressor_open(std::int32_t level) {
  auto made = std::make_unique<Compressor>();
  const int code = BZ2_bzCompressInit(&made->stream(), level, 0, 0);
  if (code != BZ_OK) return err(error_of(Stop::kError, code));
  return std::unique_ptr<compressor>(std::move(made));
}

std::unique_ptr<decompressor> make_decompressor() {
  return std::make_unique<Decompressor>();
}

}  // namespace cap::codec
