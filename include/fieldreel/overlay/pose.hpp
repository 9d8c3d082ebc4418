// SPDX-License-Identifier: MIT
// An animal's keypoints and the edges between them.
#ifndef FIELDREEL_OVERLAY_POSE_HPP
#define FIELDREEL_OVERLAY_POSE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/skeleton.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// One tracked point: its samples, one row per time of the pose.
struct pose_keypoint {
    std::string name;
    samples positions;       ///< (n, 2): x and y; NaN = not found
    samples likelihood = {}; ///< (n), or empty: all are taken
    /// Where x is when one table holds several keypoints; y stands beside it. Unset: a table of two columns.
    std::optional<std::size_t> x_column = {};
    /// Unset: a table of one column.
    std::optional<std::size_t> likelihood_column = {};
};

/// What a moment between two samples shows: their linear mixture, or the nearer one.
enum class between_samples : std::uint8_t { linear, nearest };

struct pose_options {
    double min_likelihood = 0; ///< a less likely sample, or one whose likelihood is NaN, is missing
    double max_gap_s = default_max_gap_s;
    between_samples how = between_samples::linear;
    affine_xy to_environment = {}; ///< from the samples' coordinates; affine_xy::flip_y(height) for pixels, y down
    /// The whole animal in one colour, instead of the skeleton's and those below: to tell animals apart.
    std::optional<rgba8> color = {};
    shape_style marker = {.color = {255, 255, 255, 255}, .size_px = 5};
    shape_style edge = {.color = {255, 255, 255, 255}, .size_px = 2};
};

/// Colours that tell animals apart: blue, orange, green and so on, for animal 0, 1, 2; they repeat after 8.
inline rgba8 animal_color(std::size_t animal) noexcept {
    constexpr std::array<rgba8, 8> colors{{{0, 114, 178, 255},
                                           {230, 159, 0, 255},
                                           {0, 158, 115, 255},
                                           {204, 121, 167, 255},
                                           {86, 180, 233, 255},
                                           {213, 94, 0, 255},
                                           {240, 228, 66, 255},
                                           {150, 150, 150, 255}}};
    return colors[animal % colors.size()];
}

/// Draws an animal's edges and keypoints; several animals are several poses. A keypoint that is missing (NaN, unlikely,
/// in a gap, outside the samples) takes with it what touches it. Frames of another clock: give the times their offset
/// (`sample_times(times, offset_s)`). A handle: copies share everything.
///
/// Order: edges as in the skeleton, then markers as the keypoints were given. Cost: O(log samples + shapes); building
/// it reads no sample.
class pose {
public:
    /// Every keypoint of the skeleton needs samples; keypoints that are not in the skeleton are markers only.
    /// Errors: data_error for lengths and column counts that do not fit; invalid_value for no keypoints, names that are
    /// there twice, a keypoint of the skeleton without samples (it tells the nearest name), and options.
    pose(sample_times times, std::vector<pose_keypoint> keypoints, const skeleton& bones = {},
         const pose_options& options = {}) {
        auto made = std::make_shared<state>();
        made->times = std::move(times);
        made->options = options;
        made->bones = bones;
        for (pose_keypoint& given : keypoints) {
            add(*made, std::move(given));
        }
        if (made->tracks.empty()) {
            throw invalid_value("keypoints", "a pose of no keypoints was asked for; it needs at least one; give each "
                                             "tracked point's samples");
        }
        check(options);
        add_edges(*made);
        state_ = std::move(made);
    }
    /// Keypoints without edges.
    pose(sample_times times, std::vector<pose_keypoint> keypoints, const pose_options& options)
        : pose(std::move(times), std::move(keypoints), skeleton(), options) {}

