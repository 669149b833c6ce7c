#include "native/body.hh"

#include <algorithm>
#include <set>
#include <vector>

#include "native/operators.hh"
#include "native/protocol.hh"

namespace pylon::native {
namespace {

using wasm::Cursor;

// A table of at least so many targets becomes a computed jump, which the compiler can repeat at
// each place that leads to it.
constexpr std::size_t kComputedJump = 16;
// Offsets below it stay within the guard region behind the memory (src/engine/shim/src/config.rs).
constexpr std::uint32_t kNearOffset = (32u << 20) - 16;

constexpr std::uint32_t kMemoryCopy = 10, kMemoryFill = 11;

// A construct that branches can name.
struct Frame {
  enum class Kind { kFunction, kBlock, kLoop, kIf, kElse } kind;
  std::uint32_t label;
  std::size_t base;  // height of the stack below its parameters
  std::vector<char> parameters, results;
  bool dead;             // nothing reaches its beginning
  bool reached = false;  // a branch goes to its label
};

class Body {
 public:
  Body(const wasm::Module& module, std::uint32_t index)
      : module_(module),
        type_(module.types[module.functions[index]]),
        code_(module.code[index], module.offset_of(module.code[index]),
              module.name + ": function " + std::to_string(index)) {
    name_ = "f" + std::to_string(module.imported(wasm::ExternKind::kFunction) + index);
  }

  Result<std::string> translate() {
    PYLON_CHECK(read_locals());
    frames_.push_back(
        {Frame::Kind::kFunction, next_label_++, 0, {}, letters(type_.results), false});
    while (!frames_.empty()) {
      PYLON_TRY(opcode, code_.u8("instruction"));
      PYLON_CHECK(instruction(opcode));
      if (!invalid_.empty()) return fail(code_.error(invalid_));
    }
    PYLON_CHECK(code_.expect_end());
    return signature(type_, name_) + " {\n" + declarations() + text_ + "}\n";
  }

 private:
  static std::vector<char> letters(const std::vector<std::uint8_t>& types) {
    std::vector<char> out;
    for (std::uint8_t type : types) out.push_back(letter(type));
    return out;
  }

  Result<void> read_locals() {
    locals_ = letters(type_.parameters);
    PYLON_TRY(groups, code_.count("groups of locals", 2));
    for (std::uint32_t i = 0; i < groups; ++i) {
      PYLON_TRY(count, code_.u32("number of locals"));
      PYLON_TRY(type, code_.u8("type of locals"));
      if (count > 50000 - std::min<std::size_t>(locals_.size(), 50000))
        return fail(code_.error("more than 50000 locals"));
      locals_.insert(locals_.end(), count, letter(type));
    }
    if (std::count(locals_.begin(), locals_.end(), 0))
      return fail(code_.error("a local of a type that has no native form"));
    return {};
  }

  std::string declarations() const {
    std::string out;
    for (std::size_t i = type_.parameters.size(); i < locals_.size(); ++i)
      out += std::string(c_type(locals_[i])) + " x" + std::to_string(i) + " = 0;\n";
    for (auto [depth, type] : slots_)
      out += std::string(c_type(type)) + " " + slot(depth, type) + ";\n";
    return out;
  }

  // ---- the operand stack: a C variable for each depth and type

  static std::string slot(std::size_t depth, char type) { return type + std::to_string(depth); }

  std::string push(char type) {
    slots_.emplace(stack_.size(), type);
    stack_.push_back(type);
    return slot(stack_.size() - 1, type);
  }

  // The variable on top, of type `type` (0: any).
  std::string pop(char type = 0) {
    const std::size_t base = frames_.empty() ? 0 : frames_.back().base;
    if (stack_.size() <= base || (type && stack_.back() != type)) {
      invalid_ = "an operand is missing or has another type";
      return "0";
    }
    std::string name = slot(stack_.size() - 1, stack_.back());
    stack_.pop_back();
    return name;
  }

  std::vector<std::string> pop_all(const std::vector<char>& types) {
    std::vector<std::string> names(types.size());
    for (std::size_t i = types.size(); i-- > 0;) names[i] = pop(types[i]);
    return names;
  }

  void push_all(const std::vector<char>& types) {
    for (char type : types) push(type);
  }

