// Compiling and opening: good input works, bad input is an error with a hint and never the end of
// the process.
#include <fstream>

#include "base/file.hh"
#include "fixture.hh"

namespace pylon::engine::testing {
namespace {

namespace fs = std::filesystem;

fs::path compiled(const Scratch& scratch, const std::string& name) {
  fs::path cwasm = scratch.path(name + ".cwasm");
  auto result = compile_component(shared_engine(), assemble(name, scratch), cwasm);
  EXPECT_TRUE(result) << result.error().text();
  return cwasm;
}

Bytes contents(const fs::path& path) {
  return read_file(path).value();
}

void replace(const fs::path& path, std::span<const std::uint8_t> data) {
  ASSERT_TRUE(write_file_atomically(path, data));
}

TEST(Compile, SameInputGivesTheSameBytes) {
  Scratch first, second;
  EXPECT_EQ(contents(compiled(first, "streams")), contents(compiled(second, "streams")));
}

TEST(Compile, RefusesWhatIsNotAComponent) {
  Scratch scratch;
  fs::path wasm = scratch.path("junk.wasm"), cwasm = scratch.path("junk.cwasm");
  const Bytes module = {0, 'a', 's', 'm', 1, 0, 0, 0};
  const Bytes junk = {'j', 'u', 'n', 'k'};
  for (const Bytes& data : {module, junk}) {
    replace(wasm, data);
    auto result = compile_component(shared_engine(), wasm, cwasm);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::kInput);
    EXPECT_FALSE(fs::exists(cwasm));
  }
}

TEST(Open, RefusesAMissingFileAndADirectory) {
  Scratch scratch;
  for (const std::string& path : {scratch.path("missing.cwasm"), scratch.path()}) {
    auto result = Component::open(shared_engine(), path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::kInput);
    EXPECT_NE(result.error().text().find(path), std::string::npos);
  }
}

TEST(Open, RefusesWebAssemblyThatIsNotCompiled) {
  Scratch scratch;
  auto result = Component::open(shared_engine(), assemble("nothing", scratch));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::kCorrupt);
  EXPECT_FALSE(result.error().hint().empty());
}

TEST(Open, RefusesEveryTruncation) {
  Scratch scratch;
  auto cwasm = compiled(scratch, "nothing");
  Bytes whole = contents(cwasm);
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 97) {
    replace(cwasm, std::span(whole).first(size));
    auto result = Component::open(shared_engine(), cwasm);
    ASSERT_FALSE(result) << size << " of " << whole.size();
    EXPECT_EQ(result.error().kind(), ErrorKind::kCorrupt);
    EXPECT_FALSE(result.error().hint().empty());
  }
}

// The header names the engine's version; code of another one must not be run.
TEST(Open, RefusesAnotherVersion) {
  Scratch scratch;
  auto cwasm = compiled(scratch, "nothing");
  Bytes data = contents(cwasm);
  const std::string version = Engine::version().substr(std::string("wasmtime ").size(), 2);
  const std::string section = std::string(1, '\x02') + version;  // length, then "48"
  auto at = std::search(data.begin(), data.end(), section.begin(), section.end());
  ASSERT_NE(at, data.end());
  at[2] = '7';
  replace(cwasm, data);
  auto result = Component::open(shared_engine(), cwasm);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::kCorrupt);
  EXPECT_NE(result.error().text().find("version"), std::string::npos) << result.error().text();
}

TEST(Open, RefusesACoreModule) {
  Scratch scratch;
  auto cwasm = compiled(scratch, "nothing");
  Bytes data = contents(cwasm);
  constexpr std::size_t kFlags = 48;  // e_flags of the ELF header: 1 a module, 2 a component
  ASSERT_EQ(data[kFlags], 2);
  data[kFlags] = 1;
  replace(cwasm, data);
  auto result = Component::open(shared_engine(), cwasm);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::kCorrupt);
}

TEST(Version, IsThePinnedOne) {
  EXPECT_EQ(Engine::version().rfind("wasmtime 48.", 0), 0u);
}

}  // namespace
}  // namespace pylon::engine::testing
