#include "runtime/install.hh"

#include <unistd.h>

#include <cerrno>

#include "base/directory_lock.hh"
#include "base/file.hh"
#include "runtime/path.hh"

namespace pylon::runtime {

const char* image_name(Image image) {
  return image == Image::kCold ? "python.cold.cwasm" : "python.snapshot.cwasm";
}

Result<Install> Install::find() {
  std::error_code problem;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", problem);
  if (problem)
    return fail(ErrorKind::kInternal, "cannot find this program's own file", "mount /proc");
  return at(program.parent_path().parent_path());
}

Result<Install> Install::at(std::filesystem::path root) {
  const std::filesystem::path manifest = root / "lib" / "pylon" / "manifest.json";
  Result<Bytes> text = read_file(manifest, std::size_t{1} << 20);
  if (!text)
    return fail(ErrorKind::kInternal, "incomplete install: " + text.error().text(),
                "install Pylon again, or build it again");
  Result<Manifest> parsed =
      Manifest::parse({reinterpret_cast<const char*>(text->data()), text->size()});
  if (!parsed) return fail(std::move(parsed).error().within("cannot use " + manifest.string()));
  return Install(std::move(root), std::move(*parsed));
}

std::filesystem::path Install::image_path(Image image) const {
  return directory() / image_name(image);
}

bool Install::has(Image image) const {
  return manifest_.files.contains(image_name(image)) &&
         path_kind(image_path(image).string()) == PathKind::kFile;
}

Result<std::filesystem::path> Install::checked_image(Image image) const {
  auto record = manifest_.files.find(image_name(image));
  if (record == manifest_.files.end())
    return fail(ErrorKind::kInternal,
                std::string("manifest.json does not know ") + image_name(image),
                "run `pylon doctor`");
  std::filesystem::path path = image_path(image);
  Result<void> whole = check_file(path, record->second);
  if (!whole && image == Image::kSnapshot) {
    const Result<DirectoryLock> lock =
        DirectoryLock::take(directory(), DirectoryLock::Kind::kShared);
    if (!lock) return fail(lock.error());
    PYLON_TRY(renewed, at(root_));
    if (renewed.has(image)) whole = check_file(path, renewed.manifest_.files.at(image_name(image)));
  }
  if (!whole) return fail(std::move(whole).error());
  return path;
}

Result<std::shared_ptr<engine::NativeCode>> Install::native_code(
    const std::filesystem::path& image) const {
  const std::filesystem::path path = engine::NativeCode::path_beside(image);
  auto record = manifest_.files.find(path.filename().string());
  if (record == manifest_.files.end()) return nullptr;
  PYLON_CHECK(check_file(path, record->second));
  return engine::NativeCode::open(path);
}

Result<void> Install::record_snapshot() {
  PYLON_TRY(record, digest_file(image_path(Image::kSnapshot)));
  manifest_.files[image_name(Image::kSnapshot)] = record;
  return manifest_.write(directory());
}

}  // namespace pylon::runtime
