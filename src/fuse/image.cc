#include "fuse/image.hh"

#include <algorithm>
#include <cstring>

namespace pylon::fuse {
namespace {

using wasm::Cursor;
using wasm::ExternKind;

constexpr std::uint32_t kMemoryFill = 11;  // after the prefix 0xfc
constexpr std::size_t kMaxStack = 64;

class ImageMaker {
 public:
  ImageMaker(const Linkage& linkage, const Library& library)
      : linkage_(linkage), library_(library) {}

  Result<LibraryImage> run();

 private:
  Result<void> place_globals();
  std::optional<std::uint32_t> imported_global(const wasm::Import& import) const;
  Result<std::uint32_t> evaluate(const wasm::ConstantExpression& expression) const;
  Result<void> place_data();
  Result<void> place_elements();
  Result<void> execute(std::uint32_t function, const std::string& name);
  Result<void> step(std::uint8_t opcode, std::size_t at, Cursor& in);
  Result<void> add(std::size_t at, Cursor& in);
  Result<void> load(std::size_t at, Cursor& in);
  Result<void> store(std::size_t at, Cursor& in);
  Result<void> fill(std::size_t at, Cursor& in);
  Result<std::uint32_t> pop(std::size_t at, Cursor& in);
  Result<void> push(std::uint32_t value, std::size_t at, Cursor& in);
  PlacedData* segment_with(std::uint64_t address, std::uint64_t size);
  bool owns(std::uint64_t address, std::uint64_t size) const;

