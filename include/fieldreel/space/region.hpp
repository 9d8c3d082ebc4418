// SPDX-License-Identifier: MIT
// Named places, a polygon or a disc: what lies in them, seconds, and visits with their entries and exits.
#ifndef FIELDREEL_SPACE_REGION_HPP
#define FIELDREEL_SPACE_REGION_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/space/occupancy.hpp>
#include <fieldreel/space/polygon.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// A named part of the environment: within a polygon, or within a distance of a point. Units: those of the positions.
class region {
public:
    /// The last corner is joined to the first; either direction. Errors: invalid_value for no name; data_error for a
    /// corner that is not finite, fewer than 3 corners, no area, and edges that cross (which two, and where).
    static region polygon(std::string name, std::span<const point_xy> corners) {
        region out(std::move(name));
        out.corners_ = detail::simple_polygon(corners, detail::text("the region '", out.name_, "'"));
        out.center_ = polygon_center(out.corners_);
        return out;
    }
    /// Errors: invalid_value for no name, a radius that is not positive; data_error for a point that is not finite.
    static region disc(std::string name, point_xy center, double radius) {
        region out(std::move(name));
        if (!(std::isfinite(center.x) && std::isfinite(center.y))) {
            throw data_error(detail::text("the region '", out.name_, "' has its point at (", detail::rounded(center.x),
                                          ", ", detail::rounded(center.y), "); it must be finite; correct the point"));
        }
        if (!(radius > 0 && std::isfinite(radius))) {
            throw invalid_value("radius",
                                detail::text("the region '", out.name_, "' has the radius ", detail::rounded(radius),
                                             "; it must be a positive number in the units of the positions; "
                                             "give how far around the point the region reaches"));
        }
        out.center_ = center;
        out.radius_ = radius;
        return out;
    }

    const std::string& name() const noexcept { return name_; }
    /// The corners, counter-clockwise; empty for a disc.
    std::span<const point_xy> corners() const noexcept { return corners_; }
    /// Of a disc; 0 for a polygon.
    double radius() const noexcept { return radius_; }
    /// The point of a disc; the centre of mass of a polygon, which may lie outside of it.
    point_xy center() const noexcept { return center_; }
    double area() const noexcept {
        return corners_.empty() ? std::numbers::pi * radius_ * radius_ : polygon_area(corners_);
    }
    box_xy bounds() const noexcept {
        return corners_.empty()
                   ? box_xy{{center_.x - radius_, center_.y - radius_}, {center_.x + radius_, center_.y + radius_}}
                   : polygon_bounds(corners_);
    }

    /// Whether a place lies within. The rim of a disc belongs to it; a polygon's border belongs to the polygon on its
    /// right, on a level border to the one above, so that polygons side by side share no place. NaN lies in none.
    bool contains(double x, double y) const noexcept {
        if (corners_.empty()) {
            return std::hypot(x - center_.x, y - center_.y) <= radius_;
        }
        return polygon_contains(corners_, x, y);
    }

private:
    explicit region(std::string name) : name_(std::move(name)) {
        if (name_.empty()) {
            throw invalid_value("name", "a region has an empty name; each region needs one; name it");
        }
    }

    std::string name_;
    std::vector<point_xy> corners_;
    point_xy center_;
    double radius_ = 0;
};

/// The regions of an environment, in the order given. They may overlap; their names differ.
class regions {
public:
    regions() = default;
    /// Errors: invalid_value for a name that two of them have.
    explicit regions(std::vector<region> all) : all_(std::move(all)) {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (all_[i].name() == all_[j].name()) {
                    throw invalid_value("name",
                                        detail::text("regions ", j, " and ", i, " are both named '", all_[i].name(),
                                                     "'; the names of regions must differ; rename one"));
                }
            }
        }
    }
    bool empty() const noexcept { return all_.empty(); }
    std::size_t size() const noexcept { return all_.size(); }
    const region& operator[](std::size_t i) const noexcept { return all_[i]; }
    auto begin() const noexcept { return all_.begin(); }
    auto end() const noexcept { return all_.end(); }

    /// The number of a region. Errors: invalid_value for a name that is not there; it tells the nearest.
    std::size_t index_of(std::string_view name) const {
        std::vector<std::string_view> names;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (all_[i].name() == name) {
                return i;
            }
            names.push_back(all_[i].name());
        }
        throw invalid_value("region",
                            all_.empty()
                                ? detail::text("the region '", name, "' was asked for; there are no regions; add it")
                                : detail::text("the region '", name, "' was asked for; there are ", detail::join(names),
                                               "; did you mean '", detail::nearest_name(name, names), "'?"));
    }
    const region& named(std::string_view name) const { return all_[index_of(name)]; }

