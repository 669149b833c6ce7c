# A Python that has a provider inside and its extension: what tests compare the dynamic linkage with.
if(NOT TARGET python-wasm OR NOT TARGET composectl)
  return()
endif()
set(plain "${CMAKE_BINARY_DIR}/tests/components/plain")
set(extended "${CMAKE_BINARY_DIR}/tests/extended")
file(MAKE_DIRECTORY "${extended}")
pylon_extension(plain "${CMAKE_SOURCE_DIR}/tests/components/echo/wit" "${plain}" --world plain)
add_custom_command(
  OUTPUT "${extended}/python.wasm"
  COMMAND composectl compose "${PYLON_WASM}" "${plain}/plain.component.wasm" "--extension=${plain}/plain.extension.wasm"
    --host=wasi: --host=compose: "--output=${extended}/python.wasm" > "${extended}/compose.log"
  DEPENDS "${PYLON_WASM}" "${plain}/plain.component.wasm" "${plain}/plain.extension.wasm" composectl
  COMMENT "Composing Python with a provider" VERBATIM)
add_custom_target(extended-python ALL DEPENDS "${extended}/python.wasm" "${CMAKE_BINARY_DIR}/library/sources.stamp")
