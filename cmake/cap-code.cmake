# What a run would otherwise make itself: the caps' components compiled to machine code (lib/pylon/code), and the Python
# modules of the plan's caps unpacked (lib/pylon/facades).
if(NOT TARGET plan OR NOT TARGET pylon)
  return()
endif()
set(lib "${PYLON_LIBRARY_DIRECTORY}")
file(STRINGS /proc/cpuinfo processor REGEX "^flags" LIMIT_COUNT 1)
string(SHA256 processor "${processor}")

set(code_folders "")
foreach(component IN LISTS PYLON_CAP_COMPONENTS)
  cmake_path(GET component FILENAME name)
  string(REPLACE ".component.wasm" "" name "${name}")
  set(folder "${CMAKE_BINARY_DIR}/code/${name}")
  pylon_step(NAME "Compiling the component ${name} to machine code" OUTPUT "${folder}"
    INPUTS "${component}" ${compile_tool} DEPENDS "${build_program}" SALT "${processor}"
    COMMAND "${build_program}" component "${component}" --output "${folder}")
  list(APPEND code_folders "${folder}")
endforeach()

add_custom_command(
  OUTPUT "${CMAKE_BINARY_DIR}/code/code.stamp"
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/gather" --output "${lib}/code" ${code_folders}
  COMMAND "${CMAKE_COMMAND}" -E touch "${CMAKE_BINARY_DIR}/code/code.stamp"
  DEPENDS ${code_folders} "${CMAKE_SOURCE_DIR}/toolchain/gather" COMMENT "Gathering the caps' code" VERBATIM)
add_custom_command(
  OUTPUT "${CMAKE_BINARY_DIR}/code/facades.stamp"
  COMMAND "${CMAKE_COMMAND}" -E rm -rf "${lib}/facades"
  COMMAND "${build_program}" facades --lib "${lib}"
  COMMAND "${CMAKE_COMMAND}" -E touch "${CMAKE_BINARY_DIR}/code/facades.stamp"
  DEPENDS "${lib}/plan.json" "${build_program}" COMMENT "Unpacking the caps' Python modules" VERBATIM)
set(PYLON_FACADES_STAMP "${CMAKE_BINARY_DIR}/code/facades.stamp")
add_custom_target(cap-code ALL DEPENDS "${CMAKE_BINARY_DIR}/code/code.stamp" "${PYLON_FACADES_STAMP}")
