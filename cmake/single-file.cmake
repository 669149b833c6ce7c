# What `composectl compose PLAN` needs beside the interpreter: the library's archives, and the component that stands
# between python.wasm and hosts that know nothing but WASI. Then pylon.wasm, of each stock plan.
if(NOT TARGET images OR NOT TARGET composectl)
  return()
endif()
set(material "${PYLON_LIBRARY_DIRECTORY}/compose")
set(host "${CMAKE_BINARY_DIR}/host")
set(library_list "${CMAKE_SOURCE_DIR}/python/library-inside.txt")
set(guest_library "/pylon/lib/python${PYLON_PYTHON_SHORT}")
file(MAKE_DIRECTORY "${material}" "${host}/wit/deps/compose-dynlink")

file(GLOB_RECURSE archive_tool CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/apps/pylon-build/library_command.cc" "${CMAKE_SOURCE_DIR}/src/link/library_archive.*")
function(pylon_library_archive name folder)
  pylon_step(NAME "Packing the library (${name})" OUTPUT "${material}/${name}"
    INPUTS "${library_list}" ${archive_tool} "${PYLON_HOST_LIB}/libzstd.a" FOLDERS "${folder}"
    DEPENDS "${CMAKE_BINARY_DIR}/library/library.stamp" "${bare}" pylon-build
    COMMAND "$<TARGET_FILE:pylon-build>" library --guest "${guest_library}" --list "${library_list}" ${ARGN}
      --output "${material}/${name}")
endfunction()
# The small library has no comments; whatever shows a line shows what is left of it.
set(bare "${CMAKE_BINARY_DIR}/library/bare")
pylon_step(NAME "Sources without comments" OUTPUT "${bare}"
  INPUTS "${CMAKE_SOURCE_DIR}/toolchain/without_comments.py" FOLDERS "${PYLON_LIBRARY_SOURCES}"
  DEPENDS "${CMAKE_BINARY_DIR}/library/library.stamp" "${PYLON_LIBRARY_DIRECTORY}/manifest.json" pylon
  COMMAND "$<TARGET_FILE:pylon>" "--allow-read=${PYLON_LIBRARY_SOURCES}" "--allow-write=${CMAKE_BINARY_DIR}/library"
    "${CMAKE_SOURCE_DIR}/toolchain/without_comments.py" "${PYLON_LIBRARY_SOURCES}" "${bare}")
# Blocks of sources are read for tracebacks, those of bytecode for each import: these are the smaller ones. Of the small library
# every byte counts.
pylon_library_archive(library-small "${bare}" --small --block-size 4194304 --sources "${bare}")
pylon_library_archive(library-ready "${CMAKE_BINARY_DIR}/library/bytecode" --ready --block-size 4194304 --bytecode "${CMAKE_BINARY_DIR}/library/bytecode")
pylon_library_archive(library-sources "${PYLON_LIBRARY_SOURCES}" --sources "${PYLON_LIBRARY_SOURCES}")
pylon_library_archive(library-bytecode "${CMAKE_BINARY_DIR}/library/bytecode" --block-size 262144 --bytecode "${CMAKE_BINARY_DIR}/library/bytecode")

add_custom_command(
  OUTPUT "${material}/plain-host.wasm"
  COMMAND "${PYLON_CLANG}" --target=wasm32 -std=c17 -Os -nostdlib -ffreestanding -Wall -Wextra -Werror -c "${CMAKE_SOURCE_DIR}/python/host/plain.c" -o "${host}/plain.o"
  COMMAND "${PYLON_WASM_LD}" --no-entry --strip-all --stack-first -z stack-size=4096 --gc-sections "${host}/plain.o" -o "${host}/core.wasm"
  COMMAND "${CMAKE_COMMAND}" -E copy "${CMAKE_SOURCE_DIR}/python/host/world.wit" "${host}/wit"
  COMMAND "${CMAKE_COMMAND}" -E copy "${dynlink_wit}" "${host}/wit/deps/compose-dynlink"
  COMMAND "${PYLON_WASM_TOOLS}" component embed "${host}/wit" --world plain "${host}/core.wasm" -o "${host}/embedded.wasm"
  COMMAND "${PYLON_WASM_TOOLS}" component new "${host}/embedded.wasm" -o "${material}/plain-host.wasm"
  DEPENDS "${CMAKE_SOURCE_DIR}/python/host/plain.c" "${CMAKE_SOURCE_DIR}/python/host/world.wit" "${dynlink_wit}"
  COMMENT "The component between pylon.wasm and plain hosts" VERBATIM)
set(PYLON_COMPOSE_MATERIAL library-small library-ready library-sources library-bytecode plain-host.wasm)
list(TRANSFORM PYLON_COMPOSE_MATERIAL PREPEND "${material}/")
add_custom_target(compose-material ALL DEPENDS ${PYLON_COMPOSE_MATERIAL})

# pylon.wasm is the plan `embed`, whole; pylon-minimal.wasm the plan `minimal`, small.
function(pylon_composed file plan)
  add_custom_command(
    OUTPUT "${PYLON_LIBRARY_DIRECTORY}/${file}"
    COMMAND composectl compose "${PYLON_LIBRARY_DIRECTORY}/plans/${plan}.json" "--install=${CMAKE_BINARY_DIR}" ${ARGN} -o "${PYLON_LIBRARY_DIRECTORY}/${file}" > "${CMAKE_BINARY_DIR}/helpers/${file}.txt"
    DEPENDS "${PYLON_LIBRARY_DIRECTORY}/plans/${plan}.json" "${PYLON_LIBRARY_DIRECTORY}/manifest.json" ${PYLON_COMPOSE_MATERIAL} composectl
    COMMENT "Composing ${file}" VERBATIM)
  list(APPEND PYLON_COMPOSED "${PYLON_LIBRARY_DIRECTORY}/${file}")
  set(PYLON_COMPOSED "${PYLON_COMPOSED}" PARENT_SCOPE)
endfunction()
set(PYLON_COMPOSED "")
pylon_composed(pylon.wasm embed)
pylon_composed(pylon-minimal.wasm minimal --small)
add_custom_target(pylon-wasm ALL DEPENDS ${PYLON_COMPOSED})
