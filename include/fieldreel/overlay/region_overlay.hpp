// SPDX-License-Identifier: MIT
// Draws the regions of an environment, and marks the ones the animal is in.
#ifndef FIELDREEL_OVERLAY_REGION_OVERLAY_HPP
#define FIELDREEL_OVERLAY_REGION_OVERLAY_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/anchor.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/space/region.hpp>

namespace fieldreel::inline v0 {

/// The colour of one region.
struct region_color {
    std::string name;
    rgba8 color;
};

struct region_overlay_options {
    std::vector<std::string> names = {};   ///< which are shown; empty: all
    std::vector<region_color> colors = {}; ///< of those named; the others have `color`
    rgba8 color = {255, 255, 255, 255};    ///< of fill, outline and name; the alphas below multiply its own
    double fill_alpha = 0.15;              ///< 0-1; 0: no fill
    double highlight_alpha = 0.4;          ///< 0-1: fill of a region the animal is in
    double outline_alpha = 0.8;            ///< 0-1; 0: no outline
    float outline_px = 1.5F;
    float name_px = 0; ///< text height of the name at the centre; 0: no name
    fieldreel::layer layer = fieldreel::layer::above;
};

/// Discs are drawn with 64 corners. A handle: copies share the outlines.
/// Order: as the regions; each its fill, its outline, its name. Cost: the corners of the regions shown; with an animal
/// O(log samples) more.
class region_overlay {
public:
    /// Errors: invalid_value for an alpha outside 0-1, a size that is negative or not finite, and a name that no region
    /// has (it tells the nearest).
    explicit region_overlay(const regions& places, const region_overlay_options& options = {})
        : items_(items_of(places, options)), options_(options) {}
    /// Marks the regions `animal` is in.
    region_overlay(const regions& places, anchor animal, const region_overlay_options& options = {})
        : items_(items_of(places, options)), options_(options), animal_(std::move(animal)) {}

    /// A region that is shown.
    struct item {
        region place;
        std::vector<point_xy> outline; ///< closed: the first corner again at the end
        rgba8 color;
    };
    std::span<const item> items() const noexcept { return *items_; }
    const region_overlay_options& options() const noexcept { return options_; }
    const std::optional<anchor>& animal() const noexcept { return animal_; }

    void build(const moment& now, canvas& out) const {
        constexpr double nan = std::numeric_limits<double>::quiet_NaN(); // is in no region
        const point_xy here = animal_ ? animal_->at(now.time_s) : point_xy{nan, nan};
        for (const item& one : *items_) {
            const bool inside = one.place.contains(here.x, here.y);
            const std::span<const point_xy> corners(one.outline.data(), one.outline.size() - 1);
            shape_style style{.color = one.color, .size_px = options_.outline_px, .layer = options_.layer};
            if (const double alpha = inside ? options_.highlight_alpha : options_.fill_alpha; alpha > 0) {
                style.color.a = faded(one.color.a, alpha);
                out.polygon(corners, style);
            }
            if (options_.outline_alpha > 0 && options_.outline_px > 0) {
                style.color.a = faded(one.color.a, options_.outline_alpha);
                out.begin_line(style);
                for (const point_xy& corner : one.outline) {
                    out.line_to(corner);
                }
                out.end_line();
            }
            if (options_.name_px > 0) {
                out.label(one.place.center(), one.place.name(),
                          {.color = one.color, .size_px = options_.name_px, .layer = options_.layer});
            }
        }
    }

private:
    static std::uint8_t faded(std::uint8_t alpha, double by) noexcept {
        return static_cast<std::uint8_t>(std::lround(static_cast<double>(alpha) * by));
    }
    static void check(const region_overlay_options& options) {
        const auto alpha = [](const char* name, double value) {
            if (!(value >= 0 && value <= 1)) {
                throw invalid_value(name, detail::text("a region's ", name, " of ", value,
                                                       " was given; it must be from 0 to 1; 0 draws nothing"));
            }
        };
        alpha("fill_alpha", options.fill_alpha);
        alpha("highlight_alpha", options.highlight_alpha);
        alpha("outline_alpha", options.outline_alpha);
        const auto size = [](const char* name, float value) {
            if (!(value >= 0 && std::isfinite(value))) {
                throw invalid_value(name, detail::text("a region's ", name, " of ", value,
                                                       " was given; it must be 0 or positive; 0 draws nothing"));
            }
        };
        size("outline_px", options.outline_px);
        size("name_px", options.name_px);
    }
    static std::vector<point_xy> outline_of(const region& place) {
        std::vector<point_xy> out(place.corners().begin(), place.corners().end());
        if (out.empty()) {
            constexpr int corners = 64;
            for (int i = 0; i < corners; ++i) {
                const double angle = 2 * std::numbers::pi * i / corners;
                out.push_back({place.center().x + place.radius() * std::cos(angle),
                               place.center().y + place.radius() * std::sin(angle)});
            }
        }
        out.push_back(out.front());
        return out;
    }
    static std::shared_ptr<const std::vector<item>> items_of(const regions& places,
                                                             const region_overlay_options& options) {
        check(options);
        for (const std::string& name : options.names) {
            places.index_of(name); // throws for one that is not there
        }
        for (const region_color& one : options.colors) {
            places.index_of(one.name);
        }
        auto out = std::make_shared<std::vector<item>>();
        for (const region& place : places) {
            const auto& names = options.names;
            if (!names.empty() && std::find(names.begin(), names.end(), place.name()) == names.end()) {
                continue;
            }
            item one{place, outline_of(place), options.color};
            for (const region_color& given : options.colors) {
                one.color = given.name == place.name() ? given.color : one.color;
            }
            out->push_back(std::move(one));
        }
        return out;
    }

    std::shared_ptr<const std::vector<item>> items_;
    region_overlay_options options_;
    std::optional<anchor> animal_;
};

} // namespace fieldreel::inline v0

#endif
