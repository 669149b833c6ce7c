// The functions in the slots of the interpreter's types. WebAssembly ends a program that calls a
// function by another signature than its own, which other machines forgive, so CPython has some.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/memory_image.hh"

namespace pylon::wasm {
namespace {

// How many parameters a slot's function has, and whether it returns something: all are words.
struct Signature {
  std::size_t parameters = 2;
  bool returns = true;
};

// Include/typeslots.h of CPython: the slots of a PyType_Spec that hold functions, whose signature
// is not (word, word) -> word; the others that hold functions have that one.
const std::map<std::uint32_t, Signature> kUnusual = {
    {1, {3}},  {2, {2, false}},  {3, {3}},         {4, {1}},  {6, {1}},         {9, {1}},
    {11, {1}}, {13, {1}},        {20, {3}},        {26, {1}}, {27, {1}},        {30, {1}},
    {32, {1}}, {33, {3}},        {39, {3}},        {45, {1}}, {50, {3}},        {51, {1}},
    {54, {3}}, {52, {1, false}}, {53, {1, false}}, {55, {3}}, {59, {1}},        {60, {3}},
    {61, {1}}, {62, {1}},        {63, {1}},        {65, {3}}, {66, {1}},        {67, {3}},
    {68, {3}}, {69, {3}},        {70, {1}},        {71, {3}}, {74, {1, false}}, {77, {1}},
    {78, {1}}, {79, {1}},        {80, {1, false}}, {81, {3}}, {82, {4}}};
// Those that hold something else: bases, texts, tables, a token.
constexpr std::array<std::uint32_t, 7> kNoFunctions = {48, 49, 56, 64, 72, 73, 83};
constexpr std::uint32_t kLastSlot = 83;
// An array of a PyModuleDef has these numbers, of other meaning, and no greater one.
constexpr std::uint32_t kLastModuleSlot = 4;

// What python/slots.c puts right when the interpreter begins.
constexpr std::string_view kMended = "operator.methodcaller slot 51";

struct Interpreter {
  Module module;
  MemoryImage image;
  std::map<std::uint32_t, std::uint32_t> table;  // index in the table -> function
};

Interpreter interpreter() {
  const char* build = std::getenv("PYLON_BUILD");
  auto bytes = read_file(std::filesystem::path(build ? build : "build") / "python" / "core.wasm");
  EXPECT_TRUE(bytes) << bytes.error().text();
  Interpreter read{Module::parse(std::move(*bytes), "core.wasm").value(), {}, {}};
  read.image = initial_image(read.module).value();
  for (const ElementSegment& segment : read.module.elements) {
    EXPECT_EQ(segment.start.instructions.size(), 1u);
    auto at = static_cast<std::uint32_t>(segment.start.instructions[0].value);
    for (std::uint32_t function : segment.functions) read.table[at++] = function;
  }
  return read;
}

// The word at an address, 0 beyond the image.
std::uint32_t word(const MemoryImage& image, std::uint64_t address) {
  std::uint32_t value = 0;
  if (address >= image.start && address - image.start + 4 <= image.bytes.size())
    std::memcpy(&value, image.bytes.data() + (address - image.start), 4);
  return value;
}

// The dotted name at an address, or nothing.
std::string_view dotted_name(const MemoryImage& image, std::uint32_t address) {
  constexpr std::size_t kLongest = 100;
  if (address < image.start || address - image.start >= image.bytes.size()) return {};
  std::string_view text(reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size());
  text = text.substr(address - image.start, kLongest);
  text = text.substr(0, text.find('\0'));
  const bool good =
      text.size() < kLongest && std::ranges::all_of(
                                    text,
                                    [](unsigned char letter) {
                                      return std::isalnum(letter) || letter == '_' || letter == '.';
                                    });
  return good ? text : std::string_view();
}

struct Slot {
  std::uint32_t number, value;
};

// The slots of a PyType_Spec {name, basic size, item size, flags, slots}; none if it is not one.
std::vector<Slot> slots_of(const MemoryImage& image, std::uint64_t spec) {
  std::vector<Slot> slots;
  std::uint64_t at = word(image, spec + 16);
  for (; word(image, at) && word(image, at) <= kLastSlot && word(image, at + 4); at += 8)
    slots.push_back({word(image, at), word(image, at + 4)});
  const bool ends = at >= image.start && !word(image, at) && !word(image, at + 4);
  const bool is_type =
      std::ranges::any_of(slots, [](Slot slot) { return slot.number > kLastModuleSlot; });
  return ends && is_type ? slots : std::vector<Slot>();
}

bool fits(const Interpreter& python, Slot slot) {
  const auto function = python.table.find(slot.value);
  if (function == python.table.end()) return false;
  const auto unusual = kUnusual.find(slot.number);
  const Signature wanted = unusual == kUnusual.end() ? Signature() : unusual->second;
  const FunctionType type{std::vector<std::uint8_t>(wanted.parameters, kI32),
                          std::vector<std::uint8_t>(wanted.returns ? 1 : 0, kI32)};
  return python.module.function_type(function->second) == type;
}

TEST(InterpreterSlots, HoldFunctionsOfTheirSignature) {
  const Interpreter python = interpreter();
  std::size_t compared = 0;
  std::vector<std::string> wrong;
  const std::uint64_t end = python.image.start + python.image.bytes.size();
  for (std::uint64_t spec = python.image.start; spec + 20 <= end; spec += 4) {
    const std::string_view name = dotted_name(python.image, word(python.image, spec));
    if (name.empty()) continue;
    for (Slot slot : slots_of(python.image, spec)) {
      if (std::ranges::find(kNoFunctions, slot.number) != kNoFunctions.end()) continue;
      compared++;
      if (!fits(python, slot))
        wrong.push_back(std::string(name) + " slot " + std::to_string(slot.number));
    }
  }
  EXPECT_GT(compared, 500u) << "the image was not understood";
  EXPECT_EQ(wrong, std::vector<std::string>{std::string(kMended)})
      << "a call of such a slot ends the program: see python/slots.c";
}

}  // namespace
}  // namespace pylon::wasm
