// SPDX-License-Identifier: MIT
#include <cstddef>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/viewer/headless_viewer.hpp>
#include <fieldreel/viewer/viewer.hpp>

#include "support/playback_archetypes.hpp"

namespace {

using namespace fieldreel;

static_assert(viewer<headless_viewer>);

struct counting_viewer {
    std::size_t scenes = 0;
    void present(const scene& now) { scenes += now.fields.size() + 1; }
};

template <viewer V>
void show_all(const std::vector<scene>& scenes, V& surface) {
    for (const scene& now : scenes) {
        surface.present(now);
    }
}

TEST_CASE("anything that can present a scene is a viewer") {
    std::vector<scene> scenes;
    scenes.emplace_back();
    scenes.emplace_back();
    scenes.back().fields.resize(2);
    counting_viewer counting;
    show_all(scenes, counting);
    CHECK(counting.scenes == 4);
    support::minimal_viewer minimal;
    show_all(scenes, minimal);
}

} // namespace
