// A plan: which components make up a program, by digest, and how they are bound together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "compose/digest.hh"
#include "compose/time.hh"

namespace pylon::compose {

/// How a consumer reaches a provider.
enum class Linkage {
  kDynlink,  ///< compose:dynlink, in a store of its own, when first used
  kEmbed,    ///< composed into the consumer's file
  kStatic,   ///< linked into the consumer's code
};
std::string_view linkage_name(Linkage linkage);

/// What a component may use of WASI; nothing unless said. "*" in a list means all. Intersected with
/// what its loader has when it is instantiated.
struct Grants {
  std::vector<std::string> read;   ///< absolute paths, with what lies below
  std::vector<std::string> write;  ///< absolute paths, with what lies below; includes reading
  std::vector<std::string> env;    ///< names of environment variables
  std::vector<std::string> net;    ///< HOST[:PORT], as --allow-net takes it

  bool empty() const { return read.empty() && write.empty() && env.empty() && net.empty(); }
  bool operator==(const Grants&) const = default;
};

/// A component of a plan, with what belongs to it; each blob named by its digest.
struct PlanComponent {
  std::string id;
  Digest digest;                 ///< of the component's bytes
  std::optional<Digest> schema;  ///< of its contract's schema (docs/bindings.md)
  std::optional<Digest> facade;  ///< of its Python modules, a stored zip
  /// Of what is appended to python.wasm where the component is embedded (src/link/extension.hh).
  std::optional<Digest> extension;
  /// The same with the component's own code in it, for static linkage.
  std::optional<Digest> static_extension;
  std::string source;  ///< where it came from, for people; may be empty
  Grants grants;

  bool operator==(const PlanComponent&) const = default;
};

/// A blob that belongs to a component: its name in the plan and in messages.
struct ComponentBlob {
  const char* name;
  std::optional<Digest> PlanComponent::* digest;
};
inline constexpr ComponentBlob kComponentBlobs[] = {
    {"schema", &PlanComponent::schema},
    {"facade", &PlanComponent::facade},
    {"extension", &PlanComponent::extension},
    {"static_extension", &PlanComponent::static_extension}};

/// An import of one component met by an export of another.
struct Binding {
  std::string consumer_id;
  std::string import_name;  ///< with @version, if the interface has one
  std::string provider_id;
  std::string export_name;
  Linkage linkage = Linkage::kDynlink;

  bool operator==(const Binding&) const = default;
};

/// A secret that a component may ask for; `backend_uri` says where it is kept.
struct Secret {
  std::string secret_id;
  std::string backend_uri;

  bool operator==(const Secret&) const = default;
};

/// An export of a component that the composed whole shows.
struct ExplicitExport {
  std::string source_instance;
  std::string interface_name;

  bool operator==(const ExplicitExport&) const = default;
};

/// Whether a run may see time, randomness and the like.
enum class Determinism { kStrict, kAudit, kRelaxed };
std::string_view determinism_name(Determinism determinism);

/// Something that the plan needs from its host.
struct Capability {
  std::string name;
  bool required = true;

  bool operator==(const Capability&) const = default;
};

/// Upper bounds of a run; what is not set is not limited by the plan.
struct Limits {
  std::optional<std::uint64_t> cpu_ms;
  std::optional<std::uint64_t> memory_bytes;
  std::optional<std::uint64_t> io_ops;

  bool operator==(const Limits&) const = default;
};

/// What the plan asks of the run as a whole.
struct PlanPolicy {
  Determinism determinism = Determinism::kRelaxed;
  std::vector<Capability> capabilities;
  std::string tenant;  ///< may be empty
  Limits limits;

  bool operator==(const PlanPolicy&) const = default;
};

/// A whole plan. Format: docs/plans.md, src/compose/plan.schema.json.
struct Plan {
  static constexpr std::string_view kVersion = "1";
  static constexpr std::size_t kMaxBytes = 1'000'000;
  static constexpr std::size_t kMaxDepth = 100;
  static constexpr std::size_t kMaxComponents = 1'000;
  static constexpr std::size_t kMaxBindings = 10'000;

  std::string name;          ///< which line of plans this is one of: rollback is judged within it
  std::uint64_t serial = 0;  ///< grows with each plan of that name
  std::optional<Seconds> expires;         ///< refused from then on
  std::string root;                       ///< id of the component whose wasi:cli/run is called
  std::vector<PlanComponent> components;  ///< ascending by id
  std::vector<Binding> bindings;          ///< ascending
  std::vector<Secret> secrets;
  std::vector<ExplicitExport> explicit_exports;
  PlanPolicy policy;

  /// Parses and checks a plan. kInput, and the message names `file` and the place in it: malformed,
  /// an unknown field or version, a limit exceeded, an id twice, a binding twice or to a component
  /// that is not there, a cycle.
  static Result<Plan> parse(std::string_view json, std::string_view file = "plan.json");

  /// Checks what parse() checks, for a plan that was changed in memory.
  Result<void> validate(std::string_view file = "plan.json") const;

  /// The JSON text: indented, one order, the same bytes for the same plan; parse() of it gives the
  /// same plan.
  std::string json() const;

  /// The component of that id, or null.
  const PlanComponent* find(std::string_view id) const;
  PlanComponent* find(std::string_view id);

  /// Every digest that the plan names: components and what belongs to them; ascending, each once.
  std::vector<Digest> digests() const;

  bool operator==(const Plan&) const = default;
};

}  // namespace pylon::compose
