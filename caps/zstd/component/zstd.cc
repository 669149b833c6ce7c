// libzstd behind its contract.
#define ZSTD_STATIC_LINKING_ONLY
#include <zdict.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <ctime>
#include <map>

#include "stream.hh"
#include "zstd_cap.hh"

// Only the display of a training's progress asks for it.
extern "C" clock_t clock() {
  return 0;
}

namespace cap::codec {

namespace {

using Parameters = std::span<const std::tuple<std::int32_t, std::int32_t>>;

error error_of(ZSTD_ErrorCode code) {
  return {static_cast<std::uint32_t>(code), ZSTD_getErrorString(code)};
}
error error_of(std::size_t code) {
  return error_of(ZSTD_getErrorCode(code));
}
error error_of(Stop stop, std::size_t code) {
  return stop == Stop::kNoMemory ? error_of(ZSTD_error_memory_allocation) : error_of(code);
}

/// One call of the library.
template <typename Function>
std::size_t step(Window& window, Function&& function) {
  ZSTD_inBuffer source{window.in, window.in_size, 0};
  ZSTD_outBuffer target{window.out, window.out_size, 0};
  const std::size_t code = function(&target, &source);
  window = {window.in + source.pos, window.in_size - source.pos, window.out + target.pos,
            window.out_size - target.pos};
  return code;
}

/// Sets parameters of a context one by one.
template <typename Key, typename Context, typename Function>
std::optional<error> set_all(Parameters parameters, Context* context, Function&& function) {
  for (auto [key, value] : parameters) {
    const std::size_t code = function(context, static_cast<Key>(key), value);
    if (ZSTD_isError(code)) return error_of(code);
  }
  return std::nullopt;
}

/// Dictionaries prepared by level, and the one for decompression; streams share them.
struct Content {
  bytes data;
  std::map<int, std::shared_ptr<ZSTD_CDict>> for_compression;
  std::shared_ptr<ZSTD_DDict> for_decompression;
};

class Dictionary final : public dictionary {
 public:
  explicit Dictionary(Bytes content) : content_(std::make_shared<Content>()) {
    content_->data = bytes(content);
  }
  std::uint32_t id() override {
    return ZDICT_getDictID(content_->data.data(), content_->data.size());
  }
  const std::shared_ptr<Content>& content() const { return content_; }

 private:
  std::shared_ptr<Content> content_;
};

std::shared_ptr<Content> content_of(std::optional<dictionary*> given) {
  return given ? static_cast<Dictionary*>(*given)->content() : nullptr;
}

/// What the dictionary refuses to be prepared from has no code of its own.
error refused(const char* kind) {
  return {ZSTD_error_dictionary_corrupted, std::string("Failed to create a ZSTD_") + kind +
                                               " instance from Zstandard dictionary content."};
}

class Compressor final : public compressor {
 public:
  ~Compressor() override { ZSTD_freeCCtx(context_); }

  std::optional<error> set(Parameters parameters) {
    for (auto [key, value] : parameters)
      if (key == ZSTD_c_compressionLevel) level_ = value;
    return set_all<ZSTD_cParameter>(parameters, context_, ZSTD_CCtx_setParameter);
  }

  std::optional<error> use(const std::shared_ptr<Content>& content, usage how) {
    content_ = content;
    std::size_t code = 0;
    if (how == usage::prefix)
      code = ZSTD_CCtx_refPrefix(context_, content->data.data(), content->data.size());
    if (how == usage::undigested)
      code = ZSTD_CCtx_loadDictionary(context_, content->data.data(), content->data.size());
    if (how == usage::digested) {
      auto& prepared = content->for_compression[level_];
      if (!prepared)
        prepared.reset(ZSTD_createCDict(content->data.data(), content->data.size(), level_),
                       ZSTD_freeCDict);
      if (!prepared) return refused("CDict");
      prepared_ = prepared;
      code = ZSTD_CCtx_refCDict(context_, prepared.get());
    }
    return ZSTD_isError(code) ? std::optional(error_of(code)) : std::nullopt;
  }

