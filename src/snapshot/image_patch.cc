#include "snapshot/image_patch.hh"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/sha256.hh"
#include "wasm/memory_image.hh"

namespace pylon::snapshot {
namespace {

constexpr std::size_t kPage = 4096;
constexpr const char* kRepair = "run `pylon-build images` again, or install again";

bool same_at(const Bytes& file, std::size_t offset, std::span<const std::uint8_t> image) {
  return std::memcmp(file.data() + offset, image.data(), image.size()) == 0;
}

Result<void> check_header(std::span<const std::uint8_t> image, const std::string& what) {
  std::string_view text(reinterpret_cast<const char*>(image.data()), image.size());
  if (!text.starts_with(wasm::kImageHeader))
    return fail(ErrorKind::kCorrupt, what + " does not begin with the image header", kRepair);
  return {};
}

}  // namespace

Result<ImagePatch> ImagePatch::find(Bytes cwasm, std::span<const std::uint8_t> image,
                                    std::uint32_t start) {
  PYLON_CHECK(check_header(image, "the memory image"));
  std::vector<std::size_t> places;
  for (std::size_t offset = 0; offset + image.size() <= cwasm.size(); offset += kPage)
    if (same_at(cwasm, offset, image)) places.push_back(offset);
  if (places.size() != 1)
    return fail(ErrorKind::kInternal, "the memory image lies " + std::to_string(places.size()) +
                                          " times in the compiled component, expected once");
  ImageRecord record;
  record.offset = places[0];
  record.start = start;
  record.length = static_cast<std::uint32_t>(image.size());
  record.file_size = cwasm.size();
  return ImagePatch(std::move(cwasm), std::move(record));
}

Result<ImagePatch> ImagePatch::open(const std::filesystem::path& cwasm) {
  std::filesystem::path json = ImageRecord::path_for(cwasm);
  PYLON_TRY(text, read_file(json, 1u << 16));
  PYLON_TRY(record, ImageRecord::parse({reinterpret_cast<const char*>(text.data()), text.size()},
                                       json.string()));
  PYLON_TRY(bytes, read_file(cwasm));
  bool fits = bytes.size() == record.file_size && record.offset <= bytes.size() &&
              record.length <= bytes.size() - record.offset;
  if (!fits || sha256(bytes) != record.file_sha256)
    return fail(ErrorKind::kCorrupt,
                cwasm.string() + " is not the file that " + json.filename().string() + " describes",
                kRepair);
  ImagePatch patch(std::move(bytes), std::move(record));
  PYLON_CHECK(check_header(patch.image(), cwasm.string()));
  return patch;
}

std::span<const std::uint8_t> ImagePatch::image() const {
  return std::span<const std::uint8_t>(cwasm_).subspan(record_.offset, record_.length);
}

Result<void> ImagePatch::replace(std::span<const std::uint8_t> image) {
  if (image.size() != record_.length)
    return fail(ErrorKind::kInput, "a memory image of " + std::to_string(image.size()) +
                                       " bytes does not fit where one of " +
                                       std::to_string(record_.length) + " lies");
  PYLON_CHECK(check_header(image, "the new memory image"));
  std::copy(image.begin(), image.end(),
            cwasm_.begin() + static_cast<std::ptrdiff_t>(record_.offset));
  return {};
}

Result<void> ImagePatch::write(const std::filesystem::path& path) const {
  return write_file_atomically(path, cwasm_);
}

Result<void> ImagePatch::write_record(const std::filesystem::path& cwasm) const {
  ImageRecord record = record_;
  record.file_sha256 = sha256(cwasm_);
  const std::string json = record.json();
  return write_file_atomically(ImageRecord::path_for(cwasm),
                               {reinterpret_cast<const std::uint8_t*>(json.data()), json.size()});
}

}  // namespace pylon::snapshot
