#include "snapshot/guest_session.hh"

#include <algorithm>
#include <cstdint>

#include "engine/guest_thread.hh"
#include "snapshot/control_block.hh"

namespace pylon::snapshot {
namespace {

constexpr const char* kGuestLibraries = "/pylon/lib/";  // the library's directory keeps its name
constexpr const char* kGuestFacades = "/pylon/caps";

engine::Preopen for_reading(std::string guest, const std::filesystem::path& host) {
  engine::Preopen preopen;
  preopen.guest = std::move(guest);
  preopen.host = host;
  return preopen;
}

}  // namespace

int Capture::write(std::span<const std::uint8_t> data) {
  std::lock_guard lock(mutex_);
  std::size_t room = kLimit - text_.size();
  text_.append(reinterpret_cast<const char*>(data.data()), std::min(room, data.size()));
  return 0;
}

std::string Capture::text() const {
  std::lock_guard lock(mutex_);
  return text_;
}

engine::SessionOptions session_options(const GuestModules& modules,
                                       const std::shared_ptr<Capture>& output,
                                       Environment environment) {
  engine::SessionOptions options;
  options.arguments = {"python"};
  options.directory = "/";
  options.environment = std::move(environment);
  options.preopens.push_back(
      for_reading(kGuestLibraries + modules.library.filename().string(), modules.library));
  if (!modules.facades.empty())
    options.preopens.push_back(for_reading(kGuestFacades, modules.facades));
  options.standard_output = output;
  options.standard_error = output;
  return options;
}

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

Result<engine::Session> open_session(const engine::Engine& engine,
                                     const std::filesystem::path& cwasm,
                                     engine::SessionOptions options) {
  PYLON_TRY(component, engine::Component::open(engine, cwasm));
  PYLON_TRY(native, engine::NativeCode::beside(cwasm));
  options.native = std::move(native);
  return engine::Session::create(engine, component, std::move(options));
}

Result<void> on_guest_thread(const std::function<Result<void>()>& work) {
  Result<void> done;
  PYLON_TRY(thread, engine::GuestThread::start([&] { done = work(); }));
  thread.join();
  return done;
}

}  // namespace pylon::snapshot