private:
    std::vector<region> all_;
};

/// The bins whose centres lie within a region, in the order of their numbers. Cost: O(bins).
template <space Space>
std::vector<std::size_t> bins_in(const Space& bins, const region& place) {
    std::vector<std::size_t> out;
    const auto count = static_cast<std::size_t>(bins.bin_count());
    for (std::size_t bin = 0; bin < count; ++bin) {
        const point_xy center = bins.center(bin);
        if (place.contains(center.x, center.y)) {
            out.push_back(bin);
        }
    }
    return out;
}

namespace detail {

/// A region as a space of one bin: time in it is counted by the rule of every other space.
struct region_space {
    const region* place = nullptr;
    std::size_t bin_count() const noexcept { return 1; }
    std::optional<std::size_t> bin_at(double x, double y) const noexcept {
        return place->contains(x, y) ? std::optional<std::size_t>(0) : std::nullopt;
    }
    box_xy bounds() const noexcept { return place->bounds(); }
    point_xy center(std::size_t) const noexcept { return place->center(); }
};

} // namespace detail

/// The time spent in each region, by the rule of `occupancy` (the region is the only bin): the time from a sample to
/// the next counts where the first of the two lies. Regions that overlap both count it.
///
/// Shape: one per region. Errors: as occupancy. Cost: one pass per region.
template <number_list Times, number_table Positions>
std::vector<time_account> region_occupancy(const regions& places, const Times& times, const Positions& positions,
                                           const occupancy_options& options = {}) {
    detail::check_occupancy_options(options);
    detail::check_samples(times, positions);
    const auto slow = detail::slow_intervals(times, positions, options.max_gap_s, options.min_speed);
    std::vector<time_account> out;
    for (const region& place : places) {
        out.push_back(detail::count_time(detail::region_space{&place}, times, positions, options.max_gap_s, slow).time);
    }
    return out;
}

/// What makes a visit.
struct visit_options {
    double max_gap_s = 0.5; ///< a longer interval between samples ends a visit; infinity = no limit
    /// Visits of a region that lie less than this apart are one; then shorter visits are none. 0 = every visit counts,
    /// also those that jitter at a border makes.
    double min_duration_s = 0;
};

/// One stay in a region. Units: seconds.
struct region_visit {
    std::size_t region = 0;
    double start_s = 0;
    double stop_s = 0;
    double duration_s() const noexcept { return stop_s - start_s; }
    friend bool operator==(const region_visit&, const region_visit&) = default;
};

