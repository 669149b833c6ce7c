#include "runtime/file_grants.hh"

#include <algorithm>

#include "runtime/path.hh"

namespace pylon::runtime {

Result<void> FileGrants::allow(std::string_view path, Access access) {
  const std::string guest = absolute_path(path, directory_);
  const bool write = access == Access::kWrite;
  const bool directory = path_kind(guest) == PathKind::kDirectory;
  std::optional<std::string> entry = real_path_of_entry(guest);
  if (!entry)
    return fail(
        ErrorKind::kInput,
        "cannot allow " + guest + ": its directory " + parent_path(guest) + " does not exist",
        "create the directory first, or allow one that exists");
  const std::string real = real_path(guest).value_or(*entry);
  add({guest, real, directory, write});
  add({real, real, directory, write});
  return {};
}

void FileGrants::add(Grant grant) {
  for (Grant& known : grants_) {
    if (known.guest != grant.guest) continue;
    known.write |= grant.write;
    known.directory |= grant.directory;
    return;
  }
  grants_.push_back(std::move(grant));
}

FileGrants FileGrants::within(const FileGrants& outer) const {
  const auto covers = [](const Grant& one, const Grant& other) {
    return one.directory ? contains_path(one.real, other.real) : one.real == other.real;
  };
  FileGrants out(directory_);
  for (const Grant& mine : grants_)
    for (const Grant& theirs : outer.grants_) {
      if (!covers(theirs, mine) && !covers(mine, theirs)) continue;
      Grant narrower = covers(theirs, mine) ? mine : theirs;
      narrower.write = mine.write && theirs.write;
      out.add(std::move(narrower));
    }
  return out;
}

bool FileGrants::allows(const std::string& path, Access access) const {
  const std::string real = real_path(path).value_or(real_path_of_entry(path).value_or(path));
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    bool inside = grant.directory ? contains_path(grant.real, real) : grant.real == real;
    return inside && (access == Access::kRead || grant.write);
  });
}

// A path may be written if it, or a directory that really contains it, was granted for writing.
bool FileGrants::writable(const Grant& grant) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& other) {
    return other.write &&
           (other.directory ? contains_path(other.real, grant.real) : other.real == grant.real);
  });
}

// True if the nearest kept directory above gives the same rights, and no symbolic link lies
// between.
bool FileGrants::covered(const Grant& grant, const std::vector<Grant>& kept) const {
  const Grant* nearest = nullptr;
  for (const Grant& above : kept)
    if (above.directory && contains_path(above.guest, grant.guest) &&
        (!nearest || above.guest.size() > nearest->guest.size()))
      nearest = &above;
  if (!nearest || nearest->write != grant.write) return false;
  const std::string below = grant.guest.substr(nearest->guest == "/" ? 0 : nearest->guest.size());
  return absolute_path("." + below, nearest->real) == grant.real;
}

std::vector<engine::Preopen> FileGrants::preopens() const {
  std::vector<Grant> sorted = grants_;
  std::sort(sorted.begin(), sorted.end(),
            [](const Grant& a, const Grant& b) { return a.guest < b.guest; });
  std::vector<Grant> kept;
  for (Grant grant : sorted) {
    grant.write = writable(grant);
    if (!covered(grant, kept)) kept.push_back(std::move(grant));
  }

  std::vector<engine::Preopen> out;
  auto preopen_at = [&](const std::string& guest, const std::string& host) -> engine::Preopen& {
    for (engine::Preopen& known : out)
      if (known.guest == guest) return known;
    return out.emplace_back(engine::Preopen{guest, host, false, false, {}});
  };
  preopen_at("/", "/");
  for (const Grant& grant : kept) {
    if (!grant.directory) continue;
    engine::Preopen& preopen = preopen_at(grant.guest, grant.real);
    preopen.read = true;
    preopen.write = grant.write;
  }
  for (const Grant& grant : kept) {
    if (grant.directory) continue;
    const std::string parent = parent_path(grant.guest);
    const bool known = std::any_of(out.begin(), out.end(),
                                   [&](const auto& preopen) { return preopen.guest == parent; });
    engine::Preopen& preopen = preopen_at(parent, real_path(parent).value_or(parent));
    if (!known) {
      // The new preopen hides what a directory granted further up gives here: give it again.
      preopen.read = allows(parent, Access::kRead);
      preopen.write = allows(parent, Access::kWrite);
    }
    preopen.files.push_back({base_name(grant.guest), grant.write});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.guest < b.guest; });
  return out;
}

}  // namespace pylon::runtime
