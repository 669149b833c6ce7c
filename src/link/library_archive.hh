// The archive of a library inside a composed file: Python's modules by guest path, in compressed
// blocks, as python/archive.c reads them from guest memory.
//
// Format, little-endian: "PYLB", version 1, number of blocks, number of entries (4 bytes each); the
// blocks {offset, stored size, size}; the entries {path offset, path size, block, offset in the
// block's content, size}, ascending by path; the paths; the blocks' bytes. Offsets count from the
// archive's beginning. A block whose two sizes are equal is stored as it is, any other is one zstd
// frame.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "base/file.hh"

namespace pylon::link {

class LibraryArchive {
 public:
  /// Makes one zstd frame of a block's content.
  using Compress = std::function<Result<Bytes>(const Bytes& content)>;

  static constexpr std::size_t kMaxBytes = std::size_t{1} << 28;

  /// Reads an archive; what does not fit together is kCorrupt and names `name`.
  static Result<LibraryArchive> parse(const Bytes& bytes, std::string_view name);

  /// Adds a file to the present block. A path twice is kInput.
  Result<void> add(std::string path, const Bytes& content);

  /// Adds what a .pyc file holds behind its header, under its source's path with a c behind it. A
  /// file without a whole header is kInput.
  Result<void> add_bytecode(const std::string& source, Bytes pyc);

  /// Bytes in the present block.
  std::size_t pending() const { return pending_.size(); }

  /// Ends the present block: compressed, if there is a way and that makes it smaller.
  Result<void> end_block(const Compress& compress = {});

  /// Takes over another archive's blocks and entries. A path that is there already is kInput.
  Result<void> merge(const LibraryArchive& other);

  /// The archive's bytes; the same content, added in the same order, gives the same.
  Bytes encode() const;

  /// The paths, ascending.
  std::vector<std::string_view> paths() const;

 private:
  struct Block {
    Bytes stored;
    std::uint32_t size = 0;
  };
  struct Entry {
    std::string path;
    std::uint32_t block = 0, offset = 0, size = 0;
  };

  Result<void> insert(Entry entry);

  std::vector<Block> blocks_;
  std::vector<Entry> entries_;  // ascending by path
  Bytes pending_;
  bool open_ = false;  // entries of the block to come are there already
};

}  // namespace pylon::link
