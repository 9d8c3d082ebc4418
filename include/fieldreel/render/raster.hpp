// SPDX-License-Identifier: MIT
// Scenes as pixels: one renderer for windows, films and pictures.
#ifndef FIELDREEL_RENDER_RASTER_HPP
#define FIELDREEL_RENDER_RASTER_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/render/cairo_drawing.hpp>
#include <fieldreel/render/coverage.hpp>
#include <fieldreel/render/field_pixels.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/render/legend.hpp>
#include <fieldreel/render/placed_shapes.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {
namespace detail {

/// Which parts of a picture were drawn on, in squares.
class touched_squares {
public:
    static constexpr int side = 32;
    void reset(int width, int height) {
        columns_ = (width + side - 1) / side;
        rows_ = (height + side - 1) / side;
        squares_.assign(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_), 1);
    }
    void add(const pixel_rect& rect) noexcept {
        if (rect.empty()) {
            return;
        }
        const int right = (std::min)(columns_ - 1, (rect.right - 1) / side);
        const int bottom = (std::min)(rows_ - 1, (rect.bottom - 1) / side);
        for (int y = (std::max)(0, rect.top / side); y <= bottom; ++y) {
            for (int x = (std::max)(0, rect.left / side); x <= right; ++x) {
                squares_[static_cast<std::size_t>(y * columns_ + x)] = 1;
            }
        }
    }
    /// Copies what was touched and forgets it.
    void restore(const bgra_view& from, const bgra_view& to) {
        for (int y = 0; y < rows_; ++y) {
            for (int x = 0; x < columns_;) {
                const int first = x;
                while (x < columns_ && squares_[static_cast<std::size_t>(y * columns_ + x)] != 0) {
                    ++x;
                }
                if (x == first) {
                    ++x;
                    continue;
                }
                const int left = first * side;
                const int right = (std::min)(x * side, from.width);
                for (int row = y * side; row < (std::min)((y + 1) * side, from.height); ++row) {
                    std::memcpy(to.row(row) + left, from.row(row) + left,
                                static_cast<std::size_t>(right - left) * sizeof(std::uint32_t));
                }
            }
        }
        std::fill(squares_.begin(), squares_.end(), std::uint8_t{0});
    }

private:
    int columns_ = 0;
    int rows_ = 0;
    std::vector<std::uint8_t> squares_;
};

/// Texts that were drawn before, as pixels. The same words give the same pixels, kept or not.
class text_pictures {
public:
    explicit text_pictures(const text_font& font) : font_(&font) {}

