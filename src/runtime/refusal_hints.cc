#include "runtime/refusal_hints.hh"

#include <algorithm>

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
    case Kind::kLookup:
      break;
  }
  return {"looking up " + target + " was refused", shell_word("--allow-net=" + target)};
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
  auto is_look = [](const engine::Refusal& refusal) { return refusal.kind == Kind::kStat; };
  if (!std::all_of(chosen.begin(), chosen.end(), is_look)) std::erase_if(chosen, is_look);

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
