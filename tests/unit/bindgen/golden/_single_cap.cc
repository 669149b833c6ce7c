// Made by pylon-bindgen from demo:single@1.2.0: the Python module _single_cap over typed imports.
#include <Python.h>

extern "C" {
#include "binding/pylon_cap.h"
}
#include "import.hh"

namespace cap::shared {
/// Where something lies.
struct span {
  std::uint32_t start{};
  std::uint32_t length{};
};
}

namespace cap::hasher {
/// Why a key is refused \ .
enum class key_error : std::uint32_t {
  /// fewer than 32 bytes
  short_,
  long_,
};
}

namespace cap::hasher {
struct source {
  struct empty {};
  struct whole {
    ::cap::bytes value{};
  };
  struct part {
    ::cap::shared::span value{};
  };
  std::variant<empty, whole, part> value{};
};
}

namespace cap::hasher {
struct options {
  std::uint8_t bits = 0;
  static constexpr std::uint8_t fast = 1;
  static constexpr std::uint8_t seeded = 2;
};
}

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

namespace {

extern "C" [[clang::import_module("demo:single/hasher@1.2.0"), clang::import_name("hash")]] void _single_cap_import_0(std::int32_t, std::int32_t, void*);
struct f0 {
  static constexpr std::string_view method = "hash";
  using parameters = std::tuple<std::span<const std::uint8_t>>;
  using result = ::cap::bytes;
  static void import([[maybe_unused]] const slot* in, [[maybe_unused]] void* area) {
    _single_cap_import_0(static_cast<std::int32_t>(in[0]), static_cast<std::int32_t>(in[1]), area);
  }
};
extern "C" [[clang::import_module("demo:single/hasher@1.2.0"), clang::import_name("keyed")]] void _single_cap_import_1(std::int32_t, std::int32_t, std::int32_t, std::int32_t, std::int32_t, void*);
struct f1 {
  static constexpr std::string_view method = "keyed";
  using parameters = std::tuple<std::span<const std::uint8_t>, std::span<const std::uint8_t>, ::cap::hasher::options>;
  using result = ::cap::result<::cap::bytes, ::cap::hasher::key_error>;
  static void import([[maybe_unused]] const slot* in, [[maybe_unused]] void* area) {
    _single_cap_import_1(static_cast<std::int32_t>(in[0]), static_cast<std::int32_t>(in[1]), static_cast<std::int32_t>(in[2]), static_cast<std::int32_t>(in[3]), static_cast<std::int32_t>(in[4]), area);
  }
};
extern "C" [[clang::import_module("demo:single/hasher@1.2.0"), clang::import_name("from")]] void _single_cap_import_2(std::int32_t, std::int32_t, std::int32_t, void*);
struct f2 {
  static constexpr std::string_view method = "from";
  using parameters = std::tuple<::cap::hasher::source>;
  using result = std::optional<std::optional<std::uint64_t>>;
  static void import([[maybe_unused]] const slot* in, [[maybe_unused]] void* area) {
    _single_cap_import_2(static_cast<std::int32_t>(in[0]), static_cast<std::int32_t>(in[1]), static_cast<std::int32_t>(in[2]), area);
  }
};
extern "C" [[clang::import_module("demo:single/hasher@1.2.0"), clang::import_name("[resource-drop]state")]] void _single_cap_import_3(std::int32_t);
struct f3 {
  static constexpr std::string_view method = "state.drop";
  using parameters = std::tuple<handle>;
  using result = void;
  static void import(const slot* in, void*) { _single_cap_import_3(static_cast<std::int32_t>(in[0])); }
};
extern "C" [[clang::import_module("demo:single/hasher@1.2.0"), clang::import_name("[constructor]state")]] std::int32_t _single_cap_import_4(std::int32_t, std::int32_t, std::int32_t);
struct f4 {
  static constexpr std::string_view method = "state.new";
  using parameters = std::tuple<std::optional<std::span<const std::uint8_t>>>;
  using result = ::cap::glue::handle;
  static void import([[maybe_unused]] const slot* in, [[maybe_unused]] void* area) {
    *static_cast<slot*>(area) = slot_of(_single_cap_import_4(static_cast<std::int32_t>(in[0]), static_cast<std::int32_t>(in[1]), static_cast<std::int32_t>(in[2])));
  }
};
extern "C" [[clang::import_module("demo:single/hasher@1.2.0"), clang::import_name("[method]state.update")]] void _single_cap_import_5(std::int32_t, std::int32_t, std::int32_t);
struct f5 {
  static constexpr std::string_view method = "state.update";
  using parameters = std::tuple<::cap::glue::handle, std::span<const std::uint8_t>>;
  using result = void;
  static void import([[maybe_unused]] const slot* in, [[maybe_unused]] void* area) {
    _single_cap_import_5(static_cast<std::int32_t>(in[0]), static_cast<std::int32_t>(in[1]), static_cast<std::int32_t>(in[2]));
  }
};
extern "C" [[clang::import_module("demo:single/hasher@1.2.0"), clang::import_name("[method]state.finish")]] void _single_cap_import_6(std::int32_t, std::int32_t, void*);
struct f6 {
  static constexpr std::string_view method = "state.finish";
  using parameters = std::tuple<::cap::glue::handle, std::uint32_t>;
  using result = ::cap::bytes;
  static void import([[maybe_unused]] const slot* in, [[maybe_unused]] void* area) {
    _single_cap_import_6(static_cast<std::int32_t>(in[0]), static_cast<std::int32_t>(in[1]), area);
  }
};
extern "C" [[clang::import_module("demo:single/hasher@1.2.0"), clang::import_name("[static]state.restore")]] void _single_cap_import_7(std::int32_t, std::int32_t, void*);
struct f7 {
  static constexpr std::string_view method = "state.restore";
  using parameters = std::tuple<std::vector<::cap::glue::handle>>;
  using result = ::cap::result<::cap::glue::handle, std::string>;
  static void import([[maybe_unused]] const slot* in, [[maybe_unused]] void* area) {
    _single_cap_import_7(static_cast<std::int32_t>(in[0]), static_cast<std::int32_t>(in[1]), area);
  }
};

const std::uint8_t kSchema[] = {
    133,1,113,100,101,109,111,58,115,105,110,103,108,101,64,49,46,50,46,48,120,67,79,110,
    101,32,105,110,116,101,114,102,97,99,101,58,32,115,104,111,114,116,32,109,101,116,104,111,
    100,32,110,97,109,101,115,44,32,101,118,101,114,121,116,104,105,110,103,32,111,110,32,116,
    104,101,32,109,111,100,117,108,101,32,105,116,115,101,108,102,46,131,134,1,102,104,97,115,
    104,101,114,120,24,100,101,109,111,58,115,105,110,103,108,101,47,104,97,115,104,101,114,64,
    49,46,50,46,48,116,72,97,115,104,101,115,32,111,102,32,97,108,108,32,115,111,114,116,
    115,46,134,131,101,114,97,110,103,101,16,96,131,105,107,101,121,45,101,114,114,111,114,17,
    118,87,104,121,32,97,32,107,101,121,32,105,115,32,114,101,102,117,115,101,100,32,92,131,
    102,115,111,117,114,99,101,18,96,131,103,111,112,116,105,111,110,115,19,96,131,102,100,105,
    103,101,115,116,13,96,131,101,115,116,97,116,101,20,118,72,97,115,104,101,115,32,112,105,
    101,99,101,32,98,121,32,112,105,101,99,101,46,131,134,0,100,104,97,115,104,100,104,97,
    115,104,120,39,72,97,115,104,101,115,32,97,116,32,111,110,99,101,46,10,34,81,117,105,
    99,107,108,121,34,44,32,97,115,32,116,104,101,121,32,115,97,121,46,129,130,100,100,97,
    116,97,13,13,134,0,101,107,101,121,101,100,101,107,101,121,101,100,96,131,130,100,100,97,
    116,97,13,130,99,107,101,121,13,130,103,111,112,116,105,111,110,115,19,21,134,0,100,102,
    114,111,109,100,102,114,111,109,96,129,130,102,115,111,117,114,99,101,18,23,134,2,104,112,
    114,111,103,114,101,115,115,120,26,100,101,109,111,58,115,105,110,103,108,101,47,112,114,111,
    103,114,101,115,115,64,49,46,50,46,48,96,128,129,134,0,102,114,101,112,111,114,116,111,
    112,114,111,103,114,101,115,115,46,114,101,112,111,114,116,96,129,130,100,100,111,110,101,4,
    0,134,0,102,115,104,97,114,101,100,120,24,100,101,109,111,58,115,105,110,103,108,101,47,
    115,104,97,114,101,100,64,49,46,50,46,48,96,129,131,100,115,112,97,110,16,117,87,104,
    101,114,101,32,115,111,109,101,116,104,105,110,103,32,108,105,101,115,46,128,141,133,4,2,
    100,115,112,97,110,117,87,104,101,114,101,32,115,111,109,101,116,104,105,110,103,32,108,105,
    101,115,46,130,131,101,115,116,97,114,116,3,96,131,102,108,101,110,103,116,104,3,96,133,
    6,0,105,107,101,121,45,101,114,114,111,114,118,87,104,121,32,97,32,107,101,121,32,105,
    115,32,114,101,102,117,115,101,100,32,92,130,130,101,115,104,111,114,116,115,102,101,119,101,
    114,32,116,104,97,110,32,51,50,32,98,121,116,101,115,130,100,108,111,110,103,96,133,5,
    0,102,115,111,117,114,99,101,96,131,131,101,101,109,112,116,121,246,96,131,101,119,104,111,
    108,101,13,96,131,100,112,97,114,116,16,96,133,7,0,103,111,112,116,105,111,110,115,96,
    130,130,100,102,97,115,116,96,130,102,115,101,101,100,101,100,96,134,8,0,101,115,116,97,
    116,101,118,72,97,115,104,101,115,32,112,105,101,99,101,32,98,121,32,112,105,101,99,101,
    46,106,115,116,97,116,101,46,100,114,111,112,132,134,1,99,110,101,119,105,115,116,97,116,
    101,46,110,101,119,96,129,130,99,107,101,121,24,24,24,25,134,2,102,117,112,100,97,116,
    101,108,115,116,97,116,101,46,117,112,100,97,116,101,96,130,130,100,115,101,108,102,24,26,
    130,101,99,104,117,110,107,13,246,134,2,102,102,105,110,105,115,104,108,115,116,97,116,101,
    46,102,105,110,105,115,104,120,24,65,115,32,109,97,110,121,32,98,121,116,101,115,32,97,
    115,32,119,97,110,116,101,100,46,130,130,100,115,101,108,102,24,26,130,102,108,101,110,103,
    116,104,3,13,134,3,103,114,101,115,116,111,114,101,109,115,116,97,116,101,46,114,101,115,
    116,111,114,101,96,129,130,99,97,108,108,24,27,24,28,131,2,13,17,130,1,4,130,1,
    22,130,1,13,130,9,20,130,10,20,130,0,24,25,131,2,24,25,12,
};

using serve = cap::glue::answer (*)(std::span<const std::uint8_t>);

constexpr serve kFunctions[] = {
    serve_import<f0>,
    serve_import<f1>,
    serve_import<f2>,
    nullptr,
    serve_import<f3>,
    serve_import<f4>,
    serve_import<f5>,
    serve_import<f6>,
    serve_import<f7>,
};

void call(void*, std::uint32_t function, const char*, std::size_t, const std::uint8_t* payload,
          std::size_t size, pylon_cap_answer* out) {
  cap::glue::answer answer = kFunctions[function]({payload, size});
  out->status = static_cast<pylon_cap_status>(answer.status);
  out->kind = static_cast<pylon_cap_failure>(answer.kind);
  out->size = answer.data.size();
  out->data = answer.data.release();
  out->object = nullptr;
}

}  // namespace
}  // namespace cap::glue

static PyObject* _single_cap_create(PyObject*, PyModuleDef*) {
  using namespace cap::glue;
  static const pylon_cap_backend backend = {call, nullptr};
  return pylon_cap_module_new("_single_cap", kSchema, sizeof(kSchema), &backend);
}

PyMODINIT_FUNC PyInit__single_cap() {
  static PyModuleDef_Slot slots[] = {{Py_mod_create, reinterpret_cast<void*>(_single_cap_create)}, {0, nullptr}};
  static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_single_cap", nullptr, 0, nullptr, slots, nullptr, nullptr, nullptr};
  return PyModuleDef_Init(&definition);
}

// Before the interpreter is initialised.
[[gnu::constructor]] static void _single_cap_add() { PyImport_AppendInittab("_single_cap", PyInit__single_cap); }
