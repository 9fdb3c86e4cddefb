#!/usr/bin/env bash
# Executes recorded chains in builds that have little in common and compares app hash and result
# root of every height: g++ -O0, clang-19 -O3, g++ with ASan and UBSan; one verify thread and two;
# compiled contracts and the interpreter.
#
#   tools/determinism.sh BUILD_DIR     a build that has bin/determinism, which is the reference
#
# Only what the linker took into the reference is compiled again (tests/determinism/variant), under
# BUILD_DIR/replay; a second run is a matter of seconds. Exit 1 and a diff when two builds differ.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(realpath "${1:?the folder of a build is missing}")
reference=$build/bin/determinism
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A chain of the contracts as they ship now, beside the committed one.
"$reference" record --seed 1 --blocks 80 --out "$work/now"
cp "$root/tests/vectors/recorded-chain/chain.cbor-seq" "$work/recorded"
for chain in recorded now; do
  "$reference" replay "$work/$chain" > "$work/$chain.expected"
done
diff "$root/tests/vectors/recorded-chain/expected.txt" "$work/recorded.expected"

# libsalus_base.a(cbor.cpp.o) is src/base/cbor.cpp; two libraries are not named as their folder.
grep --only-matching --extended-regexp 'libsalus_[a-z_]+\.a\([a-z0-9_]+\.(cpp|c)\.o\)' \
  "$reference.map" | sort --unique |
  sed -E -e '/^libsalus_shipped_contracts/d' -e 's/\.o\)$//' \
    -e 's#^libsalus_determinism\.a\(#tests/determinism/#' \
    -e 's#^libsalus_contract_runtime\.a\(#src/contracts/w2c/#' \
    -e 's#^libsalus_([a-z_]+)\.a\(#src/\1/#' > "$work/sources"
echo tests/determinism/main.cpp >> "$work/sources"

failed=0
compare() { # name program arguments…
  local name=$1 program=$2
  shift 2
  for chain in recorded now; do
    if "$program" replay "$work/$chain" "$@" > "$work/out" &&
      diff "$work/$chain.expected" "$work/out"; then
      printf 'same: %-9s %s %s\n' "$chain" "$name" "$*"
    else
      printf 'DIFFERENT: %s %s %s\n' "$chain" "$name" "$*"
      failed=1
    fi
  done
}

configure_and_build() { # name c-compiler c++-compiler flags
  cmake -S "$root/tests/determinism/variant" -B "$build/replay/$1" -G Ninja \
    -D CMAKE_BUILD_TYPE=None -D CMAKE_C_COMPILER="$2" -D CMAKE_CXX_COMPILER="$3" \
    -D CMAKE_C_FLAGS="$4" -D CMAKE_CXX_FLAGS="$4" -D CONTRACTS="$build/contracts" \
    -D SOURCES="$work/sources" &&
    cmake --build "$build/replay/$1" -j2
}
variant() { # name c-compiler c++-compiler flags
  local began=$SECONDS
  if ! configure_and_build "$@" > "$work/log" 2>&1; then
    tail -n 30 "$work/log"
    exit 1
  fi
  printf 'built: %s in %d s\n' "$1" $((SECONDS - began))
  compare "$1" "$build/replay/$1/determinism" --threads 1
  compare "$1" "$build/replay/$1/determinism" --threads 2
}

compare reference "$reference" --threads 2
compare reference "$reference" --engine interpreted
variant gcc-O0 gcc g++ -O0
variant clang-O3 clang-19 clang++-19 "-O3 -DNDEBUG"
variant gcc-asan-ubsan gcc g++ \
  "-O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
exit $failed