    const sample_times& times() const noexcept { return state_->times; }
    const pose_options& options() const noexcept { return state_->options; }
    std::size_t keypoint_count() const noexcept { return state_->tracks.size(); }
    const std::string& keypoint_name(std::size_t k) const noexcept { return state_->names[k]; }
    /// The edges, between this pose's keypoints by number.
    std::span<const skeleton_edge> edges() const noexcept { return state_->edges; }
    const shape_style& edge_style(std::size_t edge) const noexcept { return state_->edge_styles[edge]; }
    const shape_style& marker_style(std::size_t k) const noexcept { return state_->marker_styles[k]; }
    /// The number of a keypoint. Errors: invalid_value for a name that is not there; it tells the nearest.
    std::size_t index_of(std::string_view name) const {
        const auto& names = state_->names;
        const auto at = std::find(names.begin(), names.end(), name);
        if (at == names.end()) {
            throw invalid_value("keypoint", detail::text("the keypoint '", name, "' was asked for; the pose has ",
                                                         detail::join(names), "; did you mean '",
                                                         detail::nearest_name(name, names), "'?"));
        }
        return static_cast<std::size_t>(at - names.begin());
    }

    /// Where keypoint `k` is, in the environment; NaN where it is missing. Cost: O(log samples).
    point_xy at(std::size_t k, double time_s) const {
        const auto found = bracket_at(state_->times, time_s, state_->options.max_gap_s);
        if (!found) {
            return lost();
        }
        state_->tracks[k].positions.check_size();
        state_->tracks[k].likelihood.check_size();
        return at(k, *found);
    }
    /// The same for a time that was looked up; nobody checks that mapped files are whole (see check_size).
    point_xy at(std::size_t k, const bracket& found) const noexcept {
        const track& of = state_->tracks[k];
        const pose_options& how = state_->options;
        point_xy out;
        if (how.how == between_samples::nearest) {
            const std::size_t i = nearest_at(found);
            out = likely(of, i) ? point_xy{of.positions(i, of.x), of.positions(i, of.x + 1)} : lost();
        } else {
            const bool all = likely(of, found.left) && (found.exact() || likely(of, found.left + 1));
            out =
                all ? point_xy{linear_at(of.positions, of.x, found), linear_at(of.positions, of.x + 1, found)} : lost();
        }
        return how.to_environment(out);
    }
    /// Sample `i` of a keypoint itself, in the environment; NaN where it is missing.
    point_xy sample(std::size_t k, std::size_t i) const noexcept {
        const track& of = state_->tracks[k];
        return likely(of, i) ? state_->options.to_environment({of.positions(i, of.x), of.positions(i, of.x + 1)})
                             : lost();
    }
    /// Throws file_error when a mapped file has become shorter.
    void check_size() const {
        for (const samples& file : state_->files) {
            file.check_size();
        }
    }

    void build(const moment& now, canvas& out) const {
        const state& all = *state_;
        const auto found = bracket_at(all.times, now.time_s, all.options.max_gap_s);
        if (!found) {
            return;
        }
        check_size();
        constexpr std::size_t most = 64; // on the stack; what is beyond is looked up again for each edge
        std::array<point_xy, most> places;
        const std::size_t count = all.tracks.size();
        for (std::size_t k = 0; k < count && k < most; ++k) {
            places[k] = at(k, *found);
        }
        const auto place = [&](std::size_t k) { return k < most ? places[k] : at(k, *found); };
        for (std::size_t e = 0; e < all.edges.size(); ++e) {
            out.begin_line(all.edge_styles[e]); // left out by the canvas where an end is NaN
            out.line_to(place(all.edges[e].from));
            out.line_to(place(all.edges[e].to));
            out.end_line();
        }
        for (std::size_t k = 0; k < count; ++k) {
            out.marker(place(k), all.marker_styles[k]);
        }
    }

private:
    struct track {
        samples positions;
        samples likelihood;
        std::size_t x = 0;
        std::size_t likelihood_column = 0;
        double min_likelihood = 0;
    };
    struct state {
        sample_times times;
        pose_options options;
        skeleton bones;
        std::vector<std::string> names;
        std::vector<track> tracks;
        std::vector<skeleton_edge> edges;
        std::vector<shape_style> edge_styles;
        std::vector<shape_style> marker_styles;
        std::vector<samples> files; ///< every table once: what must still be whole
    };

    static point_xy lost() noexcept {
        return {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::quiet_NaN()};
    }
    static bool likely(const track& of, std::size_t i) noexcept {
        return of.likelihood.empty() || of.likelihood(i, of.likelihood_column) >= of.min_likelihood;
    }