  result<bytes, error> compress(Bytes data, flush mode) override {
    const ZSTD_EndDirective end = mode == flush::frame   ? ZSTD_e_end
                                  : mode == flush::block ? ZSTD_e_flush
                                                         : ZSTD_e_continue;
    bytes out;
    Bytes input = data;
    std::size_t code = 0;
    const std::size_t expected = mode == flush::frame ? ZSTD_compressBound(data.size()) : 0;
    const Stop stop = pump(input, out, kUnlimited, expected, [&](Window& window) {
      code = step(window,
                  [&](auto... buffers) { return ZSTD_compressStream2(context_, buffers..., end); });
      return ZSTD_isError(code)                 ? Step::kError
             : code == 0 && window.in_size == 0 ? Step::kEnd
                                                : Step::kMore;
    });
    if (!failed(stop)) return out;
    ZSTD_CCtx_reset(context_, ZSTD_reset_session_only);
    return err(error_of(stop, code));
  }

  result<void, error> pledge(std::optional<std::uint64_t> size) override {
    const std::size_t code =
        ZSTD_CCtx_setPledgedSrcSize(context_, size.value_or(ZSTD_CONTENTSIZE_UNKNOWN));
    if (ZSTD_isError(code)) return err(error_of(code));
    return {};
  }

 private:
  ZSTD_CCtx* context_ = ZSTD_createCCtx();
  int level_ = ZSTD_CLEVEL_DEFAULT;
  std::shared_ptr<Content> content_;
  std::shared_ptr<ZSTD_CDict> prepared_;
};

/// What the header of a frame at the beginning of `data` promises, up to a bound: it may lie.
std::size_t expected_size(Bytes data) {
  constexpr unsigned long long kMost = 64 << 20;
  const unsigned long long size = ZSTD_getFrameContentSize(data.data(), data.size());
  return size <= kMost ? static_cast<std::size_t>(size) : 0;
}

class Decompressor final : public decompressor {
 public:
  ~Decompressor() override { ZSTD_freeDCtx(context_); }

  std::optional<error> set(Parameters parameters) {
    return set_all<ZSTD_dParameter>(parameters, context_, ZSTD_DCtx_setParameter);
  }

  std::optional<error> use(const std::shared_ptr<Content>& content, usage how) {
    content_ = content;
    std::size_t code = 0;
    if (how == usage::prefix)
      code = ZSTD_DCtx_refPrefix(context_, content->data.data(), content->data.size());
    if (how == usage::undigested)
      code = ZSTD_DCtx_loadDictionary(context_, content->data.data(), content->data.size());
    if (how == usage::digested) {
      auto& prepared = content->for_decompression;
      if (!prepared)
        prepared.reset(ZSTD_createDDict(content->data.data(), content->data.size()),
                       ZSTD_freeDDict);
      if (!prepared) return refused("DDict");
      code = ZSTD_DCtx_refDDict(context_, prepared.get());
    }
    return ZSTD_isError(code) ? std::optional(error_of(code)) : std::nullopt;
  }

  result<chunk, error> decompress(Bytes data, std::int64_t max_length) override {
    chunk out{};
    std::size_t code = 0;
    const Stop stop = cap::read(
        inbox_, data, max_length, out,
        [&](Window& window) {
          code = step(window,
                      [&](auto... buffers) { return ZSTD_decompressStream(context_, buffers...); });
          return ZSTD_isError(code) ? Step::kError : code == 0 ? Step::kEnd : Step::kMore;
        },
        expected_size(data));
    if (!failed(stop)) return out;
    ZSTD_DCtx_reset(context_, ZSTD_reset_session_only);
    inbox_ = {};
    return err(error_of(stop, code));
  }

