#include "cap/scaffold.hh"

#include <algorithm>
#include <array>
#include <optional>

#include "cap/descriptor.hh"

namespace pylon::cap {
namespace {

struct Type {
  std::string_view wit, parameter, result, sample;
};
constexpr std::array kTypes{
    Type{"bool", "bool", "bool", "True"},
    Type{"u8", "std::uint8_t", "std::uint8_t", "1"},
    Type{"u16", "std::uint16_t", "std::uint16_t", "1"},
    Type{"u32", "std::uint32_t", "std::uint32_t", "1"},
    Type{"u64", "std::uint64_t", "std::uint64_t", "1"},
    Type{"s8", "std::int8_t", "std::int8_t", "1"},
    Type{"s16", "std::int16_t", "std::int16_t", "1"},
    Type{"s32", "std::int32_t", "std::int32_t", "1"},
    Type{"s64", "std::int64_t", "std::int64_t", "1"},
    Type{"f32", "float", "float", "1.0"},
    Type{"f64", "double", "double", "1.0"},
    Type{"char", "char32_t", "char32_t", "'a'"},
    Type{"string", "std::string_view", "std::string", "'text'"},
    Type{"list<u8>", "std::span<const std::uint8_t>", "bytes", "b'bytes'"},
};

const Type* type_of(std::string_view wit) {
  const auto found = std::ranges::find(kTypes, wit, &Type::wit);
  return found == kTypes.end() ? nullptr : &*found;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string snake(std::string text) {
  std::ranges::replace(text, '-', '_');
  return text;
}

tl::unexpected<Error> bad_signature(const std::string& problem) {
  return fail(ErrorKind::kUsage, "--function: " + problem,
              "write it as 'count(data: list<u8>, byte: u8) -> u32'; for other types describe the "
              "contract in WIT and use --from-wit");
}

std::string descriptor(const std::string& name) {
  return "name = \"" + name + "\"\nversion = \"0.1.0\"\nsummary = \"" + name +
         ", to be described\"\nlicence = \"MIT\"\nmodules = [\"" + snake(name) +
         "\"]\nmax_size = 100_000\n";
}

std::string test(const std::string& module, const std::string& body) {
  return "\"\"\"The smoke test of " + module + ".\"\"\"\n\nimport unittest\n\nimport " + module +
         "\n\n\nclass SmokeTest(unittest.TestCase):\n" + body +
         "\n\nif __name__ == \"__main__\":\n    unittest.main()\n";
}

/// Definitions for the declarations of a generated header, namespace by namespace.
class Definitions {
 public:
  std::string write(std::string_view header) {
    while (!header.empty()) {
      const std::size_t end = std::min(header.find('\n'), header.size());
      line(header.substr(0, end));
      header.remove_prefix(std::min(end + 1, header.size()));
    }
    return out_;
  }

 private:
  void line(std::string_view text) {
    if (text.starts_with("namespace ")) {
      open_ = text;
    } else if (text == "}") {
      if (!body_.empty()) out_ += "\n" + open_ + "\n\n" + body_ + "}\n";
      body_.clear();
    } else if (text.starts_with("class ") && text.ends_with("{")) {
      resource_ = trimmed(text.substr(6, text.size() - 7));
      body_ += "class My_" + resource_ + " final : public " + resource_ + " {\n public:\n";
    } else if (text == "};") {
      if (!resource_.empty()) body_ += "};\n\n";
      resource_.clear();
    } else if (text.starts_with("  virtual ") && text.ends_with(" = 0;")) {
      body_ += "  " + std::string(text.substr(10, text.size() - 15)) + " override { " +
               result(text.substr(10)) + " }\n";
    } else if (text.ends_with(");") && !text.starts_with(' ') && !text.starts_with('/')) {
      body_ += std::string(text.substr(0, text.size() - 1)) + " { " + result(text) + " }\n\n";
    }
  }

  /// What a function with this declaration returns for now.
  static std::string result(std::string_view declaration) {
    constexpr std::string_view kOwned = "std::unique_ptr<";
    const std::string_view type = declaration.substr(0, declaration.find('('));
    if (type.starts_with("void ")) return "";
    const std::size_t owned = type.find(kOwned);
    if (owned == type.npos) return "return {};";
    const std::size_t first = owned + kOwned.size();
    const std::string resource(type.substr(first, type.find('>', first) - first));
    const std::string_view last = std::string_view(resource).substr(resource.rfind(':') + 1);
    return "return std::unique_ptr<" + resource + ">(std::make_unique<My_" + std::string(last) +
           ">());";
  }

  std::string out_, open_, body_, resource_;
};

}  // namespace

Result<Signature> Signature::parse(std::string_view text) {
  Signature out;
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == text.npos || close == text.npos || close < open)
    return bad_signature("no parameters in parentheses");
  out.name = trimmed(text.substr(0, open));
  if (!is_cap_name(out.name)) return bad_signature("'" + out.name + "' is no name of a function");
  std::string_view rest = text.substr(open + 1, close - open - 1);
  while (!trimmed(rest).empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view one = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const std::size_t colon = one.find(':');
    if (colon == one.npos)
      return bad_signature("a parameter without a type: '" + std::string(trimmed(one)) + "'");
    out.parameters.push_back(
        {std::string(trimmed(one.substr(0, colon))), std::string(trimmed(one.substr(colon + 1)))});
    if (!is_cap_name(out.parameters.back().name))
      return bad_signature("'" + out.parameters.back().name + "' is no name of a parameter");
    if (!type_of(out.parameters.back().type))
      return bad_signature("unknown type '" + out.parameters.back().type + "'");
  }
  const std::string_view tail = trimmed(text.substr(close + 1));
  if (!tail.empty() && !tail.starts_with("->"))
    return bad_signature("'" + std::string(tail) + "' after the parameters");
  if (!tail.empty()) out.result = trimmed(tail.substr(2));
  if (!out.result.empty() && !type_of(out.result))
    return bad_signature("unknown type '" + out.result + "'");
  return out;
}

Files scaffold(const std::string& name, const Signature& function) {
  const std::string module = snake(name), call = snake(function.name);
  std::string wit, cxx, names, samples;
  for (const auto& [parameter, type] : function.parameters) {
    const std::string comma = wit.empty() ? "" : ", ";
    wit += comma + parameter + ": " + type;
    cxx += comma + std::string(type_of(type)->parameter) + " " + snake(parameter);
    names += comma + snake(parameter);
    samples += comma + std::string(type_of(type)->sample);
  }
  const Type* result = function.result.empty() ? nullptr : type_of(function.result);
  const std::string arrow = result ? " -> " + function.result : "";
  const std::string body = result ? "return {};" : "";
  const std::string check =
      result ? "        self.assertIsNotNone(" + module + "." + call + "(" + samples + "))\n"
             : "        self.assertIsNone(" + module + "." + call + "(" + samples + "))\n";
  return {
      {"cap.toml", descriptor(name)},
      {"wit/" + name + ".wit", "package " + name + ":" + name +
                                   "@0.1.0;\n\ninterface functions {\n  /// To be described.\n  " +
                                   function.name + ": func(" + wit + ")" + arrow +
                                   ";\n}\n\nworld " + name + "-world {\n  export functions;\n}\n"},
      {"component/" + module + ".cc", "// " + name + " behind its contract.\n#include \"" + module +
                                          "_cap.hh\"\n\nnamespace cap::functions {\n\n" +
                                          (result ? std::string(result->result) : "void") + " " +
                                          call + "(" + cxx + ") { " + body +
                                          " }\n\n}  // namespace cap::functions\n"},
      {"python/" + module + ".py",
       "\"\"\"" + name + ", to be described.\"\"\"\n\nimport " + binding_module(name) +
           " as _cap\n\n\ndef " + call + "(" + names +
           "):\n    \"\"\"To be described.\"\"\"\n    return _cap." + call + "(" + names + ")\n"},
      {"tests/test_" + module + ".py", test(module, "    def test_call(self):\n" + check)},
  };
}

Files scaffold(const std::string& name, const std::string& wit, std::string_view header) {
  const std::string module = snake(name);
  return {
      {"cap.toml", descriptor(name)},
      {"wit/" + name + ".wit", wit},
      {"component/" + module + ".cc", "// " + name + " behind its contract.\n#include \"" + module +
                                          "_cap.hh\"\n" + Definitions().write(header)},
      {"python/" + module + ".py", "\"\"\"" + name + ", to be described.\"\"\"\n\nfrom " +
                                       binding_module(name) + " import *\n"},
      {"tests/test_" + module + ".py",
       test(module, "    def test_has_what_the_contract_says(self):\n        import " +
                        binding_module(name) + " as bindings\n" +
                        "        for name in (name for name in dir(bindings) if not "
                        "name.startswith(\"_\")):\n"
                        "            self.assertIs(getattr(" +
                        module + ", name), getattr(bindings, name))\n")},
  };
}

}  // namespace pylon::cap
