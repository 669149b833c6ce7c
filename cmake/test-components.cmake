# Providers that tests call: tests/components/<name>/ with wit/ and *.cc becomes tests/components/<name>/ in the build
# folder: <name>.component.wasm, <name>.schema and _<name>_cap.pyi. An exports.cc stands for the generated exports; the
# world is called like the component.
set(guest "${CMAKE_SOURCE_DIR}/src/bindgen/guest")
file(GLOB guest_sources CONFIGURE_DEPENDS "${guest}/*.cc")
file(GLOB guest_headers CONFIGURE_DEPENDS "${guest}/*.hh")
set(guest_flags
  --driver-mode=g++ --target=wasm32-wasip2 "--sysroot=${PYLON_WASM_SYSROOT}" -nostdinc++ -isystem "${PYLON_WASM_CXX_INCLUDE}"
  -std=c++20 -O2 -fno-exceptions -fno-rtti -ffunction-sections -fdata-sections -Wall -Wextra -Werror
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=." "-ffile-prefix-map=${CMAKE_BINARY_DIR}=build" "-ffile-prefix-map=${PYLON_CACHE}=cache")

function(pylon_test_component name folder)  # [source...]
  set(out "${CMAKE_BINARY_DIR}/tests/components/${name}")
  file(MAKE_DIRECTORY "${out}")
  file(GLOB wit CONFIGURE_DEPENDS "${folder}/wit/*.wit")
  set(sources ${ARGN})
  if(NOT sources)
    file(GLOB sources CONFIGURE_DEPENDS "${folder}/*.cc")
  endif()
  set(common --wit "${folder}/wit" --world ${name} --wasm-tools "${PYLON_WASM_TOOLS}")
  set(made "${out}/${name}_cap.hh" "${out}/${name}_cap.cc" "${out}/${name}_cap.wit")
  add_custom_command(
    OUTPUT ${made} "${out}/${name}.schema" "${out}/_${name}_cap.pyi"
    COMMAND pylon-bindgen provider ${common} --name ${name} -o "${out}"
    COMMAND pylon-bindgen schema ${common} -o "${out}/${name}.schema"
    COMMAND pylon-bindgen stubs ${common} -o "${out}/_${name}_cap.pyi"
    DEPENDS ${wit} pylon-bindgen COMMENT "Bindings of the test component ${name}" VERBATIM)
  set(objects "")
  if(NOT EXISTS "${folder}/exports.cc")
    list(APPEND sources "${out}/${name}_cap.cc")
  endif()
  foreach(source IN LISTS sources guest_sources)
    cmake_path(GET source STEM stem)
    add_custom_command(
      OUTPUT "${out}/${stem}.o"
      COMMAND "${PYLON_CLANG}" ${guest_flags} -I "${out}" -I "${guest}" "-DCAP_HEADER=<${name}_cap.hh>" -c "${source}" -o "${out}/${stem}.o"
      DEPENDS "${source}" ${made} ${guest_headers} "${PYLON_CLANG}"
      COMMENT "Compiling ${name}/${stem}.cc for WebAssembly" VERBATIM)
    list(APPEND objects "${out}/${stem}.o")
  endforeach()
  add_custom_command(
    OUTPUT "${out}/${name}.component.wasm"
    COMMAND "${PYLON_CLANG}" ${guest_flags} -mexec-model=reactor -nostdlib++ "-fuse-ld=${PYLON_WASM_LD}" -Wl,--gc-sections -Wl,--strip-debug
      ${objects} "${PYLON_WASM_CXX_LIB}/libc++.a" "${PYLON_WASM_CXX_LIB}/libc++abi.a" -o "${out}/core.wasm"
    COMMAND "${PYLON_WASM_TOOLS}" component embed "${out}/${name}_cap.wit" --world provider "${out}/core.wasm" -o "${out}/embedded.wasm"
    COMMAND "${PYLON_WASM_TOOLS}" component new "${out}/embedded.wasm" -o "${out}/${name}.component.wasm"
    DEPENDS ${objects} "${out}/${name}_cap.wit" COMMENT "Linking the test component ${name}" VERBATIM)
  set_property(GLOBAL APPEND PROPERTY pylon_test_components "${out}/${name}.component.wasm" "${out}/${name}.schema")
endfunction()

file(GLOB folders CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/components/*/wit")
foreach(folder IN LISTS folders)
  cmake_path(GET folder PARENT_PATH folder)
  cmake_path(GET folder FILENAME name)
  pylon_test_component(${name} "${folder}")
endforeach()
pylon_test_component(plain "${CMAKE_SOURCE_DIR}/tests/components/echo" "${CMAKE_SOURCE_DIR}/tests/components/echo/echo.cc")
get_property(components GLOBAL PROPERTY pylon_test_components)
add_custom_target(test-components ALL DEPENDS ${components})

# The test component echo as a library of the host, for fuzzing what providers are made of. Its typed exports, whose
# imports the host has not, are left to the linker to drop.
set(echo "${CMAKE_BINARY_DIR}/tests/components/echo")
add_library(pylon_echo_native STATIC "${echo}/echo_cap.cc" "${CMAKE_SOURCE_DIR}/tests/components/echo/echo.cc"
  "${CMAKE_SOURCE_DIR}/tests/components/echo/calling.cc" "${guest}/wire.cc" "${guest}/endpoint.cc")
target_link_libraries(pylon_echo_native PUBLIC pylon_flags)
target_include_directories(pylon_echo_native PUBLIC "${CMAKE_SOURCE_DIR}/src" PRIVATE "${echo}" "${guest}")
target_compile_options(pylon_echo_native PRIVATE -w "-DCAP_HEADER=<echo_cap.hh>")
