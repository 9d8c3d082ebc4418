#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds and runs the tests. Options are passed to ctest: tests/run.sh -R cache, tests/run.sh -L reject
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/release

"$root/cmake/install-dependencies.sh" --tests
"$root/cmake/configure.sh" release TESTS EXAMPLES
cmake --build "$build" --target fieldreel_tests
exec ctest --test-dir "$build" --no-tests=error --output-on-failure --parallel "$(nproc)" "$@"
