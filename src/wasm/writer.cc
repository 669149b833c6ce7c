#include "wasm/writer.hh"

#include "wasm/module.hh"

namespace pylon::wasm {

Writer& Writer::u8(std::uint8_t value) {
  data_.push_back(value);
  return *this;
}

Writer& Writer::u32(std::uint32_t value) {
  while (value >= 0x80) {
    data_.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  return u8(static_cast<std::uint8_t>(value));
}

Writer& Writer::s32(std::int32_t value) {
  while (value < -0x40 || value >= 0x40) {
    data_.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  return u8(static_cast<std::uint8_t>(value & 0x7f));
}

Writer& Writer::bytes(ByteView data) {
  data_.insert(data_.end(), data.begin(), data.end());
  return *this;
}

Writer& Writer::name(std::string_view text) {
  return sized({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Writer& Writer::sized(ByteView data) {
  return u32(static_cast<std::uint32_t>(data.size())).bytes(data);
}

Writer& Writer::i32_expression(std::uint32_t value) {
  return u8(kI32Const).s32(static_cast<std::int32_t>(value)).u8(kEnd);
}

Writer& Writer::section(std::uint8_t id, ByteView body) {
  return u8(id).sized(body);
}

Writer& Writer::custom_section(std::string_view name, ByteView body) {
  Writer content;
  content.name(name).bytes(body);
  return section(static_cast<std::uint8_t>(SectionId::kCustom), content.data());
}

Writer& Writer::module_header() {
  return bytes(kModuleHeader);
}

}  // namespace pylon::wasm
