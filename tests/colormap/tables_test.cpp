// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <string>

#include <fieldreel/colormap/tables.hpp>

using fieldreel::rgba8;

// The bytes themselves are compared with golden in colormap_test.cpp.
TEST_CASE("tables are 1536 lower-case hex digits, readable at compile time") {
    for (const auto& [name, colors] : fieldreel::detail::named_tables) {
        const std::string shown(name);
        CAPTURE(shown);
        CHECK(colors.size() == 256 * 6);
        CHECK(colors.find_first_not_of("0123456789abcdef") == std::string_view::npos);
    }
    static_assert(fieldreel::detail::decode_table(fieldreel::detail::gray_colors)[127] == rgba8{127, 127, 127, 255});
    static_assert(fieldreel::detail::decode_table(fieldreel::detail::viridis_colors)[255] == rgba8{253, 231, 36, 255});
}
