#include "engine/guest_thread.hh"

#include <cstring>
#include <utility>

namespace pylon::engine {
namespace {

using Body = std::function<void()>;

void* run_body(void* owned) {
  std::unique_ptr<Body> body(static_cast<Body*>(owned));
  (*body)();
  return nullptr;
}

// The size of this thread's stack, asked once a thread.
std::size_t own_stack_size() {
  thread_local std::size_t size = [] {
    std::size_t bytes = 0;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
      pthread_attr_getstacksize(&attributes, &bytes);
      pthread_attr_destroy(&attributes);
    }
    return bytes;
  }();
  return size;
}

}  // namespace

Result<void> check_guest_stack() {
  constexpr std::size_t kBookkeeping = std::size_t{1} << 20;  // guard page, thread-local storage
  if (own_stack_size() + kBookkeeping >= kGuestStackBytes) return {};
  return fail(ErrorKind::kInternal, "the thread's stack is too small to run a guest on",
              "use engine::GuestThread");
}

Result<GuestThread> GuestThread::start(Body body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  int error = pthread_attr_setstacksize(&attributes, kGuestStackBytes);
  pthread_t thread{};
  auto owned = std::make_unique<Body>(std::move(body));
  if (error == 0) error = pthread_create(&thread, &attributes, run_body, owned.get());
  pthread_attr_destroy(&attributes);
  if (error != 0)
    return fail(ErrorKind::kLimit,
                std::string("cannot start the guest's thread: ") + std::strerror(error),
                "allow more address space (ulimit -v) and threads (ulimit -u)");
  owned.release();
  return GuestThread(thread);
}

GuestThread::GuestThread(GuestThread&& other) noexcept
    : thread_(other.thread_), running_(std::exchange(other.running_, false)) {}

GuestThread::~GuestThread() {
  join();
}

void GuestThread::join() {
  if (std::exchange(running_, false)) pthread_join(thread_, nullptr);
}

}  // namespace pylon::engine
