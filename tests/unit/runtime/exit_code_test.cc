#include "runtime/exit_code.hh"

#include <gtest/gtest.h>

#include <algorithm>

namespace pylon::runtime {
namespace {

TEST(ExitCodes, AreUniqueAscendingAndExplained) {
  const auto codes = exit_codes();
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_FALSE(codes[i].meaning.empty());
    EXPECT_TRUE(i == 0 || codes[i - 1].code < codes[i].code) << codes[i].code;
  }
}

TEST(ExitCodes, EveryErrorKindHasADocumentedOne) {
  const struct {
    ErrorKind kind;
    int code;
  } cases[] = {{ErrorKind::kUsage, 2},     {ErrorKind::kInput, 2},     {ErrorKind::kRefused, 126},
               {ErrorKind::kCorrupt, 125}, {ErrorKind::kIo, 125},      {ErrorKind::kTrap, 134},
               {ErrorKind::kLimit, 137},   {ErrorKind::kInternal, 125}};
  for (const auto& c : cases) {
    EXPECT_EQ(exit_code_of(c.kind), c.code) << error_kind_name(c.kind);
    EXPECT_TRUE(
        std::any_of(exit_codes().begin(), exit_codes().end(),
                    [&](const ExitCodeMeaning& meaning) { return meaning.code == c.code; }));
  }
}

}  // namespace
}  // namespace pylon::runtime
