# Every setting of the build, with one prefix.
option(PYLON_OPTIMIZE "Optimise python.wasm with the whole optimiser (minutes) instead of folding only (seconds)" ON)
option(PYLON_SANITIZE "Build the C++ with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(PYLON_NATIVE "Run the optimised interpreter as native code, made through C, instead of by the engine's own compiler" ON)
set(PYLON_PROFILE "default" CACHE STRING "Which CPython to build: a file of toolchain/profiles/, without .toml")

set(PYLON_STEPS "" CACHE PATH "Where expensive steps are kept (default: steps/ in the cache folder)")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# The build folder is an install tree: bin/ and lib/pylon/.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/archives")
set(PYLON_LIBRARY_DIRECTORY "${CMAKE_BINARY_DIR}/lib/pylon")
