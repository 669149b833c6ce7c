#include "cap/descriptor.hh"

#include <gtest/gtest.h>

namespace pylon::cap {
namespace {

const std::string kLeast =
    "name = \"id-mux\"\nversion = \"1\"\nsummary = \"s\"\nlicence = \"MIT\"\nmodules = "
    "[\"m\"]\nmax_size = 10\n";

std::string error_of(const std::string& text) {
  const auto parsed = parse_descriptor(text, "caps/x/cap.toml");
  return parsed ? "" : parsed.error().text();
}

TEST(Descriptor, HasOneProviderUnlessItSaysMore) {
  const auto cap = parse_descriptor(kLeast, "cap.toml");
  ASSERT_TRUE(cap) << cap.error().text();
  ASSERT_EQ(cap->providers.size(), 1u);
  EXPECT_EQ(cap->providers[0].name, "id-mux");
  EXPECT_EQ(cap->providers[0].folder, "component");
  EXPECT_EQ(cap->linkage, Linkage::kDynlink);
  EXPECT_FALSE(cap->uses_wasi);
}

TEST(Descriptor, ReadsSourcesAndProviders) {
  const std::string digest(64, 'a');
  const auto cap = parse_descriptor(
      kLeast + "[[source]]\ncrate = \"c\"\narchive = \"c.tar.gz\"\nversion = \"2\"\nsha256 = \"" +
          digest + "\"\nlicence_files = [\"L\"]\n" +
          "[[source]]\nsdist = \"s\"\nversion = \"3\"\nsha256 = \"" + digest +
          "\"\nlicence_files = [\"L\"]\n" +
          "[[provider]]\n[[provider]]\nname = \"table\"\nfolder = "
          "\"component-table\"\nvendor = [\"c/*.c\"]\n",
      "cap.toml");
  ASSERT_TRUE(cap) << cap.error().text();
  EXPECT_EQ(cap->sources[0].registry, "crate");
  EXPECT_EQ(cap->sources[1].registry, "sdist");
  EXPECT_EQ(cap->sources[1].name, "s");
  EXPECT_EQ(cap->providers[1].folder, "component-table");
}

TEST(Descriptor, ReadsAVendorsOwnBuild) {
  const auto cap = parse_descriptor(
      kLeast + "[[provider]]\nbuild = \"build\"\nlink = [\"--wrap=free\"]\n", "cap.toml");
  ASSERT_TRUE(cap) << cap.error().text();
  EXPECT_EQ(cap->providers[0].build, "build");
  for (const char* bad : {"../build", "/bin/true"})
    EXPECT_NE(error_of(kLeast + "[[provider]]\nbuild = \"" + bad + "\"\n")
                  .find("a script in the cap's folder"),
              std::string::npos);
}

TEST(Descriptor, NamesTheCapsThatItLoads) {
  const auto cap = parse_descriptor(kLeast + "requires = [\"one\", \"other?\"]\n", "cap.toml");
  ASSERT_TRUE(cap) << cap.error().text();
  EXPECT_EQ(cap->requires_caps, (std::vector<std::string>{"one", "other?"}));
  for (const char* bad : {"", "?", "a??", "A?"})
    EXPECT_NE(error_of(kLeast + "requires = [\"" + bad + "\"]\n").find("`requires` names no cap"),
              std::string::npos)
        << bad;
}

TEST(Descriptor, SaysLineAndFieldOfWhatIsWrong) {
  EXPECT_EQ(error_of(kLeast + "colour = 1\n"),
            "caps/x/cap.toml:7: `colour` is not a field of cap.toml here");
  EXPECT_EQ(error_of("version = \"1\"\n").find("caps/x/cap.toml:1: the field `name` is missing"),
            0u);
  EXPECT_NE(error_of("name = \n").find("caps/x/cap.toml:1: "), std::string::npos);
  EXPECT_NE(error_of(kLeast + "linkage = \"magic\"\n").find("must be dynlink, embed or static"),
            std::string::npos);
  EXPECT_NE(error_of(kLeast + "linkage = \"static\"\nuses_wasi = true\n").find("cannot be static"),
            std::string::npos);
  EXPECT_NE(
      error_of(kLeast + "[[provider]]\nfolder = \"../x\"\n").find("inside of the cap's folder"),
      std::string::npos);
  EXPECT_NE(error_of(kLeast + "[[source]]\ncrate = \"c\"\nversion = \"2\"\nsha256 = "
                              "\"beef\"\nlicence_files = [\"L\"]\n")
                .find("64 hexadecimal digits"),
            std::string::npos);
}

TEST(Descriptor, ChecksGrants) {
  EXPECT_EQ(error_of(kLeast + "grants = {read = [\"/data\", \"*\"], write = [], env = [\"TZ\"], "
                              "net = [\"a.example:80\"]}\n"),
            "");
  EXPECT_EQ(
      error_of(kLeast + "[grants]\nraed = [\"/data\"]\n"),
      "caps/x/cap.toml:8: `raed` is not a field of `grants`: there are read, write, env and net");
  EXPECT_EQ(error_of(kLeast + "[grants]\nread = \"/data\"\n"),
            "caps/x/cap.toml:8: `read` must be a list of strings");
  EXPECT_EQ(error_of(kLeast + "[grants]\nwrite = [\"data\"]\n"),
            "caps/x/cap.toml:8: `write` must name absolute paths");
  EXPECT_EQ(error_of(kLeast + "[grants]\nenv = [\"\"]\n"),
            "caps/x/cap.toml:8: `env` must not hold empty strings");
  EXPECT_EQ(error_of(kLeast + "grants = [\"read\"]\n"),
            "caps/x/cap.toml:7: `grants` must be a table");
}

TEST(Descriptor, KnowsNames) {
  for (const char* good : {"a", "id-mux", "crc32c"}) EXPECT_TRUE(is_cap_name(good)) << good;
  for (const char* bad : {"", "A", "a_b", "-a", "a-", "a--b", "1a", "a/b", "a.b"})
    EXPECT_FALSE(is_cap_name(bad)) << bad;
  EXPECT_EQ(binding_module("id-mux"), "_id_mux_cap");
}

}  // namespace
}  // namespace pylon::cap
