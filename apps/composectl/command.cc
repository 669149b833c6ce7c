#include "composectl/command.hh"

#include "composectl/nouns.hh"

namespace pylon::composectl {
namespace {

constexpr const Noun* kNouns[] = {&kPlanNoun,  &kBlobNoun,     &kTrustNoun, &kKeyNoun,
                                  &kAuditNoun, &kInvokeNoun,   &kGraphNoun, &kComposeNoun,
                                  &kCapNoun,   &kManifestNoun, &kSbomNoun,  &kCompletionNoun};

// clang-format off
constexpr Option kCommonOptions[] = {
    {"--json", "", Kind::kText, "print the answer, or the error, as JSON"},
    {"--home", "DIRECTORY", Kind::kDirectory, "where your own trust, keys, blobs and audit log are (default: $XDG_DATA_HOME/pylon, else ~/.local/share/pylon)"},
    {"--install", "DIRECTORY", Kind::kDirectory, "the install tree whose plan, blobs and trust are meant (default: the one this program is in)"},
    {"--help", "", Kind::kText, "print help on the command and exit"},
};

constexpr Option kDryRun = {"--dry-run", "", Kind::kText, "say what would be done, and do nothing"};

constexpr ExitCodeMeaning kExitCodes[] = {
    {kExitOk, "done; what was checked is in order"},
    {kExitNo, "the answer is no: refused, different, damaged or missing"},
    {kExitUsage, "the command line or an input is wrong"},
    {kExitFailed, "the system refused an operation, or composectl itself failed"},
};
// clang-format on

}  // namespace

std::span<const Noun* const> nouns() {
  return kNouns;
}

std::span<const Option> common_options() {
  return kCommonOptions;
}

const Option& dry_run_option() {
  return kDryRun;
}

std::span<const ExitCodeMeaning> exit_codes() {
  return kExitCodes;
}

int exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kRefused:
    case ErrorKind::kCorrupt:
    case ErrorKind::kTrap:
    case ErrorKind::kLimit:
      return kExitNo;
    case ErrorKind::kUsage:
    case ErrorKind::kInput:
      return kExitUsage;
    case ErrorKind::kIo:
    case ErrorKind::kInternal:
      break;
  }
  return kExitFailed;
}

}  // namespace pylon::composectl
