#include "wasm/memory_image.hh"

#include <algorithm>
#include <optional>

#include "wasm/writer.hh"

namespace pylon::wasm {
namespace {

constexpr std::uint64_t kPage = 65536;

// The address of an active segment in memory 0, if it is a plain constant.
std::optional<std::uint32_t> fixed_address(const DataSegment& segment) {
  const auto& code = segment.start.instructions;
  if (segment.flags == 1 || segment.memory != 0 || code.size() != 1 || code[0].opcode != kI32Const)
    return std::nullopt;
  return static_cast<std::uint32_t>(code[0].value);
}

// The lowest address that any data go to.
std::optional<std::uint32_t> lowest_address(const Module& module) {
  std::optional<std::uint32_t> lowest;
  for (const DataSegment& segment : module.data)
    if (auto address = fixed_address(segment))
      lowest = std::min(*address, lowest.value_or(*address));
  return lowest;
}

}  // namespace

bool is_fused(const Module& module) {
  auto lowest = lowest_address(module);
  if (!lowest || module.memories.size() != 1) return false;
  return std::any_of(module.data.begin(), module.data.end(), [&](const DataSegment& segment) {
    std::string_view data(reinterpret_cast<const char*>(segment.data.data()), segment.data.size());
    return fixed_address(segment) == lowest && data.starts_with(kImageHeader);
  });
}

Result<MemoryImage> initial_image(const Module& module) {
  if (!is_fused(module)) return fail(ErrorKind::kInput, module.name + " is not a fused module");
  std::uint64_t size = module.memories[0].minimum * kPage;
  MemoryImage image;
  image.start = lowest_address(module).value_or(0);
  if (size > UINT32_MAX || image.start >= size)
    return fail(ErrorKind::kCorrupt, module.name + " has an impossible memory size");
  image.bytes.resize(size - image.start);
  for (const DataSegment& segment : module.data) {
    Cursor place({}, segment.offset, module.name + ": data section");
    auto address = fixed_address(segment);
    if (!address) return fail(place.error("a data segment has no fixed address"));
    if (*address + std::uint64_t{segment.data.size()} > size)
      return fail(place.error("a data segment lies beyond the initial memory"));
    std::copy(segment.data.begin(), segment.data.end(),
              image.bytes.begin() + (*address - image.start));
  }
  return image;
}

Bytes with_image(const Module& module, const MemoryImage& image) {
  Writer out;
  out.module_header();
  for (const Section& section : module.sections) {
    switch (static_cast<SectionId>(section.id)) {
      case SectionId::kCustom:
        out.custom_section(section.name, section.body);
        break;
      case SectionId::kDataCount:
        out.section(section.id, Writer().u32(1).data());
        break;
      case SectionId::kData:
        out.section(section.id,
                    Writer().u32(1).u32(0).i32_expression(image.start).sized(image.bytes).data());
        break;
      default:
        out.section(section.id, section.body);
    }
  }
  return out.take();
}

}  // namespace pylon::wasm
