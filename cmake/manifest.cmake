# lib/pylon/caps-manifest.toml: what was built, by digest, and what it was made from. `make verify` compares it with the one
# that the repository keeps for the profile (toolchain/manifests/).
if(NOT TARGET images OR NOT TARGET plan)
  return()
endif()
set(PYLON_CAPS_MANIFEST "${PYLON_LIBRARY_DIRECTORY}/caps-manifest.toml")
add_custom_command(
  OUTPUT "${PYLON_CAPS_MANIFEST}"
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/manifest" --build "${CMAKE_BINARY_DIR}" --profile "${PYLON_PROFILE}"
    --material ${PYLON_COMPOSE_MATERIAL} --composed ${PYLON_COMPOSED} --output "${PYLON_CAPS_MANIFEST}" --depfile "${CMAKE_BINARY_DIR}/helpers/caps-manifest.d"
  DEPENDS "${PYLON_LIBRARY_DIRECTORY}/manifest.json" ${PYLON_CAP_MANIFESTS} ${PYLON_COMPOSE_MATERIAL} ${PYLON_COMPOSED} "${CMAKE_SOURCE_DIR}/toolchain/manifest"
  DEPFILE "${CMAKE_BINARY_DIR}/helpers/caps-manifest.d"
  COMMENT "Writing the manifest" VERBATIM)
add_custom_target(caps-manifest ALL DEPENDS "${PYLON_CAPS_MANIFEST}")
