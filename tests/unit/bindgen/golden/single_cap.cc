// Made by pylon-bindgen from demo:single@1.2.0: the exports of the component.
#include "single_cap.hh"

#include "canonical.hh"

namespace cap::glue {

template <>
struct record<::cap::shared::span> {
  static constexpr auto fields = std::tuple(&::cap::shared::span::start, &::cap::shared::span::length);
};
template <>
inline constexpr std::uint32_t enum_cases<::cap::hasher::key_error> = 2;
template <>
inline constexpr bool is_variant<::cap::hasher::source> = true;
template <>
inline constexpr unsigned flag_count<::cap::hasher::options> = 2;
template <>
inline constexpr bool is_resource<::cap::hasher::state> = true;
extern "C" [[clang::import_module("[export]demo:single/hasher@1.2.0"), clang::import_name("[resource-new]state")]] std::int32_t cap_new_0(std::int32_t);
extern "C" [[clang::import_module("[export]demo:single/hasher@1.2.0"), clang::import_name("[resource-rep]state")]] std::int32_t cap_rep_0(std::int32_t);
extern "C" [[clang::import_module("[export]demo:single/hasher@1.2.0"), clang::import_name("[resource-drop]state")]] void cap_drop_0(std::int32_t);
template <>
struct resource_functions<::cap::hasher::state> {
  static std::int32_t make(void* cell) { return cap_new_0(static_cast<std::int32_t>(reinterpret_cast<std::uintptr_t>(cell))); }
  static std::int32_t rep(std::int32_t handle) { return cap_rep_0(handle); }
  static void drop(std::int32_t handle) { cap_drop_0(handle); }
};

struct f1 {  // hash
  using parameters = std::tuple<std::span<const std::uint8_t>>;
  static ::cap::bytes call([[maybe_unused]] parameters& p) { return ::cap::hasher::hash(std::get<0>(p)); }
};
struct f2 {  // keyed
  using parameters = std::tuple<std::span<const std::uint8_t>, std::span<const std::uint8_t>, ::cap::hasher::options>;
  static ::cap::result<::cap::bytes, ::cap::hasher::key_error> call([[maybe_unused]] parameters& p) { return ::cap::hasher::keyed(std::get<0>(p), std::get<1>(p), std::get<2>(p)); }
};
struct f3 {  // from
  using parameters = std::tuple<::cap::hasher::source>;
  static std::optional<std::optional<std::uint64_t>> call([[maybe_unused]] parameters& p) { return ::cap::hasher::from(std::get<0>(p)); }
};
struct f4 {  // state.new
  using parameters = std::tuple<std::optional<std::span<const std::uint8_t>>>;
  static std::unique_ptr<::cap::hasher::state> call([[maybe_unused]] parameters& p) { return ::cap::hasher::make_state(std::get<0>(p)); }
};
struct f5 {  // state.update
  using parameters = std::tuple<::cap::hasher::state*, std::span<const std::uint8_t>>;
  static void call([[maybe_unused]] parameters& p) { return std::get<0>(p)->update(std::get<1>(p)); }
};
struct f6 {  // state.finish
  using parameters = std::tuple<::cap::hasher::state*, std::uint32_t>;
  static ::cap::bytes call([[maybe_unused]] parameters& p) { return std::get<0>(p)->finish(std::get<1>(p)); }
};
struct f7 {  // state.restore
  using parameters = std::tuple<std::vector<std::unique_ptr<::cap::hasher::state>>>;
  static ::cap::result<std::unique_ptr<::cap::hasher::state>, std::string> call([[maybe_unused]] parameters& p) { return ::cap::hasher::state_restore(std::move(std::get<0>(p))); }
};

const std::uint8_t schema_digest[32] = {0xdd, 0xad, 0xa1, 0x0e, 0x69, 0xca, 0x9f, 0x19, 0xc4, 0xec, 0x27, 0x6b, 0xc1, 0x7d, 0x97, 0x8e, 0x5b, 0x22, 0xf4, 0xab, 0x86, 0xd9, 0x28, 0xb1, 0x80, 0xd7, 0xee, 0x7e, 0xd8, 0xd8, 0x04, 0x87};

answer dispatch(std::string_view method, std::span<const std::uint8_t> payload) {
  switch (method_hash(method)) {
    case 284862857u:
      if (method == "state.update") return serve<f5>(method, payload);
      break;
    case 475369053u:
      if (method == "keyed") return serve<f2>(method, payload);
      break;
    case 595326666u:
      if (method == "state.restore") return serve<f7>(method, payload);
      break;
    case 949442822u:
      if (method == "state.new") return serve<f4>(method, payload);
      break;
    case 1934345829u:
      if (method == "state.drop") return serve_drop<::cap::hasher::state>(method, payload);
      break;
    case 2513272949u:
      if (method == "from") return serve<f3>(method, payload);
      break;
    case 2526438903u:
      if (method == "state.finish") return serve<f6>(method, payload);
      break;
    case 3469047761u:
      if (method == "hash") return serve<f1>(method, payload);
      break;
    default:
      break;
  }
  return failed(failure_kind::not_found, std::string("single has no method ").append(method));
}

}  // namespace cap::glue