    /// Draws words from `left` on, the middle of their capitals at `middle`; gives what was touched.
    pixel_rect draw(std::string_view words, const text_look& look, double x, double middle, const pixel_rect& clip,
                    const pixel_rect* within, bool centred, const bgra_view& out) {
        const entry& ready = find(words, look);
        if (ready.picture == nullptr) {
            return {};
        }
        double start = look.where == align::right ? x - ready.width : centred ? x - ready.width / 2 : x;
        if (within != nullptr) {
            start = label_start(x, ready.width, centred, *within);
            middle = label_middle(middle, look.size_px, *within);
        }
        const bgra_view from = view_of(ready.picture.get());
        const int left = whole(start) - ready.pad;
        const int top = whole(middle) - from.height / 2;
        const pixel_rect box =
            intersection(intersection({left, top, left + from.width, top + from.height}, clip), out.bounds());
        for (int y = box.top; y < box.bottom; ++y) {
            const std::uint32_t* const in = from.row(y - top);
            std::uint32_t* const pixels = out.row(y);
            for (int px = box.left; px < box.right; ++px) {
                const std::uint32_t color = in[px - left];
                if (color != 0) {
                    pixels[px] = over_premultiplied(pixels[px], color);
                }
            }
        }
        return box;
    }

private:
    struct entry {
        std::string words;
        text_look look;
        cairo_picture picture;
        double width = 0;
        int pad = 0;
    };
    static bool same(const text_look& a, const text_look& b) noexcept {
        return a.size_px == b.size_px && a.color == b.color && a.bold == b.bold && a.rim == b.rim &&
               a.rim_px == b.rim_px;
    }
    static std::uint32_t over_premultiplied(std::uint32_t under, std::uint32_t color) noexcept {
        std::uint8_t bytes[4];
        std::memcpy(bytes, &color, 4);
        const std::uint32_t rest = 255u - bytes[3];
        std::uint32_t out = 0;
        for (unsigned shift = 0; shift < 32; shift += 8) {
            const std::uint32_t sum = (color >> shift & 255) + ((under >> shift & 255) * rest + 127) / 255;
            out |= (sum > 255 ? 255 : sum) << shift;
        }
        return out;
    }
    const entry& find(std::string_view words, const text_look& look) {
        for (auto it = kept_.begin(); it != kept_.end(); ++it) {
            if (it->words == words && same(it->look, look)) {
                kept_.splice(kept_.begin(), kept_, it);
                return kept_.front();
            }
        }
        if (kept_.size() >= most) {
            kept_.pop_back();
        }
        kept_.push_front(entry{std::string(words), look, nullptr, 0, 0});
        entry& made = kept_.front();
        const std::string ready = drawable(words);
        const cairo_picture scratch = new_picture(1, 1);
        const cairo_context measuring(cairo_create(scratch.get()));
        made.width = font_->width(measuring.get(), ready, look.size_px, look.bold);
        if (ready.empty() || !(made.width > 0)) {
            return made;
        }
        made.pad = static_cast<int>(std::ceil(0.5 * look.size_px + 2 * look.rim_px)) + 2;
        const int width = (std::min)(static_cast<int>(std::ceil(made.width)) + 2 * made.pad, 16000);
        const int height = 2 * (static_cast<int>(std::ceil(0.9 * look.size_px)) + made.pad);
        made.picture = new_picture(width, height);
        const cairo_context on(cairo_create(made.picture.get()));
        text_look plain = look;
        plain.where = align::left;
        draw_text(on.get(), *font_, {static_cast<double>(made.pad), height / 2.0}, ready, plain);
        check_status(cairo_status(on.get()), "drawing text");
        cairo_surface_flush(made.picture.get());
        return made;
    }

    static constexpr std::size_t most = 64;
    const text_font* font_;
    std::list<entry> kept_; // the last used first
};

} // namespace detail

/// Draws scenes, one after the other, into pixels of its own: fields as crisp bins with their colour bars, every shape
/// of the overlays, the dock, title, scale bar and time. What does not change from one scene to the next is not drawn
/// again; the bytes are those of a picture drawn from nothing. A viewer: `present` draws, `pixels` has it.
///
/// One per thread; several may draw at the same time. Errors of present: invalid_value for options or a field that
/// cannot be shown, render_error; after one, the next present starts anew.
class raster {
public:
    /// Errors: invalid_value as check(options) says, render_error where there is no font.
    explicit raster(render_options options = {})
        : options_((check(options), std::move(options))),
          font_(std::make_unique<detail::text_font>(options_.font)),
          texts_(*font_) {}

    const render_options& options() const noexcept { return options_; }
    /// Takes effect with the next scene. Errors: as the constructor; then nothing changes.
    void set_options(render_options options) {
        check(options);
        if (options.font != options_.font) {
            auto font = std::make_unique<detail::text_font>(options.font);
            texts_ = detail::text_pictures(*font);
            font_ = std::move(font);
        }
        ready_ = ready_ && options == options_;
        options_ = std::move(options);
    }

    void present(const scene& now) {
        FIELDREEL_TRACE_SPAN("raster");
        const bool was_ready = std::exchange(ready_, false);
        if (!was_ready || !same_look(now)) {
            begin(now);
        }
        const bool layered = prepare_fields(now);
        touched_.restore(view(base_), view(out_));
        draw(now, layered);
        ready_ = true;
    }

