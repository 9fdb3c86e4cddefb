# cmake -D SOURCE=… -D WASM=… -D CXX=… -D FLAGS=… -D FOLDER=… -P reproduce.cmake
# Compiles the counter contract in a copy of the source tree elsewhere: every byte must be the same.
file(REMOVE_RECURSE "${FOLDER}")
file(COPY "${SOURCE}/contracts" DESTINATION "${FOLDER}")
separate_arguments(FLAGS)
execute_process(COMMAND "${CXX}" ${FLAGS} -Icontracts/sdk -Icontracts contracts/testing/counter.cpp -o counter.wasm
  WORKING_DIRECTORY "${FOLDER}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${FOLDER}/counter.wasm" "${WASM}"
  COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE "${FOLDER}")
