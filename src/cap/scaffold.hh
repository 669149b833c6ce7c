// What `composectl cap new` writes: a folder that builds, and passes its own test, as it is.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"

namespace pylon::cap {

/// A function as it is written on a command line: `count(data: list<u8>, byte: u8) -> u32`. The
/// types are WIT's without lists of anything but u8, and without types that have a name.
struct Signature {
  struct Parameter {
    std::string name, type;
  };
  std::string name;
  std::vector<Parameter> parameters;
  std::string result;  ///< empty: none

  /// kUsage says what is wrong with the text.
  static Result<Signature> parse(std::string_view text);
};

/// The files of a cap, by their paths inside of its folder.
using Files = std::map<std::string, std::string>;

/// A cap of one function, whose component returns the type's zero.
Files scaffold(const std::string& name, const Signature& function);

/// A cap with a contract that is there: its WIT, and the header that pylon-bindgen makes of it
/// (docs/bindings.md), whose every declaration gets a definition to be filled in.
Files scaffold(const std::string& name, const std::string& wit, std::string_view header);

}  // namespace pylon::cap
