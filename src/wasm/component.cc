#include "wasm/component.hh"

#include <algorithm>

#include "wasm/writer.hh"

namespace pylon::wasm {
namespace {

// "\0asm", version 13 of layer 1.
constexpr std::array<std::uint8_t, 8> kComponentHeader = {0x00, 0x61, 0x73, 0x6d,
                                                          0x0d, 0x00, 0x01, 0x00};

}  // namespace

Result<Component> Component::parse(Bytes bytes, std::string name) {
  Component component;
  component.bytes_ = std::make_shared<const Bytes>(std::move(bytes));
  Cursor in(*component.bytes_, 0, std::move(name));
  PYLON_TRY(header, in.bytes(kComponentHeader.size(), "the component's header"));
  if (!std::equal(header.begin(), header.end(), kComponentHeader.begin()))
    return fail(in.error_at(0, "not a WebAssembly component"));
  while (!in.at_end()) {
    PYLON_TRY(id, in.u8("a section id"));
    PYLON_TRY(size, in.u32("a section's size"));
    PYLON_TRY(body, in.bytes(size, "a section"));
    component.sections_.push_back({id, body});
  }
  return component;
}

Bytes Component::with_section(std::size_t index, ByteView body) const {
  Writer out;
  out.bytes(kComponentHeader);
  for (std::size_t i = 0; i < sections_.size(); ++i)
    out.section(sections_[i].id, i == index ? body : sections_[i].body);
  return out.take();
}

}  // namespace pylon::wasm
