# Flags for all of our C++: sections that the linker can drop, hardening, reproducible paths, sanitizers on request.
add_library(pylon_flags INTERFACE)
target_compile_options(pylon_flags INTERFACE
  -fno-pie -ffunction-sections -fdata-sections "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=." "-ffile-prefix-map=${CMAKE_BINARY_DIR}=build")
target_link_options(pylon_flags INTERFACE -no-pie -Wl,--gc-sections)
if(PYLON_SANITIZE)
  target_compile_options(pylon_flags INTERFACE -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_link_options(pylon_flags INTERFACE -fsanitize=address,undefined)
else()
  target_compile_options(pylon_flags INTERFACE -fstack-protector-strong $<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
endif()
