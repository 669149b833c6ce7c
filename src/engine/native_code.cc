#include "engine/native_code.hh"

#include <asm/prctl.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "engine/guest_thread.hh"
#include "engine/previous_handler.hh"
#include "native/host.h"
#include "native/protocol.hh"

// Keeps the registers that a call preserves on this stack, and takes them from the other one.
extern "C" void pylon_change_stack(void** leave, void* enter);
extern "C" const char
    pylon_stack_changed;  // in the middle of it: where a stack that was left goes on
asm(R"(
.text
.globl pylon_change_stack
.type pylon_change_stack, @function
pylon_change_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
.globl pylon_stack_changed
pylon_stack_changed:
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size pylon_change_stack, . - pylon_change_stack
)");

namespace pylon::engine {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::uint32_t kResume = 0;
constexpr std::size_t kGuard = 1 << 20;  // below a stack
// The first stack has this many bytes for each of the interpreter's own stack in linear memory; so
// do others, and not less than it: there is C code that recurses without using linear memory.
constexpr std::size_t kStackRatio = kGuestStackBytes / (std::size_t{4} << 20);
constexpr std::size_t kKeptBytes = std::size_t{1} << 20;  // of a stack that waits to be used again
constexpr std::size_t kMaxThreadStack = std::size_t{64} << 20;  // in linear memory
constexpr std::size_t kKeptStacks = 8;                          // for the next threads
constexpr int kBellSignal = SIGVTALRM;
constexpr std::uint32_t kBellMicroseconds = 5'000;  // of processor time: CPython's switch interval
// Linear memory and the guard region behind it (config.rs): what code in it may touch.
constexpr std::uint64_t kReservation = (std::uint64_t{4} << 30) + (std::uint64_t{32} << 20);

Error system_error(const std::string& doing, const std::filesystem::path& file) {
  return Error(ErrorKind::kIo, doing + " " + file.string() + ": " + std::strerror(errno));
}

Error malformed(const std::filesystem::path& file, const std::string& what) {
  return Error(ErrorKind::kCorrupt, file.string() + " is not native code of Pylon: " + what,
               "run pylon doctor --repair, or build again");
}

// A range of addresses.
class Mapping {
 public:
  Mapping() = default;
  Mapping(void* address, std::size_t size)
      : address_(static_cast<std::uint8_t*>(address)), size_(size) {}
  Mapping(Mapping&& other) noexcept
      : address_(std::exchange(other.address_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(address_, other.address_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Mapping() {
    if (address_) ::munmap(address_, size_);
  }

  static Result<Mapping> reserve(std::size_t size, int protection) {
    void* address =
        ::mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (address == MAP_FAILED)
      return fail(ErrorKind::kIo, std::string("cannot reserve addresses: ") + std::strerror(errno));
    return Mapping(address, size);
  }

  std::uint8_t* data() const { return address_; }
  std::size_t size() const { return size_; }
  bool contains(std::uintptr_t address) const {
    return address - reinterpret_cast<std::uintptr_t>(address_) < size_;
  }

 private:
  std::uint8_t* address_ = nullptr;
  std::size_t size_ = 0;
};

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// The parts of an ELF file as the program headers say, nothing else: there is nothing to relocate.
class Loader {
 public:
  explicit Loader(const std::filesystem::path& path)
      : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}

  Result<Mapping> load(native_header*& header) {
    struct stat status;
    if (file_.get() < 0 || ::fstat(file_.get(), &status) != 0)
      return fail(system_error("cannot open", path_));
    size_ = static_cast<std::uint64_t>(status.st_size);
    PYLON_CHECK(read_headers());
    PYLON_TRY(mapping, Mapping::reserve(end_, PROT_NONE));
    for (const Elf64_Phdr& part : parts_) PYLON_CHECK(map(mapping, part));
    header = reinterpret_cast<native_header*>(mapping.data() + entry_);
    if (std::memcmp(header->format, NATIVE_FORMAT, sizeof header->format) != 0)
      return fail(malformed(path_, "no header of this version"));
    if (!lies_within(header->enter, 1, PF_X) ||
        !lies_within(header->host, sizeof(native_host), PF_W) ||
        (header->thread != 0 && !lies_within(header->thread, 1, PF_X)))
      return fail(malformed(path_, "its header points outside"));
    return std::move(mapping);
  }

 private:
  Result<void> read_headers() {
    Elf64_Ehdr head;
    if (::pread(file_.get(), &head, sizeof head, 0) != static_cast<ssize_t>(sizeof head) ||
        std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
        head.e_machine != EM_X86_64 || head.e_type != ET_DYN ||
        head.e_phentsize != sizeof(Elf64_Phdr) || head.e_phnum > 32)
      return fail(malformed(path_, "it is no shared object for x86-64"));
    std::vector<Elf64_Phdr> all(head.e_phnum);
    const auto bytes = static_cast<ssize_t>(all.size() * sizeof(Elf64_Phdr));
    if (::pread(file_.get(), all.data(), static_cast<std::size_t>(bytes),
                static_cast<off_t>(head.e_phoff)) != bytes)
      return fail(malformed(path_, "it is cut short"));
    for (const Elf64_Phdr& part : all) {
      if (part.p_type != PT_LOAD) continue;
      if (part.p_filesz > part.p_memsz || part.p_vaddr % kPage != part.p_offset % kPage ||
          part.p_vaddr > (1u << 30) || part.p_memsz > (1u << 30) || part.p_offset > size_ ||
          part.p_filesz > size_ - part.p_offset || part.p_vaddr / kPage * kPage < end_)
        return fail(malformed(path_, "a part does not fit"));
      parts_.push_back(part);
      end_ = (part.p_vaddr + part.p_memsz + kPage - 1) / kPage * kPage;
    }
    entry_ = head.e_entry;
    if (parts_.empty() || !lies_within(0, sizeof(native_header), PF_R))
      return fail(malformed(path_, "it has no header"));
    return {};
  }

  // Whether `size` bytes at a distance from the entry address lie in a part that may be used so.
  bool lies_within(std::int64_t distance, std::uint64_t size, std::uint32_t use) const {
    const std::uint64_t at = entry_ + static_cast<std::uint64_t>(distance);
    for (const Elf64_Phdr& part : parts_)
      if ((part.p_flags & use) && at >= part.p_vaddr && at - part.p_vaddr <= part.p_memsz &&
          size <= part.p_memsz - (at - part.p_vaddr))
        return true;
    return false;
  }

  Result<void> map(const Mapping& mapping, const Elf64_Phdr& part) {
    const int protection = (part.p_flags & PF_R ? PROT_READ : 0) |
                           (part.p_flags & PF_W ? PROT_WRITE : 0) |
                           (part.p_flags & PF_X ? PROT_EXEC : 0);
    const std::uint64_t skew = part.p_vaddr % kPage, start = part.p_vaddr - skew;
    const std::uint64_t from_file =
                            part.p_filesz ? (part.p_filesz + skew + kPage - 1) / kPage * kPage : 0,
                        whole = (part.p_memsz + skew + kPage - 1) / kPage * kPage;
    std::uint8_t* at = mapping.data() + start;
    if (from_file && ::mmap(at, from_file, protection, MAP_PRIVATE | MAP_FIXED, file_.get(),
                            static_cast<off_t>(part.p_offset - skew)) == MAP_FAILED)
      return fail(system_error("cannot map", path_));
    if (whole > from_file && ::mprotect(at + from_file, whole - from_file, protection) != 0)
      return fail(system_error("cannot map", path_));
    // What the file does not give of the last page is zero, whatever follows in the file.
    if (from_file && (part.p_flags & PF_W) && part.p_filesz < part.p_memsz)
      std::memset(mapping.data() + part.p_vaddr + part.p_filesz, 0,
                  std::min(from_file - skew, part.p_memsz) - part.p_filesz);
    return {};
  }

  const std::filesystem::path& path_;
  File file_;
  std::uint64_t size_ = 0, end_ = 0, entry_ = 0;
  std::vector<Elf64_Phdr> parts_;
};

// A native stack. Its lowest pages cannot be touched.
struct Stack {
  Mapping memory;
  void* left = nullptr;  // its pointer, while another stack is the present one

  static Result<Stack> make(std::size_t size, void (*begin)()) {
    Stack out;
    PYLON_TRY(memory, Mapping::reserve(size, PROT_READ | PROT_WRITE));
    out.memory = std::move(memory);
    if (::mprotect(out.memory.data(), kGuard, PROT_NONE) != 0)
      return fail(ErrorKind::kIo,
                  std::string("cannot protect the end of a stack: ") + std::strerror(errno));
    out.begin_with(begin);
    return out;
  }

  // As a stack that was left in `begin`, and as pylon_change_stack leaves it: six registers, where
  // to go on, where not to return.
  void begin_with(void (*begin)()) {
    auto* top = reinterpret_cast<void**>(memory.data() + memory.size());
    top[-1] = nullptr;
    top[-2] = reinterpret_cast<void*>(begin);
    left = top - 8;
  }
};

// Rings while it lives: a timer of the processor time that the thread which made it uses.
class Ringing {
 public:
  Ringing() = default;
  Ringing(const Ringing&) = delete;
  Ringing& operator=(const Ringing&) = delete;
  ~Ringing() { stop(); }

  bool start(std::uint32_t microseconds) {
    if (running_) return true;
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = kBellSignal;
    event._sigev_un._tid = static_cast<pid_t>(::syscall(SYS_gettid));
    if (::timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_) != 0) return false;
    running_ = true;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, kBellSignal);
    ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    every_ = 0;
    return change(microseconds);
  }
  // From now on every so many microseconds; 0 is the usual number. A signal handler may call it.
  bool change(std::uint32_t microseconds) {
    if (microseconds == 0) microseconds = kBellMicroseconds;
    if (microseconds == std::exchange(every_, microseconds)) return true;
    const timespec time = {static_cast<time_t>(microseconds / 1'000'000),
                           static_cast<long>(microseconds % 1'000'000) * 1000};
    const itimerspec often = {time, time};
    return ::timer_settime(timer_, 0, &often, nullptr) == 0;
  }
  void stop() {
    if (std::exchange(running_, false)) ::timer_delete(timer_);
  }

