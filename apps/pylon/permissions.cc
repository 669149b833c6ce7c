#include "pylon/permissions.hh"

namespace pylon::launcher {
namespace {

using Permission = CommandLine::Permission;

struct Grants {
  runtime::FileGrants files;
  runtime::NetworkGrants network;
  runtime::EnvironmentGrants environment;
};

Result<void> allow_path(Grants& grants, const Permission& permission, runtime::Access access) {
  return grants.files.allow(permission.value.value_or("/"), access);
}

Result<void> allow_host(Grants& grants, const std::string& host) {
  Result<void> allowed = grants.network.allow(host);
  if (!allowed) return fail(std::move(allowed).error().within("--allow-net"));
  return {};
}

Result<void> apply(const Permission& permission, Grants& grants) {
  switch (permission.kind) {
    case Permission::Kind::kRead:
      return allow_path(grants, permission, runtime::Access::kRead);
    case Permission::Kind::kWrite:
      return allow_path(grants, permission, runtime::Access::kWrite);
    case Permission::Kind::kEnvironment:
      if (permission.value)
        grants.environment.allow(*permission.value);
      else
        grants.environment.allow_all();
      return {};
    case Permission::Kind::kNetwork:
      if (permission.value) return allow_host(grants, *permission.value);
      grants.network.allow_public();
      return {};
  }
  return {};
}

}  // namespace

Result<runtime::RunOptions> grant(const CommandLine& line, const std::string& directory,
                                  const runtime::Environment& host, bool terminal) {
  Grants grants{runtime::FileGrants(directory), {}, {}};
  if (line.allow_all) {
    PYLON_CHECK(grants.files.allow("/", runtime::Access::kWrite));
    grants.network.allow_all();
    grants.environment.allow_all();
  }
  for (const Permission& permission : line.permissions) PYLON_CHECK(apply(permission, grants));
  runtime::Environment environment =
      grants.environment.filter(host, line.ignore_environment, terminal);
  PYLON_CHECK(runtime::grant_defaults(grants.files, line.program, directory, environment));
  return runtime::RunOptions{.arguments = {},
                             .environment = std::move(environment),
                             .directory = directory,
                             .files = std::move(grants.files),
                             .network = std::move(grants.network),
                             .image = runtime::Image::kSnapshot,
                             .timeout = line.timeout,
                             .max_memory = line.max_memory,
                             .plan = std::nullopt,
                             .audit = std::nullopt};
}

}  // namespace pylon::launcher
