// SPDX-License-Identifier: MIT
// netCDF-4 files of xarray: a decoder's posterior, its states stacked or not, and movement's poses.
#ifndef FIELDREEL_IMPORT_NETCDF_HPP
#define FIELDREEL_IMPORT_NETCDF_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/import/hdf5.hpp>
#include <fieldreel/import/pose_tracks.hpp>
#include <fieldreel/import/recording.hpp>
#include <fieldreel/source/any_source.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// Equally wide bins of which some have these centres; `at` is the bin of each centre. Bins without one are holes.
struct bins_along {
    std::vector<double> edges = {};
    std::vector<std::size_t> at = {};
    bool equal = true; ///< false: the centres are not those of equally wide bins; as many bins, and none has its place
    double narrowest = 0;
    double widest = 0;
    std::size_t count() const noexcept { return edges.size() - 1; }
};

inline bins_along bins_around(const std::vector<double>& centers) {
    std::vector<double> sorted = centers;
    std::sort(sorted.begin(), sorted.end());
    const double close = 1e-6 * (sorted.back() - sorted.front());
    sorted.erase(std::unique(sorted.begin(), sorted.end(), [&](double a, double b) { return b - a <= close; }),
                 sorted.end());
    bins_along out;
    const std::size_t places = sorted.size();
    const double length = sorted.back() - sorted.front();
    out.narrowest = out.widest = places > 1 ? sorted[1] - sorted[0] : 1;
    for (std::size_t i = 1; i < places; ++i) {
        out.narrowest = (std::min)(out.narrowest, sorted[i] - sorted[i - 1]);
        out.widest = (std::max)(out.widest, sorted[i] - sorted[i - 1]);
    }
    // Holes are whole bins; a step of rounded numbers is found best from one end to the other.
    const double steps = std::round(length / out.narrowest);
    out.equal = steps <= 64.0 + 8.0 * static_cast<double>(places);
    double width = out.equal && steps > 0 ? length / steps : 1;
    for (std::size_t i = 0; i < places && out.equal; ++i) {
        const double step = (sorted[i] - sorted[0]) / width;
        out.equal = std::abs(step - std::round(step)) < 0.01;
    }
    std::size_t bins = out.equal ? static_cast<std::size_t>(steps) + 1 : places;
    if (!out.equal) {
        width = length / static_cast<double>(places - 1);
    }
    for (std::size_t i = 0; i <= bins; ++i) {
        out.edges.push_back(sorted[0] + (static_cast<double>(i) - 0.5) * width);
    }
    for (const double center : centers) {
        const auto next = std::lower_bound(sorted.begin(), sorted.end(), center - close);
        out.at.push_back(out.equal ? static_cast<std::size_t>(std::round((center - sorted[0]) / width))
                                   : static_cast<std::size_t>(next - sorted.begin()));
    }
    return out;
}

/// What xarray saves: a decoder's posterior, or movement's poses.
class netcdf_reader {
public:
    netcdf_reader(const hdf5_file& file, recording_import& into) : file_(file), into_(into) {}

    /// False: nothing known is in it, or the variable `wanted` has no time and places.
    bool read(const std::string& wanted) {
        if (!wanted.empty()) {
            const bool placed = lies_over_places(wanted);
            if (placed) {
                posterior(wanted);
            }
            return placed;
        }
        for (const std::string name :
             {"acausal_posterior", "causal_posterior", "posterior", "__xarray_dataarray_variable__"}) {
            if (file_.is_dataset("/" + name) && (name.ends_with("posterior") || lies_over_places(name))) {
                posterior(name);
                return true;
            }
        }
        const auto dims = file_.is_dataset("/position") ? file_.dimensions("/position") : std::vector<std::string>();
        if (place(dims, {"keypoints", "keypoint"}) < dims.size() && place(dims, {"space"}) < dims.size()) {
            movement(dims);
            return true;
        }
        return false;
    }

private:
    static constexpr std::size_t most_grid_bins = std::size_t{1} << 24;
    static constexpr std::size_t most_states = 1000;

