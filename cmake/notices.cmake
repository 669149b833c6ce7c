# THIRD-PARTY-NOTICES.txt: the licences of everything that is in what was built.
file(GLOB_RECURSE shim_manifests CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/engine/shim/Cargo.*")
add_custom_command(
  OUTPUT "${CMAKE_BINARY_DIR}/THIRD-PARTY-NOTICES.txt"
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/notices" --profile "${PYLON_PROFILE}" --build "${CMAKE_BINARY_DIR}" --output "${CMAKE_BINARY_DIR}/THIRD-PARTY-NOTICES.txt"
  DEPENDS "${CMAKE_SOURCE_DIR}/toolchain/notices" ${shim_manifests} ${PYLON_CAP_MANIFESTS} ${vendor} "${PYLON_SHIM}"
  COMMENT "Collecting third-party notices" VERBATIM)
add_custom_target(notices ALL DEPENDS "${CMAKE_BINARY_DIR}/THIRD-PARTY-NOTICES.txt")
