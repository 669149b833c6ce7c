// Fuzz target: any bytes as a plan; what is accepted is written and read back the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "compose/plan.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pylon::compose::Plan;
  const auto plan = Plan::parse({reinterpret_cast<const char*>(data), size});
  if (!plan) return 0;
  const auto again = Plan::parse(plan->json());
  if (!again || *again != *plan || again->json() != plan->json()) __builtin_trap();
  return 0;
}
