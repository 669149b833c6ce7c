#include "pylon-bindgen/outputs.hh"

#include "base/file.hh"
#include "bindgen/schema.hh"
#include "bindgen/stubs.hh"
#include "bindgen/wit_json.hh"

namespace pylon::bindgen {
namespace {

std::string text(const Bytes& bytes) { return std::string(bytes.begin(), bytes.end()); }

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
};

// A cap's name becomes part of file and function names.
Result<void> check_name(const std::string& name) {
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos) return {};
  return fail(ErrorKind::kUsage, "--name " + name + " is not a cap's name",
              "use lower-case letters, digits and hyphens");
}

}  // namespace

std::span<const Output> outputs() { return kOutputs; }

Result<void> write_output(const Output& output, const Request& request) {
  PYLON_CHECK(check_name(request.name));
  PYLON_TRY(json, read_file(request.wit));
  PYLON_TRY(contract, read_contract(text(json), request.wit.string(), request.world));
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
