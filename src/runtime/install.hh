// The install tree: where the interpreter's images and its library are, and whether they are whole.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hh"
#include "engine/native_code.hh"
#include "runtime/manifest.hh"

namespace pylon::runtime {

/// The compiled forms of the interpreter.
enum class Image {
  kCold,      ///< goes through CPython's whole start-up, with any option
  kSnapshot,  ///< starts initialised
};

/// An install tree: bin/pylon, lib/pylon/{manifest.json, python.wasm, python.cold.cwasm,
/// python.snapshot.cwasm, python3.14/}.
class Install {
 public:
  /// The tree that this program belongs to.
  static Result<Install> find();

  /// The tree at `root`. A missing or malformed manifest is kInternal or kCorrupt.
  static Result<Install> at(std::filesystem::path root);

  const std::filesystem::path& root() const { return root_; }
  const Manifest& manifest() const { return manifest_; }

  std::filesystem::path directory() const { return root_ / "lib" / "pylon"; }
  /// The standard library, and the directory in which the guest sees it: named by the version
  /// without its patch level.
  std::filesystem::path library() const { return directory() / library_name(manifest_.python); }
  std::string guest_library() const { return "/pylon/lib/" + library_name(manifest_.python); }
  std::filesystem::path image_path(Image image) const;

  /// True if the image is there and the manifest knows it.
  bool has(Image image) const;

  /// The path of an image after a check of its content (see check_file). A snapshot that another
  /// process is just exchanging is waited for.
  Result<std::filesystem::path> checked_image(Image image) const;

  /// The native code that an image is the gate of, after a check of its content; null if the
  /// install has none.
  Result<std::shared_ptr<engine::NativeCode>> native_code(const std::filesystem::path& image) const;

  /// Notes a new snapshot in the manifest, on disk too.
  Result<void> record_snapshot();

 private:
  Install(std::filesystem::path root, Manifest manifest)
      : root_(std::move(root)), manifest_(std::move(manifest)) {}

  std::filesystem::path root_;
  Manifest manifest_;
};

/// The name of an image's file.
const char* image_name(Image image);

}  // namespace pylon::runtime
