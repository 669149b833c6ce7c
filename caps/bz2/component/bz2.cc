// bzip2 behind its contract.
#include <bzlib.h>

#include "bz2_cap.hh"
#include "stream.hh"

// The library reports a broken invariant of its own here.
extern "C" void bz_internal_error(int) {
  __builtin_trap();
}

namespace cap::codec {

namespace {

error error_of(Stop stop, int code) {
  if (stop == Stop::kNoMemory || code == BZ_MEM_ERROR) return error::memory;
  return code == BZ_PARAM_ERROR || code == BZ_SEQUENCE_ERROR ? error::parameter : error::data;
}

Step step_of(int code) {
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
    const Stop stop = pump(input, out, kUnlimited, 0, [&](Window& window) {
      // The library takes a call that has nothing to do for a mistake.
      const bool idle = action == BZ_RUN && window.in_size == 0;
      code = step(stream_, window, [&] { return BZ2_bzCompress(&stream_, action); });
      if (idle && code == BZ_PARAM_ERROR) code = BZ_RUN_OK;
      return step_of(code);
    });
    if (failed(stop)) return err(error_of(stop, code));
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
    const Stop stop = cap::read(inbox_, data, max_length, out, [&](Window& window) {
      return step_of(code = step(stream_, window, [&] { return BZ2_bzDecompress(&stream_); }));
    });
    if (failed(stop)) return err(error_of(stop, code));
    return out;
  }

 private:
  bz_stream stream_{};
  bool started_ = false;
  Inbox<bytes> inbox_;
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
