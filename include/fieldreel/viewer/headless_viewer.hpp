// SPDX-License-Identifier: MIT
// A viewer without a screen: does a frame's real work and keeps a checksum, for tests, profiles and servers.
#ifndef FIELDREEL_VIEWER_HEADLESS_VIEWER_HPP
#define FIELDREEL_VIEWER_HEADLESS_VIEWER_HPP

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// Mixes eight bytes at a time. Source: the multiply-and-rotate step of wyhash-like hashes; not for security.
class checksum {
public:
    void add(std::uint64_t word) noexcept { state_ = std::rotl(state_ ^ word, 29) * 0x9e3779b97f4a7c15u; }
    void add(const void* data, std::size_t bytes) noexcept {
        const auto* at = static_cast<const unsigned char*>(data);
        for (; bytes >= 8; bytes -= 8, at += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, at, 8);
            add(word);
        }
        std::uint64_t rest = bytes;
        for (std::size_t i = 0; i < bytes; ++i) {
            rest = rest << 8 | at[i];
        }
        add(rest);
    }
    std::uint64_t value() const noexcept { return state_ ^ state_ >> 32; }

private:
    std::uint64_t state_ = 0x243f6a8885a308d3u;
};

} // namespace detail

/// Paints every field into a picture of its own at its natural size, marks where shapes' vertices fall, and adds all of
/// it to a checksum: two runs that showed the same have the same checksum. Cost: that of painting, plus a pass over the
/// pixels.
class headless_viewer {
public:
    void present(const scene& now) {
        FIELDREEL_TRACE_SPAN("viewer.present");
        pictures_.resize((std::max)(pictures_.size(), now.fields.size()));
        sum_.add(std::bit_cast<std::uint64_t>(now.time_s));
        for (std::size_t i = 0; i < now.fields.size(); ++i) {
            draw_field(now.fields[i], pictures_[i]);
        }
        walk_shapes(now.shapes);
        ++presented_;
    }

    /// The picture of field i as last presented: transparent where the field had no data.
    const image& picture(std::size_t i = 0) const { return pictures_.at(i); }
    std::uint64_t checksum() const noexcept { return sum_.value(); }
    std::size_t presented() const noexcept { return presented_; }
    std::size_t shapes() const noexcept { return shapes_; }
    std::size_t vertices() const noexcept { return vertices_; }

private:
    void draw_field(const scene_field& field, image& picture) {
        FIELDREEL_TRACE_SPAN("paint");
        if (field.values().empty()) {
            picture.resize(field.space().display_shape());
            std::fill_n(picture.view().pixels, picture.pixels().size(), rgba8{});
        } else {
            const field_style& style = field.style();
            paint(field.values(), field.space(), style.colors, style.range, picture, style.paint);
        }
        sum_.add(picture.pixels().data(), picture.pixels().size_bytes());
    }
    void walk_shapes(const canvas& shapes) {
        FIELDREEL_TRACE_SPAN("shapes");
        for (const shape& s : shapes.shapes()) {
            sum_.add(std::uint64_t{s.vertex_count} << 8 | static_cast<std::uint64_t>(s.kind));
            const shape_style& style = s.style;
            sum_.add(std::uint64_t{std::bit_cast<std::uint32_t>(style.color)} << 32 |
                     std::bit_cast<std::uint32_t>(style.size_px));
            sum_.add(static_cast<std::uint64_t>(style.symbol) << 16 | static_cast<std::uint64_t>(style.where) << 8 |
                     static_cast<std::uint64_t>(style.layer));
            for (const vertex& v : shapes.vertices(s)) {
                sum_.add(std::bit_cast<std::uint64_t>(v.x));
                sum_.add(std::bit_cast<std::uint64_t>(v.y) ^ std::bit_cast<std::uint32_t>(v.alpha));
            }
            if (s.kind == shape_kind::picture) {
                add_picture(shapes.picture(s), shapes.pixels(s));
            }
            const auto text = shapes.text(s);
            sum_.add(text.data(), text.size());
            vertices_ += s.vertex_count;
            ++shapes_;
        }
    }

    void add_picture(const picture_place& where, std::span<const rgba8> pixels) {
        sum_.add(where.size.cols);
        for (const double number :
             {where.place.xx, where.place.xy, where.place.x0, where.place.yx, where.place.yy, where.place.y0}) {
            sum_.add(std::bit_cast<std::uint64_t>(number));
        }
        sum_.add(pixels.data(), pixels.size_bytes());
    }

    std::vector<image> pictures_;
    detail::checksum sum_;
    std::size_t presented_ = 0;
    std::size_t shapes_ = 0;
    std::size_t vertices_ = 0;
};

} // namespace fieldreel::inline v0

#endif
