# The Rust crate behind the engine, twice: runtime only (the launcher), and with the compiler (the build tool, tests).
# A program or test that needs the compiler sets its target property PYLON_COMPILER.
set(shim "${CMAKE_SOURCE_DIR}/src/engine/shim")
set(PYLON_SHIM "${CMAKE_BINARY_DIR}/archives/libpylon_shim.a")
set(PYLON_SHIM_COMPILE "${CMAKE_BINARY_DIR}/archives/libpylon_shim_compile.a")
find_program(PYLON_RUSTC rustc REQUIRED)
execute_process(COMMAND "${PYLON_RUSTC}" --version OUTPUT_VARIABLE rust_version OUTPUT_STRIP_TRAILING_WHITESPACE)

file(GLOB_RECURSE shim_inputs CONFIGURE_DEPENDS "${shim}/src/*.rs" "${shim}/wit/*.wit")
list(APPEND shim_inputs "${shim}/Cargo.toml" "${shim}/Cargo.lock" "${CMAKE_SOURCE_DIR}/toolchain/cargo-archive")

# pylon_shim(OUTPUT path NAME text PROFILE name [FEATURES name...] [DEPENDS path...])
function(pylon_shim)
  cmake_parse_arguments(SHIM "" "OUTPUT;NAME;PROFILE" "FEATURES;DEPENDS" ${ARGN})
  pylon_step(NAME "${SHIM_NAME}" OUTPUT "${SHIM_OUTPUT}" INPUTS ${shim_inputs} DEPENDS ${SHIM_DEPENDS} SALT "${rust_version}" TERMINAL
    COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/cargo-archive" "${shim}/Cargo.toml"
      "${CMAKE_BINARY_DIR}/cargo" "${SHIM_OUTPUT}" "${SHIM_PROFILE}" ${SHIM_FEATURES})
endfunction()

# One after the other: they share a target folder, and what is downloaded; each takes both cores.
pylon_shim(NAME "Engine, with the compiler (crate pylon-shim)" OUTPUT "${PYLON_SHIM_COMPILE}" PROFILE release FEATURES compile)
pylon_shim(NAME "Engine, runtime only (crate pylon-shim)" OUTPUT "${PYLON_SHIM}" PROFILE launcher DEPENDS "${PYLON_SHIM_COMPILE}")
add_custom_target(pylon_shims DEPENDS "${PYLON_SHIM}" "${PYLON_SHIM_COMPILE}")

add_library(pylon_shim_archive INTERFACE)
target_link_libraries(pylon_shim_archive INTERFACE
  "$<IF:$<BOOL:$<TARGET_PROPERTY:PYLON_COMPILER>>,${PYLON_SHIM_COMPILE},${PYLON_SHIM}>" Threads::Threads ${CMAKE_DL_LIBS} m)
