// What is written from golden/*.wit is what lies beside it. PYLON_GOLDEN=write makes it anew: read
// the difference.
#include <filesystem>

#include "bindgen/extension.hh"
#include "bindgen/provider.hh"
#include "bindgen/schema.hh"
#include "bindgen/stubs.hh"
#include "bindgen/wit_text.hh"
#include "contracts.hh"

namespace pylon::bindgen {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = PYLON_SOURCE_DIR "/tests/unit/bindgen/golden";

void expect_golden(const std::string& name, const std::string& made) {
  fs::path path = kFolder / name;
  const char* wish = std::getenv("PYLON_GOLDEN");
  if (wish && std::string(wish) == "write") std::ofstream(path, std::ios::binary) << made;
  EXPECT_EQ(read_text(path), made) << path << ": PYLON_GOLDEN=write makes it anew";
}

TEST(Golden, EverythingThatIsWritten) {
  int seen = 0;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".wit" || entry.path().stem().has_extension()) continue;
    ++seen;
    std::string stem = entry.path().stem().string();
    auto contract = read_contract(wit_json(entry.path()), stem + ".wit", "");
    ASSERT_TRUE(contract) << contract.error().text();
    expect_golden(stem + ".schema.txt", schema_text(*contract));
    expect_golden(stem + ".pyi", stubs_of(*contract));
    expect_golden(stem + "_cap.hh.txt", provider_header(*contract));
    expect_golden(stem + "_cap.cc.txt", provider_glue(*contract, stem));
    expect_golden(stem + ".provider.wit", provider_world(*contract));
    expect_golden("_" + stem + "_cap.cc.txt", extension_source(*contract, stem));
    expect_golden("_" + stem + "_static.cc.txt", static_extension_source(*contract, stem));
    expect_golden(stem + ".extension.wit", extension_world(*contract));
  }
  EXPECT_GT(seen, 0);
}

// The worlds are WIT that means the same: read back, they have the same functions.
TEST(Golden, WorldsAreTheContractAgain) {
  const std::pair<const char*, const char*> kWorlds[] = {
      {"/tests/unit/bindgen/golden/single.wit", "hashing"},
      {"/tests/components/echo/wit/echo.wit", "echo"},
      {"/tests/components/echo/wit/echo.wit", "plain"}};
  for (auto [file, world] : kWorlds) {
    auto contract = read_contract(wit_json(std::string(PYLON_SOURCE_DIR) + file), file, world);
    ASSERT_TRUE(contract) << contract.error().text();
    auto again = contract_of(provider_world(*contract), "provider");
    ASSERT_TRUE(again) << again.error().text();
    std::vector<std::string> before, after;
    for (const Interface& interface : contract->interfaces)
      for (const Function& function : interface.functions)
        if (interface.role == Interface::kExported) before.push_back(function.method);
    for (const Interface& interface : again->interfaces)
      for (const Function& function : interface.functions)
        if (interface.role == Interface::kExported) after.push_back(function.method);
    EXPECT_EQ(before, after);
  }
}

// A component that loads others says so in its world, and the world that is made of it says it too.
TEST(Golden, AWorldThatLoadsOthersImportsTheLinker) {
  auto contract = contract_of(
      "package test:loads; interface one { f: func(); } "
      "world loads { import compose:dynlink/linker@0.1.0; export one; } "
      "package compose:dynlink@0.1.0 { interface linker { g: func(); } }",
      "loads");
  ASSERT_TRUE(contract) << contract.error().text();
  EXPECT_TRUE(contract->loads_others);
  EXPECT_EQ(contract->interfaces.size(), 1u);
  auto again = contract_of(provider_world(*contract), "provider");
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_TRUE(again->loads_others);
}

}  // namespace
}  // namespace pylon::bindgen