  const Linkage& linkage_;
  const Library& library_;
  LibraryImage image_;
  std::vector<std::uint32_t> stack_;
};

std::optional<std::uint32_t> ImageMaker::imported_global(const wasm::Import& import) const {
  if (import.module == "GOT.mem") return linkage_.data_address(import.field).value_or(0);
  if (import.module == "GOT.func") {
    auto it = linkage_.slot_of.find(import.field);
    return it == linkage_.slot_of.end() ? 0 : it->second;
  }
  if (import.field == "__memory_base") return library_.memory_base;
  if (import.field == "__table_base") return library_.table_base;
  return std::nullopt;
}

Result<std::uint32_t> ImageMaker::evaluate(const wasm::ConstantExpression& expression) const {
  Cursor place({}, expression.offset, library_.file + ": constant expression");
  std::vector<std::uint32_t> stack;
  for (const wasm::ConstantInstruction& instruction : expression.instructions) {
    if (instruction.opcode == wasm::kI32Const) {
      stack.push_back(static_cast<std::uint32_t>(instruction.value));
    } else if (instruction.opcode == wasm::kGlobalGet) {
      auto index = static_cast<std::size_t>(instruction.value);
      if (index >= image_.globals.size() || !image_.globals[index])
        return fail(place.error("global " + std::to_string(index) + " is not a constant"));
      stack.push_back(*image_.globals[index]);
    } else if (instruction.opcode == wasm::kI32Add && stack.size() >= 2) {
      std::uint32_t right = stack.back();
      stack.pop_back();
      stack.back() += right;
    } else {
      return fail(place.error("instruction " + std::to_string(instruction.opcode) +
                              " cannot be evaluated"));
    }
  }
  if (stack.size() != 1) return fail(place.error("it does not leave one value"));
  return stack.back();
}

Result<void> ImageMaker::place_globals() {
  for (const wasm::Import& import : library_.module.imports)
    if (import.type.kind == ExternKind::kGlobal) image_.globals.push_back(imported_global(import));
  for (const wasm::Global& global : library_.module.globals) {
    PYLON_TRY(value, evaluate(global.initial));
    image_.globals.push_back(value);
  }
  return {};
}

bool ImageMaker::owns(std::uint64_t address, std::uint64_t size) const {
  std::uint64_t begin = library_.memory_base, end = begin + library_.dylink.memory_size;
  return address >= begin && address <= end && size <= end - address;
}

Result<void> ImageMaker::place_data() {
  for (const wasm::DataSegment& segment : library_.module.data) {
    PYLON_TRY(address, evaluate(segment.start));
    if (!owns(address, segment.data.size())) {
      Cursor place({}, segment.offset, library_.file + ": data section");
      return fail(place.error("a data segment lies outside the memory that the library asks for"));
    }
    image_.data.push_back({address, Bytes(segment.data.begin(), segment.data.end())});
  }
  return {};
}

Result<void> ImageMaker::place_elements() {
  for (const wasm::ElementSegment& segment : library_.module.elements) {
    PYLON_TRY(start, evaluate(segment.start));
    std::uint64_t end = std::uint64_t{library_.table_base} + library_.dylink.table_size;
    if (start < library_.table_base || start + std::uint64_t{segment.functions.size()} > end) {
      Cursor place({}, segment.offset, library_.file + ": element section");
      return fail(
          place.error("an element segment lies outside the table slots that the library asks for"));
    }
    image_.element_starts.push_back(start);
  }
  return {};
}

PlacedData* ImageMaker::segment_with(std::uint64_t address, std::uint64_t size) {
  for (PlacedData& data : image_.data)
    if (address >= data.address &&
        address + size <= data.address + std::uint64_t{data.bytes.size()})
      return &data;
  return nullptr;
}

Result<std::uint32_t> ImageMaker::pop(std::size_t at, Cursor& in) {
  if (stack_.empty()) return fail(in.error_at(at, "an instruction lacks an operand"));
  std::uint32_t value = stack_.back();
  stack_.pop_back();
  return value;
}

Result<void> ImageMaker::push(std::uint32_t value, std::size_t at, Cursor& in) {
  if (stack_.size() == kMaxStack) return fail(in.error_at(at, "too many operands"));
  stack_.push_back(value);
  return {};
}

Result<void> ImageMaker::add(std::size_t at, Cursor& in) {
  PYLON_TRY(right, pop(at, in));
  PYLON_TRY(left, pop(at, in));
  return push(left + right, at, in);
}

Result<void> ImageMaker::load(std::size_t at, Cursor& in) {
  PYLON_TRY(alignment, in.u32("a load's alignment"));
  PYLON_TRY(offset, in.u32("a load's offset"));
  static_cast<void>(alignment);
  PYLON_TRY(base, pop(at, in));
  std::uint64_t address = std::uint64_t{base} + offset;
  if (!owns(address, 4))
    return fail(in.error_at(at, "a relocation reads outside the library's memory"));
  std::uint32_t value = 0;
  if (PlacedData* data = segment_with(address, 4))
    for (int i = 3; i >= 0; --i)
      value = value << 8 | data->bytes[address - data->address + static_cast<unsigned>(i)];
  return push(value, at, in);
}

Result<void> ImageMaker::store(std::size_t at, Cursor& in) {
  PYLON_TRY(alignment, in.u32("a store's alignment"));
  PYLON_TRY(offset, in.u32("a store's offset"));
  static_cast<void>(alignment);
  PYLON_TRY(value, pop(at, in));
  PYLON_TRY(base, pop(at, in));
  std::uint64_t address = std::uint64_t{base} + offset;
  PlacedData* data = segment_with(address, 4);
  if (!data)
    return fail(in.error_at(at, "a relocation writes address " + std::to_string(address) +
                                    ", outside every data segment")
                    .with_hint("link the library without stripping its zero-initialised data"));
  for (unsigned i = 0; i < 4; ++i)
    data->bytes[address - data->address + i] = static_cast<std::uint8_t>(value >> (8 * i));
  ++image_.relocations;
  return {};
}

// Clearing: what no segment covers is zero anyway.
Result<void> ImageMaker::fill(std::size_t at, Cursor& in) {
  PYLON_TRY(operation, in.u32("an instruction"));
  if (operation != kMemoryFill)
    return fail(in.error_at(at, "instruction 0xfc " + std::to_string(operation) + " at link time"));
  PYLON_TRY(memory, in.u8("a memory index"));
  PYLON_TRY(size, pop(at, in));
  PYLON_TRY(value, pop(at, in));
  PYLON_TRY(address, pop(at, in));
  if (memory != 0 || value != 0 || !owns(address, size))
    return fail(in.error_at(at, "a fill that does not clear the library's own memory"));
  for (PlacedData& data : image_.data) {
    std::uint64_t begin = std::max<std::uint64_t>(address, data.address);
    std::uint64_t end = std::min<std::uint64_t>(std::uint64_t{address} + size,
                                                data.address + std::uint64_t{data.bytes.size()});
    if (begin < end) std::memset(data.bytes.data() + (begin - data.address), 0, end - begin);
  }
  return {};
}

Result<void> ImageMaker::step(std::uint8_t opcode, std::size_t at, Cursor& in) {
  switch (opcode) {
    case wasm::kI32Const: {
      PYLON_TRY(value, in.s32("a constant"));
      return push(static_cast<std::uint32_t>(value), at, in);
    }
    case wasm::kGlobalGet: {
      PYLON_TRY(index, in.u32("a global index"));
      if (index >= image_.globals.size() || !image_.globals[index])
        return fail(in.error_at(at, "global " + std::to_string(index) + " is not a constant"));
      return push(*image_.globals[index], at, in);
    }
    case wasm::kI32Add:
      return add(at, in);
    case wasm::kI32Load:
      return load(at, in);
    case wasm::kI32Store:
      return store(at, in);
    case wasm::kPrefixFc:
      return fill(at, in);
    case wasm::kCall:
      return fail(in.error_at(at, "a call at link time"));
    default:
      return fail(in.error_at(at, "instruction " + std::to_string(opcode) + " at link time"));
  }
}

Result<void> ImageMaker::execute(std::uint32_t function, const std::string& name) {
  std::uint32_t imported = library_.imported_functions();
  Cursor in({}, 0, library_.file + ": function " + name);
  if (function < imported) return fail(in.error_at(0, "it is imported"));
  wasm::ByteView body = library_.module.code[function - imported];
  in = Cursor(body.first(body.size() - 1), library_.module.offset_of(body), in.place());
  PYLON_TRY(locals, in.u32("the number of locals"));
  if (locals != 0)
    return fail(
        in.error("it has local variables").with_hint("link the library with a current wasm-ld"));
  while (!in.at_end()) {
    std::size_t at = in.offset();
    PYLON_TRY(opcode, in.u8("an instruction"));
    PYLON_CHECK(step(opcode, at, in));
  }
  if (!stack_.empty()) return fail(in.error("it leaves values behind"));
  return {};
}

Result<LibraryImage> ImageMaker::run() {
  PYLON_CHECK(place_globals());
  PYLON_CHECK(place_data());
  PYLON_CHECK(place_elements());
  if (library_.module.start) PYLON_CHECK(execute(*library_.module.start, "start"));
  if (auto it = library_.functions.find("__wasm_apply_data_relocs"); it != library_.functions.end())
    PYLON_CHECK(execute(it->second, it->first));
  return std::move(image_);
}

}  // namespace

Result<LibraryImage> make_image(const Linkage& linkage, const Library& library) {
  return ImageMaker(linkage, library).run();
}

}  // namespace pylon::fuse
