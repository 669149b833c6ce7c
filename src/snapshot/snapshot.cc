#include "snapshot/snapshot.hh"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "engine/guest_thread.hh"
#include "snapshot/control_block.hh"
#include "snapshot/image_patch.hh"
#include "snapshot/page_watch.hh"
#include "snapshot/start_pages.hh"

namespace pylon::snapshot {
namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kGuestLibraries = "/pylon/lib/";  // the library's directory keeps its name

// Keeps the beginning of what the guest prints.
class Capture : public engine::StandardStream {
 public:
  static constexpr std::size_t kLimit = 16384;

  bool is_terminal() const override { return false; }
  int descriptor() const override { return -1; }
  std::int64_t read(std::span<std::uint8_t>) override { return 0; }
  int write(std::span<const std::uint8_t> data) override {
    std::lock_guard lock(mutex_);
    std::size_t room = kLimit - text_.size();
    text_.append(reinterpret_cast<const char*>(data.data()), std::min(room, data.size()));
    return 0;
  }
  std::string text() const {
    std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

engine::SessionOptions session_options(const std::filesystem::path& library,
                                       const std::shared_ptr<Capture>& output,
                                       Environment environment) {
  engine::SessionOptions options;
  options.arguments = {"python"};
  options.directory = "/";
  options.environment = std::move(environment);
  engine::Preopen preopen;
  preopen.guest = kGuestLibraries + library.filename().string();
  preopen.host = library;
  options.preopens.push_back(std::move(preopen));
  options.standard_output = output;
  options.standard_error = output;
  return options;
}

// The guest's memory from the image's start on, in this process. `bytes` is its control block.
Result<std::span<const std::uint8_t>> image_of(std::span<const std::uint8_t> bytes,
                                               const ImageRecord& record) {
  PYLON_TRY(control, ControlBlock::read(bytes));
  std::uint64_t room = std::uint64_t{record.start} + record.length;
  if (control.state != ControlBlock::kInitialised || control.image_start != record.start ||
      control.self < record.start || control.self > room - bytes.size())
    return fail(ErrorKind::kInternal, "python.wasm's control block does not fit its memory image",
                "use the files of one build");
  if (control.memory_size != room)
    return fail(ErrorKind::kInternal,
                "the initialised interpreter has " + std::to_string(control.memory_size) +
                    " bytes of memory, more than the image's " + std::to_string(room),
                "build python.wasm with more initial memory (pylon-build fuse --memory-pages)");
  return std::span<const std::uint8_t>(bytes.data() - control.self + record.start, record.length);
}

Result<void> initialise(engine::Session& session, const Capture& output) {
  auto status = session.call("initialize");
  std::string printed = output.text().empty() ? "" : "; it printed:\n" + output.text();
  if (!status)
    return fail(
        std::move(status).error().within("the interpreter failed while it initialised" + printed));
  if (*status != 0)
    return fail(
        ErrorKind::kInternal,
        "the interpreter could not initialise (status " + std::to_string(*status) + ")" + printed,
        "check that the standard library is complete");
  return {};
}

// A session of a compiled file with the native code beside it.
Result<engine::Session> open_session(const engine::Engine& engine,
                                     const std::filesystem::path& cwasm,
                                     engine::SessionOptions options) {
  PYLON_TRY(component, engine::Component::open(engine, cwasm));
  PYLON_TRY(native, engine::NativeCode::beside(cwasm));
  options.native = std::move(native);
  return engine::Session::create(engine, component, std::move(options));
}

Result<void> initialise_and_copy(const engine::Engine& engine, const std::filesystem::path& cold,
                                 const std::filesystem::path& library, Environment environment,
                                 ImagePatch& patch) {
  auto printed = std::make_shared<Capture>();
  PYLON_TRY(session,
            open_session(engine, cold, session_options(library, printed, std::move(environment))));
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
Result<void> try_a_start(const engine::Engine& engine, const std::filesystem::path& library,
                         const std::filesystem::path& output, Environment environment,
                         ImagePatch& patch) {
  const TrialFile trial(output);
  PYLON_CHECK(patch.write(trial.path()));
  auto printed = std::make_shared<Capture>();
  engine::SessionOptions options = session_options(library, printed, std::move(environment));
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

// On a thread of its own, which has the stack that guests need.
Result<void> on_guest_thread(const std::function<Result<void>()>& work) {
  Result<void> done;
  PYLON_TRY(thread, engine::GuestThread::start([&] { done = work(); }));
  thread.join();
  return done;
}

}  // namespace

Result<void> make_snapshot(const engine::Engine& engine, const std::filesystem::path& cold,
                           const std::filesystem::path& library,
                           const std::filesystem::path& output, Environment environment) {
  PYLON_TRY(patch, ImagePatch::open(cold));
  PYLON_CHECK(on_guest_thread(
      [&] { return initialise_and_copy(engine, cold, library, environment, patch); }));
  PYLON_CHECK(
      on_guest_thread([&] { return try_a_start(engine, library, output, environment, patch); }));
  return patch.write(output);
}

}  // namespace pylon::snapshot
