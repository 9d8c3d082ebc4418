#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that building fieldreel needs, and only those that are missing.
#   cmake/install-dependencies.sh [--tests | --bench | --all]
# Without an option: what the library and its programs need. --all is what continuous integration needs.
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config ccache libxtensor-dev xtl-dev nlohmann-json3-dev libcli11-dev
    libcairo2-dev libpng-dev fonts-dejavu-core # pictures
    libavcodec-dev libavformat-dev libavutil-dev libswscale-dev # films
    zlib1g-dev libhdf5-dev # pages and archives, HDF5 files
    libimgui-dev libglfw3-dev libgl-dev) # the window
tests=(doctest-dev libopenmpi-dev openmpi-bin
    xvfb xauth xdotool libgl1-mesa-dri) # a display, keys and OpenGL without a screen
bench=(libbenchmark-dev libboost-dev libopenimageio-dev python3-numpy) # the last three are what is compared with
checks=(nodejs chromium firefox-esr # exported pages, opened in browsers
    clang-14 libclang-rt-14-dev clang-format-14 g++-mingw-w64-x86-64-posix valgrind)
case "${1:-}" in
"") ;;
--tests) packages+=("${tests[@]}") ;;
--bench) packages+=("${bench[@]}") ;;
--all) packages+=("${tests[@]}" "${bench[@]}" "${checks[@]}") ;;
*)
    echo "install-dependencies: unknown option $1; use --tests, --bench or --all" >&2
    exit 2
    ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    for tool in c++ cmake ninja; do
        command -v "$tool" >/dev/null || missing_tool=$tool
    done
    echo "install-dependencies: there is no apt here, so nothing is installed. Needed are the equivalents of these" >&2
    echo "Debian 12 packages: ${packages[*]}" >&2
    if [ -n "${missing_tool:-}" ]; then
        exit 1
    fi
    exit 0 # the tools are there; CMake says what else is missing
fi

installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
missing=()
for package in "${packages[@]}"; do
    grep -qxF "$package installed" <<<"$installed" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        as_root=(sudo)
    else
        echo "install-dependencies: these packages are missing, and installing them needs root. Ask for:" >&2
        echo "    apt-get update && apt-get install -y --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
fi
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

echo "Installing: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The lock of the package lists knows no timeout, unlike the lock for installing.
for attempt in $(seq 60); do
    if apt update >"$log" 2>&1; then
        break
    elif grep -q "Could not get lock" "$log" && [ "$attempt" -lt 60 ]; then
        sleep 5
    else
        echo "install-dependencies: the package lists could not be brought up to date, trying with those that are here:" >&2
        cat "$log" >&2
        break
    fi
done
if ! apt install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    cat "$log" >&2
    echo "install-dependencies: apt could not install ${missing[*]} (see above); fieldreel is made for Debian 12" >&2
    exit 1
fi
