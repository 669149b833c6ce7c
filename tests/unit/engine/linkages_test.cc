// One contract, two linkages: a Python that is composed with a provider calls the same provider through compose:dynlink
// too, with random values, and sees the same (linkages.py).
#include "engine/provider.hh"
#include "fixture.hh"

#include "base/file.hh"
#include "base/sha256.hh"

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
  if (!fs::exists(cwasm) || fs::last_write_time(cwasm, ignored) < fs::last_write_time(wasm, ignored)) {
    auto done = compile_component(shared_engine(), wasm, cwasm);
    if (!done) ADD_FAILURE() << done.error().text();
  }
  return Component::open(shared_engine(), cwasm).value();
}

// Knows one provider, `echo`.
class OneProvider : public ProviderSource {
 public:
  explicit OneProvider(const fs::path& folder) {
    Bytes schema = read_file(folder / "plain.schema").value();
    Provider::Schema known{schema, {}};
    std::string digest = sha256(schema);
    for (std::size_t i = 0; i < known.digest.size(); ++i)
      known.digest[i] = static_cast<std::uint8_t>(std::stoi(digest.substr(2 * i, 2), nullptr, 16));
    provider_ = std::make_shared<Provider>(
        Provider{1, "echo", compiled(folder / "plain.component.wasm"), {}, known});
  }
  tl::expected<std::shared_ptr<Provider>, Failure> resolve(std::uint64_t, By,
                                                           std::string_view name) override {
    if (name == "echo") return provider_;
    return tl::unexpected(Failure{FailureKind::kNotFound, "there is only echo"});
  }

 private:
  std::shared_ptr<Provider> provider_;
};

TEST(Linkages, AreEqual) {
  const char* build = std::getenv("PYLON_BUILD");
  ASSERT_NE(build, nullptr);
  const fs::path tests = fs::path(build) / "tests";
  auto output = std::make_shared<Output>();
  SessionOptions options;
  options.arguments = {"python", "/test/unit/engine/linkages.py", "/schema/plain.schema"};
  options.directory = "/";
  options.environment = {{"PYTHONDONTWRITEBYTECODE", "1"}};
  options.preopens = {
      {"/pylon/lib/python3.14", fs::path(build) / "library/sources", true, false, {}},
      {"/test", fs::path(PYLON_SOURCE_DIR) / "tests", true, false, {}},
      {"/schema", tests / "components/plain", true, false, {}}};
  options.standard_output = output;
  options.standard_error = output;
  options.providers = std::make_shared<OneProvider>(tests / "components/plain");
  on_guest_thread([&] {
    auto session =
        Session::create(shared_engine(), compiled(tests / "typed/composed.wasm"), std::move(options));
    ASSERT_TRUE(session) << session.error().text();
    auto status = session->run();
    ASSERT_TRUE(status) << status.error().text() << output->text;
    EXPECT_EQ(*status, 0) << output->text;
  });
  EXPECT_NE(output->text.find("calls in both linkages"), std::string::npos) << output->text;
  RecordProperty("output", output->text);
}

}  // namespace
}  // namespace pylon::engine::testing
