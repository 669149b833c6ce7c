// A core WebAssembly module taken apart: everything but the instructions inside function bodies.
// Format: the WebAssembly core specification 2.0, chapter 5, with extended constant expressions and
// exception tags.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hh"
#include "wasm/cursor.hh"

namespace pylon::wasm {

/// "\0asm", version 1.
inline constexpr std::array<std::uint8_t, 8> kModuleHeader = {0x00, 0x61, 0x73, 0x6d,
                                                              0x01, 0x00, 0x00, 0x00};

enum class SectionId : std::uint8_t {
  kCustom = 0,
  kType = 1,
  kImport = 2,
  kFunction = 3,
  kTable = 4,
  kMemory = 5,
  kGlobal = 6,
  kExport = 7,
  kStart = 8,
  kElement = 9,
  kCode = 10,
  kData = 11,
  kDataCount = 12,
  kTag = 13,
};

/// The section's name in messages, e.g. "import section".
std::string_view section_name(std::uint8_t id);

/// What an import or export is.
enum class ExternKind : std::uint8_t {
  kFunction = 0,
  kTable = 1,
  kMemory = 2,
  kGlobal = 3,
  kTag = 4
};

/// "function", "table"...
std::string_view extern_kind_name(ExternKind kind);

// Value types, as encoded.
inline constexpr std::uint8_t kI32 = 0x7f, kI64 = 0x7e, kF32 = 0x7d, kF64 = 0x7c, kV128 = 0x7b,
                              kFuncref = 0x70, kExternref = 0x6f, kExnref = 0x69;
/// The byte that begins a function type.
inline constexpr std::uint8_t kFunctionType = 0x60;

// Opcodes that this library and its users read or write.
inline constexpr std::uint8_t kUnreachable = 0x00, kEnd = 0x0b, kCall = 0x10, kCallIndirect = 0x11,
                              kLocalGet = 0x20, kGlobalGet = 0x23, kI32Load = 0x28,
                              kI32Store = 0x36, kI32Const = 0x41, kI64Const = 0x42,
                              kF32Const = 0x43, kF64Const = 0x44, kI32Add = 0x6a, kI32Sub = 0x6b,
                              kI32Mul = 0x6c, kI64Add = 0x7c, kI64Sub = 0x7d, kI64Mul = 0x7e,
                              kRefNull = 0xd0, kRefFunc = 0xd2, kPrefixFc = 0xfc, kPrefixFd = 0xfd;

struct FunctionType {
  std::vector<std::uint8_t> parameters;
  std::vector<std::uint8_t> results;
  bool operator==(const FunctionType&) const = default;
};

/// "(i32, i32) -> i64", for messages.
std::string describe(const FunctionType& type);

/// Size limits of a table (in entries) or a memory (in 64 KiB pages).
struct Limits {
  std::uint64_t minimum = 0;
  std::optional<std::uint64_t> maximum;
  std::uint8_t flags = 0;  ///< as encoded: 1 has a maximum, 2 shared, 4 64-bit
};

struct GlobalType {
  std::uint8_t value_type = kI32;
  bool is_mutable = false;
};

/// What is imported, or defined without a body.
struct ExternType {
  ExternKind kind = ExternKind::kFunction;
  std::uint32_t type_index = 0;          ///< of a function or a tag
  std::uint8_t element_type = kFuncref;  ///< of a table
  Limits limits;                         ///< of a table or a memory
  GlobalType global;                     ///< of a global
};

struct Import {
  std::string module;
  std::string field;
  ExternType type;
  ByteView encoded_type;  ///< the type as it stands in the file, without the kind byte
};

struct Export {
  std::string name;
  ExternKind kind = ExternKind::kFunction;
  std::uint32_t index = 0;
};

/// One instruction of a constant expression.
struct ConstantInstruction {
  std::uint8_t opcode = 0;
  std::int64_t value = 0;  ///< constant, global or function index; bits of a float
};

/// A constant expression, its closing `end` left out.
struct ConstantExpression {
  std::vector<ConstantInstruction> instructions;
  std::size_t offset = 0;  ///< where it begins in the file
};

struct Global {
  GlobalType type;
  ConstantExpression initial;
};

struct ElementSegment {
  std::uint32_t flags = 0;  ///< as encoded: 0 is active in table 0 with function indexes
  std::uint32_t table = 0;
  ConstantExpression start;                     ///< of an active segment
  std::vector<std::uint32_t> functions;         ///< where flag 4 is not set
  std::vector<ConstantExpression> expressions;  ///< where flag 4 is set
  std::size_t offset = 0;                       ///< where the segment begins in the file
};

struct DataSegment {
  std::uint32_t flags = 0;  ///< as encoded: 0 active in memory 0, 1 passive, 2 active in `memory`
  std::uint32_t memory = 0;
  ConstantExpression start;  ///< of an active segment
  ByteView data;
  std::size_t offset = 0;  ///< where the segment begins in the file
};

struct Section {
  std::uint8_t id = 0;
  std::string name;        ///< of a custom section
  ByteView body;           ///< without id and size; of a custom section also without its name
  std::size_t offset = 0;  ///< where `body` begins in the file
};

/// A parsed module. It keeps the file's bytes: every view inside points into them. Copies share the
/// bytes.
class Module {
 public:
  /// Takes a module apart and checks its structure: encodings, section order, counts, and that
  /// every index is in range. Instructions of function bodies are not read. `name` stands for the
  /// file in messages. Malformed input is kCorrupt, with section and byte offset.
  static Result<Module> parse(Bytes bytes, std::string name);

  std::string name;  ///< of the file, for messages
  std::vector<Section> sections;
  std::vector<FunctionType> types;
  std::vector<Import> imports;
  std::vector<std::uint32_t> functions;  ///< type indexes of the defined functions
  std::vector<ExternType> tables;        ///< defined ones, as all below
  std::vector<Limits> memories;
  std::vector<std::uint32_t> tags;  ///< type indexes
  std::vector<Global> globals;
  std::vector<Export> exports;
  std::optional<std::uint32_t> start;
  std::vector<ElementSegment> elements;
  std::vector<ByteView> code;  ///< a body each: local declarations and instructions
  std::vector<DataSegment> data;
  std::optional<std::uint32_t> data_count;

  const Bytes& bytes() const { return *bytes_; }

  /// The first section with this id, or null.
  const Section* section(SectionId id) const;
  /// The first custom section with this name, or null.
  const Section* custom_section(std::string_view custom_name) const;
  /// The export with this name, or null.
  const Export* find_export(std::string_view export_name) const;

  std::uint32_t imported(ExternKind kind) const {
    return imported_[static_cast<std::size_t>(kind)];
  }
  /// Imported and defined ones together.
  std::uint32_t total(ExternKind kind) const;
  /// The type of function `index`, imported or defined. `index` must be below total(kFunction).
  const FunctionType& function_type(std::uint32_t index) const;
  std::uint32_t function_type_index(std::uint32_t index) const;
  /// Where in the file a view into bytes() begins.
  std::size_t offset_of(ByteView view) const {
    return static_cast<std::size_t>(view.data() - bytes_->data());
  }

 private:
  friend class ModuleParser;
  std::shared_ptr<const Bytes> bytes_;
  std::array<std::uint32_t, 5> imported_{};
};

}  // namespace pylon::wasm
