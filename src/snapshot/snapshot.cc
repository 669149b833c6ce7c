#include "snapshot/snapshot.hh"

#include <algorithm>
#include <memory>
#include <mutex>

#include "engine/guest_thread.hh"
#include "snapshot/control_block.hh"
#include "snapshot/image_patch.hh"

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

// The guest's memory from the image's start on, in this process.
Result<std::span<const std::uint8_t>> image_of(engine::Session& session,
                                               const ImageRecord& record) {
  PYLON_TRY(bytes, session.view("control"));
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

// The whole life of the guest; runs on a thread of its own, which has the stack that guests need.
Result<void> initialise_and_copy(const engine::Engine& engine, const std::filesystem::path& cold,
                                 const std::filesystem::path& library, Environment environment,
                                 ImagePatch& patch) {
  PYLON_TRY(component, engine::Component::open(engine, cold));
  PYLON_TRY(native, engine::NativeCode::beside(cold));
  auto printed = std::make_shared<Capture>();
  engine::SessionOptions options = session_options(library, printed, std::move(environment));
  options.native = std::move(native);
  PYLON_TRY(session, engine::Session::create(engine, component, std::move(options)));
  PYLON_CHECK(initialise(session, *printed));
  PYLON_TRY(image, image_of(session, patch.record()));
  return patch.replace(image);
}

}  // namespace

Result<void> make_snapshot(const engine::Engine& engine, const std::filesystem::path& cold,
                           const std::filesystem::path& library,
                           const std::filesystem::path& output, Environment environment) {
  PYLON_TRY(patch, ImagePatch::open(cold));
  Result<void> done;
  PYLON_TRY(thread, engine::GuestThread::start([&] {
              done = initialise_and_copy(engine, cold, library, environment, patch);
            }));
  thread.join();
  PYLON_CHECK(done);
  return patch.write(output);
}

}  // namespace pylon::snapshot
