// SPDX-License-Identifier: MIT
// How a session is shown, and what becomes of it: for code that asks for a playback and is given one.
#ifndef FIELDREEL_SESSION_SESSION_OPTIONS_HPP
#define FIELDREEL_SESSION_SESSION_OPTIONS_HPP

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <fieldreel/cache/chunk_cache.hpp>
#include <fieldreel/colormap/color_scaling.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/interval.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/session/overlay_facts.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/space/place_field.hpp>
#include <fieldreel/space/tracking_quality.hpp>

namespace fieldreel::inline v0 {

/// Which eviction policy a session's cache has.
enum class cache_policy : unsigned char { playhead, lru };

/// How a session is shown. All members have defaults.
struct session_options {
    std::optional<double> bin_size =
        {};                ///< of a grid derived from the positions; unset: 1/25 of the longer side of the arena
    std::string cell = {}; ///< name or number of the cell whose place field is shown, even where fields are stored;
                           ///< empty: the stored fields, without them the cell with most spikes
    std::vector<std::string> beside = {};    ///< cells whose place fields are shown beside it, in panels of their own
    place_field_options place_field = {};    ///< how a place field is made; a bandwidth of NaN is two bins
    std::optional<std::size_t> frames = {};  ///< use the first so many frames
    std::optional<double> source_hz = {};    ///< with target_hz: subsample by rate; unset: by time
    std::optional<double> target_hz = {};    ///< show the field at this rate; unset: as it is
    std::optional<cache_options> cache = {}; ///< put a chunk cache before the field
    cache_policy policy = cache_policy::playhead;            ///< of that cache
    std::function<any_source(any_source)> before_cache = {}; ///< wraps the field just before the cache
    std::string colormap = {}; ///< empty: what suits the field's kind; this and the limits: of the first field, and of
                               ///< those of its kind
    double vmin = std::numeric_limits<double>::quiet_NaN(); ///< NaN: measured
    double vmax = std::numeric_limits<double>::quiet_NaN();
    color_scaling scaling = {}; ///< of the colours: linear, log or gamma
    trail_options trail = {};
    heading_options heading = {}; ///< its length unless given: 8 % of the longer side of the space
    std::optional<std::vector<std::string>> overlays = {}; ///< the names of those to draw; unset: all there are;
    ///< "none" alone: none
    bool room_for_series = false;   ///< the caller adds a time series of its own: the dock is shared with it
    bool drop_interpolated = false; ///< treat interpolated tracking (see check_tracking) as lost, everywhere
};

/// Interpolated stretches that count as lost tracking.
struct dropped_stretches {
    sample_runs runs;
    std::size_t spikes = 0; ///< of the cell whose place field is shown
};

/// One part of setting up. Units: seconds.
struct setup_phase {
    std::string name;
    double seconds = 0;
};

/// An overlay of a session, ready to be drawn.
struct shown_overlay {
    any_overlay drawing;
    std::string kind;
    std::optional<time_range> times = {};              ///< of its samples or events; unset: it has none of its own
    std::function<overlay_facts()> examine = {};       ///< reads every sample; empty: there is nothing to count
    std::optional<fieldreel::interval> intervals = {}; ///< of the kind "interval": what --range NAME:k plays
    std::optional<time_range> dock = {};               ///< what it shows in the dock, seconds from now; unset: nothing
};

/// A part of the dock's height, 0-1 upwards.
struct dock_share {
    double low = 0;
    double high = 1;
    friend bool operator==(const dock_share&, const dock_share&) = default;
};

/// A playback of a session, and how it came about.
struct session_playback {
    fieldreel::playback playback;
    std::string cell;                                   ///< the cell shown; empty when the field was stored
    std::optional<place_field_result> place_field = {}; ///< of that cell, when it was derived
    double bandwidth = 0;                               ///< with which it was smoothed
    std::optional<dropped_stretches> dropped = {};      ///< with session_options::drop_interpolated
    std::function<fieldreel::cache_statistics()> cache_statistics =
        {};                                                       ///< of the last field's cache; empty without one
    std::function<std::vector<frame_range>()> cached_frames = {}; ///< which ones it holds
    std::vector<setup_phase> phases;
    std::vector<shown_overlay> overlays; ///< those in the playback, with what they can tell
    dock_share room = {};                ///< of the dock, for the caller's own time series
    time_range dock = {-5, 5};           ///< what the overlays show in the dock, seconds from now
    std::vector<std::string> notes;      ///< choices made and warnings, one sentence each
};

/// What a full look at one overlay finds.
struct overlay_report {
    std::string name;
    std::string kind;
    overlay_facts facts;
    std::optional<time_range> times = {};
};

} // namespace fieldreel::inline v0

#endif
