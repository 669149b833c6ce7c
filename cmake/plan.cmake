# The plan of this build: python.wasm and every cap, its blobs, and a signature by a key made here. The secret key stays
# in the build folder (keys/plan.key); what is installed trusts the public one (lib/pylon/trust).
if(NOT TARGET python-wasm OR NOT TARGET composectl)
  return()
endif()
set(keys "${CMAKE_BINARY_DIR}/keys")
set(lib "${PYLON_LIBRARY_DIRECTORY}")
set(compose "$<TARGET_FILE:composectl>")
set(places "--install=${CMAKE_BINARY_DIR}")

add_custom_command(
  OUTPUT "${keys}/plan.key" "${keys}/plan.pub" "${lib}/trust/trust.json"
  COMMAND "${CMAKE_COMMAND}" -E rm -rf "${keys}/plan.key" "${keys}/plan.pub" "${lib}/trust"
  COMMAND ${compose} key new "--output=${keys}/plan" ${places} > "${CMAKE_BINARY_DIR}/helpers/key.txt"
  COMMAND ${compose} trust add "${keys}/plan.pub" "--store=${lib}/trust" "--comment=the build's own key" ${places} > "${CMAKE_BINARY_DIR}/helpers/trust.txt"
  COMMENT "Making a key for the plan" VERBATIM)
# The key has to outlive new versions of the program: it waits for composectl, but does not get older than it.
add_custom_target(plan-key DEPENDS "${keys}/plan.key")
add_dependencies(plan-key composectl)
list(TRANSFORM PYLON_CAP_MANIFESTS PREPEND "--cap=" OUTPUT_VARIABLE caps)

add_custom_command(
  OUTPUT "${lib}/plan.json" "${lib}/plan.json.minisig"
  COMMAND ${compose} plan build "--root=${PYLON_WASM}" ${caps} "--output=${lib}/plan.json" --name=pylon
    "--key=${keys}/plan.key" "--store=${lib}/blobs" ${places} > "${CMAKE_BINARY_DIR}/helpers/plan.txt"
  DEPENDS composectl "${keys}/plan.key" "${lib}/trust/trust.json" "${PYLON_WASM}" ${PYLON_CAP_MANIFESTS}
  COMMENT "Writing and signing the plan" VERBATIM)
add_custom_target(plan ALL DEPENDS "${lib}/plan.json")
add_dependencies(plan plan-key)