  void line(const std::string& text) { text_ += text + "\n"; }

  // ---- control

  Result<Frame> block_type(Frame::Kind kind) {
    Frame frame{kind, next_label_++, 0, {}, {}, dead_};
    PYLON_TRY(type, code_.s64("block type"));
    if (type >= 0) {
      if (static_cast<std::uint64_t>(type) >= module_.types.size())
        return fail(code_.error("no such block type"));
      frame.parameters = letters(module_.types[type].parameters);
      frame.results = letters(module_.types[type].results);
    } else if ((type & 0x7f) != kEmptyBlock) {
      frame.results = {letter(static_cast<std::uint8_t>(type & 0x7f))};
    }
    return frame;
  }

  void open(Frame frame) {
    if (!dead_) pop_all(frame.parameters);
    frame.base = stack_.size();
    if (frame.kind == Frame::Kind::kLoop) line(label(frame) + ":;");
    if (!dead_) push_all(frame.parameters);
    frames_.push_back(std::move(frame));
  }

  static std::string label(const Frame& frame) { return "L" + std::to_string(frame.label); }
  static std::string else_label(const Frame& frame) { return "E" + std::to_string(frame.label); }

  Result<void> open_if() {
    PYLON_TRY(frame, block_type(Frame::Kind::kIf));
    if (!dead_) line("if (!" + pop('i') + ") goto " + else_label(frame) + ";");
    open(std::move(frame));
    return {};
  }

  // The values that the construct leaves must be just what is on its stack.
  void check_results(const Frame& frame) {
    if (dead_) return;
    if (stack_.size() != frame.base + frame.results.size() ||
        !std::equal(frame.results.begin(), frame.results.end(),
                    stack_.begin() + static_cast<std::ptrdiff_t>(frame.base)))
      invalid_ = "a block leaves other values than its type says";
  }

  Result<void> turn_else() {
    Frame& frame = frames_.back();
    if (frame.kind != Frame::Kind::kIf) return fail(code_.error("else outside if"));
    check_results(frame);
    if (!dead_) {
      line("goto " + label(frame) + ";");
      frame.reached = true;
    }
    frame.kind = Frame::Kind::kElse;
    dead_ = frame.dead;
    stack_.resize(frame.base);
    if (!dead_) {
      line(else_label(frame) + ":;");
      push_all(frame.parameters);
    }
    return {};
  }

  void close() {
    Frame frame = std::move(frames_.back());
    check_results(frame);
    const bool falls = !dead_;
    bool skipped = frame.kind == Frame::Kind::kIf && !frame.dead;
    if (skipped) line(else_label(frame) + ":;");
    if (frame.kind != Frame::Kind::kLoop && frame.reached) line(label(frame) + ":;");
    dead_ =
        frame.dead || !(falls || skipped || (frame.reached && frame.kind != Frame::Kind::kLoop));
    frames_.pop_back();
    stack_.resize(frame.base);
    if (dead_) return;
    push_all(frame.results);
    if (frame.kind == Frame::Kind::kFunction) leave_function();
  }

  void leave_function() {
    if (type_.results.empty())
      line("return;");
    else
      line("return " + slot(0, letter(type_.results[0])) + ";");
  }

  // The statements of a branch to the frame `depth` levels out.
  std::string branch(std::uint32_t depth) {
    if (depth >= frames_.size()) {
      invalid_ = "a branch goes out of the function";
      return "";
    }
    Frame& frame = frames_[frames_.size() - 1 - depth];
    frame.reached = true;
    const std::vector<char>& values =
        frame.kind == Frame::Kind::kLoop ? frame.parameters : frame.results;
    if (stack_.size() < frame.base + values.size()) {
      invalid_ = "a branch carries too few values";
      return "";
    }
    std::string out;
    const std::size_t from = stack_.size() - values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (stack_[from + i] != values[i]) invalid_ = "a branch carries a value of another type";
      slots_.emplace(frame.base + i, values[i]);
      if (from != frame.base)
        out += slot(frame.base + i, values[i]) + " = " + slot(from + i, values[i]) + "; ";
    }
    return out + "goto " + label(frame) + ";";
  }

