#!/usr/bin/env bash
# Puts the engine of a consortium, cometbft v0.38.25, where salusd finds it. A binary of that
# version on PATH is taken as it is; else Go >= 1.22 builds it. Only a consortium needs it.
set -euo pipefail
version=0.38.25
target=$HOME/.local/share/salus

has_version() { [[ -x $1 && $("$1" version 2> /dev/null) == "$version"* ]]; }

on_path=$(command -v cometbft || true)
if [[ -n $on_path ]] && has_version "$on_path"; then
  echo "cometbft: $on_path"
  exit 0
fi
if has_version "$target/cometbft"; then
  echo "cometbft: $target/cometbft"
  exit 0
fi
# Only looks: a test that needs it is passed over without.
if [[ ${1:-} == --find ]]; then exit 3; fi

go_is_there() {
  command -v go > /dev/null || return 1
  local own
  own=$(go env GOVERSION)
  printf '%s\n%s\n' 1.22 "${own#go}" | sort --version-sort --check=quiet
}
if ! go_is_there; then
  echo "cometbft: no binary of v$version on PATH and no Go >= 1.22 to build one" >&2
  exit 3
fi
echo "cometbft: building v$version with $(go env GOVERSION), about a minute"
mkdir -p "$target"
GOBIN=$target go install "github.com/cometbft/cometbft/cmd/cometbft@v$version" || {
  echo "cometbft: the build failed" >&2
  exit 3
}
has_version "$target/cometbft" || { echo "cometbft: the build made another version" >&2 && exit 3; }
echo "cometbft: $target/cometbft"