    static void check(const pose_options& options) {
        if (!(options.min_likelihood >= 0 && options.min_likelihood <= 1)) {
            throw invalid_value("min_likelihood", detail::text("a minimum likelihood of ", options.min_likelihood,
                                                               " was given; it must be from 0 to 1; 0.6 is usual"));
        }
        detail::check_max_gap_s(options.max_gap_s);
        options.to_environment.check("to_environment");
    }

    static void add(state& to, pose_keypoint given) {
        const std::size_t times = to.times.size();
        if (std::find(to.names.begin(), to.names.end(), given.name) != to.names.end()) {
            throw invalid_value("keypoints", detail::text("the keypoint '", given.name,
                                                          "' is there twice; the names of keypoints must differ; "
                                                          "rename one"));
        }
        if (given.positions.size() != times) {
            throw data_error(detail::text("there are ", times, " times for ", given.positions.size(),
                                          " positions of the keypoint '", given.name, "'; give one time per position"));
        }
        const std::size_t columns = given.positions.columns();
        if (given.x_column ? *given.x_column + 1 >= columns : columns != 2) {
            throw data_error(given.x_column
                                 ? detail::text("the keypoint '", given.name, "' has its x in column ", *given.x_column,
                                                " and y beside it; there are ", columns, " columns; count them from 0")
                                 : detail::text("the positions of the keypoint '", given.name, "' have ", columns,
                                                " columns; give two, x and y"));
        }
        track one{given.positions, given.likelihood, given.x_column.value_or(0), given.likelihood_column.value_or(0),
                  to.options.min_likelihood};
        if (!(given.likelihood.empty() && times != 0) || given.likelihood_column) {
            const std::size_t likelihoods = given.likelihood.columns();
            if (given.likelihood.size() != times) {
                throw data_error(detail::text("there are ", times, " times for ", given.likelihood.size(),
                                              " likelihoods of the keypoint '", given.name,
                                              "'; give one time per likelihood"));
            }
            if (given.likelihood_column ? *given.likelihood_column >= likelihoods : likelihoods != 1) {
                throw data_error(given.likelihood_column
                                     ? detail::text("the keypoint '", given.name, "' has its likelihood in column ",
                                                    *given.likelihood_column, "; there are ", likelihoods,
                                                    " columns; count them from 0")
                                     : detail::text("the likelihoods of the keypoint '", given.name, "' have ",
                                                    likelihoods, " columns; give one"));
            }
        }
        for (const samples& table : {given.positions, given.likelihood}) {
            const auto same = [&](const samples& other) { return other.values().data() == table.values().data(); };
            if (table.mapped() && std::none_of(to.files.begin(), to.files.end(), same)) {
                to.files.push_back(table);
            }
        }
        shape_style style = to.options.marker;
        if (const auto k = to.bones.find(given.name); k && to.bones.keypoint_color(*k)) {
            style.color = *to.bones.keypoint_color(*k);
        }
        style.color = to.options.color.value_or(style.color);
        to.marker_styles.push_back(style);
        to.names.push_back(std::move(given.name));
        to.tracks.push_back(std::move(one));
    }

    static void add_edges(state& to) {
        std::vector<std::size_t> number;
        for (const std::string& name : to.bones.keypoints()) {
            const auto at = std::find(to.names.begin(), to.names.end(), name);
            if (at == to.names.end()) {
                throw invalid_value("skeleton", detail::text("the skeleton's keypoint '", name,
                                                             "' has no samples; the pose has ", detail::join(to.names),
                                                             "; did you mean '", detail::nearest_name(name, to.names),
                                                             "', or skeleton.only(names) without it?"));
            }
            number.push_back(static_cast<std::size_t>(at - to.names.begin()));
        }
        for (const skeleton_edge& edge : to.bones.edges()) {
            to.edges.push_back({number[edge.from], number[edge.to], edge.color, edge.width_px});
            shape_style style = to.options.edge;
            style.color = to.options.color.value_or(edge.color.value_or(style.color));
            style.size_px = edge.width_px.value_or(style.size_px);
            to.edge_styles.push_back(style);
        }
    }

    std::shared_ptr<const state> state_;
};

/// Several animals as one overlay.
struct poses {
    std::vector<pose> animals;
    void build(const moment& now, canvas& out) const {
        for (const pose& animal : animals) {
            animal.build(now, out);
        }
    }
};

} // namespace fieldreel::inline v0

#endif