    /// The values of a frame: which state each belongs to, and where its bin is. Without y: bins of a line.
    struct placed_values {
        std::vector<std::string> state; ///< empty: there is but one
        std::vector<double> x, y;
    };

    bool lies_over_places(const std::string& name) const {
        const auto dims = file_.is_dataset("/" + name) ? file_.dimensions("/" + name) : std::vector<std::string>();
        bool out = dims.size() > 1 && dims[0] == "time";
        for (std::size_t k = 1; k < dims.size() && out; ++k) {
            out = dims[k].starts_with("state") || dims[k].starts_with('x') || dims[k].starts_with('y') ||
                  dims[k].ends_with("position");
        }
        return out;
    }
    static std::size_t place(const std::vector<std::string>& dims, std::initializer_list<std::string_view> names) {
        std::size_t at = 0;
        while (at < dims.size() && std::find(names.begin(), names.end(), dims[at]) == names.end()) {
            ++at;
        }
        return at;
    }
    /// A variable with numbers for its dimension, and not the dimension alone.
    bool has_numbers(const std::string& name) const {
        return file_.is_dataset("/" + name) && file_.type("/" + name) &&
               !file_.word_attribute("/" + name, "NAME").starts_with("This is a netCDF dimension but not");
    }
    bool has_words(const std::string& name) const { return file_.is_dataset("/" + name) && !file_.type("/" + name); }
    /// Seconds. Times that say their unit are believed; 0, 1, 2, ... without one are frame numbers, and not taken.
    std::vector<double> times(std::size_t count) const {
        std::vector<double> out = has_numbers("time") ? values_of(file_, "/time") : std::vector<double>();
        const std::string units = file_.has("/time") ? file_.word_attribute("/time", "units") : std::string();
        const std::string unit = units.substr(0, units.find(' '));
        if (out.size() != count ||
            (unit.empty() && are_frame_numbers(out) && file_.word_attribute("/", "time_unit") != "seconds")) {
            return {};
        }
        static constexpr std::pair<std::string_view, double> known[] = {{"ns", 1e-9},
                                                                        {"nanoseconds", 1e-9},
                                                                        {"us", 1e-6},
                                                                        {"microseconds", 1e-6},
                                                                        {"ms", 1e-3},
                                                                        {"msec", 1e-3},
                                                                        {"milliseconds", 1e-3},
                                                                        {"", 1},
                                                                        {"s", 1},
                                                                        {"sec", 1},
                                                                        {"second", 1},
                                                                        {"seconds", 1},
                                                                        {"min", 60},
                                                                        {"minutes", 60},
                                                                        {"h", 3600},
                                                                        {"hours", 3600},
                                                                        {"days", 86400}};
        for (const auto& [name, seconds] : known) {
            if (unit == name) {
                for (double& time : out) {
                    time = seconds < 1 ? time / std::round(1 / seconds) : time * seconds;
                }
                return out;
            }
        }
        into_.warn(text(file_.path(), "#/time is in '", units, "', which is not known here; it is taken for seconds"));
        return out;
    }
    void movement(const std::vector<std::string>& dims) {
        const std::vector<std::size_t> shape = file_.shape("/position");
        const std::size_t t = place(dims, {"time"});
        const std::size_t s = place(dims, {"space"});
        const std::size_t k = place(dims, {"keypoints", "keypoint"});
        const std::size_t a = place(dims, {"individuals", "individual"});
        if (t == dims.size() || shape.size() != dims.size() || shape[s] < 2 ||
            std::find(shape.begin(), shape.end(), 0u) != shape.end()) {
            file_.fail("/position", text("has the dimensions ", join(dims), " and the shape ", shape_text(shape),
                                         "; movement's are time, space (x and y), keypoints and individuals; save it "
                                         "again with to_netcdf"));
        }
        const std::size_t animals = a < dims.size() ? shape[a] : 1;
        const auto stride = [&](std::size_t axis, const std::vector<std::size_t>& of) {
            std::size_t out = axis < of.size() ? 1 : 0;
            for (std::size_t later = axis + 1; later < of.size(); ++later) {
                out *= of[later];
            }
            return out;
        };
        const std::vector<double> places = values_of(file_, "/position");
        std::vector<double> confidence;
        std::vector<std::string> own;
        if (file_.is_dataset("/confidence")) {
            own = file_.dimensions("/confidence");
            confidence = values_of(file_, "/confidence");
        }
        const std::vector<std::size_t> own_shape =
            own.empty() ? std::vector<std::size_t>() : file_.shape("/confidence");
        const auto names = [&](std::initializer_list<const char*> of, std::size_t count) {
            for (const char* const name : of) {
                if (file_.is_dataset("/" + std::string(name)) && !file_.type("/" + std::string(name))) {
                    return file_.words("/" + std::string(name));
                }
            }
            std::vector<std::string> out;
            for (std::size_t i = 0; i < count; ++i) {
                out.push_back(text(i));
            }
            return out;
        };
        const std::vector<std::string> keypoints = names({"keypoints", "keypoint"}, shape[k]);
        const std::vector<std::string> individuals = names({"individuals", "individual"}, animals);
        pose_tracks out;
        out.times_s = times(shape[t]);
        for (std::size_t one = 0; one < animals; ++one) {
            pose_track animal{.name = one < individuals.size() ? individuals[one] : text(one), .keypoints = keypoints};
            animal.keypoints.resize(shape[k]);
            animal.has_likelihood = !confidence.empty();
            animal.values.assign(shape[t] * shape[k] * 3, std::numeric_limits<double>::quiet_NaN());
            for (std::size_t frame = 0; frame < shape[t]; ++frame) {
                for (std::size_t point = 0; point < shape[k]; ++point) {
                    const std::size_t at = frame * stride(t, shape) + point * stride(k, shape) +
                                           (a < dims.size() ? one * stride(a, shape) : 0);
                    double* const to = &animal.values[(frame * shape[k] + point) * 3];
                    to[0] = places[at];
                    to[1] = places[at + stride(s, shape)];
                    if (!confidence.empty()) {
                        const std::size_t there = frame * stride(place(own, {"time"}), own_shape) +
                                                  point * stride(place(own, {"keypoints", "keypoint"}), own_shape) +
                                                  one * stride(place(own, {"individuals", "individual"}), own_shape);
                        to[2] = there < confidence.size() ? confidence[there] : to[2];
                    }
                }
            }
            out.animals.push_back(std::move(animal));
        }
        into_.pose(std::move(out));
    }