  Result<void> branch_table() {
    PYLON_TRY(count, code_.count("targets"));
    std::vector<std::uint32_t> depths;
    for (std::uint32_t i = 0; i <= count; ++i) {
      PYLON_TRY(depth, code_.u32("target"));
      depths.push_back(depth);
    }
    if (dead_) return {};
    const std::string index = pop('i');
    std::vector<std::string> targets;
    for (std::uint32_t depth : depths) targets.push_back(branch(depth));
    if (!invalid_.empty()) return {};
    if (count >= kComputedJump && targets[0].starts_with("goto "))
      computed_jump(index, targets);
    else
      switch_jump(index, targets);
    dead_ = true;
    return {};
  }

  void switch_jump(const std::string& index, const std::vector<std::string>& targets) {
    line("switch (" + index + ") {");
    for (std::size_t i = 0; i + 1 < targets.size(); ++i)
      if (targets[i] != targets.back()) line("case " + std::to_string(i) + ": " + targets[i]);
    line("default: " + targets.back() + "\n}");
  }

  // Every target is "goto L<n>;".
  void computed_jump(const std::string& index, const std::vector<std::string>& targets) {
    auto address = [](const std::string& target) {
      return "&&" + target.substr(5, target.size() - 6);
    };
    const std::string origin = address(targets.back());
    line("{ static const s32 jump[] = {");
    for (const std::string& target : targets) line(address(target) + " - " + origin + ",");
    const std::string last = std::to_string(targets.size() - 1);
    line("}; goto *(" + origin + " + jump[" + index + " < " + last + " ? " + index + " : " + last +
         "]); }");
  }

  // ---- calls

  void call(const wasm::FunctionType& type, const std::string& callee) {
    std::vector<std::string> operands = pop_all(letters(type.parameters));
    std::string text = callee + "(";
    for (std::size_t i = 0; i < operands.size(); ++i) text += (i ? ", " : "") + operands[i];
    text += ");";
    if (!type.results.empty()) text = push(letter(type.results[0])) + " = " + text;
    line(text);
  }

  Result<void> call_direct() {
    PYLON_TRY(index, code_.u32("function"));
    if (index >= module_.total(wasm::ExternKind::kFunction))
      return fail(code_.error("no such function"));
    if (!dead_) call(module_.function_type(index), "f" + std::to_string(index));
    return {};
  }

  Result<void> call_indirect() {
    PYLON_TRY(type, code_.u32("type"));
    PYLON_TRY(table, code_.u32("table"));
    if (type >= module_.types.size() || table != 0)
      return fail(code_.error("no such type or table"));
    if (dead_) return {};
    const std::string index = pop('i');
    const std::string number = std::to_string(type_number(module_, type));
    call(module_.types[type], "((T" + number + ")FUNCTION(" + index + ", " + number + "))");
    return {};
  }

  // ---- variables, memory, numbers

  Result<void> local(std::uint8_t opcode) {
    PYLON_TRY(index, code_.u32("local"));
    if (index >= locals_.size()) return fail(code_.error("no such local"));
    if (dead_) return {};
    const std::string name = "x" + std::to_string(index);
    if (opcode == wasm::kLocalGet) {
      line(push(locals_[index]) + " = " + name + ";");
      return {};
    }
    line(name + " = " + pop(locals_[index]) + ";");
    if (opcode == kLocalTee) push(locals_[index]);
    return {};
  }

  Result<void> global(std::uint8_t opcode) {
    PYLON_TRY(index, code_.u32("global"));
    if (index >= module_.globals.size()) return fail(code_.error("no such global"));
    if (dead_) return {};
    const char type = letter(module_.globals[index].type.value_type);
    const std::string name = "g" + std::to_string(index);
    if (opcode == wasm::kGlobalGet)
      line(push(type) + " = " + name + ";");
    else
      line(name + " = " + pop(type) + ";");
    return {};
  }

