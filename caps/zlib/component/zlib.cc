// zlib behind its contract.
#include <zlib.h>

#include "stream.hh"
#include "zlib_cap.hh"

namespace cap::codec {

namespace {

error error_of(int code, const z_stream& stream) {
  const char* words = code == Z_VERSION_ERROR  ? "library version mismatch"
                      : stream.msg != nullptr  ? stream.msg
                      : code == Z_BUF_ERROR    ? "incomplete or truncated stream"
                      : code == Z_STREAM_ERROR ? "inconsistent stream state"
                      : code == Z_DATA_ERROR   ? "invalid input data"
                                               : "";
  return {code, words};
}

error error_of(Stop stop, int code, const z_stream& stream) {
  return error_of(stop == Stop::kNoMemory ? Z_MEM_ERROR : code, stream);
}

Bytef* bytes_of(Bytes bytes) {
  return const_cast<Bytef*>(bytes.data());
}

Step step_of(int code) {
  return code == Z_STREAM_END                  ? Step::kEnd
         : code == Z_OK || code == Z_BUF_ERROR ? Step::kMore
                                               : Step::kError;
}

class Deflate final : public compressor {
 public:
  Deflate() = default;
  ~Deflate() override { deflateEnd(&stream_); }

  z_stream& stream() { return stream_; }

  result<bytes, error> compress(Bytes data, std::int32_t flush) override {
    bytes out;
    int code = Z_OK;
    Bytes input = data;
    const Stop stop = pump(input, out, kUnlimited, 0, [&](Window& window) {
      return step_of(code = step(stream_, window, [&] { return deflate(&stream_, flush); }));
    });
    if (failed(stop)) return err(error_of(stop, code, stream_));
    return out;
  }

  result<std::unique_ptr<compressor>, error> copy() override {
    auto other = std::make_unique<Deflate>();
    if (const int code = deflateCopy(&other->stream_, &stream_); code != Z_OK)
      return err(error_of(code, stream_));
    return std::unique_ptr<compressor>(std::move(other));
  }

 private:
  z_stream stream_{};
};

class Inflate final : public decompressor {
 public:
  Inflate() = default;
  ~Inflate() override { inflateEnd(&stream_); }

  z_stream& stream() { return stream_; }

  /// Sets the dictionary: at once in a raw stream, else when the stream asks for it.
  int set_dictionary(Bytes dictionary, bool raw) {
    if (!dictionary_.try_resize(dictionary.size())) return Z_MEM_ERROR;
    std::copy(dictionary.begin(), dictionary.end(), dictionary_.data());
    has_dictionary_ = true;
    return raw ? give_dictionary() : Z_OK;
  }

  result<piece, error> decompress(Bytes data, std::int64_t max_length) override {
    piece out{};
    Bytes input = data;
    const Stop stop = pump(input, out.data, bound(max_length), data.size() * 2,
                           [&](Window& window) { return inflate_step(window); });
    if (failed(stop)) return err(error_of(stop, code_, stream_));
    out.used = data.size() - input.size();
    out.eof = stop == Stop::kEnd;
    return out;
  }

  result<chunk, error> read(Bytes data, std::int64_t max_length) override {
    chunk out{};
    const Stop stop = cap::read(inbox_, data, max_length, out,
                                [&](Window& window) { return inflate_step(window); });
    if (failed(stop)) return err(error_of(stop, code_, stream_));
    return out;
  }

  result<std::unique_ptr<decompressor>, error> copy() override {
    auto other = std::make_unique<Inflate>();
    if (const int code = inflateCopy(&other->stream_, &stream_); code != Z_OK)
      return err(error_of(code, stream_));
    if (has_dictionary_)
      if (const int code = other->set_dictionary({dictionary_.data(), dictionary_.size()}, false);
          code != Z_OK)
        return err(error_of(code, stream_));
    return std::unique_ptr<decompressor>(std::move(other));
  }

 private:
  int give_dictionary() {
    return inflateSetDictionary(&stream_, dictionary_.data(), dictionary_.size());
  }

  Step inflate_step(Window& window) {
    code_ = step(stream_, window, [&] {
      int code = inflate(&stream_, Z_SYNC_FLUSH);
      if (code == Z_NEED_DICT && has_dictionary_) {
        code = give_dictionary();
        if (code == Z_OK) code = inflate(&stream_, Z_SYNC_FLUSH);
      }
      return code;
    });
    return step_of(code_);
  }

  z_stream stream_{};
  int code_ = Z_OK;
  bytes dictionary_;
  bool has_dictionary_ = false;
  Inbox<bytes> inbox_;
};

}  // namespace

std::string version() {
  return zlibVersion();
}

std::uint32_t crc32(Bytes data, std::uint32_t start) {
  return ::crc32(start, data.data(), data.size());
}

std::uint32_t adler32(Bytes data, std::uint32_t start) {
  return ::adler32(start, data.data(), data.size());
}

result<bytes, error> compress(Bytes data, std::int32_t level, std::int32_t wbits) {
  auto stream = compressor_open(level, Z_DEFLATED, wbits, 8, Z_DEFAULT_STRATEGY, std::nullopt);
  if (!stream) return err(std::move(stream.error()));
  return (*stream)->compress(data, Z_FINISH);
}

result<bytes, error> decompress(Bytes data, std::int32_t wbits) {
  auto stream = decompressor_open(wbits, std::nullopt);
  if (!stream) return err(std::move(stream.error()));
  auto out = (*stream)->decompress(data, -1);
  if (!out) return err(std::move(out.error()));
  if (!out->eof) return err(error{Z_BUF_ERROR, "incomplete or truncated stream"});
  return std::move(out->data);
}

result<std::unique_ptr<compressor>, error> compressor_open(std::int32_t level, std::int32_t method,
                                                           std::int32_t wbits,
                                                           std::int32_t mem_level,
                                                           std::int32_t strategy,
                                                           std::optional<Bytes> dictionary) {
  auto made = std::make_unique<Deflate>();
  int code = deflateInit2(&made->stream(), level, method, wbits, mem_level, strategy);
  if (code != Z_OK) return err(error_of(code, made->stream()));
  if (dictionary)
    code = deflateSetDictionary(&made->stream(), bytes_of(*dictionary), dictionary->size());
  if (code != Z_OK) return err(error{code, "Invalid dictionary"});
  return std::unique_ptr<compressor>(std::move(made));
}

result<std::unique_ptr<decompressor>, error> decompressor_open(std::int32_t wbits,
                                                               std::optional<Bytes> dictionary) {
  auto made = std::make_unique<Inflate>();
  int code = inflateInit2(&made->stream(), wbits);
  if (code != Z_OK) return err(error_of(code, made->stream()));
  if (dictionary) code = made->set_dictionary(*dictionary, wbits < 0);
  if (code != Z_OK) return err(error_of(code, made->stream()));
  return std::unique_ptr<decompressor>(std::move(made));
}

}  // namespace cap::codec