 private:
  timer_t timer_{};
  std::uint32_t every_ = 0;
  bool running_ = false;
};

}  // namespace

struct NativeCode::Impl {
  Mapping code;
  std::vector<Stack> stacks;  // by number: the first is the one that exports are called on
  std::vector<std::uint32_t> free_numbers;
  std::vector<Stack> kept;
  std::uint32_t present = 0;
  std::uint32_t threads = 0;  // stacks but the first
  native_header* header = nullptr;
  native_host* host = nullptr;
  unsigned (*enter)(unsigned) = nullptr;
  void (*thread)() = nullptr;
  std::uint8_t* memory = nullptr;
  void* outside = nullptr;  // the stack pointers of the side that does not run
  void* inside = nullptr;
  std::uint32_t message = 0;
  std::uint32_t wish = 0;
  unsigned trap = 0;
  Ringing ringing;
  std::uint32_t bell = 0;  // guest address; what lies below `reach` is known to be memory
  std::uint64_t reach = 0;

  [[noreturn]] void work();
  void leave(unsigned operation);
  unsigned make_stack(std::size_t size, std::uint32_t bell_address, std::uint32_t pages);
  void change_stack(std::uint32_t number);
  void drop_stack(std::uint32_t number);
  void ring();
};

namespace {

thread_local NativeCode::Impl* running = nullptr;  // whose code runs on this thread
thread_local volatile std::sig_atomic_t unheard = 0;  // the bell rang while none did
thread_local std::uint8_t* segment = nullptr;      // what GS points to
struct sigaction previous_action;

void start() {
  running->work();
}

void leave(void* user, unsigned operation) {
  static_cast<NativeCode::Impl*>(user)->leave(operation);
}

unsigned make_stack(void* user, unsigned size, unsigned bell, unsigned pages) {
  return static_cast<NativeCode::Impl*>(user)->make_stack(size, bell, pages);
}
void change_stack(void* user, unsigned number) {
  static_cast<NativeCode::Impl*>(user)->change_stack(number);
}
void drop_stack(void* user, unsigned number) {
  static_cast<NativeCode::Impl*>(user)->drop_stack(number);
}

[[noreturn]] void trap(void* user, unsigned why) {
  auto* impl = static_cast<NativeCode::Impl*>(user);
  impl->trap = why;
  impl->wish = NativeCode::kTrapped;
  pylon_change_stack(&impl->inside, impl->outside);
  __builtin_unreachable();
}

// A fault of native code in the memory's guard region or below its stack is a trap: the other side
// goes on as if the code had asked for it. Any other fault is somebody else's.
void on_fault(int signal, siginfo_t* info, void* context) {
  auto* registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  NativeCode::Impl* impl = running;
  if (impl) {
    const bool in_memory = address - reinterpret_cast<std::uintptr_t>(impl->memory) < kReservation;
    const auto stack = reinterpret_cast<std::uintptr_t>(impl->stacks[impl->present].memory.data());
    if (in_memory || address - stack < kGuard) {
      impl->trap = in_memory ? TRAP_ADDRESS : TRAP_STACK;
      impl->wish = NativeCode::kTrapped;
      registers[REG_RSP] = reinterpret_cast<greg_t>(impl->outside);
      registers[REG_RIP] = reinterpret_cast<greg_t>(&pylon_stack_changed);
      return;
    }
  }
  pass_on(previous_action, signal, info, context);
}

// A fault at the end of a stack is handled on another one. Guest threads have it from the engine,
// once they ran its code.
struct SignalStack {
  SignalStack() {
    stack_t present{};
    if (::sigaltstack(nullptr, &present) != 0 || !(present.ss_flags & SS_DISABLE)) return;
    bytes = std::make_unique<std::uint8_t[]>(kSize);
    const stack_t ours{.ss_sp = bytes.get(), .ss_flags = 0, .ss_size = kSize};
    ::sigaltstack(&ours, nullptr);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;
  ~SignalStack() {
    const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
    if (bytes) ::sigaltstack(&none, nullptr);
  }
  static constexpr std::size_t kSize = 64 << 10;
  std::unique_ptr<std::uint8_t[]> bytes;
};

void watch_faults() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action = {};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    ::sigaction(SIGSEGV, &action, &previous_action);
  });
}

}  // namespace

