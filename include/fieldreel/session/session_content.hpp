// SPDX-License-Identifier: MIT
// What a recording holds, apart from how it is read: for code that is handed one.
#ifndef FIELDREEL_SESSION_SESSION_CONTENT_HPP
#define FIELDREEL_SESSION_SESSION_CONTENT_HPP

#include <array>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/colormap/field_kind.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/source/state_bins.hpp>
#include <fieldreel/space/region.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/space/track.hpp>

namespace fieldreel::inline v0 {

/// In which order a frame's values lie in a file.
///
/// `active`: one value per active bin, x slow and y fast. `xy`: the full grid, x slow and y fast (an array [ix, iy]).
/// `yx`: the full grid, y slow and x fast (an array [iy, ix], the rows of an image), row 0 at the smallest y; with
/// `flip_y`, row 0 at the largest y, as pictures are stored.
enum class field_order : unsigned char { active, xy, yx };

/// Errors: invalid_value for an unknown name.
inline field_order field_order_named(std::string_view name) {
    if (name == "active") {
        return field_order::active;
    }
    if (name == "xy") {
        return field_order::xy;
    }
    if (name == "yx") {
        return field_order::yx;
    }
    throw invalid_value("order", detail::text("the field order '", name,
                                              "' was asked for; allowed are active (one value per active bin, x slow), "
                                              "xy (full grid, x slow) and yx (full grid, image rows)"));
}

/// A cell and its spikes. Units: seconds, sorted.
struct spike_train {
    std::string name;
    samples times;
};

/// Frames of a recording as they lie in their file.
struct session_field {
    std::string name;
    any_source frames;
    std::optional<field_order> order = {}; ///< unset: not stated
    bool flip_y = false;
    field_kind kind = field_kind::other;
    std::optional<sample_times> times = {};
    std::optional<any_space> space = {};   ///< unset: the session's track, or without one the grid of its positions
    std::optional<state_bins> states = {}; ///< a frame holds the bins of several discrete states
    std::string show = "sum";              ///< of these: one by its name, or "sum" of those over space
    bool blank = false;                    ///< has no file and no values: an arena to draw poses and paths on
};

/// The kinds of overlays that session.json knows; what each takes stands in session_overlays.hpp.
inline constexpr std::array<std::string_view, 13> overlay_kinds = {
    "position",    "heading", "pose", "event",     "interval",   "object_vector", "region",
    "time_series", "raster",  "film", "scale_bar", "time_label", "color_bar"};

/// An overlay as it is described; its files are opened when it is shown.
struct session_overlay {
    std::string name;
    std::string kind;
    nlohmann::json description = nlohmann::json::object();
    std::string where = {}; ///< in session.json: "session.overlays[0]"; empty: it comes by itself
};

/// What was found in a folder. Nothing is read but headers; each part may be absent.
struct session {
    std::string name;
    std::string folder;
    std::string units = "units"; ///< of positions
    bool simulated = false;
    std::optional<sample_times> times;
    std::optional<samples> positions;      ///< (n, 2)
    std::optional<samples> head_direction; ///< (n), radians
    double heading_offset_rad = 0;         ///< added to the recorded angle
    double max_gap_s = default_max_gap_s;  ///< overlays draw nothing between samples that are farther apart
    std::optional<fieldreel::track> track; ///< where the animal could go; unset: the grid of the positions
    std::vector<spike_train> spikes;
    std::vector<session_field> fields;
    fieldreel::regions regions;
    std::vector<session_overlay> overlays; ///< in the order in which they are drawn
    session_storage storage = {};          ///< where its files are and who opens them
    std::vector<std::string> warnings;     ///< what a person should know, one sentence each
};

/// Files given by hand; each takes the place of what the folder says.
struct session_files {
    std::string folder = {}; ///< may be empty when files are given
    std::string positions = {};
    std::string times = {};
    std::vector<std::string> spikes = {};
    std::string head_direction = {};
    std::string field = {};
    std::string frame_times = {};
    std::optional<field_order> order = {};
    std::optional<field_kind> kind = {};
    bool flip_y = false;
    double heading_offset_rad = std::numeric_limits<double>::quiet_NaN(); ///< NaN = as the folder says
    fieldreel::access access = fieldreel::access::automatic;
    bool trusted = false;                                            ///< session.json may name files outside its folder
    std::vector<file_opener> openers = {};                           ///< of files that are no .npy
    std::optional<nlohmann::json> description = {};                  ///< in place of the folder's session.json
    std::map<std::string, stored_table, std::less<>> in_memory = {}; ///< tables that the description names
};

} // namespace fieldreel::inline v0

#endif
