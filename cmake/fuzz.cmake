# Fuzz targets: <name>_fuzz.cc defines LLVMFuzzerTestOneInput. With clang++ they are libFuzzer programs; with another
# compiler a runner feeds them the corpus and deterministic mutations of it. ctest runs each for a few seconds.
function(pylon_fuzz_target name subject source corpus)
  add_executable(${name} "${source}")
  target_link_libraries(${name} PRIVATE pylon_warnings ${ARGN})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
  add_dependencies(unit-tests ${name})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${subject} COMMAND ${name} -max_total_time=10 -artifact_prefix=${CMAKE_BINARY_DIR}/fuzz/ "${CMAKE_BINARY_DIR}/fuzz" ${corpus})
  else()
    target_sources(${name} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/corpus_runner.cc")
    add_test(NAME fuzz.${subject} COMMAND ${name} ${corpus})
  endif()
  set_tests_properties(fuzz.${subject} PROPERTIES TIMEOUT 300 LABELS "fuzz")
endfunction()

# Those of Pylon itself: tests/fuzz.
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/*_fuzz.cc")
foreach(source IN LISTS sources)
  cmake_path(GET source STEM name)
  string(REGEX REPLACE "_fuzz$" "" subject "${name}")
  pylon_fuzz_target(${name} ${subject} "${source}" "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${subject}"
    pylon_wasm pylon_fuse pylon_native pylon_link pylon_bindgen pylon_compose pylon_cap)
endforeach()
target_link_libraries(wire_fuzz PRIVATE pylon_echo_native)

# A cap's own sources and its vendor's as a library of the host. The vendor's are checked for addresses only.
function(pylon_native_cap cap)
  set(source "${CMAKE_SOURCE_DIR}/caps/${cap}")
  set(vendor "${CMAKE_BINARY_DIR}/fuzz/vendor/${cap}")
  set(tool "${CMAKE_SOURCE_DIR}/toolchain/native-vendor")
  string(REPLACE "clang++" "clang" compiler "${CMAKE_CXX_COMPILER}")
  string(REPLACE "g++" "gcc" compiler "${compiler}")
  string(REPLACE "c++" "cc" compiler "${compiler}")
  string(REPLACE "-" "_" module "${cap}")
  set(sanitize "")
  if(PYLON_SANITIZE)
    set(sanitize -g -fsanitize=address)
  endif()
  file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz/caps/${cap}")
  file(GLOB patches CONFIGURE_DEPENDS "${source}/patches/*")
  pylon_step(NAME "Vendor sources of ${cap}, native" OUTPUT "${vendor}"
    INPUTS "${source}/cap.toml" ${patches} "${CMAKE_SOURCE_DIR}/toolchain/cap" "${tool}"
    COMMAND "${Python3_EXECUTABLE}" "${tool}" --cap "${source}" --output "${vendor}" -- "${compiler}" -O1 -fno-pie ${sanitize})
  execute_process(COMMAND "${Python3_EXECUTABLE}" "${tool}" --cap "${source}" --output "${vendor}" OUTPUT_VARIABLE words
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" words "${words}")
  # g++ does not see the initialiser of a case of a variant before the type around it is complete; a variant clears it anyway.
  set(header "${CMAKE_BINARY_DIR}/fuzz/caps/${cap}/${module}_cap.hh")
  add_custom_command(OUTPUT "${header}" COMMAND sed "/^    /s/ value{};/ value;/" "${CMAKE_BINARY_DIR}/caps/${cap}/generated/${module}_cap.hh" > "${header}"
    DEPENDS "${CMAKE_BINARY_DIR}/caps/${cap}/generated/${module}_cap.hh" VERBATIM)
  file(GLOB own CONFIGURE_DEPENDS "${source}/component/*.cc")
  add_library(${module}_native STATIC ${own} "${cap_guest}/wire.cc" "${header}" "${vendor}")
  target_include_directories(${module}_native PUBLIC "${CMAKE_BINARY_DIR}/fuzz/caps/${cap}" "${cap_guest}" "${source}/component")
  target_compile_options(${module}_native PUBLIC ${words} PRIVATE -w)
  target_link_directories(${module}_native PUBLIC "${vendor}")
  target_link_libraries(${module}_native PUBLIC pylon_flags -l:libvendor.a)
endfunction()

# Those of caps: caps/<cap>/fuzz/<name>_fuzz.cc, with caps/<cap>/fuzz/corpus/<name>.
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/caps/*/fuzz/*_fuzz.cc")
foreach(source IN LISTS sources)
  string(REGEX MATCH "/caps/([^/]+)/fuzz/([^/]+)_fuzz.cc$" found "${source}")
  set(cap "${CMAKE_MATCH_1}")
  set(subject "${CMAKE_MATCH_2}")
  string(REPLACE "-" "_" module "${cap}")
  if(NOT TARGET ${module}_native)
    pylon_native_cap(${cap})
  endif()
  pylon_fuzz_target(${module}_${subject}_fuzz ${cap}.${subject} "${source}" "${CMAKE_SOURCE_DIR}/caps/${cap}/fuzz/corpus/${subject}" ${module}_native)
endforeach()
