#!/usr/bin/env bash
# Executes recorded chains in builds that have little in common and compares app hash and result
# root of every height: g++ -O0, clang-19 -O3, g++ with ASan and UBSan; one verify thread and two;
# compiled contracts and the interpreter.
#
#   tools/determinism.sh PROGRAM     bin/determinism of a finished build, the reference
#
# Only what the replay needs is built, under build/det-*; ccache makes a second run a matter of
# seconds. Exit 1 and a diff when two builds differ.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
reference=$(realpath "${1:?the reference program is missing}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A chain of the contracts as they ship now, beside the committed one.
"$reference" record --seed 1 --blocks 80 --out "$work/now"
cp "$root/tests/vectors/recorded-chain/chain.cbor-seq" "$work/recorded"
for chain in recorded now; do
  "$reference" replay "$work/$chain" > "$work/$chain.expected"
done
diff "$root/tests/vectors/recorded-chain/expected.txt" "$work/recorded.expected"

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

compare reference "$reference" --threads 2
compare reference "$reference" --engine interpreted
build() { # name cmake-arguments…
  local folder=$root/build/det-$1
  shift
  cmake -S "$root" -B "$folder" -G Ninja -D SALUS_BENCH=OFF "$@" &&
    cmake --build "$folder" --target determinism -j2
}
variant() { # name cmake-arguments…
  if ! build "$@" > "$work/log" 2>&1; then
    tail -n 30 "$work/log"
    exit 1
  fi
  compare "$1" "$root/build/det-$1/bin/determinism" --threads 1
  compare "$1" "$root/build/det-$1/bin/determinism" --threads 2
}
optimised=(-D CMAKE_BUILD_TYPE=None -D "CMAKE_CXX_FLAGS=-O3" -D "CMAKE_C_FLAGS=-O3")
plain=(-D CMAKE_BUILD_TYPE=None -D "CMAKE_CXX_FLAGS=-O0" -D "CMAKE_C_FLAGS=-O0")
variant gcc-O0 "${plain[@]}"
variant clang-O3 "${optimised[@]}" -D CMAKE_C_COMPILER=clang-19 -D CMAKE_CXX_COMPILER=clang++-19
variant asan -D CMAKE_BUILD_TYPE=Debug -D "SALUS_SANITIZE=address,undefined"
exit $failed
