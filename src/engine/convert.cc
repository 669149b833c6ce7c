#include "engine/convert.hh"

#include <iterator>
#include <memory>
#include <utility>

namespace pylon::engine {
namespace {

ErrorKind kind_of(std::uint8_t failure_kind) {
  static constexpr ErrorKind kKinds[] = {ErrorKind::kInput, ErrorKind::kCorrupt,
                                         ErrorKind::kIo,    ErrorKind::kTrap,
                                         ErrorKind::kLimit, ErrorKind::kInternal};
  return failure_kind < std::size(kKinds) ? kKinds[failure_kind] : ErrorKind::kInternal;
}

}  // namespace

Error take_failure(pylon_failure* failure) {
  std::unique_ptr<pylon_failure, decltype(&pylon_failure_delete)> owned(failure,
                                                                        pylon_failure_delete);
  std::uint8_t kind = 0;
  pylon_text message{}, detail{};
  pylon_failure_read(failure, &kind, &message, &detail);
  std::string what(to_view(message));
  if (detail.size == 0) return Error(kind_of(kind), std::move(what));
  return Error(kind_of(kind), std::string(to_view(detail))).within(std::move(what));
}

}  // namespace pylon::engine
