# Makes the toolchain if it is not there (toolchain/install) and learns where everything is.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)

execute_process(
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/install" --profile "${PYLON_PROFILE}"
  OUTPUT_VARIABLE settings OUTPUT_STRIP_TRAILING_WHITESPACE
  RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "The toolchain could not be made; the lines above say why and what to do.")
endif()
include("${settings}")

# A changed lock, script or profile means another toolchain: configure again.
file(GLOB inputs CONFIGURE_DEPENDS toolchain/*.lock toolchain/kit/*.py toolchain/profiles/*.toml)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${inputs} "${CMAKE_SOURCE_DIR}/toolchain/install" "${CMAKE_SOURCE_DIR}/toolchain/pyconfig.py"
  "${CMAKE_SOURCE_DIR}/toolchain/python-from-source" "${settings}")

# libc++ with exceptions, for components in C++. Nothing of python.wasm waits for it.
add_custom_command(
  OUTPUT "${PYLON_TOOLCHAIN}/.cxx-done"
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/install" --profile "${PYLON_PROFILE}" --cxx > "${CMAKE_BINARY_DIR}/cxx.txt"
  COMMENT "Building libc++ with exceptions for WebAssembly" VERBATIM)
add_custom_target(wasm-cxx DEPENDS "${PYLON_TOOLCHAIN}/.cxx-done")