    /// (time, bins...): bins are one or two dimensions, perhaps after one of states; or all of these stacked in one.
    void posterior(const std::string& name) {
        const std::string full = "/" + name;
        const std::vector<std::string> dims = file_.dimensions(full);
        const std::vector<std::size_t> shape = file_.shape(full);
        std::size_t size = 1;
        for (std::size_t axis = 1; axis < shape.size(); ++axis) {
            if (shape[axis] != 0 && size > most_grid_bins / shape[axis]) {
                file_.fail(full, text("has the shape ", shape_text(shape), ", and at most ", most_grid_bins,
                                      " values of a frame are drawn; select some states"));
            }
            size *= shape[axis];
        }
        if (dims.size() != shape.size() || dims.size() < 2 || dims[0] != "time" || shape[0] == 0 || size == 0) {
            refuse_dimensions(full, dims, shape);
        }
        std::optional<placed_values> values = dims.size() == 2 ? stacked(dims[1], size) : std::nullopt;
        place_bins(name, values ? *values : along_dimensions(full, dims, shape), shape);
    }
    [[noreturn]] void refuse_dimensions(const std::string& full, const std::vector<std::string>& dims,
                                        const std::vector<std::size_t>& shape) const {
        file_.fail(full, text("has the dimensions ", dims.empty() ? shape_text(shape) : join(dims),
                              "; read are time, (state,) position or x_position and y_position, or time and "
                              "state_bins; name them so, and save it again with to_netcdf"));
    }
    std::vector<double> coordinate(const std::string& full, const std::string& name, std::size_t count) const {
        std::vector<double> out = has_numbers(name) ? values_of(file_, "/" + name) : std::vector<double>();
        if (out.size() != count) {
            file_.fail(full, text("has the dimension ", name, " without a coordinate, so that nobody knows where its ",
                                  "bins are; add the centres of the bins (assign_coords), and save it again with "
                                  "to_netcdf"));
        }
        return out;
    }
    placed_values along_dimensions(const std::string& full, const std::vector<std::string>& dims,
                                   const std::vector<std::size_t>& shape) const {
        const std::size_t first = dims[1] == "state" || dims[1] == "states" ? 2 : 1;
        if (dims.size() != first + 1 && dims.size() != first + 2) {
            refuse_dimensions(full, dims, shape);
        }
        const bool plane = dims.size() == first + 2;
        const bool turned = plane && dims[first].starts_with('y') && dims[first + 1].starts_with('x');
        const std::vector<double> slow = coordinate(full, dims[first], shape[first]);
        const std::vector<double> fast =
            plane ? coordinate(full, dims[first + 1], shape[first + 1]) : std::vector<double>{0};
        std::vector<std::string> names;
        if (first == 2 && has_words(dims[1])) {
            names = file_.words("/" + dims[1]);
        }
        placed_values out;
        for (std::size_t state = 0; state < (first == 2 ? shape[1] : 1); ++state) {
            for (const double a : slow) {
                for (const double b : fast) {
                    if (first == 2) {
                        out.state.push_back(state < names.size() ? names[state] : text("state ", state));
                    }
                    out.x.push_back(turned ? b : a);
                    if (plane) {
                        out.y.push_back(turned ? a : b);
                    }
                }
            }
        }
        return out;
    }
    /// The levels of a stacked dimension: by themselves (reset_index), or compressed by gathering, as CF has it.
    std::optional<placed_values> stacked(const std::string& dim, std::size_t size) const {
        const std::string levels =
            file_.is_dataset("/" + dim) ? file_.word_attribute("/" + dim, "compress") : std::string();
        if (levels.empty() && has_numbers(dim)) {
            return std::nullopt;
        }
        std::vector<std::string> names;
        std::vector<std::size_t> sizes;
        for (std::size_t at = 0; at < levels.size();) {
            const std::size_t end = (std::min)(levels.find(' ', at), levels.size());
            names.push_back(levels.substr(at, end - at));
            const auto shape =
                file_.is_dataset("/" + names.back()) ? file_.shape("/" + names.back()) : std::vector<std::size_t>();
            if (shape.size() != 1 || shape[0] == 0 || shape[0] > most_grid_bins || names.size() > 4) {
                file_.fail("/" + dim, text("is compressed over '", levels, "', of which '", names.back(),
                                           "' is no list of values; save it again with to_netcdf"));
            }
            sizes.push_back(shape[0]);
            at = end + 1;
        }
        const auto is_level = [&](std::string_view name) {
            return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
        };
        const std::vector<double> codes = names.empty() ? std::vector<double>() : file_.numbers("/" + dim);
        // Which of a level's values each bin has.
        const auto chosen = [&](const std::string& level, const auto& values) {
            auto out = values;
            if (!names.empty()) {
                double inner = 1; // bins that follow each other within one value of the level
                std::size_t at = names.size();
                while (at-- > 0 && names[at] != level) {
                    inner *= static_cast<double>(sizes[at]);
                }
                out.clear();
                for (const double code : codes) {
                    if (!(code >= 0 && code < 9e15)) {
                        file_.fail("/" + dim, text("has the index ", code,
                                                   ", which is none; save it again with "
                                                   "to_netcdf"));
                    }
                    out.push_back(values[static_cast<std::size_t>(code / inner) % sizes[at]]);
                }
            }
            if (out.size() != size) {
                file_.fail("/" + level, text("has ", out.size(), " values for ", size,
                                             " bins; save it again with "
                                             "to_netcdf"));
            }
            return out;
        };
        const auto level = [&](std::initializer_list<const char*> any) {
            for (const char* const name : any) {
                if (name != dim && has_numbers(name) && is_level(name)) {
                    return std::string(name);
                }
            }
            return std::string();
        };
        placed_values out;
        const std::string y = level({"y_position", "y"});
        const std::string x = level({"x_position", "x", "position", "linear_position"});
        if (x.empty()) {
            return std::nullopt;
        }
        out.x = chosen(x, values_of(file_, "/" + x));
        if (!y.empty()) {
            out.y = chosen(y, values_of(file_, "/" + y));
        }
        if (has_words("state") && is_level("state")) {
            out.state = chosen("state", file_.words("/state"));
        } else if (has_numbers("state_ind") && has_words("states") && is_level("state_ind")) {
            const std::vector<std::string> all = file_.words("/states");
            for (const double state : chosen("state_ind", file_.numbers("/state_ind"))) {
                out.state.push_back(state >= 0 && state < static_cast<double>(all.size())
                                        ? all[static_cast<std::size_t>(state)]
                                        : text("state ", state));
            }
        }
        return out;
    }

