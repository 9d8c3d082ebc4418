// SPDX-License-Identifier: MIT
#include <fieldreel/session/session_content.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/array_source.hpp>

#include "support/sentence.hpp"

using namespace fieldreel;

TEST_CASE("a session is described without files: what is not given is absent") {
    session made;
    CHECK(made.units == "units");
    CHECK(made.max_gap_s == default_max_gap_s);
    CHECK_FALSE(made.times.has_value());
    CHECK_FALSE(made.positions.has_value());
    CHECK_FALSE(made.track.has_value());
    made.spikes.push_back({"cell 1", samples(std::vector<double>{0.5, 1.5})});
    made.fields.push_back({.name = "map", .frames = array_source(xt::xtensor<float, 2>{{1, 2, 3}, {4, 5, 6}})});
    CHECK(made.spikes[0].times[1] == 1.5);
    CHECK(made.fields[0].frames.frame_count() == 2);
    CHECK_FALSE(made.fields[0].order.has_value());
    CHECK(made.fields[0].kind == field_kind::other);
    CHECK(made.fields[0].show == "sum");
}

TEST_CASE("the orders of a field by their names") {
    CHECK(field_order_named("active") == field_order::active);
    CHECK(field_order_named("xy") == field_order::xy);
    CHECK(field_order_named("yx") == field_order::yx);
    CHECK(support::sentence_of<invalid_value>([] { field_order_named("zyx"); }) ==
          "the field order 'zyx' was asked for; allowed are active (one value per active bin, x slow), xy (full grid, "
          "x slow) and yx (full grid, image rows)");
}

TEST_CASE("each kind of overlay is named once") {
    std::vector<std::string_view> kinds(overlay_kinds.begin(), overlay_kinds.end());
    std::sort(kinds.begin(), kinds.end());
    CHECK(std::adjacent_find(kinds.begin(), kinds.end()) == kinds.end());
}
