#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds and runs the benchmarks, each against its peer in the same process.
#   bench/run.sh [--json FILE] [--filter RE] [--quick] [--readme FILE]
# --json    one row per claim
# --filter  only claims whose name matches
# --quick   one short repetition: shows that every benchmark runs and is right, not how fast it is
# --readme  replaces the table between the markers bench:begin and bench:end
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/release

"$root/cmake/install-dependencies.sh" --bench
"$root/cmake/configure.sh" release BENCH
cmake --build "$build" --target fieldreel_bench
exec "$build/bench/fieldreel_bench" "$@"
