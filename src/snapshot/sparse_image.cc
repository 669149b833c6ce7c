#include "snapshot/sparse_image.hh"

#include <algorithm>

#include "wasm/writer.hh"

namespace pylon::snapshot {

using wasm::SectionId;
using wasm::Writer;

std::vector<ImageRun> image_runs(const wasm::MemoryImage& image) {
  std::vector<ImageRun> runs;
  const wasm::ByteView bytes = image.bytes;
  auto is_set = [](std::uint8_t byte) { return byte != 0; };
  for (auto begin = std::ranges::find_if(bytes, is_set); begin != bytes.end();) {
    auto end = begin, next = begin;
    do {
      end = std::find(next, bytes.end(), std::uint8_t{0});
      next = std::find_if(end, bytes.end(), is_set);
    } while (next != bytes.end() && static_cast<std::size_t>(next - end) < kGap);
    const auto offset = static_cast<std::size_t>(begin - bytes.begin());
    runs.push_back({image.start + static_cast<std::uint32_t>(offset),
                    bytes.subspan(offset, static_cast<std::size_t>(end - begin))});
    begin = next;
  }
  return runs;
}

Bytes with_data(const wasm::Module& module, const std::vector<ImageRun>& runs) {
  const auto count = static_cast<std::uint32_t>(runs.size());
  Writer out, data;
  data.u32(count);
  for (const ImageRun& run : runs) data.u32(0).i32_expression(run.address).sized(run.bytes);
  out.module_header();
  for (const wasm::Section& section : module.sections) {
    switch (static_cast<SectionId>(section.id)) {
      case SectionId::kCustom:
        out.custom_section(section.name, section.body);
        break;
      case SectionId::kDataCount:
        out.section(section.id, Writer().u32(count).data());
        break;
      case SectionId::kData:
        out.section(section.id, data.data());
        break;
      default:
        out.section(section.id, section.body);
    }
  }
  return out.take();
}

}  // namespace pylon::snapshot
