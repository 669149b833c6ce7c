#include "runtime/environment_grants.hh"

#include <unistd.h>

#include <algorithm>

#include "base/utf8.hh"

namespace pylon::runtime {
namespace {

// Name, honoured by the snapshot, reaches the guest.
constexpr PythonVariable kPythonVariables[] = {
    {"PYTHONASYNCIODEBUG", true, true},
    {"PYTHONBREAKPOINT", true, true},
    {"PYTHONCASEOK", false, true},
    {"PYTHONCOERCECLOCALE", false, true},
    {"PYTHONDEBUG", false, true},
    {"PYTHONDEVMODE", false, true},
    {"PYTHONDONTWRITEBYTECODE", true, true},
    {"PYTHONDUMPREFS", false, true},
    {"PYTHONDUMPREFSFILE", false, true},
    {"PYTHONEXECUTABLE", true, false},
    {"PYTHONFAULTHANDLER", false, true},
    {"PYTHONHASHSEED", false, true},
    {"PYTHONHOME", true, false},
    {"PYTHONINSPECT", true, true},
    {"PYTHONINTMAXSTRDIGITS", false, true},
    {"PYTHONIOENCODING", false, true},
    {"PYTHONMALLOC", false, true},
    {"PYTHONMALLOCSTATS", false, true},
    {"PYTHONNODEBUGRANGES", false, true},
    {"PYTHONNOUSERSITE", true, true},
    {"PYTHONOPTIMIZE", false, true},
    {"PYTHONPATH", true, true},
    {"PYTHONPERFSUPPORT", false, true},
    {"PYTHONPLATLIBDIR", true, false},
    {"PYTHONPROFILEIMPORTTIME", false, true},
    {"PYTHONPYCACHEPREFIX", false, true},
    {"PYTHONSAFEPATH", true, true},
    {"PYTHONSTARTUP", true, true},
    {"PYTHONTRACEMALLOC", false, true},
    {"PYTHONUNBUFFERED", true, true},
    {"PYTHONUSERBASE", false, true},
    {"PYTHONUTF8", false, true},
    {"PYTHONVERBOSE", false, true},
    {"PYTHONWARNDEFAULTENCODING", false, true},
    {"PYTHONWARNINGS", false, true},
    {"PYTHON_BASIC_REPL", true, true},
    {"PYTHON_COLORS", true, true},
    {"PYTHON_CONTEXT_AWARE_WARNINGS", false, true},
    {"PYTHON_CPU_COUNT", false, true},
    {"PYTHON_DISABLE_REMOTE_DEBUG", false, true},
    {"PYTHON_FROZEN_MODULES", false, true},
    {"PYTHON_GIL", false, true},
    {"PYTHON_HISTORY", true, true},
    {"PYTHON_JIT", false, true},
    {"PYTHON_PERF_JIT_SUPPORT", false, true},
    {"PYTHON_PRESITE", false, true},
    {"PYTHON_THREAD_INHERIT_CONTEXT", false, true},
    {"PYTHON_TLBC", false, true},
};

constexpr std::string_view kTerminalVariables[] = {"COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR",
                                                   "TERM"};

}  // namespace

std::span<const PythonVariable> python_variables() {
  return kPythonVariables;
}

const PythonVariable* find_python_variable(std::string_view name) {
  if (!name.starts_with("PYTHON")) return nullptr;
  auto found =
      std::lower_bound(std::begin(kPythonVariables), std::end(kPythonVariables), name,
                       [](const PythonVariable& v, std::string_view key) { return v.name < key; });
  return found != std::end(kPythonVariables) && found->name == name ? found : nullptr;
}

std::span<const std::string_view> terminal_variables() {
  return kTerminalVariables;
}

Environment EnvironmentGrants::filter(const Environment& host, bool ignore_python,
                                      bool terminal) const {
  Environment out;
  for (const auto& [name, value] : host) {
    const PythonVariable* python = find_python_variable(name);
    bool given;
    if (python)
      given = python->passed && !ignore_python;
    else
      given = allows(name) ||
              (terminal && std::find(std::begin(kTerminalVariables), std::end(kTerminalVariables),
                                     name) != std::end(kTerminalVariables));
    if (given && is_utf8(name) && is_utf8(value)) out.emplace_back(name, value);
  }
  return out;
}

bool snapshot_serves(const Environment& environment) {
  return std::all_of(environment.begin(), environment.end(), [](const auto& variable) {
    const PythonVariable* python = find_python_variable(variable.first);
    if (!python || python->snapshot || variable.second.empty()) return true;
    return variable.first == "PYTHONHASHSEED" && variable.second == "random";
  });
}

Environment host_environment() {
  Environment out;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text(*entry);
    std::size_t equals = text.find('=');
    if (equals != std::string_view::npos && equals > 0)
      out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

}  // namespace pylon::runtime
