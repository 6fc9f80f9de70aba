# Shared by the scripts beside it: what has to be on the machine before anything can be built.

complain() { echo "${0##*/}: $*" >&2; }

# Runs a command as root: directly, or through sudo where we are not.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    complain "root is needed for “$*”, and there is no sudo; run it yourself, then try again"
    return 1
  fi
}

# Each line: a question that costs no time, then the package for apt, dnf and brew.
# A question is pkg:NAME (does pkg-config know it), cmd:NAME, or file:PATH.
build_needs="
cmd:pkg-config        pkg-config          pkgconf-pkg-config  pkgconf
pkg:ncursesw          libncursesw5-dev    ncurses-devel       ncurses
pkg:openblas          libopenblas-dev     openblas-devel      openblas
pkg:zlib              zlib1g-dev          zlib-devel          zlib
pkg:libzip            libzip-dev          libzip-devel        libzip
pkg:libpng            libpng-dev          libpng-devel        libpng
pkg:cairo-svg         libcairo2-dev       cairo-devel         cairo
pkg:sndfile           libsndfile1-dev     libsndfile-devel    libsndfile
pkg:samplerate        libsamplerate0-dev  libsamplerate-devel libsamplerate
pkg:kissfft-float     libkissfft-dev      kissfft-devel       kissfft
"
test_needs="
cmd:tmux              tmux                tmux                tmux
term:tmux-256color    ncurses-term        ncurses-term        ncurses
"
arm_needs="
cmd:aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu gcc-aarch64-linux-gnu aarch64-elf-gcc
file:/usr/aarch64-linux-gnu/include/stdio.h libc6-dev-arm64-cross gcc-aarch64-linux-gnu aarch64-elf-gcc
cmd:qemu-aarch64      qemu-user           qemu-user           qemu
"
torture_needs="
cmd:python3           python3             python3             python3
"

is_there() {
  case "$1" in
    cmd:*) command -v "${1#cmd:}" >/dev/null ;;
    file:*) [ -e "${1#file:}" ] ;;
    term:*) infocmp "${1#term:}" >/dev/null 2>&1 ;;
    pkg:*) pkg-config --exists "${1#pkg:}" 2>/dev/null ;;
  esac
}

# Homebrew keeps some libraries out of the way; pkg-config and the linker have to be told.
use_homebrew_paths() {
  [ "$(uname)" = Darwin ] && command -v brew >/dev/null || return 0
  local prefix
  prefix=$(brew --prefix)
  local formula
  for formula in openblas ncurses zlib libzip libpng cairo libsndfile libsamplerate kissfft; do
    PKG_CONFIG_PATH="$prefix/opt/$formula/lib/pkgconfig:${PKG_CONFIG_PATH:-}"
  done
  export PKG_CONFIG_PATH
}

# Installs what is missing of the lists given, and nothing else.
install_missing() {
  use_homebrew_paths
  local manager=none
  if command -v apt-get >/dev/null; then manager=apt
  elif command -v dnf >/dev/null; then manager=dnf
  elif command -v brew >/dev/null; then manager=brew
  fi
  local question apt dnf brew package missing=()
  while read -r question apt dnf brew; do
    [ -n "$question" ] || continue
    is_there "$question" && continue
    case $manager in
      dnf) package=$dnf ;;
      brew) package=$brew ;;
      *) package=$apt ;;
    esac
    missing+=("$package")
  done <<<"$*"
  [ ${#missing[@]} -eq 0 ] && return 0

  echo "installing ${missing[*]}" >&2
  case $manager in
    apt)
      local quiet=(-o DPkg::Lock::Timeout=120 -y -qq --no-install-recommends)
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${quiet[@]}" \
        "${missing[@]}" </dev/null >/dev/null 2>&1 ||
        { as_root apt-get update -qq </dev/null >&2 &&
          as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${quiet[@]}" \
            "${missing[@]}" </dev/null >&2; } ;;
    dnf) as_root dnf install -y -q "${missing[@]}" </dev/null >&2 ;;
    brew) brew install --quiet "${missing[@]}" </dev/null >&2 ;;
    none) false ;;
  esac || {
    complain "these packages are missing and could not be installed (Debian's names): ${missing[*]}"
    exit 1
  }
}

# Ends with a sentence where the compiler is missing or too old.
require_swift() {
  if ! command -v swift >/dev/null; then
    complain "there is no Swift on this machine; get version 6.3 or newer from https://www.swift.org/install"
    exit 1
  fi
  local version major minor
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -1)
  major=${version%%.*}
  minor=${version##*.}
  if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
    complain "Swift ${version:-of an unknown version} is too old; get 6.3 or newer from https://www.swift.org/install"
    exit 1
  fi
}

# Builds the product named after it, in .build/release. On Linux Swift's own libraries become part of the
# program: it starts sooner than it would load them, and runs where there is no Swift.
build_release=(swift build -c release)
[ "$(uname)" = Linux ] && build_release+=(--static-swift-stdlib)
build_release+=(--product)

# Writes the symbols of a module, from an access level upwards, to .build-docs/symbols/MODULE, as JSON.
write_symbols() {
  local module=$1 level=$2 maps=() map build
  mkdir -p .build-docs
  swift build --scratch-path .build-docs --target Workbench >.build-docs/log 2>&1 ||
    { cat .build-docs/log >&2; return 1; }
  build=$(swift build --scratch-path .build-docs --show-bin-path)
  for map in "$PWD"/Sources/*/module.modulemap "$build"/*.build/module.modulemap; do
    maps+=(-Xcc "-fmodule-map-file=$map")
  done
  rm -rf ".build-docs/symbols/$module"
  mkdir -p ".build-docs/symbols/$module"
  swift symbolgraph-extract -module-name "$module" -I "$build/Modules" "${maps[@]}" \
    -target "$(swift -print-target-info | sed -n 's/.*"unversionedTriple": "\(.*\)".*/\1/p')" \
    -minimum-access-level "$level" -skip-synthesized-members -output-dir ".build-docs/symbols/$module"
}
