#!/bin/bash
# Builds web/core/build/salus_core.wasm: the sources of sources.txt as one wasm32-wasi reactor, no
# exceptions, no threads, no system call beyond what an abort prints. Rebuilds only what changed;
# needs clang++-19, lld-19, libc++-19-dev-wasm32, wasi-libc, libclang-rt-19-dev-wasm32 and
# libexpected-dev.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=web/core/build
mkdir -p "$out/obj" "$out/include"
# tl/expected.hpp is reached through a folder of its own: /usr/include itself holds the headers of
# another machine.
[ -e "$out/include/tl" ] || ln -s /usr/include/tl "$out/include/tl"

compiler=(clang++-19)
command -v ccache > /dev/null && compiler=(ccache clang++-19)
flags=(--target=wasm32-wasi -std=c++20 -O2 -DNDEBUG -fno-exceptions -fno-rtti -ffp-contract=off
       -ffunction-sections -fdata-sections -fvisibility=hidden
       -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Werror
       -isystem "$out/include" -I src -I web/core -ffile-prefix-map="$PWD"=.)

# Prints the object when it is older than its source or one of the headers that it read.
is_stale() {
    local object=$1 dependency
    [ -e "$object" ] && [ -e "${object%.o}.d" ] || return 0
    for dependency in $(sed -e 's/^[^:]*://' -e 's/\\$//' "${object%.o}.d"); do
        [ "$dependency" -nt "$object" ] && return 0
        [ -e "$dependency" ] || return 0
    done
    return 1
}

objects=()
stale=()
while read -r source; do
    object="$out/obj/$(echo "${source%.cpp}" | tr / _).o"
    objects+=("$object")
    if is_stale "$object"; then stale+=("$source" "$object"); fi
done < web/core/sources.txt

if [ ${#stale[@]} -gt 0 ]; then
    printf '%s\n' "${stale[@]}" | xargs -n 2 -P 2 bash -c \
        'n=$(($# - 2)); "${@:1:n}" -c "${@: -2:1}" -MMD -MF "${!#%.o}.d" -o "${!#}"' \
        _ "${compiler[@]}" "${flags[@]}"
elif [ -e "$out/salus_core.wasm" ] && [ web/core/sources.txt -ot "$out/salus_core.wasm" ]; then
    exit 0
fi
clang++-19 --target=wasm32-wasi -fno-exceptions -mexec-model=reactor -O2 \
    -Wl,--gc-sections -Wl,--strip-all -Wl,-z,stack-size=1048576 \
    "${objects[@]}" -o "$out/salus_core.wasm.new"
mv "$out/salus_core.wasm.new" "$out/salus_core.wasm"
echo "web/core/build/salus_core.wasm: $(stat -c %s "$out/salus_core.wasm") bytes"
