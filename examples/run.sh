#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds fieldreel, simulates a recording of 41 000 frames, plays it without a window, and reports what that cost.
# Options are passed on: examples/run.sh --playback-frames 5000
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/release

"$root/cmake/install-dependencies.sh"
"$root/cmake/configure.sh" release EXAMPLES
cmake --build "$build" --target fieldreel_cli

mkdir -p "$root/out"
"$build/examples/fieldreel" profile --simulate --frames 41000 \
    --report "$root/out/report.json" --trace "$root/out/trace.json" "$@"

echo
echo "The report:  $root/out/report.json (text; the table above as JSON)"
echo "The trace:   $root/out/trace.json (every stage of every step; open it at https://www.speedscope.app,"
echo "             in https://ui.perfetto.dev, or in Chromium under chrome://tracing)"
