// An install with a signed plan, for tests: no interpreter, but all that its plan needs.
#pragma once

#include <cstdlib>

#include "base/file.hh"
#include "compose/blob_store.hh"
#include "compose/minisign.hh"
#include "compose/plan_file.hh"
#include "compose/trust_file.hh"
#include "runtime/install.hh"
#include "runtime/plan_gate.hh"
#include "support/scratch_directory.hh"

namespace pylon::runtime::testing {

namespace fs = std::filesystem;

inline std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// A stored zip file of these members.
inline std::string stored_zip(const std::vector<std::pair<std::string, std::string>>& members,
                              int method = 0) {
  std::string out, directory;
  auto add = [](std::string& to, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) to += static_cast<char>(value >> (8 * i));
  };
  for (const auto& [name, content] : members) {
    const auto offset = static_cast<std::uint32_t>(out.size());
    const auto size = static_cast<std::uint32_t>(content.size());
    const auto name_size = static_cast<std::uint32_t>(name.size());
    std::string common;  // from the flags to the lengths of the name
    add(common, 0, 2), add(common, method, 2), add(common, 0, 4), add(common, 0, 4);
    add(common, size, 4), add(common, size, 4), add(common, name_size, 2), add(common, 0, 2);
    add(out, 0x04034b50, 4), add(out, 10, 2);
    out += common + name + content;
    add(directory, 0x02014b50, 4), add(directory, 10, 2), add(directory, 10, 2);
    directory += common;
    for (int i = 0; i < 5; ++i) add(directory, 0, 2);
    add(directory, offset, 4);
    directory += name;
  }
  const auto start = static_cast<std::uint32_t>(out.size());
  const auto count = static_cast<std::uint32_t>(members.size());
  out += directory;
  add(out, 0x06054b50, 4), add(out, 0, 4), add(out, count, 2), add(out, count, 2);
  add(out, static_cast<std::uint32_t>(directory.size()), 4), add(out, start, 4), add(out, 0, 2);
  return out;
}

class PlanInstall {
 public:
  PlanInstall() {
    ::setenv("XDG_DATA_HOME", scratch.directory("home").c_str(), 1);
    const std::string interpreter = "the interpreter";
    scratch.file("lib/pylon/python.wasm", interpreter);
    Manifest manifest{"3.14.0", "engine", {}, {0, std::string(64, '0')}};
    manifest.files["python.wasm"] = {interpreter.size(), compose::Digest::of(interpreter).hex()};
    EXPECT_TRUE(manifest.write(library()));
    plan.name = "test";
    plan.serial = 1;
    plan.root = "python";
    plan.components.push_back({.id = "python", .digest = compose::Digest::of(interpreter)});
    trust_key();
  }

  fs::path library() const { return scratch.path("lib/pylon"); }
  fs::path plan_file() const { return library() / "plan.json"; }
  fs::path person() const { return scratch.path("home/pylon"); }

  /// Adds a component that the program may load; its component blob is the file's content.
  compose::PlanComponent& add(const std::string& id, const fs::path& component) {
    compose::BlobStore store(library() / "blobs");
    const compose::Digest digest = store.put_file(component).value();
    plan.components.push_back({.id = id, .digest = digest});
    bind("python", id);
    std::sort(plan.components.begin(), plan.components.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return *plan.find(id);
  }

  void bind(const std::string& consumer, const std::string& provider) {
    plan.bindings.push_back(
        {consumer, "test:" + provider + "/api@1.0.0", provider, "test:" + provider + "/api@1.0.0"});
    std::sort(plan.bindings.begin(), plan.bindings.end(), [](const auto& a, const auto& b) {
      return std::tie(a.consumer_id, a.import_name) < std::tie(b.consumer_id, b.import_name);
    });
  }

  compose::Digest put(const std::string& text) {
    return compose::BlobStore(library() / "blobs").put(bytes_of(text)).value();
  }

  void trust_key() {
    compose::TrustFile file(library() / "trust");
    EXPECT_TRUE(file.change([&](compose::TrustState& state) -> Result<compose::TrustChange> {
      state.keys.insert_or_assign(key.public_key().id(), compose::TrustedKey{key.public_key(), {}});
      return compose::TrustChange{0, "trust", "key", ""};
    }));
  }

  void revoke(const compose::Digest& digest, const fs::path& store) {
    compose::TrustFile file(store);
    EXPECT_TRUE(file.change([&](compose::TrustState& state) -> Result<compose::TrustChange> {
      state.revoked_digests[digest] = {"bad", 0};
      return compose::TrustChange{0, "revoke", digest.text(), ""};
    }));
  }

  /// Writes the plan and its signature.
  void write() { write_text(plan.json()); }
  void write_text(const std::string& json) {
    EXPECT_TRUE(write_file_atomically(plan_file(), bytes_of(json)));
    const std::string signature = key.sign(bytes_of(json), "test");
    EXPECT_TRUE(write_file_atomically(compose::signature_path(plan_file()), bytes_of(signature)));
  }

  Install install() const { return Install::at(scratch.path()).value(); }
  Result<std::optional<AdmittedPlan>> admit() const { return admit_plan(install(), std::nullopt); }

  pylon::testing::ScratchDirectory scratch;
  compose::SecretKey key = compose::SecretKey::generate();
  compose::Plan plan;
};

/// Waits until a change of a file shows in its times.
inline void settle() {
  ::usleep(60'000);
}

/// Changes one byte in place; size and time of the content stay.
inline void tamper(const fs::path& file) {
  const auto time = fs::last_write_time(file);
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekg(0, std::ios::end);
  const auto middle = stream.tellg() / 2;
  stream.seekg(middle);
  const char old = static_cast<char>(stream.get());
  stream.seekp(middle);
  stream.put(static_cast<char>(old ^ 1));
  stream.close();
  fs::last_write_time(file, time);
}

}  // namespace pylon::runtime::testing