    /// The picture presented last. In memory blue, green, red, 255; row 0 on top; whole until the next present.
    bgra_view pixels() const noexcept { return out_ == nullptr ? bgra_view{} : view(out_); }
    /// The same as bytes, `stride_bytes` from row to row.
    std::span<const std::uint8_t> bytes() const noexcept {
        const bgra_view all = pixels();
        return {reinterpret_cast<const std::uint8_t*>(all.pixels),
                static_cast<std::size_t>(all.stride) * 4 * static_cast<std::size_t>(all.height)};
    }
    std::size_t stride_bytes() const noexcept { return static_cast<std::size_t>(pixels().stride) * 4; }
    image_shape size() const noexcept { return options_.size; }
    /// Where things are on the picture presented last, for probing.
    const picture_layout& layout() const noexcept { return layout_; }
    /// A copy with red first, as other parts of the library have pictures.
    void copy_to(image& out) const {
        const bgra_view all = pixels();
        out.resize({static_cast<std::size_t>(all.height), static_cast<std::size_t>(all.width)});
        const image_view to = out.view();
        for (int y = 0; y < all.height; ++y) {
            const auto* in = reinterpret_cast<const std::uint8_t*>(all.row(y));
            rgba8* pixel = to.pixels + static_cast<std::size_t>(y) * to.stride;
            for (int x = 0; x < all.width; ++x, in += 4, ++pixel) {
                *pixel = {in[2], in[1], in[0], 255};
            }
        }
    }

private:
    struct covered_pixel {
        int x;
        int y;
        std::uint32_t part;
    };
    /// What a field's part of the base was made of.
    struct shown_field {
        field_style style;
        box_xy bounds;
        detail::display_extent extent;
        field_pixels pixels;
        std::vector<covered_pixel> outline;
        pixel_rect outline_box;
        std::vector<std::uint64_t> values; // a copy, to see whether they change
        std::size_t value_bytes = 0;
        dtype type = dtype::f64;
        bool any = false;   // something is drawn
        bool empty = false; // without data
        bool bare = false;  // without values, for a layer below
        clipped_limits limits;
    };
    /// A kept shape as far as it is drawn.
    struct kept_layer {
        std::shared_ptr<const kept_points> points;
        shape_kind kind;
        shape_style style;
        std::size_t panel;
        std::size_t count = 0;
        coverage_mask mask;
        bool used = false;
    };

    static bgra_view view(const detail::cairo_picture& picture) noexcept { return detail::view_of(picture.get()); }

