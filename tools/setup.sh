# Shared by ./run, ./test and ./bench: installs what is missing and builds what is asked for.
# Sourced, never executed. The caller has set `root` and may set `say_to` (1 stdout, 2 stderr).

preset=release
build="$root/build/$preset"
portal="$root/web/dist"

# Debian 12 packages. What ./run needs to build and serve:
run_packages=(
  g++ cmake ninja-build ccache mold pkg-config ca-certificates curl
  libsodium-dev libssl-dev librocksdb-dev libboost1.81-dev libexpected-dev libutf8proc-dev
  libprotobuf-dev protobuf-compiler libxgboost-dev libsvm-dev
  wabt clang-19 lld-19 libc++-19-dev-wasm32 libclang-rt-19-dev-wasm32 wasi-libc
)
# What ./test needs besides:
test_packages=(doctest-dev librapidcheck-dev libsimdjson-dev chromium python3 clang-format-19 jq)

node_version_min=18.20
began=$SECONDS

say() {
  printf '[%3d s] %s\n' $((SECONDS - began)) "$*" >&"${say_to:-1}"
}

# One sentence on stderr, then the exit code: 1 the answer is no, 2 wrong use, 3 the world failed.
fail() {
  local code=$1
  shift
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit "$code"
}

# Node of any origin will do: Debian's packages conflict with those of others.
node_is_there() {
  command -v npm > /dev/null && command -v node > /dev/null || return 1
  local version
  version=$(node --version 2> /dev/null) || return 1
  printf '%s\n%s\n' "$node_version_min" "${version#v}" | sort --version-sort --check=quiet
}

# Prints the packages of the list that are not installed.
missing_of() {
  local installed name
  # dpkg-query fails when it does not know one of the names; the others are printed all the same.
  installed=$(dpkg-query --show --showformat='${binary:Package} ${db:Status-Status}\n' "$@" \
    2> /dev/null | sed -n 's/\(:[a-z0-9]*\)\? installed$//p') || true
  for name in "$@"; do
    grep --quiet --line-regexp --fixed-strings -- "$name" <<< "$installed" || printf '%s\n' "$name"
  done
}

# Passes on what a person wants to see of apt-get: one line per twenty packages.
apt_progress() {
  local total=$1 line count=0 unpacked=0
  while IFS= read -r line; do
    printf '%s\n' "$line" >> "$build/apt.log"
    case $line in
      "Need to get"* | Fetched* | E:* | W:*) say "  $line" ;;
      "Unpacking"*)
        unpacked=$((unpacked + 1))
        if ((unpacked % 20 == 0)); then say "  $unpacked unpacked"; fi
        ;;
      "Setting up"*)
        count=$((count + 1))
        if ((count % 20 == 0)); then say "  $count set up"; fi
        ;;
    esac
  done
  say "  $count packages set up for the $total asked for"
}

apt_install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes -q \
    --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" 2>&1 |
    apt_progress $#
}

