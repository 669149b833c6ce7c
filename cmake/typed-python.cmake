# A Python with a typed extension, composed with its provider: what tests compare the dynamic linkage with. Made of the
# same objects as python.wasm (cmake/python.cmake) and of what pylon-bindgen writes for the test component plain.
if(NOT main_sources OR NOT build_program)
  return()
endif()
set(typed "${CMAKE_BINARY_DIR}/tests/typed")
set(echo_wit "${CMAKE_SOURCE_DIR}/tests/components/echo/wit")
set(guest "${CMAKE_SOURCE_DIR}/src/bindgen/guest")
set(plain "${CMAKE_BINARY_DIR}/tests/components/plain/plain.component.wasm")
file(MAKE_DIRECTORY "${typed}")
file(GLOB guest_headers CONFIGURE_DEPENDS "${guest}/*.hh")
add_custom_command(
  OUTPUT "${typed}/_plain_cap.cc" "${typed}/_plain_cap.wit"
  COMMAND pylon-bindgen extension --wit "${echo_wit}" --world plain --wasm-tools "${PYLON_WASM_TOOLS}" --name plain -o "${typed}"
  DEPENDS "${echo_wit}/echo.wit" pylon-bindgen COMMENT "The typed extension _plain_cap" VERBATIM)

set(typed_flags ${compile_flags})
list(TRANSFORM typed_flags REPLACE "^-std=c17$" "-std=c++20")
set(typed_objects "")
foreach(source IN ITEMS "${typed}/_plain_cap.cc" "${guest}/wire.cc" "${guest}/runtime.cc")
  cmake_path(GET source STEM stem)
  add_custom_command(
    OUTPUT "${typed}/${stem}.o"
    COMMAND "${PYLON_CLANG}" --driver-mode=g++ ${typed_flags} -nostdinc++ -isystem "${PYLON_WASM_CXX_INCLUDE}" -fno-exceptions -fno-rtti
      -Wno-missing-field-initializers -I "${guest}" -c "${source}" -o "${typed}/${stem}.o"
    DEPENDS "${source}" ${guest_headers} ${main_headers} COMMENT "Compiling ${stem} for the typed Python" VERBATIM)
  list(APPEND typed_objects "${typed}/${stem}.o")
endforeach()

add_custom_command(
  OUTPUT "${typed}/main.so"
  COMMAND "${PYLON_WASM_LD}" -shared --experimental-pic --export-dynamic --unresolved-symbols=import-dynamic
    -o "${typed}/linked.so" ${objects} ${typed_objects} "${vendor}/libvendor.a" ${PYLON_PYTHON_LIBRARIES}
  COMMAND "${PYLON_WASM_TOOLS}" component embed "${work}/wit" --world python "${typed}/linked.so" -o "${typed}/main.aside"
  COMMAND "${PYLON_WASM_TOOLS}" component embed "${typed}/_plain_cap.wit" --world extension "${typed}/main.aside" -o "${typed}/main.so"
  DEPENDS ${objects} ${typed_objects} "${typed}/_plain_cap.wit" "${main_library}" COMMENT "Linking the typed Python" VERBATIM)
pylon_step(NAME "Fusing the typed Python"
  OUTPUT "${typed}/core.wasm" "${typed}/core.map.json"
  INPUTS "${typed}/main.so" ${PYLON_PYTHON_LIBRARIES} "${PYLON_WASM_MERGE}" "${PYLON_WASM_OPT}" ${fuse_tool}
  DEPENDS "${build_program}"
  COMMAND "${build_program}" fuse --output "${typed}/core.wasm" --map "${typed}/core.map.json" --optimize fold
    --wasm-merge "${PYLON_WASM_MERGE}" --wasm-opt "${PYLON_WASM_OPT}" ${words} "${typed}/main.so" ${PYLON_PYTHON_LIBRARIES})
add_custom_command(
  OUTPUT "${typed}/composed.wasm"
  COMMAND "${PYLON_WASM_TOOLS}" component new "${typed}/core.wasm" -o "${typed}/python.wasm"
  COMMAND composectl compose "${typed}/python.wasm" "${plain}" --host=wasi: --host=compose: "--output=${typed}/composed.wasm" > "${typed}/compose.log"
  DEPENDS "${typed}/core.wasm" "${plain}" composectl COMMENT "Composing the typed Python with its provider" VERBATIM)
add_custom_target(typed-python ALL DEPENDS "${typed}/composed.wasm" "${CMAKE_BINARY_DIR}/library/sources.stamp")