  Result<void> access(const Access& access) {
    PYLON_TRY(alignment, code_.u32("alignment"));
    if (alignment >= 64) return fail(code_.error("a memory other than the first"));
    PYLON_TRY(offset, code_.u32("offset"));
    if (dead_) return {};
    const std::string value = access.store ? pop(access.value) : "";
    std::string place = pop('i');
    std::string distance = std::to_string(offset) + "u";
    if (offset > kNearOffset) {
      place = "FAR(" + place + ", " + distance + ")";
      distance = "0";
    }
    place = "AT(" + std::string(access.memory) + ", " + place + ", " + distance + ")";
    if (access.store)
      line(place + " = (" + std::string(access.memory) + ")" + value + ";");
    else
      line(push(access.value) + " = " + place + ";");
    return {};
  }

  Result<void> constant(std::uint8_t opcode) {
    std::string text;
    char type = 'i';
    if (opcode == wasm::kI32Const) {
      PYLON_TRY(value, code_.s32("constant"));
      text = std::to_string(static_cast<std::uint32_t>(value)) + "u";
    } else if (opcode == wasm::kI64Const) {
      PYLON_TRY(value, code_.s64("constant"));
      type = 'l';
      text = std::to_string(static_cast<std::uint64_t>(value)) + "ull";
    } else {
      const bool is_double = opcode == wasm::kF64Const;
      PYLON_TRY(bytes, code_.bytes(is_double ? 8 : 4, "constant"));
      std::uint64_t bits = 0;
      for (std::size_t i = 0; i < bytes.size(); ++i) bits |= std::uint64_t{bytes[i]} << (8 * i);
      type = is_double ? 'd' : 'f';
      text = (is_double ? "F64_OF_BITS(" : "F32_OF_BITS(") + std::to_string(bits) +
             (is_double ? "ull)" : "u)");
    }
    if (!dead_) line(push(type) + " = " + text + ";");
    return {};
  }

  void apply(const Operator& operation) {
    if (dead_) return;
    std::vector<std::string> operands =
        pop_all({operation.operands.begin(), operation.operands.end()});
    std::string text;
    for (std::size_t i = 0; i < operation.expression.size(); ++i) {
      if (operation.expression[i] == '$')
        text += operands[static_cast<std::size_t>(operation.expression[++i] - '1')];
      else
        text += operation.expression[i];
    }
    line(push(operation.result) + " = " + text + ";");
  }

  Result<void> prefixed() {
    PYLON_TRY(opcode, code_.u32("instruction"));
    if (const Operator* operation = find_saturating_operator(opcode)) {
      apply(*operation);
      return {};
    }
    if (opcode != kMemoryCopy && opcode != kMemoryFill)
      return fail(
          code_.error("instruction 0xfc " + std::to_string(opcode) + " has no native form"));
    PYLON_TRY(indexes, code_.bytes(opcode == kMemoryCopy ? 2 : 1, "memory"));
    if (std::any_of(indexes.begin(), indexes.end(), [](std::uint8_t i) { return i != 0; }))
      return fail(code_.error("a memory other than the first"));
    if (dead_) return {};
    std::vector<std::string> operands = pop_all({'i', 'i', 'i'});
    line(std::string(opcode == kMemoryCopy ? "MEMORY_COPY(" : "MEMORY_FILL(") + operands[0] + ", " +
         operands[1] + ", " + operands[2] + ");");
    return {};
  }

  Result<void> memory_size(std::uint8_t opcode) {
    PYLON_TRY(index, code_.u8("memory"));
    if (index != 0) return fail(code_.error("a memory other than the first"));
    if (dead_) return {};
    const Operations operations = operations_of(module_);
    if (opcode == kMemoryGrow)
      line("AT(u32, " + std::to_string(kMail) + ", 0) = " + pop('i') + ";");
    line("pylon_host.leave(pylon_host.user, " +
         std::to_string(opcode == kMemoryGrow ? operations.grow : operations.size) + ");");
    line(push('i') + " = AT(u32, " + std::to_string(kMail) + ", 0);");
    return {};
  }

  Result<void> select(std::uint8_t opcode) {
    if (opcode == kTypedSelect) {
      PYLON_TRY(types, code_.count("types"));
      PYLON_TRY(skipped, code_.bytes(types, "types"));
      (void)skipped;
    }
    if (dead_) return {};
    const std::string condition = pop('i');
    const char type = stack_.empty() ? 0 : stack_.back();
    const std::string otherwise = pop(), value = pop(type);
    line(push(type) + " = " + condition + " ? " + value + " : " + otherwise + ";");
    return {};
  }

