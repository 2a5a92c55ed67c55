# Run at build time: installs the pinned npm packages beside the build and bundles the assets there.
# The source tree stays clean.
find_program(NPM npm REQUIRED)
find_program(NODE node REQUIRED)
file(COPY ${SOURCE}/templates/package.json ${SOURCE}/templates/package-lock.json DESTINATION ${OUT}/npm)
file(SHA256 ${SOURCE}/templates/package-lock.json lock)
set(stamp ${OUT}/npm/.installed)
set(installed "")
if(EXISTS ${stamp})
  file(READ ${stamp} installed)
endif()
if(NOT installed STREQUAL lock)
  execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    WORKING_DIRECTORY ${OUT}/npm COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE ${stamp} ${lock})
endif()
execute_process(COMMAND ${NODE} ${SOURCE}/scripts/assets.mjs ${SOURCE}/templates/assets ${OUT} ${OUT}/npm/node_modules
  COMMAND_ERROR_IS_FATAL ANY)
