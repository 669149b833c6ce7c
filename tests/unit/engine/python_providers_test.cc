// Python and real providers: the test components, called by the scripts of providers/. Python is
// the one that is composed with a provider (cmake/extended-python.cmake), so that one run can use
// both linkages.
#include <map>

#include "base/file.hh"
#include "base/sha256.hh"
#include "engine/provider.hh"
#include "fixture.hh"

namespace pylon::engine::testing {
namespace {

namespace fs = std::filesystem;

class Output : public StandardStream {
 public:
  bool is_terminal() const override { return false; }
  int descriptor() const override { return -1; }
  std::int64_t read(std::span<std::uint8_t>) override { return 0; }
  int write(std::span<const std::uint8_t> data) override {
    text.append(data.begin(), data.end());
    return 0;
  }
  std::string text;
};

// The compiled code of a component, kept beside it.
Component compiled(const fs::path& wasm) {
  fs::path cwasm = wasm.string() + ".cwasm";
  std::error_code ignored;
  if (!fs::exists(cwasm) ||
      fs::last_write_time(cwasm, ignored) < fs::last_write_time(wasm, ignored)) {
    auto done = compile_component(shared_engine(), wasm, cwasm);
    if (!done) ADD_FAILURE() << done.error().text();
  }
  return Component::open(shared_engine(), cwasm).value();
}

// Knows the test components, by the names of their folders; `dynamic` is plain by another name.
class Components : public ProviderSource {
 public:
  explicit Components(fs::path folder) : folder_(std::move(folder)) {}

  tl::expected<std::shared_ptr<Provider>, Failure> resolve(std::uint64_t, By,
                                                           std::string_view name) override {
    std::string component(name == "dynamic" ? "plain" : name);
    if (auto known = providers_.find(component); known != providers_.end()) return known->second;
    fs::path home = folder_ / component;
    if (!fs::exists(home / (component + ".schema")))
      return tl::unexpected(Failure{FailureKind::kNotFound, "no " + component});
    return providers_[component] = provider(component, home);
  }

 private:
  std::shared_ptr<Provider> provider(const std::string& component, const fs::path& home) const {
    Bytes bytes = read_file(home / (component + ".schema")).value();
    Provider::Schema schema{bytes, {}};
    std::string digest = sha256(bytes);
    for (std::size_t i = 0; i < schema.digest.size(); ++i)
      schema.digest[i] = static_cast<std::uint8_t>(std::stoi(digest.substr(2 * i, 2), nullptr, 16));
    return std::make_shared<Provider>(Provider{providers_.size() + 1,
                                               component,
                                               compiled(home / (component + ".component.wasm")),
                                               {},
                                               schema});
  }

  fs::path folder_;
  std::map<std::string, std::shared_ptr<Provider>> providers_;
};

SessionOptions session_options(const fs::path& build, const std::string& script,
                               const std::shared_ptr<Output>& output) {
  SessionOptions options;
  options.arguments = {"python", "/test/unit/engine/providers/" + script, "/components"};
  options.directory = "/";
  options.environment = {{"PYTHONDONTWRITEBYTECODE", "1"}};
  options.preopens = {{"/pylon/lib/python3.14", build / "library/sources", true, false, {}},
                      {"/test", fs::path(PYLON_SOURCE_DIR) / "tests", true, false, {}},
                      {"/components", build / "tests/components", true, false, {}}};
  options.standard_output = output;
  options.standard_error = output;
  options.providers = std::make_shared<Components>(build / "tests/components");
  options.max_memory = std::uint64_t{512} << 20;
  return options;
}

// Runs the script, which prints `done` as its last word.
void run_script(const std::string& script) {
  const char* folder = std::getenv("PYLON_BUILD");
  ASSERT_NE(folder, nullptr);
  const fs::path build = folder;
  auto output = std::make_shared<Output>();
  on_guest_thread([&] {
    auto session = Session::create(shared_engine(), compiled(build / "tests/extended/python.wasm"),
                                   session_options(build, script, output));
    ASSERT_TRUE(session) << session.error().text();
    auto status = session->run();
    ASSERT_TRUE(status) << status.error().text() << output->text;
    EXPECT_EQ(*status, 0) << output->text;
  });
  EXPECT_TRUE(output->text.ends_with("done\n")) << output->text;
  ::testing::Test::RecordProperty("output", output->text);
}

TEST(PythonProviders, AreTheSameInBothLinkages) {
  run_script("linkages.py");
}
TEST(PythonProviders, CallBack) {
  run_script("callbacks.py");
}
TEST(PythonProviders, MayBeHostile) {
  run_script("hostile.py");
}

}  // namespace
}  // namespace pylon::engine::testing
