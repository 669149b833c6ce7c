# python.wasm: our main (python/*.c) with CPython's library and the C library, fused into one core module, optimised,
# and wrapped as a component. The same inputs give the same bytes in any folder.
set(work "${CMAKE_BINARY_DIR}/python")
file(MAKE_DIRECTORY "${work}/linked")
file(GLOB main_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/python/*.c" "${CMAKE_SOURCE_DIR}/python/binding/*.c")
file(GLOB main_headers CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/python/*.h" "${CMAKE_SOURCE_DIR}/python/binding/*.h")
set(world "${CMAKE_SOURCE_DIR}/python/world.wit")
set(dynlink_wit "${CMAKE_SOURCE_DIR}/wit/compose-dynlink/dynlink.wit")
set(fuse_arguments "${CMAKE_SOURCE_DIR}/python/fuse.args")
set(PYLON_WASM "${PYLON_LIBRARY_DIRECTORY}/python.wasm")
file(MAKE_DIRECTORY "${PYLON_LIBRARY_DIRECTORY}")

# Steps are keyed by what the tool's work depends on, not by the whole program: the engine has no say in fusing.
set(PYLON_BUILD_PROGRAM "" CACHE FILEPATH "A finished pylon-build to use instead of building one (for comparing builds)")
if(PYLON_BUILD_PROGRAM)
  set(build_program "${PYLON_BUILD_PROGRAM}")
  set(fuse_tool "${PYLON_BUILD_PROGRAM}")
  set(compile_tool "${PYLON_BUILD_PROGRAM}")
elseif(TARGET pylon-build)
  set(build_program "$<TARGET_FILE:pylon-build>")
  file(GLOB build_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/apps/pylon-build/*")
  pylon_room_archives(fuse_tool base wasm fuse)
  pylon_room_archives(compile_tool base wasm engine snapshot)
  list(APPEND fuse_tool ${build_sources})
  list(APPEND compile_tool ${build_sources} "${PYLON_SHIM_COMPILE}")
endif()

# libzstd's decoder, for the archive of a library inside (python/archive.c).
set(vendor_file "${CMAKE_SOURCE_DIR}/python/vendor/libzstd.toml")
set(vendor "${CMAKE_BINARY_DIR}/vendor/python")
pylon_step(NAME "Vendor sources of python.wasm" OUTPUT "${vendor}"
  INPUTS "${vendor_file}" "${CMAKE_SOURCE_DIR}/toolchain/cap"
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/cap" vendor --cap "${vendor_file}" --provider python --settings "${settings}" --output "${vendor}")

set(compile_flags
  --target=wasm32-wasip2 "--sysroot=${PYLON_WASM_SYSROOT}" -std=c17 -O2 -fPIC -mextended-const -DNDEBUG
  -D_GNU_SOURCE -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_MMAN -D_WASI_EMULATED_GETPID
  -Wall -Wextra -Werror -Wno-unused-parameter
  "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=." "-ffile-prefix-map=${PYLON_CACHE}=cache"
  -I "${CMAKE_SOURCE_DIR}/python" -isystem "${PYLON_PYTHON_INCLUDE}" -isystem "${PYLON_PYTHON_INCLUDE}/internal" -isystem "${vendor}/include/libzstd/lib")

set(objects "")
foreach(source IN LISTS main_sources)
  cmake_path(RELATIVE_PATH source BASE_DIRECTORY "${CMAKE_SOURCE_DIR}/python" OUTPUT_VARIABLE name)
  set(object "${work}/${name}.o")
  cmake_path(GET object PARENT_PATH object_folder)
  file(MAKE_DIRECTORY "${object_folder}")
  add_custom_command(
    OUTPUT "${object}"
    COMMAND "${PYLON_CLANG}" ${compile_flags} -MD -MF "${object}.d" -c "${source}" -o "${object}"
    DEPENDS "${source}" ${main_headers} "${PYLON_CLANG}" "${vendor}" DEPFILE "${object}.d"
    COMMENT "Compiling python/${name} for WebAssembly" VERBATIM)
  list(APPEND objects "${object}")
endforeach()

# Our main as one more shared library that carries the world it implements.
set(main_library "${work}/libmain.so")
add_custom_command(
  OUTPUT "${main_library}"
  COMMAND "${PYLON_WASM_LD}" -shared --experimental-pic --export-dynamic --unresolved-symbols=import-dynamic
    -o "${work}/linked/libmain.so" ${objects} "${vendor}/libvendor.a" ${PYLON_PYTHON_LIBRARIES}
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${work}/wit/deps/compose-dynlink"
  COMMAND "${CMAKE_COMMAND}" -E copy "${world}" "${work}/wit"
  COMMAND "${CMAKE_COMMAND}" -E copy "${dynlink_wit}" "${work}/wit/deps/compose-dynlink"
  COMMAND "${PYLON_WASM_TOOLS}" component embed "${work}/wit" --world python "${work}/linked/libmain.so" -o "${main_library}"
  DEPENDS ${objects} "${world}" "${dynlink_wit}" COMMENT "Linking libmain.so" VERBATIM)
add_custom_target(python-main DEPENDS "${main_library}")

if(main_sources AND build_program)
  set(optimize fold)
  if(PYLON_OPTIMIZE)
    set(optimize full)
  endif()
  set(words "")
  if(EXISTS "${fuse_arguments}")
    file(STRINGS "${fuse_arguments}" lines REGEX "^[^#]")
    foreach(line IN LISTS lines)
      string(CONFIGURE "${line}" line @ONLY)
      separate_arguments(line UNIX_COMMAND "${line}")
      list(APPEND words ${line})
    endforeach()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${fuse_arguments}")
  endif()
  pylon_step(NAME "Fusing python.wasm (${optimize})"
    OUTPUT "${work}/core.wasm" "${work}/core.map.json"
    INPUTS "${main_library}" ${PYLON_PYTHON_LIBRARIES} "${PYLON_WASM_MERGE}" "${PYLON_WASM_OPT}" ${fuse_tool}
    DEPENDS "${build_program}"
    COMMAND "${build_program}" fuse --output "${work}/core.wasm" --map "${work}/core.map.json" --optimize ${optimize}
      --wasm-merge "${PYLON_WASM_MERGE}" --wasm-opt "${PYLON_WASM_OPT}" ${words} "${main_library}" ${PYLON_PYTHON_LIBRARIES})
  add_custom_command(
    OUTPUT "${PYLON_WASM}"
    COMMAND "${PYLON_WASM_TOOLS}" component new "${work}/core.wasm" -o "${PYLON_WASM}.new"
    COMMAND "${CMAKE_COMMAND}" -E rename "${PYLON_WASM}.new" "${PYLON_WASM}"
    DEPENDS "${work}/core.wasm" COMMENT "Wrapping python.wasm as a component" VERBATIM)
  add_custom_target(python-wasm ALL DEPENDS "${PYLON_WASM}")
endif()
