// SPDX-License-Identifier: MIT
#include <fieldreel/session/session_options.hpp>

#include <cmath>

#include <doctest/doctest.h>

using namespace fieldreel;

TEST_CASE("a session asked for without wishes is shown whole, as it is, without a cache") {
    const session_options plain;
    CHECK_FALSE(plain.overlays.has_value()); // all there are
    CHECK_FALSE(plain.frames.has_value());
    CHECK_FALSE(plain.target_hz.has_value());
    CHECK_FALSE(plain.cache.has_value());
    CHECK(plain.policy == cache_policy::playhead);
    CHECK(plain.cell.empty());
    CHECK(std::isnan(plain.vmin)); // measured
    CHECK(std::isnan(plain.vmax));
    CHECK_FALSE(plain.drop_interpolated);
}

TEST_CASE("an overlay that stands nowhere in the dock may have all of it") {
    CHECK(dock_share{} == dock_share{0, 1});
}
