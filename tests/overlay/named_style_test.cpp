// SPDX-License-Identifier: MIT
#include <set>
#include <string>
#include <tuple>

#include <doctest/doctest.h>

#include <fieldreel/overlay/named_style.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

const std::string every_color =
    "black, white, gray, grey, silver, red, green, blue, yellow, cyan, magenta, orange, purple, brown, pink, lime, "
    "navy, teal, olive, maroon, gold, cb-orange, cb-sky, cb-green, cb-yellow, cb-blue, cb-vermillion, cb-purple, "
    "cb-gray";

TEST_CASE("colours by name and by number") {
    CHECK(color_named("red") == rgba8{255, 0, 0, 255});
    CHECK(color_named("black") == rgba8{0, 0, 0, 255});
    CHECK(color_named("gold") == rgba8{255, 215, 0, 255});
    CHECK(color_named("cb-blue") == rgba8{0, 114, 178, 255});
    CHECK(color_named("cb-gray") == rgba8{153, 153, 153, 255});
    CHECK(color_named("#ff8001") == rgba8{255, 128, 1, 255});
    CHECK(color_named("#FF800180") == rgba8{255, 128, 1, 128});
}

TEST_CASE("markers by name and by letter") {
    CHECK(marker_named("disc") == marker_symbol::disc);
    CHECK(marker_named("tick") == marker_symbol::tick);
    CHECK(marker_named("o") == marker_symbol::disc);
    CHECK(marker_named("x") == marker_symbol::cross);
    CHECK(marker_named("|") == marker_symbol::tick);
}

TEST_CASE("names that do not exist are refused with the nearest one") {
    CHECK(support::sentence_of<invalid_value>([] { color_named("margenta"); }) ==
          "the colour 'margenta' was asked for; there are #rrggbb and " + every_color + "; did you mean 'magenta'?");
    for (const std::string wrong : {"#ff88", "#ff88zz", "#", "#ff88001", "#ff88 0"}) {
        CHECK(support::sentence_of<invalid_value>([&] { color_named(wrong); }) ==
              "the colour '" + wrong +
                  "' was asked for; after # come six digits 0-9 and a-f, or eight with alpha, e.g. #ff8800");
    }
    CHECK(support::sentence_of<invalid_value>([] { marker_named("dics"); }) ==
          "the marker 'dics' was asked for; there are disc, ring, square, cross, triangle, tick, o, ., s, x, ^, |; did "
          "you mean 'disc'?");
    CHECK(support::thrown_by<invalid_value>([] { color_named(""); }).name() == "color");
}

TEST_CASE("groups have seven colours in turn") {
    std::set<std::tuple<int, int, int>> seen;
    for (std::size_t i = 0; i < 7; ++i) {
        const rgba8 c = group_color(i);
        CHECK(c.a == 255);
        seen.insert({c.r, c.g, c.b});
    }
    CHECK(seen.size() == 7);
    CHECK(group_color(7) == group_color(0));
    CHECK(group_color(0) == color_named("cb-vermillion"));
}

} // namespace
