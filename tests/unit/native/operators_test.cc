#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "native_module.hh"

namespace pylon::native::testing {
namespace {

using Bits = std::uint64_t;

Bits f(float x) {
  return __builtin_bit_cast(std::uint32_t, x);
}
Bits d(double x) {
  return __builtin_bit_cast(Bits, x);
}
constexpr Bits kNan32 = 0x7fc00000, kNan64 = 0x7ff8000000000000;

// An instruction, its operands and its result, as bits; no result: it traps with this reason.
struct Case {
  const char* instruction;
  std::vector<Bits> operands;
  std::optional<Bits> result;
  const char* trap = nullptr;
};

const char* kDivide = "integer divide by zero";
const char* kOverflow = "integer overflow";
const char* kConversion = "invalid conversion to integer";

// Source of the expected values: the WebAssembly core specification 2.0, section 4.3.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"i32.eqz", {0}, 1},
      {"i32.eqz", {5}, 0},
      {"i64.eqz", {Bits{1} << 40}, 0},
      {"i32.lt_s", {0xffffffff, 0}, 1},
      {"i32.lt_u", {0xffffffff, 0}, 0},
      {"i32.ge_s", {0x80000000, 0x7fffffff}, 0},
      {"i32.ge_u", {0x80000000, 0x7fffffff}, 1},
      {"i64.gt_s", {~Bits{0}, 0}, 0},
      {"i64.gt_u", {~Bits{0}, 0}, 1},
      {"i64.le_s", {Bits{1} << 63, 0}, 1},
      {"i64.le_u", {Bits{1} << 63, 0}, 0},
      {"i32.add", {0xffffffff, 2}, 1},
      {"i32.sub", {0, 1}, 0xffffffff},
      {"i32.mul", {0x10001, 0x10001}, 0x20001},
      {"i64.mul", {0x100000001, 0x100000001}, 0x200000001},
      {"i32.clz", {0}, 32},
      {"i32.clz", {1}, 31},
      {"i32.ctz", {0}, 32},
      {"i32.ctz", {0x80000000}, 31},
      {"i32.popcnt", {0xf0f0}, 8},
      {"i64.clz", {0}, 64},
      {"i64.clz", {1}, 63},
      {"i64.ctz", {0}, 64},
      {"i64.ctz", {Bits{1} << 63}, 63},
      {"i64.popcnt", {~Bits{0}}, 64},
      {"i32.shl", {1, 33}, 2},
      {"i32.shr_s", {0x80000000, 31}, 0xffffffff},
      {"i32.shr_u", {0x80000000, 63}, 1},
      {"i64.shl", {1, 65}, 2},
      {"i64.shr_s", {Bits{1} << 63, 63}, ~Bits{0}},
      {"i64.shr_u", {Bits{1} << 63, 127}, 1},
      {"i32.rotl", {0x80000001, 1}, 3},
      {"i32.rotl", {7, 32}, 7},
      {"i32.rotr", {1, 1}, 0x80000000},
      {"i64.rotl", {0x8000000000000001, 1}, 3},
      {"i64.rotr", {1, 65}, 0x8000000000000000},
      {"i32.div_s", {0xfffffff9, 2}, 0xfffffffd},
      {"i32.div_s", {0x80000000, 0xffffffff}, {}, kOverflow},
      {"i32.div_s", {1, 0}, {}, kDivide},
      {"i32.div_u", {0xfffffff9, 2}, 0x7ffffffc},
      {"i32.div_u", {1, 0}, {}, kDivide},
      {"i32.rem_s", {0xfffffff9, 2}, 0xffffffff},
      {"i32.rem_s", {0x80000000, 0xffffffff}, 0},
      {"i32.rem_s", {1, 0}, {}, kDivide},
      {"i32.rem_u", {7, 4}, 3},
      {"i32.rem_u", {7, 0}, {}, kDivide},
      {"i64.div_s", {Bits{1} << 63, ~Bits{0}}, {}, kOverflow},
      {"i64.div_s", {~Bits{6}, 2}, ~Bits{2}},
      {"i64.div_u", {1, 0}, {}, kDivide},
      {"i64.rem_s", {Bits{1} << 63, ~Bits{0}}, 0},
      {"i64.rem_u", {10, 4}, 2},
      {"i64.rem_s", {1, 0}, {}, kDivide},
      {"i32.wrap_i64", {0x123456789abcdef0}, 0x9abcdef0},
      {"i64.extend_i32_s", {0x80000000}, 0xffffffff80000000},
      {"i64.extend_i32_u", {0x80000000}, 0x80000000},
      {"i32.extend8_s", {0x180}, 0xffffff80},
      {"i32.extend16_s", {0x18000}, 0xffff8000},
      {"i64.extend8_s", {0x80}, 0xffffffffffffff80},
      {"i64.extend16_s", {0x8000}, 0xffffffffffff8000},
      {"i64.extend32_s", {0x80000000}, 0xffffffff80000000},
      {"f64.add", {d(0.1), d(0.2)}, d(0.1 + 0.2)},
      {"f64.sub", {d(1), d(3)}, d(-2)},
      {"f64.mul", {d(1e200), d(1e200)}, d(INFINITY)},
      {"f64.div", {d(1), d(0)}, d(INFINITY)},
      {"f32.add", {f(1e8f), f(1)}, f(1e8f + 1.0f)},
      {"f32.div", {f(1), f(3)}, f(1.0f / 3.0f)},
      {"f64.min", {d(0.0), d(-0.0)}, d(-0.0)},
      {"f64.max", {d(-0.0), d(0.0)}, d(0.0)},
      {"f64.min", {d(1), d(2)}, d(1)},
      {"f64.max", {d(1), d(2)}, d(2)},
      {"f64.min", {kNan64, d(1)}, kNan64},
      {"f64.max", {d(1), kNan64}, kNan64},
      {"f32.min", {f(0.0f), f(-0.0f)}, f(-0.0f)},
      {"f32.max", {f(-0.0f), f(0.0f)}, f(0.0f)},
      {"f32.min", {f(1), kNan32}, kNan32},
      {"f64.nearest", {d(2.5)}, d(2)},
      {"f64.nearest", {d(-3.5)}, d(-4)},
      {"f64.ceil", {d(-0.5)}, d(-0.0)},
      {"f64.floor", {d(-0.5)}, d(-1)},
      {"f64.trunc", {d(-1.9)}, d(-1)},
      {"f32.nearest", {f(0.5f)}, f(0)},
      {"f32.ceil", {f(1.1f)}, f(2)},
      {"f32.floor", {f(1.9f)}, f(1)},
      {"f32.trunc", {f(-1.9f)}, f(-1)},
      {"f64.sqrt", {d(2)}, d(std::sqrt(2.0))},
      {"f32.sqrt", {f(2)}, f(std::sqrt(2.0f))},
      {"f64.neg", {kNan64}, kNan64 | Bits{1} << 63},
      {"f64.abs", {d(-0.0)}, d(0.0)},
      {"f64.copysign", {d(1), d(-0.0)}, d(-1)},
      {"f32.neg", {f(0.0f)}, f(-0.0f)},
      {"f32.abs", {f(-2)}, f(2)},
      {"f32.copysign", {f(-1), f(2)}, f(1)},
      {"f64.eq", {kNan64, kNan64}, 0},
      {"f64.ne", {kNan64, kNan64}, 1},
      {"f64.lt", {d(-0.0), d(0.0)}, 0},
      {"f32.ge", {f(1), f(1)}, 1},
      {"i32.trunc_f64_s", {d(-2147483648.9)}, 0x80000000},
      {"i32.trunc_f64_s", {d(2147483648.0)}, {}, kConversion},
      {"i32.trunc_f64_s", {kNan64}, {}, kConversion},
      {"i32.trunc_f64_u", {d(4294967295.9)}, 0xffffffff},
      {"i32.trunc_f64_u", {d(-0.9)}, 0},
      {"i32.trunc_f64_u", {d(-1)}, {}, kConversion},
      {"i64.trunc_f64_s", {d(-9223372036854775808.0)}, Bits{1} << 63},
      {"i64.trunc_f64_s", {d(9223372036854775808.0)}, {}, kConversion},
      {"i64.trunc_f64_u", {d(9223372036854775808.0)}, Bits{1} << 63},
      {"i64.trunc_f64_u", {d(18446744073709551616.0)}, {}, kConversion},
      {"i32.trunc_f32_s", {f(-2147483648.0f)}, 0x80000000},
      {"i32.trunc_f32_u", {f(4294967296.0f)}, {}, kConversion},
      {"i64.trunc_f32_u", {f(1e10f)}, 10000000000},
      {"i32.trunc_sat_f64_s", {kNan64}, 0},
      {"i32.trunc_sat_f64_s", {d(1e300)}, 0x7fffffff},
      {"i32.trunc_sat_f64_s", {d(-1e300)}, 0x80000000},
      {"i32.trunc_sat_f64_u", {d(-5)}, 0},
      {"i32.trunc_sat_f64_u", {d(INFINITY)}, 0xffffffff},
      {"i32.trunc_sat_f32_s", {f(-1.5f)}, 0xffffffff},
      {"i64.trunc_sat_f64_s", {d(-INFINITY)}, Bits{1} << 63},
      {"i64.trunc_sat_f64_u", {d(1e30)}, ~Bits{0}},
      {"i64.trunc_sat_f32_s", {kNan32}, 0},
      {"i64.trunc_sat_f32_u", {f(-1)}, 0},
      {"f64.convert_i32_s", {0xffffffff}, d(-1)},
      {"f64.convert_i32_u", {0xffffffff}, d(4294967295.0)},
      {"f64.convert_i64_s", {~Bits{0}}, d(-1)},
      {"f64.convert_i64_u", {~Bits{0}}, d(18446744073709551616.0)},
      {"f32.convert_i32_s", {0x80000000}, f(-2147483648.0f)},
      {"f32.convert_i64_u", {0xffffff8000000001}, f(18446744073709551616.0f)},
      {"f32.demote_f64", {d(0.1)}, f(0.1f)},
      {"f64.promote_f32", {f(0.1f)}, d(static_cast<double>(0.1f))},
      {"i32.reinterpret_f32", {f(1.0f)}, 0x3f800000},
      {"i64.reinterpret_f64", {d(1.0)}, 0x3ff0000000000000},
      {"f32.reinterpret_i32", {0x3f800000}, f(1.0f)},
      {"f64.reinterpret_i64", {0x3ff0000000000000}, d(1.0)},
  };
  return all;
}

