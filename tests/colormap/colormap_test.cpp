// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fieldreel/colormap/colormap.hpp>

#include "golden.hpp"

using fieldreel::colormap;
using fieldreel::rgba8;

namespace {

std::string sentence_of(const std::string& name) {
    try {
        (void)colormap::named(name);
    } catch (const fieldreel::invalid_value& e) {
        CHECK(e.name() == "colormap");
        return e.what();
    }
    return "";
}

const std::string list = "; the colormaps are viridis, plasma, inferno, magma, cividis, hot, gray, jet, turbo, hsv, "
                         "coolwarm, RdBu_r, and each reversed by adding _r (RdBu for RdBu_r); did you mean ";

} // namespace

TEST_CASE("every byte of every table equals golden, and its reverse is the table backwards") {
    for (const auto& [name, colors] : fieldreel::detail::named_tables) {
        const std::string shown(name);
        CAPTURE(shown);
        const auto bytes = golden::load<std::uint8_t>("lut_" + std::string(name));
        REQUIRE(bytes.size() == 256 * 3);
        const colormap map = colormap::named(name);
        const colormap back = map.reversed();
        CHECK(map.name() == std::string(name));
        for (std::size_t i = 0; i < 256; ++i) {
            CAPTURE(i);
            REQUIRE(map.table()[i] == rgba8{bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2], 255});
            REQUIRE(back.table()[255 - i] == map.table()[i]);
        }
        CHECK(back.reversed() == map);
        CHECK(back == colormap::named(back.name()));
    }
}

TEST_CASE("all names are known, and are the names of what they name") {
    const auto names = fieldreel::colormap_names();
    CHECK(names.size() == 24);
    for (std::size_t i = 0; i < names.size(); ++i) {
        CAPTURE(std::string(names[i]));
        CHECK(colormap::named(names[i]).name() == std::string(names[i]));
        CHECK(std::count(names.begin(), names.end(), names[i]) == 1);
        CHECK(colormap::named(names[i]).reversed() == colormap::named(names[(i + 12) % 24]));
    }
    CHECK(colormap() == colormap::named("viridis"));
}

TEST_CASE("RdBu is the reverse of RdBu_r: from red to blue") {
    const colormap map = colormap::named("RdBu");
    CHECK(map.name() == "RdBu");
    CHECK(map.table()[0].r > map.table()[0].b);
    CHECK(map.table()[255].b > map.table()[255].r);
    CHECK(map.reversed().name() == "RdBu_r");
}

TEST_CASE("an unknown colormap is refused with the nearest name") {
    CHECK(sentence_of("virdis") == "colormap \"virdis\" was asked for" + list + "\"viridis\"?");
    CHECK(sentence_of("Viridis_R") == "colormap \"Viridis_R\" was asked for" + list + "\"viridis_r\"?");
    CHECK(sentence_of("RdBu_r_r") == "colormap \"RdBu_r_r\" was asked for" + list + "\"RdBu_r\"?");
    CHECK(sentence_of("viridis_r_r") == "colormap \"viridis_r_r\" was asked for" + list + "\"viridis_r\"?");
    CHECK(sentence_of("rdbu") == "colormap \"rdbu\" was asked for" + list + "\"RdBu\"?");
    CHECK(sentence_of("grey") == "colormap \"grey\" was asked for" + list + "\"gray\"?");
    CHECK(sentence_of("") == "colormap \"\" was asked for" + list + "\"hot\"?");
}

TEST_CASE("a colormap of one's own keeps its colours, transparency included") {
    std::array<rgba8, 256> colors{};
    for (std::size_t i = 0; i < 256; ++i) {
        const auto level = static_cast<std::uint8_t>(i);
        colors[i] = {level, 0, 7, level};
    }
    const colormap map(colors, "mine");
    CHECK(map.name() == "mine");
    CHECK(map.table() == colors);
    CHECK(map.reversed().name() == "mine_r");
    CHECK(map.reversed().table()[0] == rgba8{255, 0, 7, 255});
    CHECK(colormap(colors).name() == "custom");
    CHECK(map != colormap(colors));
    CHECK(sizeof(colormap) < 1100);
}
