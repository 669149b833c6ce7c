// composectl cap: the folders of caps in a source tree.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "cap/descriptor.hh"
#include "cap/scaffold.hh"
#include "composectl/nouns.hh"
#include "composectl/places.hh"

namespace pylon::composectl {
namespace {

namespace fs = std::filesystem;

// clang-format off
constexpr Option kCaps = {"--caps", "DIRECTORY", Kind::kDirectory, "the directory of the caps' folders (default: caps)"};
constexpr Option kNew[] = {
    {"--function", "SIGNATURE", Kind::kText, "the cap's one function, as in 'count(data: list<u8>, byte: u8) -> u32'"},
    {"--from-wit", "FILE", Kind::kFile, "the cap's contract; needs pylon-bindgen beside this program"},
    {"--wasm-tools", "PROGRAM", Kind::kFile, "with --from-wit: wasm-tools (default: from PATH)"},
    kCaps};
constexpr Option kFolders[] = {kCaps};
// clang-format on

fs::path caps(const Invocation& line) {
  return line.value("--caps", "caps");
}

/// The folders that hold a cap.toml, by name.
std::vector<fs::path> folders(const Invocation& line) {
  std::vector<fs::path> out;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(caps(line), problem))
    if (fs::exists(entry.path() / "cap.toml", problem)) out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

Result<cap::Descriptor> descriptor(const fs::path& folder) {
  const std::string file = (folder / "cap.toml").string();
  PYLON_TRY(text, read_text(file));
  return cap::parse_descriptor(text, file);
}

/// Runs a program with our own streams and waits for it; its exit code.
Result<int> run(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0)
    return fail(ErrorKind::kIo, words[0] + " cannot be started", "build it first: make");
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail(ErrorKind::kIo, "waiting for " + words[0] + " failed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string program(const Invocation& line, const char* name) {
  return (line.install_root() / "bin" / name).string();
}

Result<cap::Files> from_wit(const Invocation& line, const std::string& name) {
  const fs::path file = line.value("--from-wit");
  PYLON_TRY(wit, read_text(file));
  const fs::path made = fs::temp_directory_path() / ("composectl-" + std::to_string(::getpid()));
  PYLON_TRY(code,
            run({program(line, "pylon-bindgen"), "provider", "--wit", file.string(), "--name", name,
                 "--wasm-tools", line.value("--wasm-tools", "wasm-tools"), "-o", made.string()}));
  std::string module = name;
  std::ranges::replace(module, '-', '_');
  auto header = read_text(made / (module + "_cap.hh"));
  std::error_code ignored;
  fs::remove_all(made, ignored);
  if (code != 0 || !header)
    return fail(ErrorKind::kInput, "pylon-bindgen does not take " + file.string(),
                "the lines above say why");
  return cap::scaffold(name, wit, *header);
}

Result<cap::Files> files_of(const Invocation& line, const std::string& name) {
  if (line.has("--function") == line.has("--from-wit"))
    return fail(ErrorKind::kUsage, "a new cap needs either --function or --from-wit");
  if (line.has("--from-wit")) return from_wit(line, name);
  PYLON_TRY(function, cap::Signature::parse(line.value("--function")));
  return cap::scaffold(name, function);
}

Result<Answer> make(const Invocation& line) {
  const std::string& name = line.operands[0];
  if (!cap::is_cap_name(name))
    return fail(ErrorKind::kUsage, "'" + name + "' is no name of a cap",
                "use small letters, digits and single hyphens, beginning with a letter");
  const fs::path folder = caps(line) / name;
  std::error_code problem;
  if (fs::exists(folder, problem))
    return fail(ErrorKind::kInput, folder.string() + " is there already",
                "choose another name, or remove it");
  PYLON_TRY(files, files_of(line, name));
  Answer answer;
  answer.json = {{"folder", folder.string()}, {"files", Json::array()}};
  for (const auto& [path, text] : files) {
    answer.json["files"].push_back(path);
    answer.text += (folder / path).string() + "\n";
    if (line.dry_run()) continue;
    fs::create_directories((folder / path).parent_path(), problem);
    PYLON_CHECK(write_text_file(folder / path, text));
  }
  answer.text += "next: ninja -C build, then composectl cap test " + name + "\n";
  return answer;
}

Result<Answer> list(const Invocation& line) {
  Answer answer;
  answer.json["caps"] = Json::array();
  for (const fs::path& folder : folders(line)) {
    PYLON_TRY(cap, descriptor(folder));
    Json providers = Json::array();
    for (const cap::Provider& provider : cap.providers) providers.push_back(provider.name);
    answer.json["caps"].push_back({{"name", cap.name},
                                   {"version", cap.version},
                                   {"summary", cap.summary},
                                   {"licence", cap.licence},
                                   {"modules", cap.modules},
                                   {"providers", providers}});
    answer.text += cap.name + "  " + cap.version + "  " + cap.summary + "\n";
  }
  return answer;
}

/// What is wrong with a folder beyond what its cap.toml says of itself.
std::vector<std::string> problems(const fs::path& folder, const cap::Descriptor& cap) {
  std::vector<std::string> out;
  std::error_code problem;
  if (cap.name != folder.filename())
    out.push_back("name is '" + cap.name + "', but the folder is '" + folder.filename().string() +
                  "'");
  if (!fs::is_directory(folder / "wit", problem)) out.push_back("wit/ is missing: the contract");
  if (!fs::is_directory(folder / "tests", problem)) out.push_back("tests/ is missing");
  for (const cap::Provider& provider : cap.providers)
    if (!fs::is_directory(folder / provider.folder, problem))
      out.push_back("the provider '" + provider.name + "' has no folder " + provider.folder + "/");
  for (const std::string& module : cap.modules) {
    std::string path = module;
    std::ranges::replace(path, '.', '/');
    const bool found = std::ranges::any_of(
        std::initializer_list<fs::path>{folder / "python", folder / "python/builtin"},
        [&](const fs::path& python) {
          return fs::exists(python / (path + ".py"), problem) ||
                 fs::exists(python / path / "__init__.py", problem);
        });
    if (!found) out.push_back("the module '" + module + "' is not in python/");
  }
  return out;
}

Result<Answer> lint(const Invocation& line) {
  Answer answer;
  answer.json = {{"ok", true}, {"problems", Json::array()}};
  std::vector<fs::path> chosen;
  for (const std::string& name : line.operands) chosen.push_back(caps(line) / name);
  for (const fs::path& folder : chosen.empty() ? folders(line) : chosen) {
    const auto cap = descriptor(folder);
    for (const std::string& problem :
         cap ? problems(folder, *cap) : std::vector{cap.error().text()}) {
      answer.json["problems"].push_back(
          {{"cap", folder.filename().string()}, {"problem", problem}});
      answer.text += folder.filename().string() + ": " + problem + "\n";
      answer.exit_code = kExitNo;
    }
  }
  answer.json["ok"] = answer.exit_code == kExitOk;
  if (answer.exit_code == kExitOk) answer.text = "in order\n";
  return answer;
}

Result<Answer> test(const Invocation& line) {
  Answer answer;
  answer.json = {{"ok", true}, {"files", Json::array()}};
  const fs::path tests = caps(line) / line.operands[0] / "tests";
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(tests, problem)) {
    if (entry.path().extension() != ".py") continue;
    PYLON_TRY(code, run({program(line, "pylon"), entry.path().string()}));
    answer.json["files"].push_back({{"file", entry.path().string()}, {"exit_code", code}});
    if (code != 0) answer.exit_code = kExitNo;
  }
  if (answer.json["files"].empty())
    return fail(ErrorKind::kInput, "no tests in " + tests.string(),
                "composectl cap list names the caps");
  answer.json["ok"] = answer.exit_code == kExitOk;
  return answer;
}

Result<Answer> probe(const Invocation& line) {
  std::vector<std::string> words = line.operands;
  words.insert(words.begin(), program(line, "pylon"));
  PYLON_TRY(code, run(words));
  Answer answer;
  answer.json = {{"exit_code", code}};
  answer.exit_code = code;
  return answer;
}

// clang-format off
constexpr Command kCommands[] = {
    {"new", "NAME", Kind::kText, 1, 1, kNew, true, "write a new cap's folder, which builds and passes its own test as it is", make},
    {"list", "", Kind::kText, 0, 0, kFolders, false, "list the caps of a source tree", list},
    {"lint", "[NAME...]", Kind::kText, 0, kMany, kFolders, false, "say what is wrong with the folders of caps", lint},
    {"test", "NAME", Kind::kText, 1, 1, kFolders, false, "run a cap's tests in the sandbox", test},
    {"probe", "FILE [ARGUMENT...]", Kind::kFile, 1, kMany, {}, false, "run a file with the caps; nothing is copied anywhere", probe},
};
// clang-format on

}  // namespace

const Noun kCapNoun = {"cap", "the folders that make capabilities", kCommands};

}  // namespace pylon::composectl
