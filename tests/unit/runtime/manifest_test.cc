#include "runtime/manifest.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/install.hh"
#include "support/scratch_directory.hh"

namespace pylon::runtime {
namespace {

using testing::ScratchDirectory;

const std::string kDigest(64, 'a');

Manifest sample() {
  return {"3.14.0", "wasmtime 1", {{"python.wasm", {3, kDigest}}}, {7, kDigest}};
}

TEST(Manifest, ComesBackAsItWas) {
  const Manifest manifest = sample();
  auto parsed = Manifest::parse(manifest.json());
  ASSERT_TRUE(parsed) << parsed.error().text();
  EXPECT_EQ(parsed->json(), manifest.json());
  EXPECT_EQ(parsed->files.at("python.wasm").size, 3u);
  EXPECT_EQ(parsed->library.size, 7u);
}

TEST(Manifest, WhatIsMalformedIsRefused) {
  const std::string good = sample().json();
  auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{}"), good.substr(0, good.size() / 2),
        with("\"version\": 1", "\"version\": 2"), with("\"python\"", "\"pythons\""),
        with("\"engine\"", "\"more\": 1, \"engine\""), with("\"size\": 3", "\"size\": -3"),
        with("\"size\": 3", "\"size\": \"3\""), with(kDigest, "abc"),
        with(kDigest, std::string(64, 'A')), std::string("\xff\xfe")}) {
    auto parsed = Manifest::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::kCorrupt);
  }
}

TEST(Inventory, RecordsTheImagesAndTheLibrary) {
  ScratchDirectory scratch;
  scratch.file("python.wasm", "abc");
  scratch.file("python.cold.cwasm", "code");
  scratch.file("unrelated", "x");
  scratch.file("python3.14/os.py", "import x");
  auto manifest = take_inventory(scratch.path(), "3.14.0", "wasmtime 1");
  ASSERT_TRUE(manifest) << manifest.error().text();
  EXPECT_EQ(manifest->files.size(), 2u);
  EXPECT_EQ(manifest->files.at("python.wasm").size, 3u);
  EXPECT_EQ(manifest->files.at("python.wasm").sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(manifest->library.size, 1u);
  ASSERT_TRUE(manifest->write(scratch.path()));
  EXPECT_TRUE(std::filesystem::exists(scratch.path("stamps")));
  EXPECT_FALSE(take_inventory(scratch.path(), "3.13.5", "wasmtime 1")) << "no such library";
}

TEST(LibraryName, IsTheVersionWithoutItsPatchLevel) {
  EXPECT_EQ(library_name("3.14.0"), "python3.14");
  EXPECT_EQ(library_name("3.15"), "python3.15");
}

TEST(DigestTree, SeesNamesAndContents) {
  ScratchDirectory scratch;
  scratch.file("lib/a.py", "1");
  scratch.file("lib/sub/b.py", "2");
  auto first = digest_tree(scratch.path("lib"));
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_EQ(first->size, 2u);
  EXPECT_EQ(digest_tree(scratch.path("lib"))->sha256, first->sha256);
  scratch.file("lib/sub/b.py", "3");
  EXPECT_NE(digest_tree(scratch.path("lib"))->sha256, first->sha256);
  scratch.link("lib/link", "a.py");
  EXPECT_FALSE(digest_tree(scratch.path("lib")));
  EXPECT_FALSE(digest_tree(scratch.path("none")));
}

TEST(CheckFile, HashesOnceAndThenTrustsTheStamp) {
  ScratchDirectory scratch;
  const std::string file = scratch.file("image", "content");
  const FileRecord record = *digest_file(file);
  ASSERT_TRUE(check_file(file, record));
  ASSERT_TRUE(std::filesystem::exists(scratch.path("stamps")));
  EXPECT_TRUE(check_file(file, record));

  // The same size and other bytes, under the old time: only the stamp vouches for it.
  struct stat before{};
  ASSERT_EQ(::stat(file.c_str(), &before), 0);
  scratch.file("image", "CONTENT");
  const timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  EXPECT_TRUE(check_file(file, record));
  std::filesystem::remove(scratch.path("stamps"));
  auto damaged = check_file(file, record);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind(), ErrorKind::kCorrupt);
  EXPECT_NE(damaged.error().text().find(file), std::string::npos);
  EXPECT_NE(damaged.error().hint().find("pylon doctor --repair"), std::string::npos);
}

TEST(CheckFile, AnotherSizeOrNoFileIsCorrupt) {
  ScratchDirectory scratch;
  const std::string file = scratch.file("image", "content");
  FileRecord record = *digest_file(file);
  scratch.file("image", "longer content");
  EXPECT_FALSE(check_file(file, record));
  std::filesystem::remove(file);
  EXPECT_FALSE(check_file(file, record));
}

TEST(Install, IsFoundByItsManifest) {
  ScratchDirectory scratch;
  EXPECT_EQ(Install::at(scratch.path()).error().kind(), ErrorKind::kInternal);
  scratch.file("lib/pylon/manifest.json", sample().json());
  auto install = Install::at(scratch.path());
  ASSERT_TRUE(install) << install.error().text();
  EXPECT_EQ(install->manifest().python, "3.14.0");
  EXPECT_FALSE(install->has(Image::kSnapshot));
  EXPECT_EQ(install->checked_image(Image::kCold).error().kind(), ErrorKind::kInternal);

  scratch.file("lib/pylon/python.wasm", "abc");
  scratch.file("lib/pylon/python.snapshot.cwasm", "code");
  EXPECT_FALSE(install->has(Image::kSnapshot)) << "the manifest does not know it";
  auto recorded = install->record_snapshot();
  EXPECT_TRUE(recorded) << recorded.error().text();
  EXPECT_TRUE(install->has(Image::kSnapshot));
  EXPECT_TRUE(Install::at(scratch.path())->checked_image(Image::kSnapshot));
}

TEST(Install, ASnapshotThatAnotherProcessRenewedIsGood) {
  ScratchDirectory scratch;
  scratch.file("lib/pylon/manifest.json", sample().json());
  scratch.file("lib/pylon/python.snapshot.cwasm", "old");
  auto mine = Install::at(scratch.path());
  ASSERT_TRUE(mine && mine->record_snapshot());

  scratch.file("lib/pylon/python.snapshot.cwasm", "new one");
  EXPECT_EQ(mine->checked_image(Image::kSnapshot).error().kind(), ErrorKind::kCorrupt);
  ASSERT_TRUE(Install::at(scratch.path())->record_snapshot());
  EXPECT_TRUE(mine->checked_image(Image::kSnapshot));
}

}  // namespace
}  // namespace pylon::runtime
