#include "runtime/interrupt.hh"

#include <sys/eventfd.h>
#include <unistd.h>

namespace pylon::runtime {
namespace {

// Places in the block, in words.
enum Word : std::size_t {
  kMagic,
  kVersion,
  kSelf,
  kMemorySize,
  kImageStart,
  kState,
  kSigint,
  kSignals,
  kBreaker,
  kBreakerBit,
  kWords
};

constexpr std::uint32_t kMagicValue = 0x4C594350;  // "PCYL"
constexpr std::uint32_t kVersionValue = 1;

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

std::uint32_t read_word(const std::uint8_t* block, std::size_t word) {
  return reinterpret_cast<const std::atomic<std::uint32_t>*>(block)[word].load();
}

}  // namespace

Result<ControlBlock> ControlBlock::at(std::span<const std::uint8_t> block) {
  if (block.size() < kWords * sizeof(std::uint32_t) ||
      reinterpret_cast<std::uintptr_t>(block.data()) % sizeof(std::uint32_t) != 0)
    return fail(ErrorKind::kCorrupt, "the interpreter's control block is malformed");
  if (read_word(block.data(), kMagic) != kMagicValue ||
      read_word(block.data(), kVersion) != kVersionValue)
    return fail(ErrorKind::kCorrupt, "the interpreter's control block has another version",
                "build Pylon again");
  ControlBlock out;
  out.block_ = block.data();
  out.memory_ = const_cast<std::uint8_t*>(block.data()) - read_word(block.data(), kSelf);
  out.memory_size_ = read_word(block.data(), kMemorySize);
  return out;
}

// The guest can write the block's words: an address counts only if it lies in the memory the guest
// began with.
std::atomic<std::uint32_t>* ControlBlock::cell(std::size_t word) const {
  const std::uint32_t address = read_word(block_, word);
  if (address == 0 || address % 4 != 0 || address > memory_size_ - 4) return nullptr;
  return reinterpret_cast<std::atomic<std::uint32_t>*>(memory_ + address);
}

bool ControlBlock::trip() const {
  auto *sigint = cell(kSigint), *any = cell(kSignals), *breaker = cell(kBreaker);
  if (!sigint || !any || !breaker) return false;
  sigint->store(1);
  any->store(1);
  breaker->fetch_or(read_word(block_, kBreakerBit));
  return true;
}

bool ControlBlock::tripped() const {
  const auto* sigint = cell(kSigint);
  return sigint && sigint->load() != 0;
}

Interrupt::Interrupt() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Interrupt::~Interrupt() {
  ::close(event_);
}

void Interrupt::connect(ControlBlock block) {
  owned_ = std::make_unique<const ControlBlock>(block);
  block_ = owned_.get();
}

void Interrupt::disconnect() {
  block_ = nullptr;
}

bool Interrupt::raise() {
  const ControlBlock* block = block_;
  if (!block || block->tripped() || !block->trip()) return false;
  const std::uint64_t one = 1;
  (void)!::write(event_, &one, sizeof one);
  return true;
}

bool Interrupt::pending() const {
  const ControlBlock* block = block_;
  return block && block->tripped();
}

bool Interrupt::begin_wait() {
  std::uint64_t count;
  (void)!::read(event_, &count, sizeof count);
  return pending();
}

}  // namespace pylon::runtime