void NativeCode::Impl::leave(unsigned operation) {
  wish = operation;
  for (;;) {
    pylon_change_stack(&inside, outside);
    if (message == kResume) return;
    wish = enter(message - 1);
  }
}

void NativeCode::Impl::work() {
  for (;;) {
    wish = enter(message - 1);
    pylon_change_stack(&inside, outside);
  }
}

namespace {

// What a thread begins with.
void start_thread() {
  running->thread();
  trap(running, TRAP_UNREACHABLE);
}

// The bell of the code that runs on this thread. One that waits for the host hears it when it goes
// on: a program may spend nearly all of its time in calls.
void on_bell(int) {
  if (running)
    running->ring();
  else
    unheard = 1;
}

bool hear_bells() {
  static const bool heard = [] {
    struct sigaction action = {};
    action.sa_handler = on_bell;
    action.sa_flags = SA_ONSTACK | SA_RESTART;
    return ::sigaction(kBellSignal, &action, nullptr) == 0;
  }();
  return heard;
}

}  // namespace

unsigned NativeCode::Impl::make_stack(std::size_t size, std::uint32_t bell_address,
                                      std::uint32_t pages) {
  const std::uint64_t end = std::uint64_t{pages} << 16;
  if (!thread || size > kMaxThreadStack || end > (std::uint64_t{4} << 30) ||
      end < sizeof(native::Bell) || bell_address > end - sizeof(native::Bell) ||
      bell_address % 4 != 0)
    return 0;
  // A fault here is the guest's, as any other.
  (void)*const_cast<volatile std::uint8_t*>(memory + end - 1);
  const std::size_t bytes = std::max(size * kStackRatio, kGuestStackBytes);
  if (!kept.empty() && kept.back().memory.size() == bytes) {
    kept.back().begin_with(start_thread);
  } else {
    Result<Stack> made = Stack::make(bytes, start_thread);
    if (!made) return 0;
    kept.push_back(std::move(*made));
  }
  std::uint32_t interval = 0;
  std::memcpy(&interval, memory + bell_address + offsetof(native::Bell, interval), sizeof interval);
  if (!hear_bells() || !ringing.start(interval)) return 0;
  bell = bell_address;
  reach = end;
  std::uint32_t number = static_cast<std::uint32_t>(stacks.size());
  if (free_numbers.empty()) {
    stacks.emplace_back();
  } else {
    number = free_numbers.back();
    free_numbers.pop_back();
  }
  stacks[number] = std::move(kept.back());
  kept.pop_back();
  ++threads;
  return number;
}

