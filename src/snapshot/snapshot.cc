#include "snapshot/snapshot.hh"

#include <algorithm>
#include <cstdint>
#include <memory>

#include "snapshot/guest_session.hh"
#include "snapshot/image_patch.hh"
#include "snapshot/page_watch.hh"
#include "snapshot/start_pages.hh"

namespace pylon::snapshot {
namespace {

Result<void> initialise_and_copy(const engine::Engine& engine, const std::filesystem::path& cold,
                                 const GuestModules& modules, Environment environment,
                                 ImagePatch& patch) {
  auto printed = std::make_shared<Capture>();
  PYLON_TRY(session,
            open_session(engine, cold, session_options(modules, printed, std::move(environment))));
  PYLON_CHECK(initialise(session, *printed));
  PYLON_TRY(block, session.view("control"));
  PYLON_TRY(image, image_of(block, patch.record()));
  return patch.replace(image);
}

// A compiled file for the trial, which is gone afterwards.
class TrialFile {
 public:
  explicit TrialFile(const std::filesystem::path& output)
      : path_(output.parent_path() / (output.stem().string() + ".trial.cwasm")) {}
  TrialFile(const TrialFile&) = delete;
  TrialFile& operator=(const TrialFile&) = delete;
  ~TrialFile() {
    std::error_code nothing_there;
    std::filesystem::remove(path_, nothing_there);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The watched pages as the table has them, which counts from guest address zero and to 256 MiB.
StartPages start_pages(const PageWatch& watch, std::uint32_t start) {
  std::vector<std::uint16_t> pages;
  for (const std::size_t page : watch.touched())
    if (const std::size_t number = start / PageWatch::kPage + page; number <= UINT16_MAX)
      pages.push_back(static_cast<std::uint16_t>(number));
  return StartPages::of(pages);
}

// Starts the snapshot once, and notes in it which pages that uses.
Result<void> try_a_start(const engine::Engine& engine, const GuestModules& modules,
                         const std::filesystem::path& output, Environment environment,
                         ImagePatch& patch) {
  const TrialFile trial(output);
  PYLON_CHECK(patch.write(trial.path()));
  auto printed = std::make_shared<Capture>();
  engine::SessionOptions options = session_options(modules, printed, std::move(environment));
  options.arguments = {"python", "-c", "pass"};
  PYLON_TRY(session, open_session(engine, trial.path(), std::move(options)));
  PYLON_TRY(block, session.view("control"));
  if (!StartPages::room_in(block)) return {};
  PYLON_TRY(memory, image_of(block, patch.record()));
  const auto place = static_cast<std::size_t>(block.data() - memory.data());
  PYLON_TRY(watch, PageWatch::begin(memory));
  PYLON_TRY(status, session.run());
  if (status != 0)
    return fail(ErrorKind::kInternal, "the snapshot cannot start (status " +
                                          std::to_string(status) + "); it printed:\n" +
                                          printed->text());
  Bytes image(patch.image().begin(), patch.image().end());
  start_pages(*watch, patch.record().start).write(std::span(image).subspan(place, block.size()));
  return patch.replace(image);
}

}  // namespace

Result<void> make_snapshot(const engine::Engine& engine, const std::filesystem::path& cold,
                           const GuestModules& modules, const std::filesystem::path& output,
                           Environment environment) {
  PYLON_TRY(patch, ImagePatch::open(cold));
  PYLON_CHECK(on_guest_thread(
      [&] { return initialise_and_copy(engine, cold, modules, environment, patch); }));
  PYLON_CHECK(
      on_guest_thread([&] { return try_a_start(engine, modules, output, environment, patch); }));
  return patch.write(output);
}

}  // namespace pylon::snapshot
