// liblzma behind its contract.
#include <lzma.h>

#include <algorithm>
#include <array>

#include "lzma_cap.hh"
#include "stream.hh"

namespace cap::codec {

namespace {

using Settings = std::vector<std::tuple<setting, std::uint32_t>>;

error error_of(lzma_ret code) {
  constexpr std::pair<lzma_ret, error> kErrors[] = {
      {LZMA_MEM_ERROR, error::memory},
      {LZMA_MEMLIMIT_ERROR, error::memory_limit},
      {LZMA_FORMAT_ERROR, error::format},
      {LZMA_OPTIONS_ERROR, error::options},
      {LZMA_DATA_ERROR, error::data},
      {LZMA_BUF_ERROR, error::buffer},
      {LZMA_UNSUPPORTED_CHECK, error::unsupported_check}};
  const auto* found = std::ranges::find(kErrors, code, &std::pair<lzma_ret, error>::first);
  return found == std::end(kErrors) ? error::internal : found->second;
}

bool is_branch_filter(lzma_vli id) {
  return id >= LZMA_FILTER_X86 && id <= LZMA_FILTER_SPARC;
}

/// liblzma's chain of filters, with the memory of their options.
struct Chain {
  std::array<lzma_filter, LZMA_FILTERS_MAX + 1> filters{};
  std::array<std::variant<lzma_options_lzma, lzma_options_delta, lzma_options_bcj>,
             LZMA_FILTERS_MAX>
      options{};
};

/// Sets one option; false if the filter has no such option.
bool set(lzma_options_lzma& options, setting name, std::uint32_t value) {
  using Options = lzma_options_lzma;
  using Number = std::pair<setting, std::uint32_t Options::*>;
  constexpr Number kNumbers[] = {{setting::dict_size, &Options::dict_size},
                                 {setting::lc, &Options::lc},
                                 {setting::lp, &Options::lp},
                                 {setting::pb, &Options::pb},
                                 {setting::nice_len, &Options::nice_len},
                                 {setting::depth, &Options::depth}};
  const auto* number = std::ranges::find(kNumbers, name, &Number::first);
  if (number != std::end(kNumbers)) options.*number->second = value;
  if (name == setting::mode) options.mode = static_cast<lzma_mode>(value);
  if (name == setting::mf) options.mf = static_cast<lzma_match_finder>(value);
  return number != std::end(kNumbers) || name == setting::mode || name == setting::mf;
}

/// Fills place `i` of the chain.
std::optional<error> add(Chain& chain, std::size_t i, const filter& spec) {
  chain.filters[i].id = spec.id;
  chain.filters[i + 1].id = LZMA_VLI_UNKNOWN;
  if (spec.id == LZMA_FILTER_LZMA1 || spec.id == LZMA_FILTER_LZMA2) {
    auto& options = chain.options[i].emplace<lzma_options_lzma>();
    if (lzma_lzma_preset(&options, spec.preset)) return error::preset;
    for (auto [name, value] : spec.settings)
      if (!set(options, name, value)) return error::options;
    chain.filters[i].options = &options;
  } else if (spec.id == LZMA_FILTER_DELTA) {
    auto& options = chain.options[i].emplace<lzma_options_delta>();
    options = {.type = LZMA_DELTA_TYPE_BYTE, .dist = 1};
    for (auto [name, value] : spec.settings)
      if (name == setting::dist) options.dist = value;
    chain.filters[i].options = &options;
  } else if (is_branch_filter(spec.id)) {
    auto& options = chain.options[i].emplace<lzma_options_bcj>();
    for (auto [name, value] : spec.settings)
      if (name == setting::start_offset) options.start_offset = value;
    chain.filters[i].options = &options;
  } else {
    return error::filter_id;
  }
  return std::nullopt;
}

template <typename Filters>
std::optional<error> fill(Chain& chain, const Filters& specs) {
  chain.filters[0].id = LZMA_VLI_UNKNOWN;
  if (specs.size() > LZMA_FILTERS_MAX) return error::options;
  for (std::size_t i = 0; i < specs.size(); ++i)
    if (auto problem = add(chain, i, specs[i])) return problem;
  return std::nullopt;
}

/// Runs one step of lzma_code(). When it announces the stream's check, that goes into `check`, and
/// the step goes on.
Step step(lzma_stream& stream, Window& window, lzma_ret& code, lzma_action action,
          std::optional<std::uint32_t>* check = nullptr) {
  do {
    code = cap::step(stream, window, [&] { return lzma_code(&stream, action); });
    if (check && (code == LZMA_GET_CHECK || code == LZMA_NO_CHECK))
      *check = lzma_get_check(&stream);
  } while (code == LZMA_GET_CHECK || code == LZMA_NO_CHECK);
  if (code == LZMA_STREAM_END) return Step::kEnd;
  // Without input and with room this only says that there is nothing to do.
  if (code == LZMA_BUF_ERROR && window.in_size == 0 && window.out_size > 0) code = LZMA_OK;
  return code == LZMA_OK ? Step::kMore : Step::kError;
}

class Compressor final : public compressor {
 public:
  ~Compressor() override { lzma_end(&stream_); }

  lzma_stream& stream() { return stream_; }

  result<bytes, error> compress(Bytes data) override { return run(data, LZMA_RUN); }
  result<bytes, error> finish() override { return run({}, LZMA_FINISH); }

