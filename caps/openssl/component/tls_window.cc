#include "tls_window.hh"

#include <algorithm>
#include <cstring>

namespace cap::tls {

namespace {

constexpr std::size_t kHeader = sizeof(Window::header);

int starve(BIO* bio, Window& window, std::size_t wanted) {
  if (window.ended) return 0;
  window.wanted = wanted;
  BIO_set_retry_read(bio);
  return -1;
}

/// Whether the body that is asked for may be had; notes headers. Only where somebody inspects.
bool admitted(Window& window, std::size_t size) {
  if (!window.inspect) return true;
  if (window.body_size == 0) {
    if (size != kHeader || window.incoming.size() < kHeader) return true;
    std::memcpy(window.header, window.incoming.data(), kHeader);
    window.body_size = std::size_t{window.header[3]} << 8 | window.header[4];
    return true;
  }
  if (size != window.body_size || window.incoming.size() < size) return false;
  return window.inspect(window.inspector, window.header, window.incoming.first(size));
}

int read(BIO* bio, char* out, int room) {
  auto& window = *static_cast<Window*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (room <= 0) return 0;
  const auto size = static_cast<std::size_t>(room);
  if (window.incoming.empty()) return starve(bio, window, size);
  const bool body = window.body_size != 0;
  if (!admitted(window, size))
    return starve(bio, window, size > window.incoming.size() ? size - window.incoming.size() : 0);
  const std::size_t count = std::min(size, window.incoming.size());
  std::memcpy(out, window.incoming.data(), count);
  window.incoming = window.incoming.subspan(count);
  if (body) window.body_size = 0;
  return static_cast<int>(count);
}

int write(BIO* bio, const char* data, int size) {
  auto& window = *static_cast<Window*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  window.outgoing.append(
      {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)});
  return size;
}

long control(BIO* bio, int command, long, void*) {
  const auto& window = *static_cast<Window*>(BIO_get_data(bio));
  switch (command) {
    case BIO_CTRL_EOF:
      return window.ended && window.incoming.empty();
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_PENDING:
      return static_cast<long>(window.incoming.size());
    default:
      return 0;
  }
}

const BIO_METHOD* window_method() {
  static const BIO_METHOD* made = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "window");
    BIO_meth_set_read(method, read);
    BIO_meth_set_write(method, write);
    BIO_meth_set_ctrl(method, control);
    return method;
  }();
  return made;
}

}  // namespace

BIO* window_bio(Window* window) {
  BIO* bio = BIO_new(window_method());
  BIO_set_data(bio, window);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace cap::tls
