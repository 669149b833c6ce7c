# Each folder of caps/ that holds a cap.toml becomes a component for every provider, a schema, a facade and an
# extension, in build/caps/<name>/, with cap.json that says what there is. Nothing here knows a cap by name.
file(GLOB cap_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/caps/*/cap.toml")
set(cap_tool "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/cap")
set(cap_guest "${CMAKE_SOURCE_DIR}/src/bindgen/guest")
file(GLOB_RECURSE cap_guest_files CONFIGURE_DEPENDS "${cap_guest}/*")
set(PYLON_CAP_MANIFESTS "")
set(PYLON_CAP_COMPONENTS "")

# What the vendor's archive is made of: of cap.toml only what concerns it.
function(pylon_cap_vendor_inputs out source provider stem build)
  set(description "${CMAKE_BINARY_DIR}/caps/${stem}.sources.json")
  execute_process(COMMAND ${cap_tool} sources --cap "${source}" --provider "${provider}" --output "${description}" COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB patches CONFIGURE_DEPENDS "${source}/patches/*")
  set(script "")
  if(NOT build STREQUAL "-")
    set(script "${source}/${build}")
  endif()
  set(${out} "${description}" ${patches} ${script} "${CMAKE_SOURCE_DIR}/toolchain/cap" PARENT_SCOPE)
endfunction()

# One provider of a cap: its vendor's archive, and the component.
function(pylon_cap_provider cap provider folder stem links_statically build exceptions)
  set(out "${CMAKE_BINARY_DIR}/caps/${cap}")
  set(source "${CMAKE_SOURCE_DIR}/caps/${cap}")
  pylon_cap_vendor_inputs(inputs "${source}" "${provider}" "${stem}" "${build}")
  string(REPLACE "-" "_" module "${cap}")
  file(GLOB_RECURSE own CONFIGURE_DEPENDS "${source}/${folder}/*")
  set(library "")
  if(exceptions)
    set(library "${PYLON_TOOLCHAIN}/.cxx-done")
  endif()
  pylon_step(NAME "Vendor sources of ${stem}" OUTPUT "${out}/${stem}.vendor"
    INPUTS ${inputs} DEPENDS ${library}
    COMMAND ${cap_tool} vendor --cap "${source}" --provider "${provider}" --settings "${settings}" --output "${out}/${stem}.vendor")
  pylon_step(NAME "Component ${stem}" OUTPUT "${out}/${stem}.component.wasm"
    INPUTS "${source}/cap.toml" ${own} ${cap_guest_files} "${CMAKE_SOURCE_DIR}/toolchain/cap"
      "${out}/generated/${module}_cap.hh" "${out}/generated/${module}_cap.cc" "${out}/generated/${module}_cap.wit"
    FOLDERS "${out}/${stem}.vendor" DEPENDS "${out}/${stem}.vendor"
    COMMAND ${cap_tool} component --cap "${source}" --provider "${provider}" --settings "${settings}" --vendor "${out}/${stem}.vendor"
      --generated "${out}/generated" --guest "${cap_guest}" --output "${out}/${stem}.component.wasm")
endfunction()

# The extension with the default provider inside.
function(pylon_cap_static cap provider folder stem links_statically build exceptions)
  set(out "${CMAKE_BINARY_DIR}/caps/${cap}")
  set(source "${CMAKE_SOURCE_DIR}/caps/${cap}")
  string(REPLACE "-" "_" module "${cap}")
  file(GLOB_RECURSE own CONFIGURE_DEPENDS "${source}/${folder}/*")
  pylon_cap_vendor_inputs(inputs "${source}" "${provider}" "${stem}" "${build}")
  pylon_step(NAME "Static extension ${cap}" OUTPUT "${out}/${cap}.static.wasm"
    INPUTS "${source}/cap.toml" ${inputs} ${own} ${cap_guest_files} ${extension_sources} "${out}/extension/_${module}_static.cc"
      "${out}/generated/${module}_cap.hh" "${out}/generated/${module}_cap.cc"
    COMMAND ${cap_tool} static --cap "${source}" --provider "${provider}" --settings "${settings}" --source "${out}/extension/_${module}_static.cc"
      --generated "${out}/generated" --guest "${cap_guest}" --output "${out}/${cap}.static.wasm")
endfunction()

# What the bindings generator makes of a cap's contract.
function(pylon_cap_bindings cap)
  set(out "${CMAKE_BINARY_DIR}/caps/${cap}")
  set(source "${CMAKE_SOURCE_DIR}/caps/${cap}")
  string(REPLACE "-" "_" module "${cap}")
  file(GLOB wit CONFIGURE_DEPENDS "${source}/wit/*")
  set(common --wit "${source}/wit" --wasm-tools "${PYLON_WASM_TOOLS}")
  file(MAKE_DIRECTORY "${out}/generated")
  add_custom_command(
    OUTPUT "${out}/generated/${module}_cap.hh" "${out}/generated/${module}_cap.cc" "${out}/generated/${module}_cap.wit" "${out}/${cap}.schema" "${out}/_${module}_cap.pyi"
    COMMAND pylon-bindgen provider ${common} --name "${cap}" -o "${out}/generated"
    COMMAND pylon-bindgen schema ${common} -o "${out}/${cap}.schema"
    COMMAND pylon-bindgen stubs ${common} --name "${cap}" -o "${out}/_${module}_cap.pyi"
    DEPENDS ${wit} pylon-bindgen COMMENT "Bindings of the cap ${cap}" VERBATIM)
endfunction()

# The facade and the description of what the build left.
function(pylon_cap_python cap)
  set(out "${CMAKE_BINARY_DIR}/caps/${cap}")
  set(source "${CMAKE_SOURCE_DIR}/caps/${cap}")
  file(GLOB_RECURSE modules CONFIGURE_DEPENDS "${source}/python/*.py")
  add_custom_command(OUTPUT "${out}/${cap}.facade.zip"
    COMMAND ${cap_tool} facade --cap "${source}" --output "${out}/${cap}.facade.zip"
    DEPENDS ${modules} "${CMAKE_SOURCE_DIR}/toolchain/cap" COMMENT "Facade of the cap ${cap}" VERBATIM)
  add_custom_command(OUTPUT "${out}/cap.json"
    COMMAND ${cap_tool} manifest --cap "${source}" --output "${out}/cap.json"
    DEPENDS "${source}/cap.toml" "${CMAKE_SOURCE_DIR}/toolchain/cap" ${ARGN} "${out}/${cap}.facade.zip" "${out}/${cap}.schema"
    COMMENT "Describing the cap ${cap}" VERBATIM)
endfunction()

foreach(file IN LISTS cap_files)
  cmake_path(GET file PARENT_PATH folder)
  cmake_path(GET folder FILENAME cap)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  execute_process(COMMAND ${cap_tool} providers --cap "${folder}" OUTPUT_VARIABLE providers OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" providers "${providers}")
  set(components "")
  pylon_cap_bindings(${cap})
  foreach(provider IN LISTS providers)
    separate_arguments(words UNIX_COMMAND "${provider}")
    list(GET words 2 stem)
    pylon_cap_provider(${cap} ${words})
    list(APPEND components "${CMAKE_BINARY_DIR}/caps/${cap}/${stem}.component.wasm")
  endforeach()
  pylon_extension(${cap} "${folder}/wit" "${CMAKE_BINARY_DIR}/caps/${cap}")
  set(extensions "${CMAKE_BINARY_DIR}/caps/${cap}/${cap}.extension.wasm")
  list(GET providers 0 provider)
  separate_arguments(words UNIX_COMMAND "${provider}")
  list(GET words 3 links_statically)
  if(links_statically)
    pylon_cap_static(${cap} ${words})
    list(APPEND extensions "${CMAKE_BINARY_DIR}/caps/${cap}/${cap}.static.wasm")
  endif()
  pylon_cap_python(${cap} ${components} ${extensions})
  list(APPEND PYLON_CAP_COMPONENTS ${components})
  list(APPEND PYLON_CAP_MANIFESTS "${CMAKE_BINARY_DIR}/caps/${cap}/cap.json")
endforeach()
add_custom_target(caps ALL DEPENDS ${PYLON_CAP_MANIFESTS})