    static bool same_style(const field_style& a, const field_style& b) noexcept {
        return a.range == b.range && a.kind == b.kind && a.title == b.title && a.label == b.label && a.unit == b.unit &&
               a.bar == b.bar && a.paint.nan_color == b.paint.nan_color &&
               a.paint.inactive_color == b.paint.inactive_color && a.paint.nan_as_vmin == b.paint.nan_as_vmin &&
               a.paint.scaling == b.paint.scaling && a.colors == b.colors;
    }
    bool same_look(const scene& now) const {
        if (now.fields.size() != fields_.size() ||
            options_.dock.value_or(detail::has_dock_shapes(now)) != !layout_.dock.empty()) {
            return false;
        }
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const any_space& space = now.fields[i].space();
            const detail::display_extent extent = detail::display_extent_of(space);
            if (!(space.bounds() == fields_[i].bounds) || !(extent.shape == fields_[i].extent.shape) ||
                extent.width != fields_[i].extent.width || extent.height != fields_[i].extent.height ||
                !same_style(now.fields[i].style(), fields_[i].style)) {
                return false;
            }
        }
        return true;
    }

    /// Lays everything out anew and draws what never changes.
    void begin(const scene& now) {
        layout_ = lay_out(now, options_);
        const int width = static_cast<int>(options_.size.cols);
        const int height = static_cast<int>(options_.size.rows);
        if (page_ == nullptr || view(page_).width != width || view(page_).height != height) {
            page_ = detail::new_picture(width, height);
            base_ = detail::new_picture(width, height);
            out_ = detail::new_picture(width, height);
            on_.reset(cairo_create(out_.get()));
        }
        const detail::cairo_context on(cairo_create(page_.get()));
        detail::draw_page(on.get(), *font_, now, layout_, options_);
        detail::check_status(cairo_status(on.get()), "drawing the legend");
        cairo_surface_flush(page_.get());
        const bgra_view from = view(page_);
        std::memcpy(view(base_).pixels, from.pixels,
                    static_cast<std::size_t>(from.stride) * static_cast<std::size_t>(height) * 4);
        touched_.reset(width, height);
        kept_.clear();
        fields_.resize(now.fields.size());
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const any_space& space = now.fields[i].space();
            shown_field& field = fields_[i];
            field.style = now.fields[i].style();
            field.bounds = space.bounds();
            field.extent = detail::display_extent_of(space);
            field.any = false;
            field.pixels = field_pixels(); // widths and edges may be others
        }
    }

    /// Brings the base up to date. True when shapes lie below the fields, which are then left out of it.
    bool prepare_fields(const scene& now) {
        bool layered = false;
        for (const shape& s : now.shapes.shapes()) {
            layered = layered || (s.style.layer == fieldreel::layer::below && s.style.where != placement::dock);
        }
        const render_look look = look_of(options_.style);
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const scene_field& from = now.fields[i];
            const panel_layout& panel = layout_.panels[i];
            shown_field& field = fields_[i];
            if (field.pixels.prepare(from.space(), panel.picture, panel.whole)) {
                field.any = false;
                find_outline(field, panel, from.space().as_grid() != nullptr, look);
            }
            const values_view values = from.values();
            const bool same = field.any && field.bare == layered && field.empty == values.empty() &&
                              field.type == values.type() && field.value_bytes == values.bytes() &&
                              (values.empty() || std::memcmp(field.values.data(), values.data(), values.bytes()) == 0);
            if (same) {
                continue;
            }
            field.pixels.color(values, field.style);
            field.values.resize((values.bytes() + 7) / 8);
            if (!values.empty()) {
                std::memcpy(field.values.data(), values.data(), values.bytes());
            }
            field.value_bytes = values.bytes();
            field.type = values.type();
            field.empty = values.empty();
            draw_field(i, values, look, layered);
            field.bare = layered;
            field.any = true;
        }
        return layered;
    }

    /// The outline's pixels, once: they are few, and drawn with every new frame.
    void find_outline(shown_field& field, const panel_layout& panel, bool square, const render_look& look) {
        field.outline.clear();
        field.outline_box = {};
        if (!options_.outline) {
            return;
        }
        const double line = 1.4 * layout_.thick;
        mask_.reset(static_cast<int>(options_.size.cols), static_cast<int>(options_.size.rows), panel.cell);
        field.pixels.outline(mask_, square ? (std::max)(1.0, std::round(line)) : line, square);
        field.outline_box = mask_.used();
        for (int y = field.outline_box.top; y < field.outline_box.bottom; ++y) {
            for (int x = field.outline_box.left; x < field.outline_box.right; ++x) {
                if (mask_.at(x, y) != 0) {
                    field.outline.push_back({x, y, (mask_.at(x, y) * std::uint32_t{look.outline.a} + 127) / 255});
                }
            }
        }
    }
    void draw_outline(const shown_field& field, const render_look& look, const bgra_view& on) {
        rgba8 solid = look.outline;
        solid.a = 255;
        const std::uint32_t color = detail::bgra_bytes(solid);
        for (const covered_pixel& pixel : field.outline) {
            std::uint32_t& to = on.row(pixel.y)[pixel.x];
            to = detail::mix(to, color, pixel.part);
        }
        touched_.add(field.outline_box);
    }
    /// Around the picture, where nothing else draws on the base.
    void erase_outline(const shown_field& field) {
        const bgra_view page = view(page_);
        const bgra_view base = view(base_);
        for (const covered_pixel& pixel : field.outline) {
            base.row(pixel.y)[pixel.x] = page.row(pixel.y)[pixel.x];
        }
        touched_.add(field.outline_box);
    }

    void draw_field(std::size_t i, values_view values, const render_look& look, bool layered) {
        shown_field& field = fields_[i];
        const panel_layout& panel = layout_.panels[i];
        const bgra_view base = view(base_);
        erase_outline(field);
        if (layered) {
            field.pixels.fill_empty(look.never_visited, look.page, base);
        } else {
            field.pixels.fill(look.never_visited, look.page, base);
            draw_outline(field, look, base);
        }
        touched_.add(panel.picture);
        if (panel.bar.empty()) {
            return;
        }
        clipped_limits limits = values.empty() ? clipped_limits{} : clipped(values, field.style.range);
        limits.low = options_.clips_low.value_or(limits.low);
        limits.high = options_.clips_high.value_or(limits.high);
        if (!field.any || !(limits == field.limits)) {
            const pixel_rect area = intersection(detail::clipped_area(panel), base.bounds());
            const bgra_view page = view(page_);
            for (int y = area.top; y < area.bottom; ++y) {
                std::memcpy(base.row(y) + area.left, page.row(y) + area.left,
                            static_cast<std::size_t>((std::max)(0, area.width())) * 4);
            }
            cairo_surface_mark_dirty(base_.get());
            const detail::cairo_context on(cairo_create(base_.get()));
            cairo_rectangle(on.get(), area.left, area.top, area.width(), area.height());
            cairo_clip(on.get());
            detail::draw_clipped(on.get(), panel, field.style, look, limits);
            cairo_surface_flush(base_.get());
            touched_.add(area);
            field.limits = limits;
        }
    }

    /// Everything that moves.
    void draw(const scene& now, bool layered) {
        const render_look look = look_of(options_.style);
        const bgra_view out = view(out_);
        for (kept_layer& layer : kept_) {
            layer.used = false;
        }
        pixel_shapes shapes(*this, out);
        detail::draw_shapes(now, layout_, options_, fieldreel::layer::below, shapes);
        if (layered) {
            for (std::size_t i = 0; i < fields_.size(); ++i) {
                fields_[i].pixels.lay_over(out);
                draw_outline(fields_[i], look, out);
            }
        }
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (fields_[i].empty) {
                const pixel_rect& picture = layout_.panels[i].picture;
                touched_.add(texts_.draw(detail::no_data_words,
                                         {.size_px = layout_.text_px, .color = {60, 60, 60, 255}},
                                         (picture.left + picture.right) / 2.0, (picture.top + picture.bottom) / 2.0,
                                         layout_.panels[i].cell, nullptr, true, out));
            }
        }
        detail::draw_peaks(now, layout_, options_, shapes);
        detail::draw_shapes(now, layout_, options_, fieldreel::layer::above, shapes);
        if (options_.time) {
            detail::write_time(time_, now.time_s, options_);
            touched_.add(texts_.draw(time_,
                                     {.size_px = layout_.text_px, .color = look.ink, .where = detail::align::right},
                                     static_cast<double>(layout_.size.cols) - layout_.margin, layout_.header_y,
                                     out.bounds(), nullptr, false, out));
        }
        std::erase_if(kept_, [](const kept_layer& layer) { return !layer.used; });
        detail::check_status(cairo_status(on_.get()), "drawing a scene");
    }

    /// The surface that draw_shapes draws on.
    class pixel_shapes {
    public:
        pixel_shapes(raster& owner, const bgra_view& out) : owner_(owner), out_(out) {}
        void clip(const pixel_rect& rect) { clip_ = intersection(rect, out_.bounds()); }
        void begin(rgba8 color) {
            color_ = color;
            owner_.mask_.reset(out_.width, out_.height, clip_);
        }
        void end() {
            owner_.mask_.paint(color_, out_);
            owner_.touched_.add(owner_.mask_.used());
        }
        void line(std::span<const vertex> points, double width) { add_line(owner_.mask_, points, width); }
        void markers(std::span<const vertex> points, marker_symbol symbol, double size, double stroke, double grow) {
            for (const vertex& v : points) {
                owner_.mask_.symbol(symbol, v.x, v.y, size, stroke, limited(v.alpha), grow);
            }
        }
        void arrow(const vertex& from, const vertex& to, double width, double grow) {
            const double length = std::hypot(to.x - from.x, to.y - from.y);
            if (!(length > 0)) {
                return;
            }
            const detail::arrow_head head = detail::head_of(length, width);
            const double ux = (to.x - from.x) / length;
            const double uy = (to.y - from.y) / length;
            const double bx = to.x - ux * head.length;
            const double by = to.y - uy * head.length;
            owner_.mask_.segment(from.x, from.y, 1, bx, by, 1, width + 2 * grow);
            owner_.mask_.triangle(to.x, to.y, bx - uy * head.half, by + ux * head.half, bx + uy * head.half,
                                  by - ux * head.half, 1, grow);
        }
        void polygon(std::span<const vertex> points, rgba8 color) {
            cairo_t* const on = owner_.on_.get();
            cairo_surface_mark_dirty(owner_.out_.get());
            cairo_reset_clip(on);
            cairo_rectangle(on, clip_.left, clip_.top, clip_.width(), clip_.height());
            cairo_clip(on);
            double left = 1e9;
            double top = 1e9;
            double right = -1e9;
            double bottom = -1e9;
            for (const vertex& v : points) {
                cairo_line_to(on, v.x, v.y);
                left = (std::min)(left, v.x);
                top = (std::min)(top, v.y);
                right = (std::max)(right, v.x);
                bottom = (std::max)(bottom, v.y);
            }
            cairo_close_path(on);
            detail::set_color(on, color);
            cairo_fill(on);
            cairo_surface_flush(owner_.out_.get());
            const auto pixel = [](double v) { return static_cast<int>((std::min)((std::max)(v, -1e8), 1e8)); };
            owner_.touched_.add(
                intersection(clip_, {pixel(left) - 2, pixel(top) - 2, pixel(right) + 2, pixel(bottom) + 2}));
        }
        void label(point_xy at, bool centred, std::string_view words, double size, rgba8 color, rgba8 rim,
                   double rim_px, const pixel_rect& within) {
            owner_.touched_.add(owner_.texts_.draw(words,
                                                   {.size_px = size, .color = color, .rim = rim, .rim_px = rim_px},
                                                   at.x, at.y, clip_, &within, centred, out_));
        }
        void kept(const shape& s, const std::shared_ptr<const kept_points>& points, const detail::place_map& map,
                  double thick, rgba8 color) {
            kept_layer& layer = owner_.layer_of(s, points, map);
            if (layer.count > s.vertex_count || layer.count == 0) {
                layer.mask.reset(out_.width, out_.height, clip_);
                layer.count = 0;
            }
            const double size = s.style.size_px * thick;
            for (std::size_t i = layer.count; i < s.vertex_count; ++i) {
                const vertex& v = (*points)[i];
                const point_xy at = map(v.x, v.y);
                if (!std::isfinite(at.x) || !std::isfinite(at.y)) {
                    continue;
                }
                if (s.kind == shape_kind::kept_markers) {
                    layer.mask.symbol(s.style.symbol, at.x, at.y, size, detail::stroke_of(s.style, thick),
                                      limited(v.alpha));
                } else if (i > 0) {
                    const vertex& before = (*points)[i - 1];
                    const point_xy from = map(before.x, before.y);
                    if (std::isfinite(from.x) && std::isfinite(from.y)) {
                        layer.mask.segment(from.x, from.y, limited(before.alpha), at.x, at.y, limited(v.alpha), size);
                    }
                }
            }
            layer.count = s.vertex_count;
            layer.mask.paint(color, out_);
            owner_.touched_.add(layer.mask.used());
        }
        void picture(std::span<const rgba8> pixels, image_shape size, const affine_xy& to, std::uint8_t alpha) {
            if (!to.usable()) {
                return;
            }
            const double right = static_cast<double>(size.cols) - 0.5;
            const double bottom = static_cast<double>(size.rows) - 0.5;
            double box[4] = {1e9, 1e9, -1e9, -1e9};
            for (const point_xy corner : {point_xy{-0.5, -0.5}, {right, -0.5}, {-0.5, bottom}, {right, bottom}}) {
                const point_xy at = to(corner);
                box[0] = (std::min)(box[0], at.x);
                box[1] = (std::min)(box[1], at.y);
                box[2] = (std::max)(box[2], at.x);
                box[3] = (std::max)(box[3], at.y);
            }
            const auto pixel = [](double v) { return static_cast<int>((std::min)((std::max)(v, -1e8), 1e8)); };
            const pixel_rect area = intersection(clip_, {pixel(std::floor(box[0])), pixel(std::floor(box[1])),
                                                         pixel(std::ceil(box[2])), pixel(std::ceil(box[3]))});
            const affine_xy back = to.inverse();
            for (int y = area.top; y < area.bottom; ++y) {
                std::uint32_t* const row = out_.row(y);
                for (int x = area.left; x < area.right; ++x) {
                    const point_xy at = back({x + 0.5, y + 0.5});
                    const double col = std::floor(at.x + 0.5);
                    const double line = std::floor(at.y + 0.5);
                    if (col >= 0 && line >= 0 && col < static_cast<double>(size.cols) &&
                        line < static_cast<double>(size.rows)) {
                        rgba8 c = pixels[static_cast<std::size_t>(line) * size.cols + static_cast<std::size_t>(col)];
                        c.a = static_cast<std::uint8_t>((c.a * alpha + 127) / 255);
                        row[x] = detail::over(row[x], c);
                    }
                }
            }
            owner_.touched_.add(area);
        }

    private:
        static double limited(float alpha) noexcept {
            return alpha > 0 ? (std::min)(1.0, static_cast<double>(alpha)) : 0;
        }
        static void add_line(coverage_mask& mask, std::span<const vertex> points, double width) {
            for (std::size_t i = 0; i + 1 < points.size(); ++i) {
                mask.segment(points[i].x, points[i].y, limited(points[i].alpha), points[i + 1].x, points[i + 1].y,
                             limited(points[i + 1].alpha), width);
            }
        }
        raster& owner_;
        bgra_view out_;
        pixel_rect clip_;
        rgba8 color_;
    };
    friend class pixel_shapes;

    kept_layer& layer_of(const shape& s, const std::shared_ptr<const kept_points>& points,
                         const detail::place_map& map) {
        const std::size_t panel = map.panel() == nullptr
                                      ? layout_.panels.size()
                                      : static_cast<std::size_t>(map.panel() - layout_.panels.data());
        for (kept_layer& layer : kept_) {
            // The colour is not part of it: it comes last.
            if (!layer.used && layer.points == points && layer.kind == s.kind && layer.panel == panel &&
                layer.style.where == s.style.where && layer.style.size_px == s.style.size_px &&
                layer.style.symbol == s.style.symbol) {
                layer.used = true;
                return layer;
            }
        }
        kept_.push_back({points, s.kind, s.style, panel, 0, {}, true});
        return kept_.back();
    }

    render_options options_;
    std::unique_ptr<detail::text_font> font_;
    detail::text_pictures texts_;
    picture_layout layout_;
    bool ready_ = false;
    detail::cairo_picture page_;      // what never changes
    detail::cairo_picture base_;      // with the fields
    detail::cairo_picture out_;       // with everything
    detail::cairo_context on_;        // on out_
    detail::touched_squares touched_; // where out_ differs from base_
    std::vector<shown_field> fields_;
    std::list<kept_layer> kept_;
    coverage_mask mask_;
    std::string time_;
};

} // namespace fieldreel::inline v0

#endif
