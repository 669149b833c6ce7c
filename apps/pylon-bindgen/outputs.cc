#include "pylon-bindgen/outputs.hh"

#include <unistd.h>

#include "base/file.hh"
#include "bindgen/extension.hh"
#include "bindgen/names.hh"
#include "bindgen/provider.hh"
#include "bindgen/schema.hh"
#include "bindgen/stubs.hh"
#include "bindgen/wit_json.hh"
#include "bindgen/wit_text.hh"
#include "fuse/tool.hh"

namespace pylon::bindgen {
namespace {

std::string text(const Bytes& bytes) {
  return std::string(bytes.begin(), bytes.end());
}

// A cap's files: `two-words` is two_words_cap.
std::string file_stem(const std::string& name) {
  return python_name(name) + "_cap";
}

constexpr Output kOutputs[] = {
    {"schema", "Write the schema: what a consumer is built from", "The file to write", false,
     [](const Contract& contract, const std::string&) {
       return std::vector<File>{{"", text(schema_of(contract))}};
     }},
    {"dump", "Write the schema as indented JSON", "The file to write", false,
     [](const Contract& contract, const std::string&) {
       return std::vector<File>{{"", schema_text(contract)}};
     }},
    {"stubs", "Write type stubs of the Python module", "The file to write", false,
     [](const Contract& contract, const std::string&) {
       return std::vector<File>{{"", stubs_of(contract)}};
     }},
    {"provider", "Write the provider's side: header, exports and world", "The folder to write to",
     true,
     [](const Contract& contract, const std::string& name) {
       std::string stem = file_stem(name);
       return std::vector<File>{{stem + ".hh", provider_header(contract)},
                                {stem + ".cc", provider_glue(contract, name)},
                                {stem + ".wit", provider_world(contract)}};
     }},
    {"extension", "Write the Python extension over typed imports and its world, and the static one",
     "The folder to write to", true,
     [](const Contract& contract, const std::string& name) {
       std::string stem = "_" + file_stem(name);
       return std::vector<File>{
           {stem + ".cc", extension_source(contract, name)},
           {stem + ".wit", extension_world(contract)},
           {"_" + python_name(name) + "_static.cc", static_extension_source(contract, name)}};
     }},
};

// A cap's name becomes part of file and function names.
Result<void> check_name(const std::string& name) {
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos)
    return {};
  return fail(ErrorKind::kUsage, "--name " + name + " is not a cap's name",
              "use lower-case letters, digits and hyphens");
}

// The WIT as JSON, for which wasm-tools is run unless it is that already.
Result<std::string> wit_as_json(const Request& request) {
  if (request.wit.extension() == ".json") {
    PYLON_TRY(json, read_file(request.wit));
    return text(json);
  }
  std::filesystem::path aside =
      request.output.string() + "." + std::to_string(::getpid()) + ".json";
  std::error_code ignored;
  std::filesystem::create_directories(aside.parent_path(), ignored);
  auto ran = fuse::run_tool(request.wasm_tools, {"component", "wit", "--json", request.wit.string(),
                                                 "-o", aside.string()});
  auto json = read_file(aside);
  std::filesystem::remove(aside, ignored);
  if (!ran)
    return fail(
        Error(ErrorKind::kInput, ran.error().text()).within("reading " + request.wit.string()));
  PYLON_CHECK(json);
  return text(*json);
}

}  // namespace

std::span<const Output> outputs() {
  return kOutputs;
}

Result<void> write_output(const Output& output, const Request& request) {
  PYLON_CHECK(check_name(request.name));
  PYLON_TRY(json, wit_as_json(request));
  PYLON_TRY(contract, read_contract(json, request.wit.string(), request.world));
  for (const File& file : output.files(contract, request.name)) {
    std::filesystem::path path = file.name.empty() ? request.output : request.output / file.name;
    std::error_code ignored;
    if (!file.name.empty()) std::filesystem::create_directories(request.output, ignored);
    PYLON_CHECK(write_file_atomically(
        path, {reinterpret_cast<const std::uint8_t*>(file.content.data()), file.content.size()}));
  }
  return {};
}

}  // namespace pylon::bindgen
