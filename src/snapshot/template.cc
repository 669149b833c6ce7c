#include "snapshot/template.hh"

#include <algorithm>
#include <optional>

#include "wasm/component.hh"

namespace pylon::snapshot {

Result<FusedModule> find_fused(const wasm::Component& component, const std::string& name) {
  std::optional<FusedModule> found;
  for (std::size_t i = 0; i < component.sections().size(); ++i) {
    const wasm::ComponentSection& section = component.sections()[i];
    if (section.id != wasm::ComponentSection::kCoreModule) continue;
    std::string place = name + ": core module in section " + std::to_string(i);
    PYLON_TRY(module, wasm::Module::parse(Bytes(section.body.begin(), section.body.end()), place));
    if (!wasm::is_fused(module)) continue;
    if (found) return fail(ErrorKind::kInput, name + " contains two fused modules");
    found = FusedModule{i, std::move(module)};
  }
  if (!found)
    return fail(ErrorKind::kInput, name + " contains no fused module",
                "make its core module with pylon-build fuse");
  return std::move(*found);
}

namespace {

Result<void> check_state(const wasm::Module& module) {
  auto mutables = std::count_if(module.globals.begin(), module.globals.end(),
                                [](const wasm::Global& g) { return g.type.is_mutable; });
  if (mutables > 1)
    return fail(ErrorKind::kInput,
                module.name + " has " + std::to_string(mutables) +
                    " mutable globals; a memory image can carry none beside the stack pointer");
  if (module.start)
    return fail(ErrorKind::kInput,
                module.name + " has a start function, which would run again on a snapshot");
  return {};
}

}  // namespace

Result<Template> make_template(Bytes component, const std::string& name) {
  PYLON_TRY(parsed, wasm::Component::parse(std::move(component), name));
  PYLON_TRY(fused, find_fused(parsed, name));
  PYLON_CHECK(check_state(fused.module));
  Template out;
  PYLON_TRY(image, wasm::initial_image(fused.module));
  out.marked = std::move(image);
  if (out.marked.bytes.back() != 0)
    return fail(ErrorKind::kInput,
                fused.module.name + " has data in the last byte of its initial memory",
                "give it more initial memory");
  out.marked.bytes.back() = kEndMark;
  out.component = parsed.with_section(fused.section, wasm::with_image(fused.module, out.marked));
  return out;
}

wasm::MemoryImage cold_image(wasm::MemoryImage marked) {
  marked.bytes.back() = 0;
  return marked;
}

}  // namespace pylon::snapshot
