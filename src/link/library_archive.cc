#include "link/library_archive.hh"

#include <algorithm>
#include <array>

#include "base/utf8.hh"

namespace pylon::link {
namespace {

constexpr std::uint32_t kMagic = 0x424C5950, kVersion = 1;
constexpr std::size_t kBytecodeHeader = 16;  // of a .pyc file: magic number, flags, date, size
constexpr std::size_t kHeaderSize = 16, kBlockSize = 12, kEntrySize = 20;

void put(Bytes& out, std::uint32_t word) {
  for (int shift = 0; shift < 32; shift += 8)
    out.push_back(static_cast<std::uint8_t>(word >> shift));
}

// Words and ranges of an archive, each checked.
class Reader {
 public:
  Reader(const Bytes& bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  Result<std::uint32_t> word(std::size_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < 4) return fail(error("ends early"));
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value |= std::uint32_t{bytes_[offset + i]} << (8 * i);
    return value;
  }

  template <std::size_t N>
  Result<std::array<std::uint32_t, N>> words(std::size_t offset) const {
    std::array<std::uint32_t, N> values{};
    for (std::size_t i = 0; i < N; ++i) {
      PYLON_TRY(value, word(offset + 4 * i));
      values[i] = value;
    }
    return values;
  }

  Result<Bytes> range(std::uint32_t offset, std::uint32_t size) const {
    if (offset > bytes_.size() || bytes_.size() - offset < size) return fail(error("ends early"));
    return Bytes(bytes_.begin() + offset, bytes_.begin() + offset + size);
  }

  Error error(const std::string& what) const {
    return Error(ErrorKind::kCorrupt, std::string(name_) + ": the library archive " + what,
                 "build it anew");
  }

 private:
  const Bytes& bytes_;
  std::string_view name_;
};

}  // namespace

Result<LibraryArchive> LibraryArchive::parse(const Bytes& bytes, std::string_view name) {
  const Reader in(bytes, name);
  if (bytes.size() > kMaxBytes) return fail(in.error("is too large"));
  PYLON_TRY(head, in.words<4>(0));
  if (head[0] != kMagic || head[1] != kVersion) return fail(in.error("has another format"));
  const std::size_t blocks = head[2], entries = head[3];
  if (blocks > bytes.size() / kBlockSize || entries > bytes.size() / kEntrySize)
    return fail(in.error("ends early"));
  LibraryArchive archive;
  for (std::size_t i = 0; i < blocks; ++i) {
    PYLON_TRY(block, in.words<3>(kHeaderSize + i * kBlockSize));
    PYLON_TRY(stored, in.range(block[0], block[1]));
    if (block[2] < block[1] || block[2] > kMaxBytes)
      return fail(in.error("has an impossible block"));
    archive.blocks_.push_back({std::move(stored), block[2]});
  }
  for (std::size_t i = 0; i < entries; ++i) {
    PYLON_TRY(entry, in.words<5>(kHeaderSize + blocks * kBlockSize + i * kEntrySize));
    PYLON_TRY(path, in.range(entry[0], entry[1]));
    std::string text(path.begin(), path.end());
    if (entry[2] >= blocks || archive.blocks_[entry[2]].size < entry[3] ||
        archive.blocks_[entry[2]].size - entry[3] < entry[4])
      return fail(in.error("has an entry outside its block"));
    if (!is_utf8(text) || (i > 0 && archive.entries_.back().path >= text))
      return fail(in.error("has an impossible path"));
    archive.entries_.push_back({std::move(text), entry[2], entry[3], entry[4]});
  }
  return archive;
}

Result<void> LibraryArchive::insert(Entry entry) {
  auto place = std::ranges::lower_bound(entries_, entry.path, {}, &Entry::path);
  if (place != entries_.end() && place->path == entry.path)
    return fail(ErrorKind::kInput, entry.path + " is in the library twice");
  entries_.insert(place, std::move(entry));
  return {};
}

Result<void> LibraryArchive::add(std::string path, const Bytes& content) {
  if (content.size() > kMaxBytes - pending_.size())
    return fail(ErrorKind::kInput, path + " is too large for the library");
  PYLON_CHECK(insert({std::move(path), static_cast<std::uint32_t>(blocks_.size()),
                      static_cast<std::uint32_t>(pending_.size()),
                      static_cast<std::uint32_t>(content.size())}));
  pending_.insert(pending_.end(), content.begin(), content.end());
  open_ = true;
  return {};
}

Result<void> LibraryArchive::add_bytecode(const std::string& source, Bytes pyc) {
  if (pyc.size() < kBytecodeHeader)
    return fail(ErrorKind::kInput, "what should be the bytecode of " + source + " is too short");
  pyc.erase(pyc.begin(), pyc.begin() + kBytecodeHeader);
  return add(source + "c", pyc);
}

Result<void> LibraryArchive::end_block(const Compress& compress) {
  if (!open_) return {};
  open_ = false;
  Block block{{}, static_cast<std::uint32_t>(pending_.size())};
  if (compress) {
    PYLON_TRY(frame, compress(pending_));
    block.stored = std::move(frame);
  }
  if (!compress || block.stored.size() >= pending_.size()) block.stored = std::move(pending_);
  blocks_.push_back(std::move(block));
  pending_.clear();
  return {};
}

Result<void> LibraryArchive::merge(const LibraryArchive& other) {
  const auto first = static_cast<std::uint32_t>(blocks_.size());
  for (Entry entry : other.entries_) {
    entry.block += first;
    PYLON_CHECK(insert(std::move(entry)));
  }
  blocks_.insert(blocks_.end(), other.blocks_.begin(), other.blocks_.end());
  return {};
}

Bytes LibraryArchive::encode() const {
  Bytes out, paths;
  const std::size_t fixed =
      kHeaderSize + blocks_.size() * kBlockSize + entries_.size() * kEntrySize;
  std::size_t data = fixed;
  for (const Entry& entry : entries_) data += entry.path.size();
  for (std::size_t word :
       {std::size_t{kMagic}, std::size_t{kVersion}, blocks_.size(), entries_.size()})
    put(out, static_cast<std::uint32_t>(word));
  for (const Block& block : blocks_) {
    put(out, static_cast<std::uint32_t>(data));
    put(out, static_cast<std::uint32_t>(block.stored.size()));
    put(out, block.size);
    data += block.stored.size();
  }
  for (const Entry& entry : entries_) {
    put(out, static_cast<std::uint32_t>(fixed + paths.size()));
    put(out, static_cast<std::uint32_t>(entry.path.size()));
    for (std::uint32_t word : {entry.block, entry.offset, entry.size}) put(out, word);
    paths.insert(paths.end(), entry.path.begin(), entry.path.end());
  }
  out.insert(out.end(), paths.begin(), paths.end());
  for (const Block& block : blocks_)
    out.insert(out.end(), block.stored.begin(), block.stored.end());
  return out;
}

std::vector<std::string_view> LibraryArchive::paths() const {
  std::vector<std::string_view> paths;
  for (const Entry& entry : entries_) paths.push_back(entry.path);
  return paths;
}

}  // namespace pylon::link
