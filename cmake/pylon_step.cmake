# pylon_step(NAME text OUTPUT path... INPUTS file... [FOLDERS folder...] COMMAND word... [DEPENDS ...] [SALT text...] [TERMINAL])
#
# A build rule whose outputs are kept in the user's cache by the contents of INPUTS and FOLDERS and the command line
# (toolchain/step), wherever the folders lie. For rules that cost more than some seconds; DEPENDS only says when to look
# again.
if(PYLON_STEPS)
  set(pylon_steps "${PYLON_STEPS}")
else()
  set(pylon_steps "${PYLON_CACHE}/steps")
endif()

cmake_path(GET PYLON_PYTHON_INCLUDE PARENT_PATH pylon_profile)

function(pylon_step)
  cmake_parse_arguments(STEP "TERMINAL" "NAME" "OUTPUT;INPUTS;FOLDERS;COMMAND;DEPENDS;SALT" ${ARGN})
  set(salt "")
  foreach(text IN LISTS STEP_SALT)
    list(APPEND salt --salt "${text}")
  endforeach()
  set(terminal "")
  if(STEP_TERMINAL)
    set(terminal USES_TERMINAL)
  endif()
  add_custom_command(
    OUTPUT ${STEP_OUTPUT}
    COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/toolchain/step"
      --cache "${pylon_steps}" --name "${STEP_NAME}"
      --map "${CMAKE_BINARY_DIR}=build" --map "${CMAKE_SOURCE_DIR}=source" --map "${PYLON_CACHE}=cache"
      --map "${PYLON_TOOLCHAIN}=toolchain" --map "${pylon_profile}=profile"
      ${salt} --inputs ${STEP_INPUTS} ${STEP_FOLDERS} --outputs ${STEP_OUTPUT}
      -- ${STEP_COMMAND}
    DEPENDS ${STEP_INPUTS} ${STEP_DEPENDS} "${CMAKE_SOURCE_DIR}/toolchain/step"
    COMMENT "${STEP_NAME}" ${terminal} VERBATIM)
endfunction()
