# The C++ libraries of the host programs, from the toolchain's own prefix: headers and static archives.
find_package(Threads REQUIRED)

add_library(pylon_host INTERFACE)
target_include_directories(pylon_host SYSTEM INTERFACE "${PYLON_HOST_INCLUDE}")
target_link_libraries(pylon_host INTERFACE Threads::Threads)

# pylon_archive(name file...): an imported target over static archives, in link order.
function(pylon_archive name)
  add_library(${name} INTERFACE)
  foreach(file IN LISTS ARGN)
    target_link_libraries(${name} INTERFACE "${PYLON_HOST_LIB}/${file}")
  endforeach()
  target_link_libraries(${name} INTERFACE pylon_host)
endfunction()

pylon_archive(pylon_sodium libsodium.a)
pylon_archive(pylon_zstd libzstd.a)
pylon_archive(pylon_editline libedit.a libncurses.a libtinfo.a libbsd.a libmd.a)
pylon_archive(pylon_gtest libgtest.a)