 private:
  ZSTD_DCtx* context_ = ZSTD_createDCtx();
  std::shared_ptr<Content> content_;
  Inbox<bytes> inbox_;
};

std::vector<std::size_t> sizes_of(std::span<const std::uint32_t> sizes) {
  return {sizes.begin(), sizes.end()};
}

template <typename Stream, typename Base>
result<std::unique_ptr<Base>, error> open(Parameters parameters,
                                          const std::shared_ptr<Content>& content, usage how) {
  auto made = std::make_unique<Stream>();
  if (auto problem = made->set(parameters)) return err(std::move(*problem));
  if (content)
    if (auto problem = made->use(content, how)) return err(std::move(*problem));
  return std::unique_ptr<Base>(std::move(made));
}

}  // namespace

std::string version() {
  return ZSTD_versionString();
}

std::int32_t default_level() {
  return ZSTD_defaultCLevel();
}

result<std::tuple<std::int32_t, std::int32_t>, error> bounds(std::int32_t parameter,
                                                             bool compression) {
  const ZSTD_bounds found = compression
                                ? ZSTD_cParam_getBounds(static_cast<ZSTD_cParameter>(parameter))
                                : ZSTD_dParam_getBounds(static_cast<ZSTD_dParameter>(parameter));
  if (ZSTD_isError(found.error)) return err(error_of(found.error));
  return std::tuple(found.lowerBound, found.upperBound);
}

result<std::uint64_t, error> frame_size(Bytes data) {
  const std::size_t size = ZSTD_findFrameCompressedSize(data.data(), data.size());
  if (ZSTD_isError(size)) return err(error_of(size));
  return std::uint64_t{size};
}

result<std::tuple<std::optional<std::uint64_t>, std::uint32_t>, error> frame_info(Bytes data) {
  const unsigned long long size = ZSTD_getFrameContentSize(data.data(), data.size());
  if (size == ZSTD_CONTENTSIZE_ERROR) return err(error_of(ZSTD_error_prefix_unknown));
  const auto known =
      size == ZSTD_CONTENTSIZE_UNKNOWN ? std::nullopt : std::optional<std::uint64_t>(size);
  return std::tuple(known, std::uint32_t{ZSTD_getDictID_fromFrame(data.data(), data.size())});
}

result<bytes, error> train(Bytes samples, std::span<const std::uint32_t> sizes,
                           std::uint32_t capacity) {
  bytes out;
  if (!out.try_resize(capacity)) return err(error_of(ZSTD_error_memory_allocation));
  const std::size_t size = ZDICT_trainFromBuffer(out.data(), capacity, samples.data(),
                                                 sizes_of(sizes).data(), sizes.size());
  if (ZDICT_isError(size)) return err(error_of(size));
  out.resize(size);
  return out;
}

result<bytes, error> finalize(Bytes content, Bytes samples, std::span<const std::uint32_t> sizes,
                              std::uint32_t capacity, std::int32_t level) {
  bytes out;
  if (!out.try_resize(capacity)) return err(error_of(ZSTD_error_memory_allocation));
  const ZDICT_params_t parameters{.compressionLevel = level, .notificationLevel = 0, .dictID = 0};
  const std::size_t size =
      ZDICT_finalizeDictionary(out.data(), capacity, content.data(), content.size(), samples.data(),
                               sizes_of(sizes).data(), sizes.size(), parameters);
  if (ZDICT_isError(size)) return err(error_of(size));
  out.resize(size);
  return out;
}

std::unique_ptr<dictionary> make_dictionary(Bytes content) {
  return std::make_unique<Dictionary>(content);
}

result<std::unique_ptr<compressor>, error> compressor_open(Parameters parameters,
                                                           std::optional<dictionary*> given,
                                                           usage how) {
  return open<Compressor, compressor>(parameters, content_of(given), how);
}

result<std::unique_ptr<decompressor>, error> decompressor_open(Parameters parameters,
                                                               std::optional<dictionary*> given,
                                                               usage how) {
  return open<Decompressor, decompressor>(parameters, content_of(given), how);
}

}  // namespace cap::codec
