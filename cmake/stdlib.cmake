# The standard library's sources: those that belong to the CPython of the profile, our overlay laid over them, and our
# patches (python/patches/, and below it those of one version) applied.
file(GLOB_RECURSE overlay CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/python/lib/*")
list(FILTER overlay EXCLUDE REGEX "/__pycache__/")
file(GLOB library_patches CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/python/patches/*.patch" "${CMAKE_SOURCE_DIR}/python/patches/${PYLON_PYTHON_SHORT}/*.patch")
set(PYLON_LIBRARY_SOURCES "${CMAKE_BINARY_DIR}/library/sources")
add_custom_command(
  OUTPUT "${CMAKE_BINARY_DIR}/library/sources.stamp"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_BINARY_DIR}/library/overlay"
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/library" "${PYLON_LIBRARY_SOURCES}" "${PYLON_PYTHON_STDLIB}" "${CMAKE_SOURCE_DIR}/python/lib" ${library_patches}
  COMMAND "${CMAKE_COMMAND}" -E touch "${CMAKE_BINARY_DIR}/library/sources.stamp"
  DEPENDS ${overlay} ${library_patches} "${CMAKE_SOURCE_DIR}/toolchain/library" "${PYLON_PYTHON_STDLIB}/LICENSE.txt"
  COMMENT "Laying out the standard library" VERBATIM)
add_custom_target(library-sources DEPENDS "${CMAKE_BINARY_DIR}/library/sources.stamp")