 private:
  result<bytes, error> run(Bytes input, lzma_action action) {
    bytes out;
    lzma_ret code = LZMA_OK;
    const Stop stop = pump(input, out, kUnlimited, 0,
                           [&](Window& window) { return step(stream_, window, code, action); });
    if (stop == Stop::kNoMemory) return err(error::memory);
    if (stop == Stop::kError) return err(error_of(code));
    return out;
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
};

class Decompressor final : public decompressor {
 public:
  ~Decompressor() override { lzma_end(&stream_); }

  lzma_stream& stream() { return stream_; }

  result<chunk, error> decompress(Bytes data, std::int64_t max_length) override {
    chunk out{};
    lzma_ret code = LZMA_OK;
    const Stop stop = cap::read(inbox_, data, max_length, out, [&](Window& window) {
      return step(stream_, window, code, LZMA_RUN, &check_);
    });
    if (stop == Stop::kNoMemory) return err(error::memory);
    if (stop == Stop::kError) return err(error_of(code));
    out.check = check_;
    return out;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  std::optional<std::uint32_t> check_;
  Inbox<bytes> inbox_;
};

lzma_ret start(lzma_stream& stream, container format, std::uint32_t check, std::uint32_t preset,
               const Chain* chain) {
  const lzma_filter* filters = chain ? chain->filters.data() : nullptr;
  if (format == container::raw) return lzma_raw_encoder(&stream, filters);
  if (format == container::alone)
    return lzma_alone_encoder(&stream, static_cast<const lzma_options_lzma*>(filters[0].options));
  if (!chain) return lzma_easy_encoder(&stream, preset, static_cast<lzma_check>(check));
  return lzma_stream_encoder(&stream, filters, static_cast<lzma_check>(check));
}

}  // namespace

bool check_is_supported(std::uint32_t check) {
  return lzma_check_is_supported(static_cast<lzma_check>(check));
}

result<bytes, error> encode_properties(const filter& spec) {
  Chain chain;
  if (auto problem = add(chain, 0, spec)) return err(*problem);
  std::uint32_t size = 0;
  if (const lzma_ret code = lzma_properties_size(&size, &chain.filters[0]); code != LZMA_OK)
    return err(error_of(code));
  bytes out(size);
  if (const lzma_ret code = lzma_properties_encode(&chain.filters[0], out.data()); code != LZMA_OK)
    return err(error_of(code));
  return out;
}

result<Settings, error> decode_properties(std::uint64_t id, Bytes properties) {
  lzma_filter decoded{.id = id, .options = nullptr};
  if (const lzma_ret code =
          lzma_properties_decode(&decoded, nullptr, properties.data(), properties.size());
      code != LZMA_OK)
    return err(error_of(code));
  Settings out;
  if (id == LZMA_FILTER_LZMA1 || id == LZMA_FILTER_LZMA2) {
    const auto& options = *static_cast<lzma_options_lzma*>(decoded.options);
    out = {{setting::dict_size, options.dict_size}};
    if (id == LZMA_FILTER_LZMA1)
      out.insert(out.end(),
                 {{setting::lc, options.lc}, {setting::lp, options.lp}, {setting::pb, options.pb}});
  } else if (id == LZMA_FILTER_DELTA) {
    out = {{setting::dist, static_cast<lzma_options_delta*>(decoded.options)->dist}};
  } else if (decoded.options) {
    out = {{setting::start_offset, static_cast<lzma_options_bcj*>(decoded.options)->start_offset}};
  }
  std::free(decoded.options);
  return out;
}

result<std::unique_ptr<compressor>, error> compressor_open(
    container format, std::uint32_t check, std::uint32_t preset,
    std::optional<std::vector<filter>> filters) {
  Chain chain;
  if (filters)
    if (auto problem = fill(chain, *filters)) return err(*problem);
  const filter plain{.id = LZMA_FILTER_LZMA1, .preset = preset, .settings = {}};
  if (!filters && format == container::alone)
    if (auto problem = add(chain, 0, plain)) return err(*problem);
  auto made = std::make_unique<Compressor>();
  const lzma_ret code = start(made->stream(), format, check, preset,
                              filters || format == container::alone ? &chain : nullptr);
  if (code != LZMA_OK) return err(error_of(code));
  return std::unique_ptr<compressor>(std::move(made));
}

result<std::unique_ptr<decompressor>, error> decompressor_open(container format,
                                                               std::uint64_t memory_limit,
                                                               std::span<const filter> filters) {
  Chain chain;
  if (auto problem = fill(chain, filters)) return err(*problem);
  constexpr std::uint32_t kFlags = LZMA_TELL_ANY_CHECK | LZMA_TELL_NO_CHECK;
  auto made = std::make_unique<Decompressor>();
  lzma_stream& stream = made->stream();
  const lzma_ret code =
      format == container::automatic ? lzma_auto_decoder(&stream, memory_limit, kFlags)
      : format == container::xz      ? lzma_stream_decoder(&stream, memory_limit, kFlags)
      : format == container::alone   ? lzma_alone_decoder(&stream, memory_limit)
                                     : lzma_raw_decoder(&stream, chain.filters.data());
  if (code != LZMA_OK) return err(error_of(code));
  return std::unique_ptr<decompressor>(std::move(made));
}

}  // namespace cap::codec
