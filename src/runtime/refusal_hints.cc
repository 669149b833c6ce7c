#include "runtime/refusal_hints.hh"

#include <algorithm>
#include <filesystem>

#include "runtime/path.hh"

namespace pylon::runtime {
namespace {

using Kind = engine::Refusal::Kind;

// Paths of the virtual prefix cannot be granted.
bool is_virtual(const engine::Refusal& refusal) {
  return (refusal.kind == Kind::kStat || refusal.kind == Kind::kRead ||
          refusal.kind == Kind::kWrite) &&
         contains_path("/pylon", refusal.target);
}

bool granted(const engine::Refusal& refusal, const FileGrants& files) {
  switch (refusal.kind) {
    case Kind::kStat:
    case Kind::kRead:
      return files.allows(refusal.target, Access::kRead);
    case Kind::kWrite:
      return files.allows(refusal.target, Access::kWrite);
    case Kind::kConnect:
    case Kind::kLookup:
    case Kind::kListen:
      return false;
  }
  return false;
}

RefusalHint hint(const engine::Refusal& refusal) {
  const std::string& target = refusal.target;
  switch (refusal.kind) {
    case Kind::kStat:
      return {"looking at " + target + " was refused", shell_word("--allow-read=" + target)};
    case Kind::kRead:
      return {"reading " + target + " was refused", shell_word("--allow-read=" + target)};
    case Kind::kWrite:
      return {"writing " + target + " was refused", shell_word("--allow-write=" + target)};
    case Kind::kConnect:
      return {"connecting to " + target + " was refused", shell_word("--allow-net=" + target)};
    case Kind::kListen:
      return {"listening on " + target + " was refused", shell_word("--allow-net=" + target)};
    case Kind::kLookup:
      break;
  }
  return {"looking up " + target + " was refused", shell_word("--allow-net=" + target)};
}

bool is_look(const engine::Refusal& refusal) {
  return refusal.kind == Kind::kStat;
}

bool is_there(const engine::Refusal& refusal) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(refusal.target, ignored));
}

// Leaves out the looks that were not what the run failed by: those beside other refusals, and those
// at nothing beside those at something (a library that tries several directories).
void drop_vain_looks(std::vector<engine::Refusal>& refusals) {
  if (!std::all_of(refusals.begin(), refusals.end(), is_look))
    std::erase_if(refusals, is_look);
  else if (std::any_of(refusals.begin(), refusals.end(), is_there))
    std::erase_if(refusals, [](const engine::Refusal& refusal) { return !is_there(refusal); });
}

}  // namespace

std::string shell_word(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c >= 0x80 ||
           std::string_view("-_=/.,:+@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return std::string(text);
  std::string out = "'";
  for (char c : text)
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  return out + "'";
}

std::vector<RefusalHint> refusal_hints(std::span<const engine::Refusal> refusals,
                                       const FileGrants& files) {
  std::vector<engine::Refusal> chosen;
  for (const engine::Refusal& refusal : refusals)
    if (!is_virtual(refusal) && !granted(refusal, files)) chosen.push_back(refusal);
  drop_vain_looks(chosen);

  std::vector<RefusalHint> out;
  for (auto refusal = chosen.rbegin(); refusal != chosen.rend() && out.size() < kMaxHints;
       ++refusal) {
    RefusalHint next = hint(*refusal);
    if (std::none_of(out.begin(), out.end(),
                     [&](const RefusalHint& known) { return known.flag == next.flag; }))
      out.push_back(std::move(next));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace pylon::runtime