  Result<void> jump(std::uint8_t opcode) {
    PYLON_TRY(depth, code_.u32("target"));
    if (dead_) return {};
    if (opcode == kBranchIf) {
      const std::string condition = pop('i');
      line("if (" + condition + ") { " + branch(depth) + " }");
      return {};
    }
    line(branch(depth));
    dead_ = true;
    return {};
  }

  void end_here(const std::string& text) {
    if (dead_) return;
    line(text);
    dead_ = true;
  }

  Result<void> instruction(std::uint8_t opcode) {
    switch (opcode) {
      case wasm::kUnreachable:
        end_here("pylon_trap(TRAP_UNREACHABLE);");
        return {};
      case kNop:
        return {};
      case kBlock:
      case kLoop: {
        PYLON_TRY(frame, block_type(opcode == kLoop ? Frame::Kind::kLoop : Frame::Kind::kBlock));
        open(std::move(frame));
        return {};
      }
      case kIf:
        return open_if();
      case kElse:
        return turn_else();
      case wasm::kEnd:
        close();
        return {};
      case kBranch:
      case kBranchIf:
        return jump(opcode);
      case kBranchTable:
        return branch_table();
      case kReturn: {
        if (!dead_) end_here(branch(static_cast<std::uint32_t>(frames_.size() - 1)));
        return {};
      }
      case wasm::kCall:
        return call_direct();
      case wasm::kCallIndirect:
        return call_indirect();
      case kDrop:
        if (!dead_) pop();
        return {};
      case kSelect:
      case kTypedSelect:
        return select(opcode);
      case wasm::kLocalGet:
      case kLocalSet:
      case kLocalTee:
        return local(opcode);
      case wasm::kGlobalGet:
      case kGlobalSet:
        return global(opcode);
      case kMemorySize:
      case kMemoryGrow:
        return memory_size(opcode);
      case wasm::kI32Const:
      case wasm::kI64Const:
      case wasm::kF32Const:
      case wasm::kF64Const:
        return constant(opcode);
      case wasm::kPrefixFc:
        return prefixed();
      default:
        break;
    }
    if (const Access* found = find_access(opcode)) return access(*found);
    const Operator* operation = find_operator(opcode);
    if (!operation)
      return fail(code_.error("instruction " + std::to_string(opcode) + " has no native form"));
    apply(*operation);
    return {};
  }

  const wasm::Module& module_;
  const wasm::FunctionType& type_;
  Cursor code_;
  std::string name_;
  std::vector<char> locals_, stack_;
  std::vector<Frame> frames_;
  std::set<std::pair<std::size_t, char>> slots_;
  std::string text_;
  std::string invalid_;  // what the module does that validation would refuse
  std::uint32_t next_label_ = 0;
  bool dead_ = false;  // nothing reaches the next instruction
};

}  // namespace

char letter(std::uint8_t value_type) {
  switch (value_type) {
    case wasm::kI32:
      return 'i';
    case wasm::kI64:
      return 'l';
    case wasm::kF32:
      return 'f';
    case wasm::kF64:
      return 'd';
    default:
      return 0;
  }
}

const char* c_type(char type) {
  switch (type) {
    case 'i':
      return "u32";
    case 'l':
      return "u64";
    case 'f':
      return "float";
    default:
      return "double";
  }
}

std::string signature(const wasm::FunctionType& type, const std::string& name) {
  std::string out = type.results.empty() ? "void" : c_type(letter(type.results[0]));
  out += " " + name + "(";
  for (std::size_t i = 0; i < type.parameters.size(); ++i)
    out +=
        std::string(i ? ", " : "") + c_type(letter(type.parameters[i])) + " x" + std::to_string(i);
  return out + (type.parameters.empty() ? "void)" : ")");
}

std::uint32_t type_number(const wasm::Module& module, std::uint32_t type_index) {
  auto found = std::find(module.types.begin(), module.types.end(), module.types[type_index]);
  return static_cast<std::uint32_t>(found - module.types.begin());
}

Result<std::string> translate_body(const wasm::Module& module, std::uint32_t index) {
  return Body(module, index).translate();
}

}  // namespace pylon::native
