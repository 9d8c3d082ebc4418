// SPDX-License-Identifier: MIT
// One moment, complete: the values of its fields, the shapes over them, and the time.
#ifndef FIELDREEL_VIEWER_SCENE_HPP
#define FIELDREEL_VIEWER_SCENE_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/colormap/field_kind.hpp>
#include <fieldreel/colormap/paint.hpp>
#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// How a field is shown. Nothing of it touches the values: it may change from one scene to the next.
struct field_style {
    colormap colors = {};
    value_range range = {};
    paint_options paint = {};
    field_kind kind = field_kind::other;
    std::string title = {}; ///< what the field is: "cell02", "posterior"
    std::string label = {}; ///< the quantity beside the colour bar: "rate"
    std::string unit = {};  ///< its unit: "Hz"
    bool bar = true;        ///< pictures show what its colours mean, unless they show none
};

/// One field of a scene. Its values are a copy in their own type, so that a scene outlives the step that filled it.
class scene_field {
public:
    /// One value per active bin (x slow, y fast); empty where the field has no data at the scene's time.
    values_view values() const noexcept { return {type_, buffer_.data(), size_}; }
    /// The field's own frame number; nothing where it has no data.
    std::optional<std::size_t> frame() const noexcept { return frame_; }
    const any_space& space() const noexcept { return space_; }
    const field_style& style() const noexcept { return *style_; }

    /// Copies a frame's values. The memory is kept from one call to the next.
    void set_values(std::size_t frame, values_view values) {
        buffer_.resize((values.bytes() + 7) / 8);
        std::memcpy(buffer_.data(), values.data(), values.bytes());
        type_ = values.type();
        size_ = values.size();
        frame_ = frame;
    }
    void set_no_data() noexcept {
        size_ = 0;
        frame_ = std::nullopt;
    }
    void set_look(const any_space& space, const std::shared_ptr<const field_style>& style) {
        if (style_ != style) { // both change together, and seldom
            space_ = space;
            style_ = style;
        }
    }

private:
    std::vector<std::uint64_t> buffer_; // 8-byte units, so that every type is aligned
    std::size_t size_ = 0;
    dtype type_ = dtype::f64;
    std::optional<std::size_t> frame_;
    any_space space_;
    std::shared_ptr<const field_style> style_;
};

/// One moment, in buffers that are used again: filling a scene a second time allocates nothing.
/// The caller owns it; several may be in flight, on other threads than the one that fills. A copy has to be asked for,
/// `scene copy(now)`, as it copies the values: so a viewer cannot take one by value unawares.
struct scene {
    scene() = default;
    explicit scene(const scene&) = default;
    scene(scene&&) = default;
    scene& operator=(const scene&) = default;
    scene& operator=(scene&&) = default;
    ~scene() = default;

    double time_s = 0;
    std::vector<scene_field> fields;
    canvas shapes;
};

} // namespace fieldreel::inline v0

#endif
