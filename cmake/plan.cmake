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

# The stock plans, lib/pylon/plans/<name>.json (docs/plans.md). The install's own is a copy of `default`.
set(plan_minimal --name=minimal)
set(plan_default --name=pylon ${caps} --linkage=dynlink)
set(plan_embed --name=embed ${caps} --only=embed)
set(PYLON_PLANS "")
file(MAKE_DIRECTORY "${lib}/plans")
foreach(name IN ITEMS minimal default embed)
  set(plan "${lib}/plans/${name}.json")
  add_custom_command(
    OUTPUT "${plan}" "${plan}.minisig"
    COMMAND ${compose} plan build "--root=${PYLON_WASM}" ${plan_${name}} "--output=${plan}"
      "--key=${keys}/plan.key" "--store=${lib}/blobs" ${places} > "${CMAKE_BINARY_DIR}/helpers/plan-${name}.txt"
    DEPENDS composectl "${keys}/plan.key" "${lib}/trust/trust.json" "${PYLON_WASM}" ${PYLON_CAP_MANIFESTS}
    COMMENT "Writing and signing the plan ${name}" VERBATIM)
  list(APPEND PYLON_PLANS "${plan}")
endforeach()
add_custom_command(
  OUTPUT "${lib}/plan.json" "${lib}/plan.json.minisig"
  COMMAND "${CMAKE_COMMAND}" -E copy "${lib}/plans/default.json" "${lib}/plan.json"
  COMMAND "${CMAKE_COMMAND}" -E copy "${lib}/plans/default.json.minisig" "${lib}/plan.json.minisig"
  DEPENDS "${lib}/plans/default.json" VERBATIM)
add_custom_target(plan ALL DEPENDS "${lib}/plan.json" ${PYLON_PLANS})
add_dependencies(plan plan-key)
