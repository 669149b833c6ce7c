#include "token_file.h"

#include <algorithm>
#include <cstring>

#include "token_store.hh"

TokenFile* TokenFile::open(const std::string& path, bool create, bool truncate) {
  auto content = token_store::read(path);
  if (!content && !create) return nullptr;
  TokenFile* file = new TokenFile(path);
  file->changed_ = !content;
  if (content) file->content_ = std::move(*content);
  if (truncate) file->truncate();
  return file;
}

std::size_t TokenFile::read(void* to, std::size_t size) {
  const std::size_t got = std::min(size, left());
  std::memcpy(to, content_.data() + position_, got);
  position_ += got;
  if (got < size) at_end_ = true;
  return got;
}

std::size_t TokenFile::write(const void* from, std::size_t size) {
  if (size > left()) {
    content_.resize(position_ + size);
    changed_ = true;
  }
  changed_ = changed_ || std::memcmp(content_.data() + position_, from, size) != 0;
  std::memcpy(content_.data() + position_, from, size);
  position_ += size;
  return size;
}

void TokenFile::truncate() {
  changed_ = changed_ || !content_.empty();
  content_.clear();
  seek(0);
}

void TokenFile::seek(std::size_t position) {
  position_ = std::min(position, content_.size());
  at_end_ = false;
}

bool TokenFile::commit() {
  if (!changed_) return true;
  if (!token_store::replace(path_, content_)) return false;
  changed_ = false;
  return true;
}
