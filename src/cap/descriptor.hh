// cap.toml: what a cap is called, what it is made of, and what it may do (cap.schema.json says the
// same for editors).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"

namespace pylon::cap {

/// Where the source of a vendor's library comes from, in exactly one version.
struct Source {
  std::string registry;    ///< `package` (Debian), `crate`, or `sdist` (PyPI)
  bool is_binary = false;  ///< a binary package (headers) instead of a source package
  std::string name;
  std::string suite;  ///< of a Debian package
  std::string version;
  std::string sha256;  ///< of the archive, in hexadecimal
  std::vector<std::string> licence_files;
};

/// One component that fulfils the contract.
struct Provider {
  std::string name;
  std::string folder;               ///< of the cap's own sources
  std::vector<std::string> vendor;  ///< patterns of the vendor's sources
  std::string build;                ///< a script that runs the vendor's own build; or empty
};

/// How a cap is reached unless a plan says otherwise.
enum class Linkage { kDynlink, kEmbed, kStatic };

/// What a cap.toml says.
struct Descriptor {
  std::string name;
  std::string version;
  std::string summary;
  std::string licence;               ///< an SPDX expression
  std::vector<std::string> modules;  ///< that Python imports
  Linkage linkage = Linkage::kDynlink;
  std::vector<std::string> requires_caps;  ///< caps that its component loads itself; with `?`, if the plan has them
  bool uses_wasi = false;                  ///< so it cannot be linked statically
  std::int64_t max_size = 0;               ///< bytes of a component
  std::vector<Source> sources;
  std::vector<Provider> providers;  ///< the first is the default one; never empty
};

/// Parses the text of a cap.toml; `where` names it in errors, which are kInput and say the line and
/// what to write.
Result<Descriptor> parse_descriptor(std::string_view text, std::string_view where);

/// True for small letters, digits and single hyphens, beginning with a letter.
bool is_cap_name(std::string_view name);

/// The Python module of a cap's bindings: `_two_words_cap` for `two-words`.
std::string binding_module(std::string_view name);

}  // namespace pylon::cap
