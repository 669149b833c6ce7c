#include "snapshot/page_watch.hh"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "engine/previous_handler.hh"

namespace pylon::snapshot {
namespace {

PageWatch* current = nullptr;

int protect(std::span<const std::uint8_t> memory, int protection) {
  return ::mprotect(const_cast<std::uint8_t*>(memory.data()), memory.size(), protection);
}

}  // namespace

Result<std::unique_ptr<PageWatch>> PageWatch::begin(std::span<const std::uint8_t> memory) {
  std::unique_ptr<PageWatch> watch(new PageWatch(memory));
  current = watch.get();
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  ::sigaction(SIGSEGV, &action, &watch->previous_);
  if (protect(memory, PROT_NONE) != 0)
    return fail(ErrorKind::kIo, std::string("cannot watch memory: ") + std::strerror(errno));
  return watch;
}

PageWatch::~PageWatch() {
  protect(memory_, PROT_READ | PROT_WRITE);
  ::sigaction(SIGSEGV, &previous_, nullptr);
  current = nullptr;
}

// Runs in a signal handler.
bool PageWatch::give(std::uintptr_t address) {
  const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(memory_.data());
  if (offset >= memory_.size() || seen_[offset / kPage]) return false;
  seen_[offset / kPage] = 1;
  return protect(memory_.subspan(offset / kPage * kPage, kPage), PROT_READ | PROT_WRITE) == 0;
}

void PageWatch::on_fault(int signal, siginfo_t* info, void* context) {
  if (current->give(reinterpret_cast<std::uintptr_t>(info->si_addr))) return;
  engine::pass_on(current->previous_, signal, info, context);
}

std::vector<std::size_t> PageWatch::touched() const {
  std::vector<std::size_t> out;
  for (std::size_t page = 0; page < seen_.size(); ++page)
    if (seen_[page]) out.push_back(page);
  return out;
}

}  // namespace pylon::snapshot