// The operand's type as the instruction's name tells it; `last`: what a conversion converts.
std::string operand_type(const std::string& instruction) {
  for (const char* type : {"_i32", "_i64", "_f32", "_f64"})
    if (instruction.find(type) != std::string::npos) return type + 1;
  return instruction.substr(0, 3);
}

std::string result_type(const std::string& instruction, bool unary) {
  for (const char* test : {".eqz", ".eq", ".ne", ".lt", ".gt", ".le", ".ge"})
    if (instruction.find(test) != std::string::npos && (!unary || instruction.ends_with("eqz")) &&
        !instruction.ends_with("nearest") && !instruction.ends_with("neg"))
      return "i32";
  return instruction.substr(0, 3);
}

std::string module_text() {
  std::map<std::string, std::string> functions;
  for (const Case& each : cases()) {
    const std::string name = each.instruction, type = operand_type(name);
    const bool unary = each.operands.size() == 1;
    functions[name] = "(func (export \"" + name + "\") (param" + (unary ? " " : " " + type + " ") +
                      type + ") (result " + result_type(name, unary) + ") local.get 0 " +
                      (unary ? "" : "local.get 1 ") + name + ")\n";
  }
  std::string text = "(module (memory 1) (table 0 funcref)\n";
  for (const auto& [name, function] : functions) text += function;
  return text + ")";
}

TEST(NativeOperators, GiveWhatTheSpecificationSays) {
  NativeModule module(module_text());
  for (const Case& each : cases()) {
    SCOPED_TRACE(each.instruction + std::string(" ") + std::to_string(each.operands[0]));
    const std::uint32_t wish = module.call(each.instruction, each.operands);
    if (each.trap) {
      EXPECT_EQ(wish, engine::NativeCode::kTrapped);
      EXPECT_STREQ(module.trap_reason(), each.trap);
      module.renew();
      continue;
    }
    ASSERT_EQ(wish, module.operations().done);
    const bool wide = result_type(each.instruction, each.operands.size() == 1).ends_with("64");
    EXPECT_EQ(wide ? module.mail(0) : module.mail(0) & 0xffffffff, *each.result);
  }
}

}  // namespace
}  // namespace pylon::native::testing
