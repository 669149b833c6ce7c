# python.native: the functions of python.wasm as machine code, through C (src/native), and the gate, the component around
# them that keeps memory and imports. The images are then made from the gate; python.wasm stays what other hosts run.
set(PYLON_IMAGE_WASM "${PYLON_WASM}")
set(PYLON_NATIVE_CODE "")
if(NOT TARGET python-wasm OR NOT PYLON_OPTIMIZE OR NOT PYLON_NATIVE)
  return()
endif()
cmake_path(GET PYLON_WASM_LD PARENT_PATH lld)
execute_process(COMMAND "${PYLON_CLANG}" --print-targets OUTPUT_VARIABLE targets ERROR_QUIET)
if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" OR NOT targets MATCHES "x86-64" OR NOT EXISTS "${lld}/ld.lld")
  message(STATUS "Native code: left out, for this processor or compiler there is none")
  return()
endif()

set(native "${CMAKE_BINARY_DIR}/native")
file(MAKE_DIRECTORY "${native}")
set(native_sources glue.c table.s)
set(native_parts 16)
math(EXPR last "${native_parts} - 1")
foreach(part RANGE ${last})
  list(APPEND native_sources "part-${part}.c")
endforeach()
list(TRANSFORM native_sources PREPEND "${native}/" OUTPUT_VARIABLE native_files)
file(GLOB native_headers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/native/*.h")
set(native_tool "${build_program}")
if(TARGET pylon-build AND NOT PYLON_BUILD_PROGRAM)
  pylon_room_archives(native_tool base wasm fuse native)
  list(APPEND native_tool ${build_sources})
endif()

pylon_step(NAME "Translating python.wasm to C"
  OUTPUT ${native_files} "${native}/module.h" "${native}/gate.wasm"
  INPUTS "${work}/core.wasm" "${PYLON_WASM_MERGE}" "${PYLON_WASM_OPT}" ${native_tool} DEPENDS "${build_program}"
  COMMAND "${build_program}" native "${work}/core.wasm" --output "${native}" --parts ${native_parts}
    --wasm-merge "${PYLON_WASM_MERGE}" --wasm-opt "${PYLON_WASM_OPT}")

# Compiled for the processors that x86-64-v2 names, and rounding instructions with them: the functions keep the semantics
# of WebAssembly, so no aliasing by type, no dead null checks, no contracted floats.
set(native_flags
  --target=x86_64-linux-gnu -O2 -std=gnu17 -fPIC -ffreestanding -fno-strict-aliasing -fno-delete-null-pointer-checks
  -ffp-contract=off -fno-math-errno -fno-stack-protector -fno-asynchronous-unwind-tables -fomit-frame-pointer
  -march=x86-64-v2 -w "-I${CMAKE_SOURCE_DIR}/src")
set(native_link_flags -shared -nostdlib -z text -z noexecstack --gc-sections --strip-all -e pylon_native)
set(native_objects "")
foreach(name IN LISTS native_sources)
  pylon_step(NAME "Compiling ${name} of python.native" OUTPUT "${native}/${name}.o"
    INPUTS "${native}/${name}" "${native}/module.h" ${native_headers} "${PYLON_CLANG}"
    COMMAND "${PYLON_CLANG}" ${native_flags} -c "${native}/${name}" -o "${native}/${name}.o")
  list(APPEND native_objects "${native}/${name}.o")
endforeach()
set(PYLON_NATIVE_CODE "${PYLON_LIBRARY_DIRECTORY}/python.native")
add_custom_command(
  OUTPUT "${PYLON_NATIVE_CODE}"
  COMMAND "${lld}/ld.lld" ${native_link_flags} ${native_objects} -o "${PYLON_NATIVE_CODE}.new"
  COMMAND "${CMAKE_COMMAND}" -E rename "${PYLON_NATIVE_CODE}.new" "${PYLON_NATIVE_CODE}"
  DEPENDS ${native_objects} "${lld}/ld.lld" COMMENT "Linking python.native" VERBATIM)

set(PYLON_IMAGE_WASM "${native}/python.gate.wasm")
add_custom_command(
  OUTPUT "${PYLON_IMAGE_WASM}"
  COMMAND "${PYLON_WASM_TOOLS}" component embed "${CMAKE_SOURCE_DIR}/wit/native" --world gate "${native}/gate.wasm" -o "${native}/gate.embedded.wasm"
  COMMAND "${PYLON_WASM_TOOLS}" component new "${native}/gate.embedded.wasm" -o "${PYLON_IMAGE_WASM}"
  DEPENDS "${native}/gate.wasm" "${CMAKE_SOURCE_DIR}/wit/native/native.wit" COMMENT "Wrapping the gate as a component" VERBATIM)
add_custom_target(python-native ALL DEPENDS "${PYLON_NATIVE_CODE}" "${PYLON_IMAGE_WASM}")
