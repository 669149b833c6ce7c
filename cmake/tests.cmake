# ctest: one entry a room with unit tests, one entry a functional test file.
enable_testing()
add_custom_target(unit-tests)  # all programs of unit tests and fuzz targets

# Unit tests of a room of src/ or an app: tests/unit/<room>/*_test.cc in one program.
function(pylon_unit_tests room)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/unit/${room}/*_test.cc")
  set(subject pylon_${room})
  if(TARGET pylon_app_${room})
    set(subject pylon_app_${room})
  endif()
  if(NOT sources OR NOT TARGET ${subject})
    return()
  endif()
  file(GLOB helpers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/unit/${room}/*.cc" "${CMAKE_SOURCE_DIR}/tests/unit/support/*.cc")
  list(APPEND sources ${helpers})
  list(REMOVE_DUPLICATES sources)
  add_executable(${room}_tests ${sources} "${CMAKE_SOURCE_DIR}/cmake/gtest_main.cc")
  target_link_libraries(${room}_tests PRIVATE pylon_warnings ${subject} pylon_gtest)
  target_include_directories(${room}_tests PRIVATE "${CMAKE_SOURCE_DIR}/tests/unit")
  target_compile_definitions(${room}_tests PRIVATE
    PYLON_SOURCE_DIR="${CMAKE_SOURCE_DIR}" PYLON_WASM_TOOLS="${PYLON_WASM_TOOLS}"
    PYLON_WASM_MERGE="${PYLON_WASM_MERGE}" PYLON_WASM_OPT="${PYLON_WASM_OPT}")
  set_target_properties(${room}_tests PROPERTIES PYLON_COMPILER ON RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_dependencies(unit-tests ${room}_tests)
  add_test(NAME unit.${room} COMMAND ${room}_tests)
  set_tests_properties(unit.${room} PROPERTIES TIMEOUT 600 LABELS "unit"
    ENVIRONMENT "PYLON=${CMAKE_BINARY_DIR}/bin/pylon;PYLON_BUILD=${CMAKE_BINARY_DIR}")
endfunction()

file(GLOB rooms CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/tests/unit" "${CMAKE_SOURCE_DIR}/tests/unit/*")
foreach(room IN LISTS rooms)
  # Those of src/native compile what they translate.
  if(NOT room STREQUAL "native" OR PYLON_NATIVE_CODE)
    pylon_unit_tests(${room})
  endif()
endforeach()
if(TARGET native_tests)
  list(JOIN native_flags " " compile_flags)
  list(JOIN native_link_flags " " link_flags)
  target_link_libraries(native_tests PRIVATE pylon_engine)
  target_compile_definitions(native_tests PRIVATE PYLON_CLANG="${PYLON_CLANG}" PYLON_LLD="${lld}/ld.lld"
    "PYLON_NATIVE_FLAGS=\"${compile_flags}\"" "PYLON_NATIVE_LINK_FLAGS=\"${link_flags}\"")
endif()

# Tests of the toolchain's own scripts.
file(GLOB scripts CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/toolchain/test_*.py")
foreach(script IN LISTS scripts)
  cmake_path(GET script STEM name)
  add_test(NAME toolchain.${name} COMMAND "${Python3_EXECUTABLE}" -B -m unittest -v "${script}" WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(toolchain.${name} PROPERTIES TIMEOUT 900 LABELS "toolchain"
    ENVIRONMENT "PYLON_BUILD=${CMAKE_BINARY_DIR};PYLON_SOURCE=${CMAKE_SOURCE_DIR};PYLON_PROFILE=${PYLON_PROFILE};PYLON_CACHE=${PYLON_CACHE}")
endforeach()

# Functional tests run the finished launcher.
file(GLOB scripts CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/functional/test_*.py")
foreach(script IN LISTS scripts)
  cmake_path(GET script STEM name)
  add_test(NAME functional.${name} COMMAND "${Python3_EXECUTABLE}" -B -m unittest -v "${name}" WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}/tests/functional")
  set_tests_properties(functional.${name} PROPERTIES TIMEOUT 900 LABELS "functional"
    ENVIRONMENT "PYLON=${CMAKE_BINARY_DIR}/bin/pylon;PYLON_BUILD=${CMAKE_BINARY_DIR};PYLON_SOURCE=${CMAKE_SOURCE_DIR};PYLON_CACHE=${PYLON_CACHE}")
endforeach()

# Audits: what a contributor may have left out of step (docs/audits.md).
file(GLOB audits CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/audits/audit_*.py")
foreach(audit IN LISTS audits)
  cmake_path(GET audit STEM name)
  string(REPLACE "audit_" "" name "${name}")
  add_test(NAME audit.${name} COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_SOURCE_DIR}/tests/audits/run" "${name}" --build "${CMAKE_BINARY_DIR}")
  set_tests_properties(audit.${name} PROPERTIES TIMEOUT 300 LABELS "audit")
endforeach()
