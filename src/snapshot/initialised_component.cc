#include "snapshot/initialised_component.hh"

#include <algorithm>
#include <memory>

#include "snapshot/control_block.hh"
#include "snapshot/image_patch.hh"
#include "snapshot/sparse_image.hh"
#include "snapshot/template.hh"

namespace pylon::snapshot {
namespace {

// Engines map an image at once if it is dense; a few bytes behind a gap this wide would spoil that.
constexpr std::uint32_t kFar = 1 << 20;

Environment settings(const InitialisedOptions& options) {
  Environment out = options.environment;
  out.emplace_back("PYLON_LIBRARY_BYTES", std::to_string(options.archive.size()));
  out.emplace_back("PYLON_C_STACK", std::to_string(options.stack));
  if (options.preload) out.emplace_back("PYLON_PRELOAD", *options.preload);
  if (options.hash_seed) out.emplace_back("PYTHONHASHSEED", std::to_string(*options.hash_seed));
  return out;
}

// The image and where in it the control block lies.
struct Initialised {
  wasm::MemoryImage image;
  std::size_t block = 0, block_size = 0;
  ControlBlock control;
};

Result<void> run_initialise(const engine::Engine& engine, const InitialisedOptions& options,
                            Initialised& out) {
  PYLON_TRY(patch, ImagePatch::open(options.cold));
  auto printed = std::make_shared<Capture>();
  PYLON_TRY(session, open_session(engine, options.cold,
                                  session_options(options.modules, printed, settings(options))));
  PYLON_CHECK(initialise(session, *printed));
  PYLON_TRY(block, session.view("control"));
  PYLON_TRY(control, ControlBlock::read(block));
  PYLON_TRY(memory, image_of(block, patch.record()));
  out.image = {patch.record().start, Bytes(memory.begin(), memory.end())};
  out.block = static_cast<std::size_t>(block.data() - memory.data());
  out.block_size = block.size();
  out.control = control;
  return {};
}

Result<void> put_archive(const Bytes& archive, Initialised& made) {
  const ControlBlock& control = made.control;
  const std::size_t size = made.image.bytes.size();
  if (control.library_size != archive.size() || control.library < made.image.start ||
      control.library - made.image.start > size - archive.size())
    return fail(ErrorKind::kInternal, "python.wasm made no room for the library inside",
                "use the files of one build");
  std::ranges::copy(archive, made.image.bytes.begin() + (control.library - made.image.start));
  return {};
}

// Takes a lone word at the end, far behind everything else, out of the data.
void take_far_word(Initialised& made) {
  const std::vector<ImageRun> runs = image_runs(made.image);
  if (runs.size() < 2) return;
  const ImageRun &last = runs.back(), &before = runs[runs.size() - 2];
  const std::uint32_t address = last.address / 4 * 4;
  if (last.address + last.bytes.size() > address + 4 ||
      address - before.address - before.bytes.size() < kFar)
    return;
  std::uint8_t* word = &made.image.bytes[address - made.image.start];
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{word[i]} << (8 * i);
  std::fill_n(word, 4, std::uint8_t{0});
  ControlBlock::set_far_word(std::span(made.image.bytes).subspan(made.block, made.block_size),
                             address, value);
}

}  // namespace

Result<Bytes> make_initialised_component(const engine::Engine& engine, InitialisedOptions options) {
  PYLON_TRY(bytes, read_file(options.wasm));
  const std::string name = options.wasm.string();
  PYLON_TRY(component, wasm::Component::parse(std::move(bytes), name));
  PYLON_TRY(fused, find_fused(component, name));
  Initialised made;
  PYLON_CHECK(on_guest_thread([&] { return run_initialise(engine, options, made); }));
  PYLON_CHECK(put_archive(options.archive, made));
  take_far_word(made);
  return component.with_section(fused.section, with_data(fused.module, image_runs(made.image)));
}

}  // namespace pylon::snapshot
