# pylon_extension(name wit_folder out [word...]): what pylon-bindgen writes for a cap's Python side, and the extension
# OUT/NAME.extension.wasm that src/link appends to python.wasm.
set(extension_guest "${CMAKE_SOURCE_DIR}/src/bindgen/guest")
file(GLOB extension_sources CONFIGURE_DEPENDS "${extension_guest}/*" "${CMAKE_SOURCE_DIR}/src/bindgen/extension_guest/*"
  "${CMAKE_SOURCE_DIR}/src/bindgen/static_guest/*")
list(APPEND extension_sources "${CMAKE_SOURCE_DIR}/python/binding/backend.h" "${CMAKE_SOURCE_DIR}/toolchain/cap")

function(pylon_extension name wit out)  # [words for pylon-bindgen...]
  string(REPLACE "-" "_" module "${name}")
  file(GLOB contract CONFIGURE_DEPENDS "${wit}/*")
  set(made "${out}/extension/_${module}_cap.cc" "${out}/extension/_${module}_cap.wit" "${out}/extension/_${module}_static.cc")
  add_custom_command(
    OUTPUT ${made}
    COMMAND pylon-bindgen extension --wit "${wit}" ${ARGN} --wasm-tools "${PYLON_WASM_TOOLS}" --name "${name}" -o "${out}/extension"
    DEPENDS ${contract} pylon-bindgen COMMENT "The Python side of ${name}" VERBATIM)
  list(GET made 0 source)
  list(GET made 1 world)
  pylon_step(NAME "Extension ${name}" OUTPUT "${out}/${name}.extension.wasm"
    INPUTS "${source}" "${world}" ${extension_sources}
    COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/cap" extension --source "${source}" --wit "${world}" --settings "${settings}"
      --guest "${extension_guest}" --output "${out}/${name}.extension.wasm")
endfunction()
