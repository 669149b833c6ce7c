#include "runtime/component_grants.hh"

#include "runtime/network_grants.hh"
#include "support/scratch_directory.hh"

namespace pylon::runtime {
namespace {

using pylon::testing::ScratchDirectory;

TEST(Attenuated, NothingIsWantedNothingIsGiven) {
  ComponentGrants loader;
  ASSERT_TRUE(loader.files.allow("/", Access::kWrite));
  loader.environment = {{"SECRET", "x"}};
  const engine::SessionOptions options = provider_options(attenuated({}, loader));
  EXPECT_TRUE(options.preopens.empty());
  EXPECT_TRUE(options.environment.empty());
  EXPECT_FALSE(options.network.allow_address);
  EXPECT_FALSE(options.network.allow_lookup);
  EXPECT_FALSE(options.standard_output);
}

TEST(Attenuated, FilesAreThoseOfBoth) {
  ScratchDirectory scratch;
  const std::string all = scratch.directory("all"), part = scratch.directory("all/part"),
                    other = scratch.directory("other");
  ComponentGrants loader;
  ASSERT_TRUE(loader.files.allow(part, Access::kWrite));
  ASSERT_TRUE(loader.files.allow(other, Access::kRead));
  const ComponentGrants out = attenuated({{"*"}, {all, other}, {}, {}}, loader);
  EXPECT_TRUE(out.files.allows(part, Access::kWrite));
  EXPECT_TRUE(out.files.allows(other, Access::kRead));
  EXPECT_FALSE(out.files.allows(other, Access::kWrite)) << "the loader may only read it";
  EXPECT_FALSE(out.files.allows(all, Access::kRead)) << "the loader may not at all";
  EXPECT_FALSE(out.files.allows("/", Access::kRead));
  const ComponentGrants less = attenuated({{part}, {}, {}, {}}, loader);
  EXPECT_TRUE(less.files.allows(part, Access::kRead));
  EXPECT_FALSE(less.files.allows(part, Access::kWrite));
  EXPECT_FALSE(less.files.allows(other, Access::kRead));
  EXPECT_TRUE(attenuated({{"*"}, {}, {}, {}}, less).files.allows(part, Access::kRead));
  EXPECT_FALSE(attenuated({{}, {"*"}, {}, {}}, less).files.allows(part, Access::kWrite));
}

TEST(Attenuated, VariablesAreThoseOfBoth) {
  ComponentGrants loader;
  loader.environment = {{"A", "1"}, {"B", "2"}};
  const ComponentGrants out = attenuated({{}, {}, {"B", "C"}, {}}, loader);
  EXPECT_EQ(out.environment, (Environment{{"B", "2"}}));
  EXPECT_EQ(attenuated({{}, {}, {"*"}, {}}, loader).environment, loader.environment);
}

TEST(Attenuated, HostsAreThoseOfBoth) {
  NetworkGrants grants;
  ASSERT_TRUE(grants.allow("127.0.0.1:80"));
  ComponentGrants loader;
  loader.network = grants.policy([](const std::string&) { return std::vector<Address>(); });
  const ComponentGrants out = attenuated({{}, {}, {}, {"127.0.0.1", "127.0.0.2"}}, loader);
  ASSERT_TRUE(out.network.allow_address);
  EXPECT_TRUE(out.network.allow_address({"127.0.0.1", 80, false}));
  EXPECT_FALSE(out.network.allow_address({"127.0.0.1", 81, false}));
  EXPECT_FALSE(out.network.allow_address({"127.0.0.2", 80, false}));
  ComponentGrants none;
  EXPECT_FALSE(attenuated({{}, {}, {}, {"*"}}, none).network.allow_address);
}

}  // namespace
}  // namespace pylon::runtime
