#include "compose/plan_file.hh"

#include "base/file.hh"

namespace pylon::compose {

std::filesystem::path signature_path(const std::filesystem::path& file) {
  return file.string() + ".minisig";
}

Result<PlanFile> PlanFile::of(std::string path, std::string bytes,
                              std::optional<std::string> signature) {
  PYLON_TRY(plan, Plan::parse(bytes, path));
  const Digest digest = Digest::of(bytes);
  return PlanFile{std::move(path), std::move(bytes), digest, std::move(plan), std::move(signature)};
}

Result<PlanFile> PlanFile::read(const std::filesystem::path& path) {
  PYLON_TRY(bytes, read_file(path, Plan::kMaxBytes));
  std::optional<std::string> signature;
  std::error_code ignored;
  if (const auto beside = signature_path(path); std::filesystem::exists(beside, ignored)) {
    PYLON_TRY(text, read_file(beside, 65536));
    signature.emplace(text.begin(), text.end());
  }
  return of(path.string(), std::string(bytes.begin(), bytes.end()), std::move(signature));
}

}  // namespace pylon::compose