# Installs the packages named, and Node when there is none; does nothing when all are there.
install_packages() {
  command -v dpkg-query > /dev/null ||
    fail 3 "this is not Debian: install $* and Node $node_version_min"
  local wanted missing
  wanted=("$@")
  if ! node_is_there; then wanted+=(nodejs npm); fi
  mapfile -t missing < <(missing_of "${wanted[@]}")
  if ((${#missing[@]} == 0)); then return 0; fi

  as_root=()
  if ((EUID != 0)); then
    as_root=(sudo)
    if ! command -v sudo > /dev/null || ! { sudo -n true 2> /dev/null || [[ -t 0 ]]; }; then
      fail 3 "may not install packages; as root: apt-get install ${missing[*]}"
    fi
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  if ! apt_install "${missing[@]}"; then
    say "  trying again with fresh package lists"
    "${as_root[@]}" apt-get update -q -o DPkg::Lock::Timeout=300 >> "$build/apt.log" 2>&1 ||
      fail 3 "apt-get update failed: see $build/apt.log"
    apt_install "${missing[@]}" || fail 3 "apt-get install failed: see $build/apt.log"
  fi
  node_is_there || fail 3 "node and npm $node_version_min or newer are needed"
}

# The tests are part of the one configuration as soon as their libraries are there, so that ./run
# before ./test, or after it, rebuilds nothing.
configure() {
  local tests=OFF have=
  if [[ -z $(missing_of doctest-dev librapidcheck-dev libsimdjson-dev python3) ]]; then tests=ON; fi
  if [[ -f $build/build.ninja ]]; then
    have=$(sed -n 's/^SALUS_TESTS:BOOL=//p' "$build/CMakeCache.txt")
  fi
  if [[ $have == "$tests" ]]; then return 0; fi
  say "configuring ($preset)"
  if ! cmake --preset "$preset" -S "$root" "-DSALUS_TESTS=$tests" \
    > "$build/configure.log" 2>&1; then
    tail -n 30 "$build/configure.log" >&2
    fail 1 "configuring failed: see $build/configure.log"
  fi
}

# Passes on ninja's counts every two seconds and everything that is no count.
ninja_progress() {
  local line last=-2
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (.*) ]]; then
      if ((SECONDS - last >= 2)) && ((BASH_REMATCH[2] > 5)); then
        say "  ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}: ${BASH_REMATCH[3]:0:70}"
        last=$SECONDS
      fi
    else
      case $line in
        "ninja: no work to do." | "ninja: Entering directory"* | "-- "*) ;;
        *) printf '%s\n' "$line" >&2 ;;
      esac
    fi
  done
}

# One compiler takes up to 1.5 GB, so memory bounds the jobs as well as processors do.
build_jobs() {
  local processors memory
  processors=$(nproc)
  memory=$(awk '/^MemAvailable/ { print int($2 / 1500000) }' /proc/meminfo)
  if ((memory < 1)); then memory=1; fi
  echo $((memory < processors ? memory : processors))
}

# build_targets [TARGET…]: without a name, everything.
build_targets() {
  say "building ${*:-everything} ($preset)"
  if ! NINJA_STATUS='[%f/%t] ' ninja -C "$build" -j "$(build_jobs)" "$@" 2>&1 | ninja_progress; then
    fail 1 "the build failed"
  fi
}

# One hash over the names and contents of the files that the portal is made of.
portal_hash() {
  (
    cd "$root"
    find web src/base src/crypto src/learn src/ledger -type f \
      -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -path 'web/core/build/*' -print0 |
      LC_ALL=C sort --zero-terminated | xargs --null sha256sum | sha256sum | cut -d ' ' -f 1
  )
}

build_portal() {
  if [[ ! -f $root/web/package.json ]]; then return 0; fi
  local lock sources
  lock=$(sha256sum < "$root/web/package-lock.json")
  if [[ $(cat "$root/web/node_modules/.salus-lock" 2> /dev/null) != "$lock" ]]; then
    say "fetching the portal's packages (npm ci)"
    (cd "$root/web" && npm ci --no-audit --no-fund --loglevel=error) > "$build/npm.log" 2>&1 || {
      tail -n 20 "$build/npm.log" >&2
      fail 3 "npm ci failed: see $build/npm.log"
    }
    printf '%s' "$lock" > "$root/web/node_modules/.salus-lock"
  fi
  sources=$(portal_hash)
  if [[ -f $portal/index.html && $(cat "$build/portal.hash" 2> /dev/null) == "$sources" ]]; then
    return 0
  fi
  if [[ -f $root/web/core/build.sh ]]; then
    say "building the portal's core (C++ to WebAssembly)"
    bash "$root/web/core/build.sh" > "$build/core.log" 2>&1 || {
      tail -n 40 "$build/core.log" >&2
      fail 1 "the portal's core does not build: see $build/core.log"
    }
  fi
  say "building the portal (npm run build)"
  (cd "$root/web" && npm run --silent build) > "$build/npm.log" 2>&1 || {
    tail -n 40 "$build/npm.log" >&2
    fail 1 "the portal does not build: see $build/npm.log"
  }
  # A build may write generated files among the sources: the hash is of what it left behind.
  portal_hash > "$build/portal.hash"
}

# The load of the last minute, times 100, as a whole number.
load_percent() {
  awk '{ printf "%d\n", $1 * 100 }' /proc/loadavg
}
