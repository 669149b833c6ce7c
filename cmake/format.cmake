# cmake -DFORMATTER=clang-format -P format.cmake: formats all C and C++ of the repository in place.
file(GLOB_RECURSE sources "${CMAKE_SOURCE_DIR}/src/*.cc" "${CMAKE_SOURCE_DIR}/src/*.hh" "${CMAKE_SOURCE_DIR}/apps/*.cc" "${CMAKE_SOURCE_DIR}/apps/*.hh"
  "${CMAKE_SOURCE_DIR}/tests/*.cc" "${CMAKE_SOURCE_DIR}/tests/*.hh" "${CMAKE_SOURCE_DIR}/python/*.c" "${CMAKE_SOURCE_DIR}/python/*.h" "${CMAKE_SOURCE_DIR}/cmake/*.cc"
  "${CMAKE_SOURCE_DIR}/caps/*.cc" "${CMAKE_SOURCE_DIR}/caps/*.hh" "${CMAKE_SOURCE_DIR}/caps/*.h")
execute_process(COMMAND "${FORMATTER}" -i ${sources} COMMAND_ERROR_IS_FATAL ANY)
list(LENGTH sources count)
message(STATUS "formatted ${count} files")
