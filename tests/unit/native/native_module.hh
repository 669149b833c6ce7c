// A module in text form, translated, compiled by the compiler that builds python.native, and
// mapped.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/file.hh"
#include "engine/native_code.hh"
#include "native/gate.hh"
#include "native/protocol.hh"
#include "native/translate.hh"
#include "support/scratch_directory.hh"

namespace pylon::native::testing {

/// The module that a text describes.
inline Result<wasm::Module> module_of(const std::string& text) {
  pylon::testing::ScratchDirectory scratch;
  std::string source = scratch.file("module.wat", text), binary = scratch.path("module.wasm");
  std::string command = "'" PYLON_WASM_TOOLS "' parse '" + source + "' -o '" + binary + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << text;
  return wasm::Module::parse(read_file(binary).value(), "module");
}

/// Native code with a linear memory of its own, of one page.
class NativeModule {
 public:
  static constexpr std::size_t kReserved = (std::size_t{4} << 30) + (32 << 20);

  explicit NativeModule(const std::string& text) : module_(module_of(text).value()) {
    auto files = translate(module_, scratch_.path(), 2);
    if (!files) ADD_FAILURE() << files.error().text();
    std::string command =
        "cd '" + scratch_.path() + "' && '" PYLON_CLANG "' " PYLON_NATIVE_FLAGS " -c";
    for (const std::string& file : *files) command += " " + file;
    command += " && '" PYLON_LLD "' " PYLON_NATIVE_LINK_FLAGS " *.o -o code.native";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    memory_ = static_cast<std::uint8_t*>(
        ::mmap(nullptr, kReserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    EXPECT_EQ(::mprotect(memory_, 65536, PROT_READ | PROT_WRITE), 0);
    renew();
  }
  NativeModule(const NativeModule&) = delete;
  NativeModule& operator=(const NativeModule&) = delete;
  ~NativeModule() { ::munmap(memory_, kReserved); }

  /// Code that has never trapped.
  void renew() {
    auto opened = engine::NativeCode::open(scratch_.path("code.native"));
    if (!opened) ADD_FAILURE() << opened.error().text();
    code_ = *opened;
  }

  /// Starts a call of an export; what the code wants then (protocol.hh), or kTrapped.
  std::uint32_t call(const std::string& name, const std::vector<std::uint64_t>& arguments) {
    for (std::size_t i = 0; i < arguments.size(); ++i) set_mail(i, arguments[i]);
    const auto exports = native_exports(module_);
    for (std::uint32_t i = 0; i < exports.size(); ++i)
      if (exports[i]->name == name) return code_->change(memory_, kCall + i);
    ADD_FAILURE() << "no export " << name;
    return 0;
  }
  std::uint32_t go_on() { return code_->change(memory_, kResume); }

  std::uint64_t mail(std::size_t slot) const {
    std::uint64_t value;
    std::memcpy(&value, memory_ + kMail + 8 * slot, 8);
    return value;
  }
  void set_mail(std::size_t slot, std::uint64_t value) {
    std::memcpy(memory_ + kMail + 8 * slot, &value, 8);
  }

  Operations operations() const { return operations_of(module_); }
  const char* trap_reason() const { return code_->trap_reason(); }
  std::uint8_t* memory() { return memory_; }
  std::string file() const { return scratch_.path("code.native"); }

 private:
  pylon::testing::ScratchDirectory scratch_;
  wasm::Module module_;
  std::uint8_t* memory_ = nullptr;
  std::shared_ptr<engine::NativeCode> code_;
};

}  // namespace pylon::native::testing
