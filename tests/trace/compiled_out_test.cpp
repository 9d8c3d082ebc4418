// SPDX-License-Identifier: MIT
// With FIELDREEL_NO_TRACE every trace point is nothing at all. Only the macros differ, so this file links with others.
#ifndef FIELDREEL_NO_TRACE
#define FIELDREEL_NO_TRACE
#endif
#include "fieldreel/trace/point.hpp"
#include "fieldreel/trace/recorder.hpp"

#include <doctest/doctest.h>

namespace {

// Can only be constant because the points leave no code: neither atomics nor spans are allowed here.
constexpr int traced(int x) {
    FIELDREEL_TRACE_SPAN("span");
    FIELDREEL_TRACE_INSTANT("instant");
    FIELDREEL_TRACE_COUNTER("counter", x);
    FIELDREEL_TRACE_FLOW_BEGIN("flow", x);
    FIELDREEL_TRACE_FLOW_END("flow", x);
    return x + 1;
}
static_assert(traced(1) == 2);

} // namespace

TEST_CASE("compiled out: a recorder that is on sees nothing, and no value is evaluated") {
    fieldreel::recorder recorder;
    recorder.start();
    int evaluated = 0;
    {
        FIELDREEL_TRACE_SPAN("span");
        FIELDREEL_TRACE_INSTANT("instant");
        FIELDREEL_TRACE_COUNTER("counter", ++evaluated);
    }
    recorder.stop();
    CHECK(evaluated == 0);
    CHECK(recorder.events().empty());
}
