// SPDX-License-Identifier: MIT
// How a view shows fields and layers, laid over what the recording itself says: the same for a window and for files.
#ifndef FIELDREEL_WINDOW_VIEW_LOOK_HPP
#define FIELDREEL_WINDOW_VIEW_LOOK_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/colormap/color_scaling.hpp>
#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {

/// How one field is shown.
struct field_view {
    std::string title = {};    ///< which field it is
    std::string cell = {};     ///< the cell whose field is shown, where one can be chosen
    std::string colormap = {}; ///< by its name, "viridis" or reversed "viridis_r"; empty: the recording's own
    std::optional<value_range> limits = {}; ///< unset: the recording's own
    color_scaling scaling = {};
    friend bool operator==(const field_view&, const field_view&) = default;
};

/// How one layer over the field is shown.
struct layer_view {
    std::string name = {};
    bool visible = true;
    double opacity = 1;                 ///< 0-1
    std::optional<rgba8> color = {};    ///< unset: its own
    std::optional<double> trail_s = {}; ///< length of a trail; unset: its own
    friend bool operator==(const layer_view&, const layer_view&) = default;
};

/// A field's own style with what a view says. Errors: invalid_value for a colormap that is not known.
inline field_style with_view(field_style own, const field_view& view) {
    if (!view.colormap.empty()) {
        own.colors = colormap::named(view.colormap);
    }
    own.range = view.limits.value_or(own.range);
    const bool possible = view.scaling.scale != value_scale::log || own.range.vmin > 0;
    own.paint.scaling = possible ? view.scaling : own.paint.scaling;
    return own;
}
/// What a view has to say of a field that is shown so.
inline field_view view_of(const field_style& shown, std::string cell = {}) {
    return {.title = shown.title,
            .cell = std::move(cell),
            .colormap = shown.colors.name(),
            .limits = shown.range,
            .scaling = shown.paint.scaling};
}

namespace detail {

/// Draws an overlay as its layer says.
struct dressed_overlay {
    any_overlay drawing;
    layer_view how;
    void build(const moment& now, canvas& out) const {
        const std::size_t first = out.shapes().size();
        drawing.build(now, out);
        if (how.color) {
            out.recolor(first, *how.color);
        }
        if (how.opacity < 1) {
            out.fade(first, how.opacity);
        }
    }
};

} // namespace detail

/// The layers of overlays as they are by themselves: all visible, in their own order, the lowest first.
inline std::vector<layer_view> layers_of(std::span<const any_overlay> overlays) {
    std::vector<layer_view> out;
    for (const any_overlay& one : overlays) {
        out.push_back({.name = one.name()});
    }
    return out;
}

/// The layers that a view wishes, as far as these overlays have them; those it does not name go on top, as they are by
/// themselves. What is wished and not there is told in `warnings`.
inline std::vector<layer_view> matched_layers(std::span<const layer_view> wished, std::span<const any_overlay> overlays,
                                              std::vector<std::string>& warnings) {
    std::vector<layer_view> left = layers_of(overlays);
    std::vector<layer_view> out;
    for (const layer_view& one : wished) {
        const auto found = std::find_if(left.begin(), left.end(), [&](const auto& l) { return l.name == one.name; });
        if (found != left.end()) {
            out.push_back(one);
            left.erase(found);
        } else if (std::none_of(out.begin(), out.end(), [&](const auto& l) { return l.name == one.name; })) {
            warnings.push_back(
                detail::text("the view has a layer '", one.name, "', which the recording has not; it is left out"));
        }
    }
    out.insert(out.end(), left.begin(), left.end());
    return out;
}

/// The overlays of layers, in their order and as they say; hidden ones are left out. Of overlays of one name the n-th
/// layer of that name has the n-th. Nothing is read. Cost: a few allocations per layer.
inline std::vector<any_overlay> dressed(std::span<const any_overlay> overlays, std::span<const layer_view> layers) {
    std::vector<any_overlay> out;
    std::vector<bool> taken(overlays.size());
    for (const layer_view& how : layers) {
        std::size_t i = 0;
        while (i < overlays.size() && (taken[i] || overlays[i].name() != how.name)) {
            ++i;
        }
        if (i == overlays.size()) {
            continue;
        }
        taken[i] = true;
        if (!how.visible) {
            continue;
        }
        any_overlay drawing = overlays[i];
        if (const trail* const path = how.trail_s ? drawing.as<trail>() : nullptr) {
            drawing = any_overlay(drawing.name(), path->with_length(*how.trail_s));
        }
        const bool plain = !how.color && !(how.opacity < 1);
        out.push_back(plain ? drawing : any_overlay(drawing.name(), detail::dressed_overlay{drawing, how}));
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