namespace cap::progress {
::cap::outcome<bool> report(std::uint64_t p0) {
  return ::cap::glue::call_back<bool>("progress.report", p0);
}
}

extern "C" [[clang::export_name("demo:single/hasher@1.2.0#[dtor]state")]] void cap_dtor_0(cap::glue::cell<::cap::hasher::state>* cell) { delete cell; }

extern "C" [[clang::export_name("demo:single/hasher@1.2.0#hash")]] void* cap_f1(std::int32_t p0, std::int32_t p1) {
  const cap::glue::slot slots[] = {cap::glue::slot_of(p0), cap::glue::slot_of(p1)};
  return cap::glue::serve_flat<cap::glue::f1>(slots);
}
extern "C" [[clang::export_name("cabi_post_demo:single/hasher@1.2.0#hash")]] void cap_f1_done(void*) { cap::glue::free_returned(); }

extern "C" [[clang::export_name("demo:single/hasher@1.2.0#keyed")]] void* cap_f2(std::int32_t p0, std::int32_t p1, std::int32_t p2, std::int32_t p3, std::int32_t p4) {
  const cap::glue::slot slots[] = {cap::glue::slot_of(p0), cap::glue::slot_of(p1), cap::glue::slot_of(p2), cap::glue::slot_of(p3), cap::glue::slot_of(p4)};
  return cap::glue::serve_flat<cap::glue::f2>(slots);
}
extern "C" [[clang::export_name("cabi_post_demo:single/hasher@1.2.0#keyed")]] void cap_f2_done(void*) { cap::glue::free_returned(); }

extern "C" [[clang::export_name("demo:single/hasher@1.2.0#from")]] void* cap_f3(std::int32_t p0, std::int32_t p1, std::int32_t p2) {
  const cap::glue::slot slots[] = {cap::glue::slot_of(p0), cap::glue::slot_of(p1), cap::glue::slot_of(p2)};
  return cap::glue::serve_flat<cap::glue::f3>(slots);
}
extern "C" [[clang::export_name("cabi_post_demo:single/hasher@1.2.0#from")]] void cap_f3_done(void*) { cap::glue::free_returned(); }

extern "C" [[clang::export_name("demo:single/hasher@1.2.0#[constructor]state")]] std::int32_t cap_f4(std::int32_t p0, std::int32_t p1, std::int32_t p2) {
  const cap::glue::slot slots[] = {cap::glue::slot_of(p0), cap::glue::slot_of(p1), cap::glue::slot_of(p2)};
  return static_cast<std::int32_t>(cap::glue::raw_load<std::uint32_t>(static_cast<const std::uint8_t*>(cap::glue::serve_flat<cap::glue::f4>(slots))));
}

extern "C" [[clang::export_name("demo:single/hasher@1.2.0#[method]state.update")]] void cap_f5(std::int32_t p0, std::int32_t p1, std::int32_t p2) {
  const cap::glue::slot slots[] = {cap::glue::slot_of(p0), cap::glue::slot_of(p1), cap::glue::slot_of(p2)};
  cap::glue::serve_flat<cap::glue::f5>(slots);
}

extern "C" [[clang::export_name("demo:single/hasher@1.2.0#[method]state.finish")]] void* cap_f6(std::int32_t p0, std::int32_t p1) {
  const cap::glue::slot slots[] = {cap::glue::slot_of(p0), cap::glue::slot_of(p1)};
  return cap::glue::serve_flat<cap::glue::f6>(slots);
}
extern "C" [[clang::export_name("cabi_post_demo:single/hasher@1.2.0#[method]state.finish")]] void cap_f6_done(void*) { cap::glue::free_returned(); }

extern "C" [[clang::export_name("demo:single/hasher@1.2.0#[static]state.restore")]] void* cap_f7(std::int32_t p0, std::int32_t p1) {
  const cap::glue::slot slots[] = {cap::glue::slot_of(p0), cap::glue::slot_of(p1)};
  return cap::glue::serve_flat<cap::glue::f7>(slots);
}
extern "C" [[clang::export_name("cabi_post_demo:single/hasher@1.2.0#[static]state.restore")]] void cap_f7_done(void*) { cap::glue::free_returned(); }
