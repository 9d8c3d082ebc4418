// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/playback/step_waits.hpp>

namespace {

using namespace fieldreel;

TEST_CASE("numbers are found in the kernel's texts") {
    CHECK(detail::number_in("12345 678 9\n", 0) == 12345);
    CHECK(detail::number_in("12345 678 9\n", 1) == 678);
    CHECK(detail::number_in("12345 678 9\n", 2) == 9);
    CHECK(detail::number_in("12345 678 9\n", 3) == 0);
    CHECK(detail::number_in("", 0) == 0);
    const std::string io = "rchar: 7\nread_bytes: 4096\nwrite_bytes: 1\ncancelled_write_bytes: 2\n";
    CHECK(detail::number_after(io, "read_bytes") == 4096);
    CHECK(detail::number_after(io, "write_bytes") == 1);
    CHECK(detail::number_after(io, "bytes") == 0); // only whole keys
    CHECK(detail::number_after("usage_usec 5\nthrottled_usec 42", "throttled_usec") == 42);
    CHECK(detail::number_after("", "read_bytes") == 0);
}

TEST_CASE("waits are the differences of two readings, never below 0") {
    detail::thread_counts from;
    from.known = true;
    from.working_ns = 1'000'000;
    from.queued_ns = 500'000;
    from.major_faults = 3;
    from.taken_away = 9;
    detail::thread_counts to = from;
    to.working_ns += 2'500'000;
    to.queued_ns += 250'000;
    to.throttled_ns = 1'000'000;
    to.major_faults = 5;
    to.read_bytes = 8192;
    to.gave_way = 1;
    to.taken_away = 8; // counters of another kind of kernel
    const step_waits waits = detail::waits_between(from, to);
    CHECK(waits.known);
    CHECK(waits.working_ms == doctest::Approx(2.5));
    CHECK(waits.queued_ms == doctest::Approx(0.25));
    CHECK(waits.throttled_ms == doctest::Approx(1));
    CHECK(waits.major_faults == 2);
    CHECK(waits.read_bytes == 8192);
    CHECK(waits.gave_way == 1);
    CHECK(waits.taken_away == 0);
    CHECK_FALSE(detail::waits_between({}, to).known);
    step_waits sum = waits;
    sum += waits;
    CHECK(sum.working_ms == doctest::Approx(5));
    CHECK(sum.major_faults == 4);
}

#ifdef __linux__
TEST_CASE("a meter sees the thread work") {
    wait_meter meter;
    meter.start();
    volatile double sum = 0;
    for (int i = 0; i < 3'000'000; ++i) {
        sum = sum + 1;
    }
    const step_waits waits = meter.stop();
    CHECK(waits.known);
    CHECK(waits.working_ms > 0.1);
    const step_waits more = meter.stop();
    CHECK(more.working_ms >= waits.working_ms);
}
#endif

} // namespace