void NativeCode::Impl::change_stack(std::uint32_t number) {
  if (number >= stacks.size() || !stacks[number].memory.data())
    engine::trap(this, TRAP_UNREACHABLE);
  if (number == present) return;
  const std::uint32_t before = std::exchange(present, number);
  pylon_change_stack(&stacks[before].left, stacks[number].left);
}

void NativeCode::Impl::drop_stack(std::uint32_t number) {
  if (number == 0 || number == present || number >= stacks.size() || !stacks[number].memory.data())
    engine::trap(this, TRAP_UNREACHABLE);
  if (kept.size() < kKeptStacks) {
    kept.push_back(std::move(stacks[number]));
    const Mapping& memory_of = kept.back().memory;
    ::madvise(memory_of.data(), memory_of.size() - kKeptBytes, MADV_DONTNEED);
  }
  stacks[number] = Stack();
  free_numbers.push_back(number);
  if (--threads == 0) ringing.stop();
}

// Runs in a signal handler, between any two instructions of native code: on the thread that could
// give back the memory that `cell` points to.
void NativeCode::Impl::ring() {
  auto word = [this](std::uint64_t address) {
    return reinterpret_cast<volatile std::uint32_t*>(memory + address);
  };
  const std::uint32_t cell = *word(bell + offsetof(native::Bell, cell));
  if (cell != 0 && cell % 4 == 0 && cell < reach)
    *word(cell) = *word(cell) | *word(bell + offsetof(native::Bell, bits));
  *word(bell + offsetof(native::Bell, rung)) = 1;
  ringing.change(*word(bell + offsetof(native::Bell, interval)));
}