/// The stays in each region. A visit starts at the time of the first sample inside and stops at that of the first
/// sample outside; where tracking is lost, after a gap longer than max_gap_s, and at the end of the recording it stops
/// at the last sample seen inside (so that a visit of one sample may last 0 s).
///
/// Order: by start, then by region. Errors: data_error as occupancy; invalid_value for options. Cost: one pass per
/// region.
template <number_list Times, number_table Positions>
std::vector<region_visit> region_visits(const regions& places, const Times& times, const Positions& positions,
                                        const visit_options& options = {}) {
    detail::check_occupancy_options({.max_gap_s = options.max_gap_s});
    if (!(options.min_duration_s >= 0 && std::isfinite(options.min_duration_s))) {
        throw invalid_value("min_duration_s",
                            detail::text("min_duration_s is ", detail::rounded(options.min_duration_s),
                                         "; it must be 0 or more seconds; use 0 to count every "
                                         "visit"));
    }
    detail::check_samples(times, positions);
    const auto samples = static_cast<std::size_t>(times.size());
    std::vector<region_visit> out;
    for (std::size_t number = 0; number < places.size(); ++number) {
        std::vector<region_visit> here;
        const auto add = [&](double start_s, double stop_s) {
            if (!here.empty() && start_s - here.back().stop_s < options.min_duration_s) {
                here.back().stop_s = stop_s;
            } else {
                here.push_back({number, start_s, stop_s});
            }
        };
        bool inside = false;
        double start_s = 0;
        double before_s = -std::numeric_limits<double>::infinity();
        for (std::size_t k = 0; k < samples; ++k) {
            const auto time_s = static_cast<double>(times[k]);
            if (!(time_s > before_s && time_s <= (std::numeric_limits<double>::max)())) {
                detail::throw_times_do_not_increase(k, before_s, time_s);
            }
            const auto x = static_cast<double>(positions(k, std::size_t{0}));
            const auto y = static_cast<double>(positions(k, std::size_t{1}));
            const bool lost = x != x || y != y;
            if (inside && (lost || time_s - before_s > options.max_gap_s)) {
                add(start_s, before_s);
                inside = false;
            }
            const bool now = places[number].contains(x, y);
            if (inside && !now) {
                add(start_s, time_s);
            } else if (!inside && now) {
                start_s = time_s;
            }
            inside = now;
            before_s = time_s;
        }
        if (inside) {
            add(start_s, before_s);
        }
        for (const region_visit& visit : here) {
            if (visit.duration_s() >= options.min_duration_s) {
                out.push_back(visit);
            }
        }
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const region_visit& a, const region_visit& b) { return a.start_s < b.start_s; });
    return out;
}

/// The animal came into a region, or left it.
struct region_event {
    double time_s = 0;
    std::size_t region = 0;
    bool entered = false;
    friend bool operator==(const region_event&, const region_event&) = default;
};

/// The entries and exits of visits. Order: by time; at one time what is left comes before what is entered.
inline std::vector<region_event> region_events(std::span<const region_visit> visits) {
    struct ranked {
        region_event event;
        int rank;
    };
    std::vector<ranked> all;
    for (const region_visit& visit : visits) {
        all.push_back({{visit.start_s, visit.region, true}, 1});
        all.push_back({{visit.stop_s, visit.region, false}, visit.stop_s > visit.start_s ? 0 : 2});
    }
    std::stable_sort(all.begin(), all.end(), [](const ranked& a, const ranked& b) {
        return a.event.time_s < b.event.time_s || (a.event.time_s == b.event.time_s && a.rank < b.rank);
    });
    std::vector<region_event> out;
    for (const ranked& one : all) {
        out.push_back(one.event);
    }
    return out;
}

/// What a region was used for. Units: seconds.
struct region_use {
    double seconds = 0;
    double share = 0; ///< of the time that is tracked and in no gap; 0 when there is none
    std::size_t visits = 0;
    double longest_visit_s = 0;
    double visits_s = 0; ///< of the visits together; not `seconds`, which has those that are too short to be visits
    double seconds_per_visit() const noexcept { return visits == 0 ? 0 : visits_s / static_cast<double>(visits); }
};

/// Seconds, their share of the tracked time, and visits of each region: region_occupancy and region_visits at once.
template <number_list Times, number_table Positions>
std::vector<region_use> use_of_regions(const regions& places, const Times& times, const Positions& positions,
                                       const visit_options& options = {}) {
    std::vector<region_use> out;
    for (const time_account& spent : region_occupancy(places, times, positions, {.max_gap_s = options.max_gap_s})) {
        const double tracked_s = spent.counted_s + spent.outside_space_s;
        out.push_back({.seconds = spent.counted_s, .share = tracked_s > 0 ? spent.counted_s / tracked_s : 0});
    }
    for (const region_visit& visit : region_visits(places, times, positions, options)) {
        ++out[visit.region].visits;
        out[visit.region].visits_s += visit.duration_s();
        out[visit.region].longest_visit_s = (std::max)(out[visit.region].longest_visit_s, visit.duration_s());
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
