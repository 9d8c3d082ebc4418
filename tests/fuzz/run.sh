#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Feeds every reader of foreign files with made-up bytes for some seconds each (default 60), two at a time:
#   tests/fuzz/run.sh [SECONDS] [NAME]...
# What makes one fail is left in build/fuzz/NAME/; a new input that finds new code is not kept.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1:-60}
shift || true
build=$root/build/fuzz
if [ ! -f "$build/build.ninja" ]; then
    cmake -S "$root" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_BUILD_TYPE=None \
        -DFIELDREEL_BUILD_TESTS=OFF -DFIELDREEL_BUILD_EXAMPLES=OFF -DFIELDREEL_BUILD_BENCH=OFF \
        -DFIELDREEL_BUILD_FUZZ=ON >/dev/null
fi
if ! cmake --build "$build" --target fieldreel_fuzz >"$build/log" 2>&1; then
    cat "$build/log"
    exit 1
fi
names=("$@")
if [ ${#names[@]} -eq 0 ]; then
    for source in "$root"/tests/fuzz/*_fuzz.cpp; do
        names+=("$(basename "$source" _fuzz.cpp)")
    done
fi
fuzz() {
    local name=$1
    mkdir -p "$build/$name/new"
    if "$build/tests/fuzz/fieldreel_fuzz_$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 \
        -max_len=20000 -artifact_prefix="$build/$name/" -verbosity=0 -print_final_stats=1 "$build/$name/new" \
        "$root/tests/fuzz/corpus/$name" >"$build/$name/log" 2>&1; then
        echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$name/log") inputs, none fails"
    else
        tail -n 40 "$build/$name/log"
        echo "$name: FAILED, see $build/$name"
        return 1
    fi
}
export -f fuzz
export build seconds root
printf '%s\n' "${names[@]}" | xargs -P 2 -I{} bash -c 'fuzz "$1"' fuzz {}