NativeCode::NativeCode(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
NativeCode::~NativeCode() = default;

Result<std::shared_ptr<NativeCode>> NativeCode::open(const std::filesystem::path& file) {
  auto impl = std::make_unique<Impl>();
  PYLON_TRY(code, Loader(file).load(impl->header));
  impl->code = std::move(code);
  PYLON_TRY(stack, Stack::make(kGuestStackBytes, start));
  impl->inside = stack.left;
  impl->stacks.push_back(std::move(stack));
  auto* origin = reinterpret_cast<std::uint8_t*>(impl->header);
  impl->enter = reinterpret_cast<unsigned (*)(unsigned)>(origin + impl->header->enter);
  impl->host = reinterpret_cast<native_host*>(origin + impl->header->host);
  if (impl->header->thread)
    impl->thread = reinterpret_cast<void (*)()>(origin + impl->header->thread);
  *impl->host = {impl.get(),  nullptr,    leave,        trap,      std::memmove,
                 std::memset, make_stack, change_stack, drop_stack};
  watch_faults();
  return std::shared_ptr<NativeCode>(new NativeCode(std::move(impl)));
}

std::filesystem::path NativeCode::path_beside(const std::filesystem::path& image) {
  const std::string name = image.filename().string();
  return image.parent_path() / (name.substr(0, name.find('.')) + ".native");
}

Result<std::shared_ptr<NativeCode>> NativeCode::beside(const std::filesystem::path& image) {
  const std::filesystem::path file = path_beside(image);
  if (::access(file.c_str(), F_OK) != 0) return nullptr;
  return open(file);
}

std::uint32_t NativeCode::change(std::uint8_t* memory, std::uint32_t message) {
  if (segment != memory) {
    ::syscall(SYS_arch_prctl, ARCH_SET_GS, memory);
    segment = memory;
  }
  impl_->memory = impl_->host->memory = memory;
  impl_->message = message;
  static thread_local const SignalStack signal_stack;
  Impl* before = std::exchange(running, impl_.get());
  if (std::exchange(unheard, 0) && impl_->threads) impl_->ring();
  pylon_change_stack(&impl_->outside, impl_->inside);
  running = before;
  return impl_->wish;
}

const char* NativeCode::trap_reason() const {
  switch (impl_->trap) {
    case TRAP_UNREACHABLE:
      return "wasm `unreachable` instruction executed";
    case TRAP_DIVISION:
      return "integer divide by zero";
    case TRAP_OVERFLOW:
      return "integer overflow";
    case TRAP_CONVERSION:
      return "invalid conversion to integer";
    case TRAP_TABLE:
      return "undefined element: out of bounds table access";
    case TRAP_SIGNATURE:
      return "indirect call type mismatch";
    case TRAP_STACK:
      return "call stack exhausted";
    default:
      return "out of bounds memory access";
  }
}

}  // namespace pylon::engine
