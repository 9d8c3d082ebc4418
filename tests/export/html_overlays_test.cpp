// SPDX-License-Identifier: MIT
#include <fieldreel/export/html_overlays.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "export/page_recordings.hpp"
#include "support/temporary_directory.hpp"

using namespace fieldreel;

namespace {

/// An overlay that only its own program knows.
struct own_overlay {
    void build(const moment&, canvas&) const {}
};

struct page {
    support::temporary_directory folder;
    part_file file{folder.file("page")};
    detail::page_numbers numbers;

    explicit page(time_range shown = {0, 1e9})
        : numbers(file, 6, grid::full({0, 0}, {80, 60}, {8, 6}), shown, {0, 600},
                  [](std::size_t i) { return static_cast<double>(i) / 30; }) {}
};

} // namespace

TEST_CASE("html_overlays: equal lists are written once, even ones not at all") {
    page to;
    const auto clock = to.numbers.exact(1000, [](std::size_t i) { return 1.6e9 + static_cast<double>(i) / 30; });
    CHECK(to.numbers.bytes() == 0);
    CHECK(to.numbers.lists()[0]["kind"] == "clock");
    CHECK(to.numbers.lists()[0]["start"] == 1.6e9);
    CHECK(to.numbers.lists()[0]["step"].get<double>() == doctest::Approx(1 / 30.0));
    const auto uneven = [](std::size_t i) { return static_cast<double>(i) + (i == 7 ? 0.01 : 0); };
    const auto first = to.numbers.exact(70000, uneven);
    CHECK(to.numbers.lists()[1]["blocks"] == 5);
    const auto bytes = to.numbers.bytes();
    CHECK(bytes > 0);
    CHECK(to.numbers.exact(70000, uneven) == first);
    CHECK(to.numbers.bytes() == bytes);
    CHECK(to.numbers.exact(69999, uneven) != first);
    CHECK(first != clock);
    CHECK(to.numbers.exact(0, uneven) != clock); // an empty list is no trouble
}

TEST_CASE("html_overlays: coordinates have 65 535 steps, or are floats where they lie far off") {
    page to;
    to.numbers.coordinates(3, [](std::size_t i) { return i == 1 ? std::nan("") : 20.0 + static_cast<double>(i); });
    CHECK(to.numbers.lists()[0]["kind"] == "u16");
    CHECK(to.numbers.lists()[0]["low"] == 20);
    CHECK(to.numbers.lists()[0]["step"].get<double>() == doctest::Approx(2.0 / 65534));
    to.numbers.coordinates(2, [](std::size_t i) { return i == 0 ? 0.0 : 1e6; });
    CHECK(to.numbers.lists()[1]["kind"] == "f32");
    to.numbers.coordinates(2, [](std::size_t) { return std::nan(""); }); // nothing finite
    CHECK(to.numbers.lists()[2]["low"] == 0);
    to.numbers.coordinates(2, [](std::size_t) { return 5.0; });
    CHECK(to.numbers.lists()[3]["kind"] == "u16");
}

TEST_CASE("html_overlays: every kind of the library is described, another is not") {
    page to;
    const playback all = page_recordings::everything();
    std::vector<std::string> kinds;
    for (const any_overlay& one : all.overlays()) {
        const auto made = detail::describe(one, to.numbers);
        REQUIRE(made);
        kinds.push_back((*made)["kind"]);
    }
    CHECK(kinds == std::vector<std::string>{"film", "region", "position", "position", "heading", "several", "event",
                                            "event", "interval", "raster", "time_series", "time_series", "time_series",
                                            "object_vector", "time_label", "shapes", "shapes"});
    CHECK(to.numbers.streams().size() == 1);
    CHECK(to.numbers.streams()[0].frame_size == 12 * 16);
    CHECK_FALSE(detail::describe(any_overlay("mine", own_overlay()), to.numbers));
}
