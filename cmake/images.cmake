# What runs: python.wasm compiled ahead of time (cold image), the standard library with its bytecode, the snapshot of an
# initialised interpreter, and the manifest that says what belongs together.
if(NOT TARGET python-wasm OR NOT TARGET pylon)
  return()
endif()
set(lib "${PYLON_LIBRARY_DIRECTORY}")
set(cold "${lib}/python.cold.cwasm")
set(library "${lib}/python${PYLON_PYTHON_SHORT}")

# Code is compiled for the processor at hand.
file(STRINGS /proc/cpuinfo processor REGEX "^flags" LIMIT_COUNT 1)
string(SHA256 processor "${processor}")

pylon_step(NAME "Compiling python.wasm to machine code" OUTPUT "${cold}" "${cold}.image.json"
  INPUTS "${PYLON_IMAGE_WASM}" ${compile_tool} DEPENDS "${build_program}" SALT "${processor}"
  COMMAND "${build_program}" images --wasm "${PYLON_IMAGE_WASM}" --output "${lib}")

# The bytecode depends on the sources and on CPython, not on our own code.
pylon_step(NAME "Compiling the standard library" OUTPUT "${CMAKE_BINARY_DIR}/library/bytecode"
  INPUTS "${CMAKE_SOURCE_DIR}/toolchain/bytecode.py" ${PYLON_PYTHON_LIBRARIES} FOLDERS "${PYLON_LIBRARY_SOURCES}"
  DEPENDS "${CMAKE_BINARY_DIR}/library/sources.stamp" "${cold}" ${PYLON_NATIVE_CODE} pylon
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/compile-library" "$<TARGET_FILE:pylon>" "${build_program}" "${PYLON_PYTHON_VERSION}"
    "${cold}" "${PYLON_LIBRARY_SOURCES}" "${CMAKE_BINARY_DIR}/library/bootstrap" "${CMAKE_BINARY_DIR}/library/bytecode")
add_custom_command(
  OUTPUT "${CMAKE_BINARY_DIR}/library/library.stamp"
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/library" "${library}" "${PYLON_LIBRARY_SOURCES}" "${CMAKE_BINARY_DIR}/library/bytecode"
  COMMAND "${CMAKE_COMMAND}" -E touch "${CMAKE_BINARY_DIR}/library/library.stamp"
  DEPENDS "${CMAKE_BINARY_DIR}/library/bytecode" "${CMAKE_BINARY_DIR}/library/sources.stamp"
  COMMENT "Laying bytecode beside the sources" VERBATIM)

# The snapshot holds a random secret, so it is never taken from a cache.
add_custom_command(
  OUTPUT "${lib}/manifest.json" "${lib}/python.snapshot.cwasm"
  COMMAND "${build_program}" snapshot --lib "${lib}" --python "${PYLON_PYTHON_VERSION}"
  COMMAND "${build_program}" manifest --lib "${lib}" --python "${PYLON_PYTHON_VERSION}"
  DEPENDS "${cold}" ${PYLON_NATIVE_CODE} "${PYLON_WASM}" "${CMAKE_BINARY_DIR}/library/library.stamp" "${build_program}" ${PYLON_FACADES_STAMP}
  COMMENT "Taking the snapshot" VERBATIM)

# Bytecode of the caps' modules, by the interpreter that is now complete.
if(PYLON_FACADES_STAMP)
  set(bytecode "${CMAKE_BINARY_DIR}/code/bytecode.stamp")
  add_custom_command(
    OUTPUT "${bytecode}"
    COMMAND composectl plan unpack "${lib}/plan.json" "--base=${lib}" "--install=${CMAKE_BINARY_DIR}" > "${CMAKE_BINARY_DIR}/helpers/unpack.txt"
    COMMAND "${CMAKE_COMMAND}" -E touch "${bytecode}"
    DEPENDS "${lib}/manifest.json" "${PYLON_FACADES_STAMP}" pylon composectl
    COMMENT "Compiling the caps' Python modules" VERBATIM)
endif()
add_custom_target(images ALL DEPENDS "${lib}/manifest.json" ${bytecode})
