// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/overlay/time_label.hpp>

#include "support/allocation_counter.hpp"
#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

static_assert(overlay<time_label>);

std::string clock_of(double time_s, int decimals = 2, bool hours = false) {
    std::string out;
    append_clock(out, time_s, decimals, hours);
    return out;
}

std::string label_of(const time_label_options& options, double time_s, std::optional<std::size_t> frame = {}) {
    canvas out;
    time_label(options).build({.time_s = time_s, .frame = frame, .space = {}}, out);
    REQUIRE(out.shapes().size() == 1);
    CHECK(out.shapes()[0].kind == shape_kind::label);
    CHECK(out.shapes()[0].style.where == placement::panel);
    CHECK(out.vertices(out.shapes()[0])[0].x == options.place.x);
    return std::string(out.text(out.shapes()[0]));
}

TEST_CASE("a clock counts minutes and hours, and rounds before it does") {
    CHECK(clock_of(0) == "0:00.00");
    CHECK(clock_of(12.34) == "0:12.34");
    CHECK(clock_of(12.345678, 4) == "0:12.3457");
    CHECK(clock_of(59.994) == "0:59.99");
    CHECK(clock_of(59.996) == "1:00.00");
    CHECK(clock_of(61.05) == "1:01.05");
    CHECK(clock_of(1587, 0) == "26:27");
    CHECK(clock_of(3599.996) == "1:00:00.00");
    CHECK(clock_of(3723.45) == "1:02:03.45");
    CHECK(clock_of(360000, 0) == "100:00:00");
    CHECK(clock_of(12.34, 1, true) == "0:00:12.3");
    CHECK(clock_of(-1.5) == "-0:01.50");
    CHECK(clock_of(-0.001) == "0:00.00");
    CHECK(clock_of(0.29, 2) == "0:00.29"); // 0.29 is a little less than 0.29 in binary
    CHECK(clock_of(std::nan("")) == "-");
    CHECK(clock_of(1e300) == "-");
}

TEST_CASE("time labels") {
    CHECK(label_of({}, 12.34) == "0:12.34");
    CHECK(label_of({.end_s = 1587}, 12.34) == "0:12.34 / 26:27");
    CHECK(label_of({.start_s = 1000, .end_s = 2587}, 1012.34) == "0:12.34 / 26:27");
    CHECK(label_of({.end_s = 3723}, 12.34) == "0:00:12.34 / 1:02:03");
    CHECK(label_of({.end_s = 3599.6}, 12.34) == "0:00:12.34 / 1:00:00");
    CHECK(label_of({.end_s = 3599.4}, 12.34) == "0:12.34 / 59:59");
    CHECK(label_of({.format = time_format::seconds}, 12.345) == "12.35 s");
    CHECK(label_of({.format = time_format::seconds, .end_s = 1587}, 12.34) == "12.34 / 1587 s");
    CHECK(label_of({.frame = true}, 12.34, 617) == "0:12.34  frame 617");
    CHECK(label_of({.frame = true}, 12.34) == "0:12.34  no frame");
    CHECK(label_of({.decimals = 0}, 12.34) == "0:12");
    CHECK(label_of({.decimals = 6}, 12.34) == "0:12.340000");
    CHECK(label_of({.format = time_format::seconds}, 1e300).size() > 300);
}

TEST_CASE("a time label allocates nothing after the first") {
    const time_label label({.end_s = 5000, .frame = true});
    canvas out;
    label.build({.time_s = 4999, .frame = 123456, .space = {}}, out);
    CHECK(support::count_allocations([&] {
              for (std::size_t i = 0; i < 1000; ++i) {
                  out.clear();
                  label.build({.time_s = static_cast<double>(i), .frame = i, .space = {}}, out);
              }
          }) == 0);
}

TEST_CASE("a time label refuses what makes no sense, in a sentence") {
    const auto of = [](const time_label_options& options) {
        return support::sentence_of<invalid_value>([&] { time_label{options}; });
    };
    CHECK(of({.start_s = 5, .end_s = 4}) ==
          "a time label from 5 to 4 s was asked for; both must be finite and the second not before the first; leave "
          "end_s unset to show no end");
    CHECK(of({.start_s = std::numeric_limits<double>::infinity()}) ==
          "a time label from inf to nan s was asked for; both must be finite and the second not before the first; "
          "leave end_s unset to show no end");
    CHECK(of({.decimals = 7}) == "a time label of 7 decimals was asked for; it must have 0 to 6; 2 is usual");
    CHECK(of({.place = {-1, 0}}) == "a time label was put at (-1, 0) of the panel; both must be from 0 to 1");
}

} // namespace
