// A provider that traps when it is instantiated.
#include "stillborn_cap.hh"

namespace {

struct Trap {
  Trap() { __builtin_trap(); }
} trap;

}  // namespace

std::string cap::greeting::greet(std::string_view name) {
  return std::string(name);
}
