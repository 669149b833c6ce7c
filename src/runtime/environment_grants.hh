// Environment permissions: which of the user's variables reach the guest.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pylon::runtime {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// A variable that configures the interpreter.
struct PythonVariable {
  std::string_view name;
  bool snapshot;  ///< the initialised interpreter honours it; else a run with it needs the cold
                  ///< image
  bool passed;    ///< reaches the guest; false for what would point it at another installation
};

/// Every variable that CPython's own configuration reads, sorted by name.
std::span<const PythonVariable> python_variables();

/// The entry for `name`, or null.
const PythonVariable* find_python_variable(std::string_view name);

/// The variables that describe the terminal; they reach the guest when a standard stream is one.
std::span<const std::string_view> terminal_variables();

/// Which variables a run may see.
class EnvironmentGrants {
 public:
  void allow(std::string name) { names_.insert(std::move(name)); }
  void allow_all() { all_ = true; }

  /// True if a flag granted this variable.
  bool allows(std::string_view name) const { return all_ || names_.contains(name); }

  /// What of `host` reaches the guest (if it is UTF-8): granted variables; the interpreter's own
  /// unless `ignore_python`
  /// (-E, -I); the terminal's if `terminal`.
  Environment filter(const Environment& host, bool ignore_python, bool terminal) const;

 private:
  bool all_ = false;
  std::set<std::string, std::less<>> names_;
};

/// True if no variable in `environment` asks for something that only the cold image can do.
bool snapshot_serves(const Environment& environment);

/// This process's environment.
Environment host_environment();

}  // namespace pylon::runtime
