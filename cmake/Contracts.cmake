# Contracts: C++ to WebAssembly to C to a library.
#
#   salus_contract(name source [DEPENDS header...])
#       name.wasm        clang-19, reproducible: the bytes that go on chain
#       gated.wasm       the same through salus-gatekeeper
#       code.c, glue.c   wasm2c's output and its entry in the table of compiled contracts
#   salus_contract_library(target FUNCTION function CONTRACTS name...)
#       a static library in which `function()` lists those contracts as contracts::ShippedContract
find_program(SALUS_WASM_CXX clang++-19 REQUIRED)
find_program(SALUS_WASM2C wasm2c REQUIRED)

# The gatekeeper's sources, once more, without the rest of salus_contracts: the library depends on what this tool makes.
set(contracts_source "${PROJECT_SOURCE_DIR}/src/contracts")
set(gatekeeper_sources "${contracts_source}/gatekeeper.cpp" "${contracts_source}/gatekeeper_scan.cpp"
    "${contracts_source}/gatekeeper_inject.cpp")
add_executable(salus-gatekeeper "${PROJECT_SOURCE_DIR}/contracts/tool/main.cpp" ${gatekeeper_sources})
target_link_libraries(salus-gatekeeper PRIVATE salus_crypto salus_base salus_warnings wabt::wabt)

# Files that include libwabt's headers are C++17 under g++ 12.
set(wabt_sources "${contracts_source}/gatekeeper_scan.cpp" "${contracts_source}/gatekeeper_inject.cpp"
    "${contracts_source}/vm_interpreter.cpp")
set_source_files_properties(${wabt_sources} TARGET_DIRECTORY salus_contracts salus-gatekeeper
  PROPERTIES COMPILE_OPTIONS -std=gnu++17)

set(SALUS_WASM_FLAGS --target=wasm32-wasi -mcpu=mvp -msign-ext -ffreestanding -fbuiltin -nostdlib -fno-exceptions
    -fno-rtti -fno-threadsafe-statics -std=c++20 -O2 -fvisibility=hidden -Wall -Wextra -Werror
    -Wl,--no-entry,--stack-first,-z,stack-size=32768,--max-memory=2097152,--strip-all)

function(salus_contract name source)
  cmake_parse_arguments(C "" "" "DEPENDS" ${ARGN})
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}")
  file(MAKE_DIRECTORY "${folder}")
  file(GLOB sdk CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/contracts/sdk/*.hpp"
       "${PROJECT_SOURCE_DIR}/contracts/sdk/salus/*.hpp")
  get_filename_component(source_path "${source}" ABSOLUTE)
  if(source_path MATCHES "\\.wat$")
    find_program(SALUS_WAT2WASM wat2wasm REQUIRED)
    add_custom_command(OUTPUT "${folder}/${name}.wasm"
      COMMAND "${SALUS_WAT2WASM}" "${source_path}" -o "${folder}/${name}.wasm" DEPENDS "${source_path}" VERBATIM)
  else()
    # Compiled by a path relative to the source tree, so that no byte depends on where the tree lies.
    file(RELATIVE_PATH relative "${PROJECT_SOURCE_DIR}" "${source_path}")
    add_custom_command(OUTPUT "${folder}/${name}.wasm"
      COMMAND "${SALUS_WASM_CXX}" ${SALUS_WASM_FLAGS} -Icontracts/sdk -Icontracts "${relative}"
              -o "${folder}/${name}.wasm"
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" DEPENDS "${source_path}" ${sdk} ${C_DEPENDS}
      COMMENT "Contract ${name}" VERBATIM)
  endif()
  add_custom_command(OUTPUT "${folder}/gated.wasm" "${folder}/glue.c"
    COMMAND salus-gatekeeper "${folder}/${name}.wasm" "${folder}/gated.wasm" --glue "${name}" "${folder}/glue.c"
    DEPENDS "${folder}/${name}.wasm" salus-gatekeeper VERBATIM)
  add_custom_command(OUTPUT "${folder}/code.c" "${folder}/code.h"
    COMMAND "${SALUS_WASM2C}" -n "${name}" "${folder}/gated.wasm" -o "${folder}/code.c"
    DEPENDS "${folder}/gated.wasm" VERBATIM)
endfunction()

function(salus_contract_library target)
  cmake_parse_arguments(L "" "FUNCTION" "CONTRACTS" ${ARGN})
  set(sources "")
  set(declarations "")
  set(entries "")
  foreach(name IN LISTS L_CONTRACTS)
    set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}")
    set_source_files_properties("${folder}/code.c" PROPERTIES
      OBJECT_DEPENDS "${folder}/code.h" COMPILE_OPTIONS "-std=gnu11;-O3;-w")
    set_source_files_properties("${folder}/glue.c" PROPERTIES
      OBJECT_DEPENDS "${folder}/code.h" COMPILE_OPTIONS "-std=gnu11;-Werror=incompatible-pointer-types")
    list(APPEND sources "${folder}/code.c" "${folder}/glue.c")
    string(APPEND declarations "extern \"C\" const salus_compiled salus_compiled_${name};\n")
    string(APPEND entries "        shipped(salus_compiled_${name}),\n")
  endforeach()
  list(LENGTH L_CONTRACTS count)
  file(CONFIGURE OUTPUT "${target}.cpp" CONTENT "#include \"contracts/shipped.hpp\"

#include <array>

@declarations@
namespace salus::contracts {
std::span<const ShippedContract> @L_FUNCTION@();
std::span<const ShippedContract> @L_FUNCTION@() {
    static const std::array<ShippedContract, @count@> all{{
@entries@    }};
    return all;
}
}  // namespace salus::contracts
" @ONLY)
  add_library(${target} STATIC "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp" ${sources})
  # Generated code includes "wasm-rt.h"; ours stands in for Debian's.
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${contracts_source}/w2c")
  target_link_libraries(${target} PUBLIC salus_contract_runtime salus_base)
endfunction()

add_library(salus_contract_runtime STATIC "${contracts_source}/w2c/runtime.c" "${contracts_source}/w2c/imports.c")
target_include_directories(salus_contract_runtime PUBLIC "${PROJECT_SOURCE_DIR}/src")
set_target_properties(salus_contract_runtime PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
target_compile_options(salus_contract_runtime PRIVATE -Wall -Wextra -Wno-unused-parameter -O2)
