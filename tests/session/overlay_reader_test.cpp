// SPDX-License-Identifier: MIT
#include <fieldreel/session/overlay_reader.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/sentence.hpp"

using namespace fieldreel;
using support::sentence_of;

namespace {

struct described {
    explicit described(const std::string& words) : object(nlohmann::json::parse(words)) {}
    detail::overlay_reader reader() { return {{object, "s.json", "session.overlays[0]"}, from, notes}; }
    nlohmann::json object;
    session from;
    std::vector<std::string> notes;
};

affine_xy map_of(const std::string& words) {
    described one("{\"to_environment\": " + words + "}");
    return one.reader().to_environment();
}
std::string refused(const std::string& words) {
    return sentence_of<file_error>([&] { map_of(words); });
}

} // namespace

TEST_CASE("pixels become places by a factor, a scale bar or landmarks") {
    const affine_xy factor = map_of(R"({"units_per_px": 0.5, "height": 100, "lower_left": [10, 20]})");
    CHECK(factor({-0.5, 99.5}) == point_xy{10, 20}); // the lower left corner of the picture
    CHECK(factor({-0.5, -0.5}) == point_xy{10, 70});
    const affine_xy bar = map_of(R"({"scale_bar": {"from": [0, 0], "to": [30, 40], "length": 25}, "height": 100})");
    CHECK(bar({-0.5, -0.5}).y == doctest::Approx(50));
    const affine_xy known =
        map_of(R"({"landmarks": [{"pixel": [0, 0], "at": [0, 10]}, {"pixel": [10, 10], "at": [10, 0]}]})");
    CHECK(known({5, 5}).x == doctest::Approx(5));
    CHECK(known({10, 0}).y == doctest::Approx(10));
}

TEST_CASE("a calibration that cannot be is refused with the member it stands in") {
    CHECK(refused(R"({"landmarks": [{"pixel": [0, 0], "at": [0, 10]}]})") ==
          "s.json: session.overlays[0].to_environment is refused: a similarity calibration from 1 landmark was asked "
          "for; "
          "it needs at least 2; give more");
    CHECK(refused(R"({"fit": "affine", "landmarks": [{"pixel": [0, 0], "at": [0, 0]}, {"pixel": [1, 1], "at": [1, 1]},
                      {"pixel": [2, 2], "at": [2, 2]}]})")
              .find("the 3 landmarks lie on one line in the picture") != std::string::npos);
    CHECK(refused(R"({"units_per_px": 1})").find("lacks 'height'") != std::string::npos);
    CHECK(refused(R"({"units_per_px": 0, "height": 4})").find("a calibration of 0 units per pixel was given") !=
          std::string::npos);
}

TEST_CASE("a look is read with its colour, size and marker, and what is wrong is named") {
    described one(R"({"color": "#ff0000", "alpha": 0.5, "size_px": 4, "marker": "square", "sise_px": 1})");
    const detail::overlay_reader in = one.reader();
    const shape_style style = in.look({});
    CHECK(style.color == rgba8{255, 0, 0, 128});
    CHECK(style.size_px == 4);
    CHECK(style.symbol == marker_symbol::square);
    in.finish();
    REQUIRE(one.notes.size() == 1);
    CHECK(one.notes[0].find("has a member 'sise_px' that is not known and is ignored; did you mean 'size_px'?") !=
          std::string::npos);
    described wrong(R"({"alpha": 2})");
    CHECK(sentence_of<file_error>([&] { wrong.reader().look({}); }) ==
          "s.json: session.overlays[0].alpha is 2; it must be from 0 to 1");
}
