#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Configures a preset for a script, adding to what an earlier script asked for:
#   cmake/configure.sh PRESET [EXAMPLES | TESTS | BENCH]...
# Says nothing when all is well. A fresh build folder gets only the parts named, so that nobody needs the packages of
# the others; a folder that has them keeps them.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
preset=$1
shift
build=$root/build/$preset

options=()
for part in EXAMPLES TESTS BENCH; do
    if [[ " $* " == *" $part "* ]]; then
        options+=("-DFIELDREEL_BUILD_$part=ON")
    elif [ ! -f "$build/build.ninja" ]; then
        options+=("-DFIELDREEL_BUILD_$part=OFF")
    fi
done
# Configuring again what is configured costs seconds; ninja itself notices changed CMake files.
if [ -f "$build/build.ninja" ]; then
    for part in "$@"; do
        grep -qx "FIELDREEL_BUILD_$part:BOOL=ON" "$build/CMakeCache.txt" || changed=yes
    done
    if [ -z "${changed:-}" ]; then
        exit 0
    fi
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cmake -S "$root" --preset "$preset" "${options[@]}" >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
