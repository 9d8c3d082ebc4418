// SPDX-License-Identifier: MIT
// Scenes by hand: fields over spaces with the values a test names, and the colours of a drawn picture.
#ifndef FIELDREEL_TESTS_RENDER_SCENES_HPP
#define FIELDREEL_TESTS_RENDER_SCENES_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <utility>
#include <vector>

#include <fieldreel/render/raster.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {
inline std::ostream& operator<<(std::ostream& out, rgba8 c) {
    return out << "rgba(" << int{c.r} << " " << int{c.g} << " " << int{c.b} << " " << int{c.a} << ")";
}
inline std::ostream& operator<<(std::ostream& out, const pixel_rect& r) {
    return out << "[" << r.left << " " << r.top << " " << r.right << " " << r.bottom << ")";
}
} // namespace fieldreel::inline v0

namespace scenes {

namespace fr = fieldreel;

/// Adds a field; no values: without data.
inline void add_field(fr::scene& to, const fr::any_space& space, const std::vector<float>& values,
                      fr::field_style style = {}) {
    fr::scene_field& field = to.fields.emplace_back();
    field.set_look(space, std::make_shared<const fr::field_style>(std::move(style)));
    if (!values.empty()) {
        field.set_values(0, fr::values_view(std::span<const float>(values)));
    }
}

/// 4 x 3 bins of 10 units, all active; the bin at column 1, row 2 from below is 1, all others 0.
inline constexpr std::size_t hot_bin = 1 * 3 + 2;
inline fr::any_space four_by_three() {
    return fr::grid::full({0, 0}, {40, 30}, {4, 3});
}
inline fr::scene hot_scene() {
    fr::scene out;
    std::vector<float> values(12, 0);
    values[hot_bin] = 1;
    add_field(out, four_by_three(), values, {.label = "rate", .unit = "Hz"});
    return out;
}

/// A picture of nothing but the fields and shapes.
inline fr::render_options bare(fr::image_shape size = {240, 320}) {
    fr::render_options out;
    out.size = size;
    out.time = out.color_bar = out.scale_bar = out.outline = out.halo = out.peak = false;
    return out;
}

inline fr::rgba8 color_at(const fr::bgra_view& picture, int x, int y) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(picture.row(y) + x);
    return {bytes[2], bytes[1], bytes[0], bytes[3]};
}
inline fr::rgba8 color_at(const fr::raster& picture, double x, double y) {
    return color_at(picture.pixels(), static_cast<int>(x), static_cast<int>(y));
}
inline std::vector<std::uint8_t> bytes_of(const fr::raster& picture) {
    const auto all = picture.bytes();
    return {all.begin(), all.end()};
}
inline std::vector<std::uint8_t> fresh_bytes(const fr::scene& now, const fr::render_options& options) {
    fr::raster picture(options);
    picture.present(now);
    return bytes_of(picture);
}

} // namespace scenes

#endif
