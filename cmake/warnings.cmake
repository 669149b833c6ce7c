# Warnings are errors, in our own code.
add_library(pylon_warnings INTERFACE)
target_compile_options(pylon_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wundef -Wno-missing-field-initializers)
# g++ 12 sees overlapping copies in std::string where there are none (-Wrestrict).
target_compile_options(pylon_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local> $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
