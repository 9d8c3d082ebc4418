// SPDX-License-Identifier: MIT
#include <fieldreel/session/film_reader.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fieldreel/space/grid.hpp>

#include "support/recording_folder.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;
using support::recording_folder;
using support::sentence_of;

namespace {

/// Forty grey pictures of 8 x 10 pixels, the same as floats, and three in colours.
class film_folder : public recording_folder {
public:
    film_folder() {
        npy("grey.npy", std::vector<std::uint8_t>(40 * 8 * 10, 200), {8, 10});
        npy("dim.npy", std::vector<float>(40 * 8 * 10, 0.5F), {8, 10});
        npy("colours.npy", std::vector<std::uint8_t>(3 * 8 * 10 * 3, 9), {8, 10, 3});
        npy("flat.npy", std::vector<std::uint8_t>(40 * 8, 1), {8});
        npy("red.npy", std::vector<float>(3 * 8 * 10 * 3, 9), {8, 10, 3});
        from.folder = path();
        from.storage.folder = path();
    }
    shown_overlay read(const std::string& members, const any_space& space = {}) {
        const session_overlay of{"film", "film", nlohmann::json::parse("{" + members + "}"), "overlays[0]"};
        return detail::read_film(of, {detail::json_object(of.description, "session.json", of.where), from, notes},
                                 space);
    }
    std::string refused(const std::string& members) {
        return sentence_of<error>([&] { read(members); });
    }
    session from;
    std::vector<std::string> notes;
};

const std::string four_per_px = R"(, "rate_hz": 10, "to_environment": {"units_per_px": 4, "height": 8})";

any_space square(double low, double high) {
    return grid::full({low, low}, {high, high}, {2, 2});
}

} // namespace

TEST_CASE("a film of arrays, grey and in colours, with its time") {
    film_folder at;
    const shown_overlay grey = at.read(R"("file": "grey.npy")" + four_per_px);
    REQUIRE(grey.times.has_value());
    CHECK(grey.times->start_s == 0);
    CHECK(grey.times->stop_s == doctest::Approx(3.9));
    CHECK(grey.examine().counts == "40 frames of 8 x 10 pixels");
    CHECK(grey.drawing.name() == "film");
    CHECK(at.read(R"("file": "colours.npy")" + four_per_px).examine().counts == "3 frames of 8 x 10 pixels");
    CHECK(at.notes.empty());
}

TEST_CASE("a film that lies beside the space is told, one over it is not") {
    film_folder at;
    const std::string words = R"("file": "grey.npy")" + four_per_px; // x 0 to 40, y 0 to 32
    CHECK(at.read(words, square(0, 40)).examine().problems.empty());
    const auto told = at.read(words, square(100, 140)).examine().problems;
    REQUIRE(told.size() == 1);
    CHECK(told[0] == "the film 'film' (x 0 to 40, y 0 to 32) lies beside the space (x 100 to 140, y 100 to 140); check "
                     "\"to_environment\"");
}

TEST_CASE("arrays that are no film are refused with their shape") {
    film_folder at;
    CHECK(at.refused(R"("file": "flat.npy")" + four_per_px) ==
          "session.json: overlays[0].file is 'flat.npy' of shape 40 x 8; a film is (frames, rows, columns) or (frames, "
          "rows, columns, channels)");
    CHECK(at.refused(R"("file": "red.npy")" + four_per_px) ==
          "session.json: overlays[0].file is 'red.npy' of float32; colours must be uint8");
    CHECK(at.refused(R"("file": "dim.npy")" + four_per_px) ==
          "session.json: overlays[0].white is missing: the pixels are float32, 0.5 to 0.5 in the first frame; give the "
          "value that is drawn white, and \"black\" if it is not 0");
}
