// SPDX-License-Identifier: MIT
// The concepts of spaces, overlays, viewers and time sources accept the least that is enough and refuse near misses.
#include <concepts>
#include <string>
#include <utility>

#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/playback/player.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/viewer/headless_viewer.hpp>
#include <fieldreel/viewer/viewer.hpp>

#include "support/playback_archetypes.hpp"

namespace {

using namespace fieldreel;

static_assert(space<support::minimal_space>);
static_assert(space<grid>);
static_assert(space<any_space>);
static_assert(displayed_space<grid>);
static_assert(!displayed_space<support::minimal_space>);
static_assert(!space<support::space_without_bounds>);
static_assert(!space<support::space_whose_bin_at_gives_minus_one>);
static_assert(!space<support::space_that_cannot_be_copied>);
static_assert(!space<int>);

static_assert(overlay<support::minimal_overlay>);
static_assert(overlay<trail>);
static_assert(overlay<heading>);
static_assert(overlay<any_overlay>);
static_assert(!overlay<support::overlay_whose_build_is_not_const>);
static_assert(!overlay<support::overlay_that_returns_a_canvas>);
static_assert(!overlay<support::overlay_that_cannot_be_copied>);
static_assert(!std::constructible_from<any_overlay, std::string, support::overlay_whose_build_is_not_const>);

static_assert(viewer<support::minimal_viewer>);
static_assert(viewer<headless_viewer>);
static_assert(!viewer<support::viewer_without_present>);
static_assert(!viewer<support::viewer_that_changes_the_scene>);
static_assert(!viewer<support::viewer_that_takes_the_scene>);
static_assert(!viewer<support::viewer_that_takes_a_scene_by_value>);
static_assert(!viewer<const headless_viewer>);

static_assert(time_source<support::minimal_time_source>);
static_assert(time_source<steady_time>);
static_assert(!time_source<support::time_source_that_cannot_wait>);
static_assert(!time_source<support::time_source_of_words>);

// A playback owns cursors, which have one consumer: it moves and is never copied. A player holds on to its playback.
static_assert(std::movable<playback>);
static_assert(!std::copyable<playback>);

// Every template with the least that is enough.
[[maybe_unused]] step_report show_minimal(playback& what, support::minimal_viewer& surface) {
    return what.show(0, surface);
}
[[maybe_unused]] play_report play_minimal(playback& what, support::minimal_viewer& surface) {
    return play(what, surface, {}, support::minimal_time_source{});
}
[[maybe_unused]] any_space erase_minimal() {
    return support::minimal_space{};
}

} // namespace

template class fieldreel::player<support::minimal_time_source>;
