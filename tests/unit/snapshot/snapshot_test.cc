// From a component to compiled code with another memory image, through the real engine.
#include "snapshot/snapshot.hh"

#include <filesystem>
#include <optional>

#include "engine/guest_thread.hh"
#include "small_guest.hh"
#include "snapshot/cold_image.hh"
#include "snapshot/image_patch.hh"

namespace pylon::snapshot {
namespace {

class SnapshotTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = engine::Engine::create();
    ASSERT_TRUE(made) << made.error().text();
    engine.emplace(*made);
    library = scratch.directory("library");
  }

  void compile(const GuestText& guest) {
    assemble(scratch, guest_text(guest), scratch.path("guest.wasm"));
    auto done = make_cold_image(*engine, scratch.path("guest.wasm"), cold);
    ASSERT_TRUE(done) << done.error().text();
  }

  Error failure() {
    auto done = make_snapshot(*engine, cold, {library, {}}, warm);
    EXPECT_FALSE(done);
    EXPECT_FALSE(std::filesystem::exists(warm));
    return done ? Error(ErrorKind::kInternal, "") : done.error();
  }

  // What the guest of a compiled file finds in its memory.
  std::string state_of(const std::string& cwasm) {
    std::string state;
    auto look = [&]() -> Result<void> {
      PYLON_TRY(component, engine::Component::open(*engine, cwasm));
      PYLON_TRY(session, engine::Session::create(*engine, component, {}));
      PYLON_TRY(value, session.call("state"));
      state = {static_cast<char>(value & 0xff), static_cast<char>(value >> 8)};
      return {};
    };
    Result<void> done;
    auto thread = engine::GuestThread::start([&] { done = look(); });
    if (thread) thread->join();
    EXPECT_TRUE(done) << done.error().text();
    return state;
  }

  testing::ScratchDirectory scratch;
  std::optional<engine::Engine> engine;
  std::string library, cold = scratch.path("cold.cwasm"), warm = scratch.path("warm.cwasm");
};

TEST_F(SnapshotTest, CarriesTheInitialisedMemory) {
  compile({});
  EXPECT_EQ(state_of(cold), "c!");
  auto done = make_snapshot(*engine, cold, {library, {}}, warm);
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(state_of(warm), "w!");
  EXPECT_EQ(state_of(cold), "c!") << "the cold file is as it was";
  EXPECT_EQ(std::filesystem::file_size(cold), std::filesystem::file_size(warm));
}

TEST_F(SnapshotTest, ColdImageHasNoMarkAndNothingIsLeftBehind) {
  compile({});
  auto patch = ImagePatch::open(cold);
  ASSERT_TRUE(patch) << patch.error().text();
  EXPECT_EQ(patch->image().back(), 0);
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
    EXPECT_EQ(entry.path().string().find("template"), std::string::npos) << entry.path();
}

TEST_F(SnapshotTest, TellsWhyTheGuestDidNotInitialise) {
  compile({.initialize = "(i32.const 7)"});
  EXPECT_EQ(failure().text(), "the interpreter could not initialise (status 7)");
}

TEST_F(SnapshotTest, TellsOfATrap) {
  compile({.initialize = "unreachable"});
  Error error = failure();
  EXPECT_EQ(error.kind(), ErrorKind::kTrap);
  EXPECT_TRUE(error.text().starts_with("the interpreter failed while it initialised"))
      << error.text();
}

TEST_F(SnapshotTest, RefusesMoreMemoryThanTheImageHas) {
  compile({.initialize = "(drop (memory.grow (i32.const 1))) (i32.const 0)"});
  EXPECT_EQ(failure().text(),
            "the initialised interpreter has 196608 bytes of memory, more than the image's 131072");
}

TEST_F(SnapshotTest, RefusesAGuestThatDoesNotSayItIsInitialised) {
  compile({.initialize = "(i32.store (i32.const 65620) (i32.const 0)) (i32.const 0)"});
  EXPECT_EQ(failure().text(), "python.wasm's control block does not fit its memory image");
}

TEST_F(SnapshotTest, RefusesACorruptColdFile) {
  compile({});
  Bytes bytes = *read_file(cold);
  bytes[bytes.size() / 2] ^= 0x10;
  ASSERT_TRUE(write_file_atomically(cold, bytes));
  EXPECT_EQ(failure().kind(), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace pylon::snapshot
