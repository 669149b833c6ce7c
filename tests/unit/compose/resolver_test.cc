#include "compose/resolver.hh"

#include <gtest/gtest.h>

#include <fstream>

#include "sample_plan.hh"
#include "support/scratch_directory.hh"

namespace pylon::compose {
namespace {

using testing::sample_plan;

class ResolverTest : public ::testing::Test {
 protected:
  void put(BlobStore& store, const std::string& text) {
    ASSERT_TRUE(store.put({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  }

  pylon::testing::ScratchDirectory scratch_;
  BlobStore install_{scratch_.path("install")};
  BlobStore person_{scratch_.path("person")};
  Plan plan_ = sample_plan();
  Resolver resolver_{plan_, {install_, person_}};
};

TEST_F(ResolverTest, FindsComponents) {
  EXPECT_EQ((*resolver_.by_id("zstd"))->source, "caps/zstd");
  EXPECT_EQ((*resolver_.by_digest(Digest::of("xxhash")))->id, "xxhash");
  EXPECT_EQ(resolver_.by_id("lz4").error().message(), "the plan has no component 'lz4'");
  EXPECT_FALSE(resolver_.by_digest(Digest::of("lz4")));
}

TEST_F(ResolverTest, LoadsOnlyWhatIsBound) {
  EXPECT_TRUE(resolver_.provider_for("zstd", "xxhash"));
  const auto refused = resolver_.provider_for("xxhash", "zstd");
  EXPECT_EQ(refused.error().kind(), ErrorKind::kRefused);
  EXPECT_EQ(refused.error().hint(), "allow it with `composectl plan set --bind=xxhash:zstd`");
}

TEST_F(ResolverTest, NamesAnUnmetImportAndWhoCouldMeetIt) {
  const std::vector<std::string> met = {"wasi:io/streams@0.2.6", "compose:dynlink/linker@0.1.0",
                                        "zstd:api/codec@1.0.0"};
  EXPECT_TRUE(resolver_.check_imports("python", met));
  const std::vector<std::string> newer = {"zstd:api/codec@2.0.0"};
  const auto unmet = resolver_.check_imports("python", newer);
  EXPECT_EQ(unmet.error().message(),
            "'python' imports zstd:api/codec@2.0.0, and the plan binds it to nothing");
  EXPECT_EQ(unmet.error().hint(),
            "in this plan 'zstd' provides zstd:api/codec@1.0.0; take the same version");
}

TEST_F(ResolverTest, LooksInEveryStore) {
  put(install_, "python");
  put(person_, "xxhash");
  EXPECT_EQ(*resolver_.blob_path(Digest::of("xxhash"), "it"),
            person_.path_of(Digest::of("xxhash")));
  EXPECT_TRUE(resolver_.blob(Digest::of("python"), "it"));
  const auto missing = resolver_.check_blobs();
  EXPECT_TRUE(missing.error().text().starts_with("the schema of 'xxhash': sha256:"))
      << missing.error().text();
}

TEST_F(ResolverTest, TakesTheWholeOneOfTwo) {
  put(install_, "python");
  put(person_, "python");
  const auto first = install_.path_of(Digest::of("python"));
  std::filesystem::permissions(first, std::filesystem::perms::owner_all);
  std::ofstream(first) << "damaged";
  EXPECT_EQ(*resolver_.blob_path(Digest::of("python"), "it"),
            person_.path_of(Digest::of("python")));
  std::filesystem::remove(person_.path_of(Digest::of("python")));
  EXPECT_EQ(resolver_.blob_path(Digest::of("python"), "it").error().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace pylon::compose