    /// Finds the grid that the bins lie on, and in which order.
    void place_bins(const std::string& name, const placed_values& values, const std::vector<std::size_t>& shape) {
        const std::string full = "/" + name;
        const bool plane = !values.y.empty();
        const std::size_t size = values.x.size();
        // The states, one after the other.
        std::vector<std::string> states;
        std::vector<std::size_t> starts;
        for (std::size_t i = 0; i < size; ++i) {
            if (i == 0 || (!values.state.empty() && values.state[i] != values.state[i - 1])) {
                states.push_back(values.state.empty() ? name : values.state[i]);
                starts.push_back(i);
                if (states.size() > most_states) {
                    file_.fail(full, text("has more than ", most_states, " states; select some of them"));
                }
                if (std::find(states.begin(), states.end() - 1, states.back()) != states.end() - 1) {
                    file_.fail(full, text("has bins of the state '", states.back(),
                                          "' in several places; sort it by state, and save it again with to_netcdf"));
                }
            }
        }
        starts.push_back(size);
        // Those that have most bins lie over space; others (local, no spikes) may have no place.
        std::size_t most = 0;
        for (std::size_t state = 0; state < states.size(); ++state) {
            most = (std::max)(most, starts[state + 1] - starts[state]);
        }
        std::vector<std::size_t> over_space;
        for (std::size_t state = 0; state < states.size(); ++state) {
            if (starts[state + 1] - starts[state] == most) {
                over_space.push_back(starts[state]);
            }
        }
        const auto part = [&](const std::vector<double>& all, std::size_t first) {
            const auto at = all.begin() + static_cast<std::ptrdiff_t>(first);
            return std::vector<double>(at, at + static_cast<std::ptrdiff_t>(most));
        };
        const std::vector<double> xs = part(values.x, over_space[0]);
        const std::vector<double> ys = plane ? part(values.y, over_space[0]) : std::vector<double>();
        for (const std::vector<double>* const all : {&xs, &ys}) {
            for (const double center : *all) {
                if (!(std::abs(center) < 1e100)) { // distances and areas of those are finite too
                    file_.fail(full, text("has a bin at ", center, "; the centres of bins must be finite"));
                }
            }
        }
        for (const std::size_t first : over_space) {
            if (part(values.x, first) != xs || (plane && part(values.y, first) != ys)) {
                file_.fail(full, "has states whose bins lie in different places; select the states of one environment");
            }
        }
        const bins_along x = bins_around(xs);
        const bins_along y = plane ? bins_around(ys)
                                   : bins_along{.edges = {0, (x.edges.back() - x.edges.front()) / 12}, // a band
                                                .at = std::vector<std::size_t>(most, 0)};
        for (const bins_along* const axis : {&x, &y}) {
            if (!axis->equal && plane) {
                file_.fail(full, text("has bins whose centres are ", axis->narrowest, " to ", axis->widest,
                                      " apart; a grid has equally wide bins; interpolate it to such ones"));
            }
            if (!axis->equal) {
                into_.warn(text(file_.path(), "#", full, " has bins whose centres are ", axis->narrowest, " to ",
                                axis->widest, " apart; they are drawn equally long, so that places are approximate"));
            }
        }
        if (x.count() > most_grid_bins / y.count()) {
            file_.fail(full, text("has centres that make a grid of ", x.count(), " x ", y.count(), " bins for ", most,
                                  " of them; at most ", most_grid_bins, " are drawn; are the centres rounded?"));
        }
        // In which order: all bins, x or y slow, of which some may be off the track; or the active ones alone.
        bool all_xy = most == x.count() * y.count();
        bool all_yx = all_xy;
        bool sorted = true;
        std::vector<int> mask(x.count() * y.count(), 0);
        for (std::size_t b = 0; b < most; ++b) {
            const std::size_t place = x.at[b] * y.count() + y.at[b];
            all_xy = all_xy && place == b;
            all_yx = all_yx && y.at[b] * x.count() + x.at[b] == b;
            sorted = sorted && (b == 0 || place > x.at[b - 1] * y.count() + y.at[b - 1]);
            mask[place] = 1;
        }
        if (!all_xy && !all_yx && !sorted) {
            file_.fail(full, "has bins that are not sorted; sort it by position (sortby), and save it again with "
                             "to_netcdf");
        }
        const any_source frames = open_hdf5(file_, full);
        if (all_xy || all_yx) {
            const std::vector<int> there = ever_finite(frames, over_space, most);
            for (std::size_t b = 0; b < most; ++b) {
                mask[x.at[b] * y.count() + y.at[b]] = there[b];
            }
        }
        if (std::find(mask.begin(), mask.end(), 1) == mask.end()) {
            file_.fail(full, "has no finite value in the frames looked at, so that nobody knows which bins are on the "
                             "track");
        }
        nlohmann::json field = {{"name", name},
                                {"kind", name.ends_with("posterior") ? "posterior" : "other"},
                                {"order", all_xy   ? "xy"
                                          : all_yx ? "yx"
                                                   : "active"},
                                {"grid", {{"edges_x", x.edges}, {"edges_y", y.edges}, {"mask", mask}}}};
        for (std::size_t state = 0; state < states.size() && !values.state.empty(); ++state) {
            field["states"].push_back({{"name", states[state]}, {"bins", starts[state + 1] - starts[state]}});
        }
        if (const std::string place_of = plane ? "/x_position" : "/position"; file_.is_dataset(place_of)) {
            if (const std::string unit = file_.word_attribute(place_of, "units"); !unit.empty()) {
                into_.units(unit);
            }
        }
        into_.field(std::move(field), full, times(shape[0]), shape[0]);
    }
    /// Bins off the track are NaN in every frame; 16 of them are looked at, for single frames may be missing.
    static std::vector<int> ever_finite(const any_source& frames, const std::vector<std::size_t>& starts,
                                        std::size_t bins) {
        std::vector<int> out(bins, 0);
        auto cursor = frames.cursor();
        const std::size_t looks = (std::min)(frames.frame_count(), std::size_t{16});
        for (std::size_t look = 0; look < looks; ++look) {
            const values_view values = cursor.frame(look * (frames.frame_count() - 1) / (looks > 1 ? looks - 1 : 1));
            for (const std::size_t start : starts) {
                for (std::size_t b = 0; b < bins; ++b) {
                    out[b] = out[b] != 0 || std::isfinite(values[start + b]) ? 1 : 0;
                }
            }
        }
        return out;
    }

    const hdf5_file& file_;
    recording_import& into_;
};

} // namespace detail

/// Takes in what xarray saved (to_netcdf): a posterior (acausal_posterior, causal_posterior or posterior) over time and
/// position, x_position and y_position, or a stacked dimension of these and the states; or movement's poses. Bins that
/// are NaN are off the track. Another variable over time and places is taken by its name. False: nothing known is in
/// it. Errors: file_error for other dimensions and bins. Cost: its frames stay in the file, 16 of them are looked at.
inline bool import_netcdf(recording_import& into, const hdf5_file& file, const std::string& variable = {}) {
    return detail::netcdf_reader(file, into).read(variable);
}

} // namespace fieldreel::inline v0

#endif
