// SPDX-License-Identifier: MIT
// What an overlay must offer, and the handle that playback holds one by.
#ifndef FIELDREEL_OVERLAY_OVERLAY_HPP
#define FIELDREEL_OVERLAY_OVERLAY_HPP

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// The moment that is to be drawn. `frame` is the first field's frame, where one is valid; `space` is the first
/// field's.
struct moment {
    double time_s = 0;
    std::optional<std::size_t> frame = {};
    any_space space = {};
};

/// Draws what there is at a moment. What the compiler cannot check: the same moment gives the same shapes; nothing is
/// computed before a moment is asked for; the cost is a search in the overlay's own times plus what it draws; one
/// thread at a time.
template <class O>
concept overlay = requires(const O& drawing, const moment& now, canvas& out) {
    drawing.build(now, out);
}
&&std::copyable<O>;

namespace detail {

/// What an overlay works out while it draws and keeps for the next moment: only what could be worked out again. A copy
/// of the overlay begins without it, so that copies may be used on several threads.
template <class T>
class scratch {
public:
    scratch() = default;
    scratch(const scratch&) {}
    scratch& operator=(const scratch&) {
        value_ = T();
        return *this;
    }
    ~scratch() = default;
    T& operator*() const noexcept { return value_; }
    T* operator->() const noexcept { return &value_; }

private:
    mutable T value_ = T();
};

} // namespace detail

/// Any overlay behind one type, with the name by which programs choose it. A handle: copying is O(1).
class any_overlay {
public:
    template <class O>
    requires(!std::same_as<O, any_overlay> && overlay<O>) any_overlay(std::string name, O drawing)
        : name_(std::move(name)), self_(std::make_shared<const model<O>>(std::move(drawing))) {}

    const std::string& name() const noexcept { return name_; }
    void build(const moment& now, canvas& out) const { self_->build(now, out); }
    /// The overlay behind when it is an O, else null: for what only that kind knows, as a trail its length, and for
    /// what writes overlays down instead of drawing them. Valid as long as a copy of this handle lives.
    template <overlay O>
    const O* as() const noexcept {
        const auto* const held = dynamic_cast<const model<O>*>(self_.get());
        return held == nullptr ? nullptr : &held->drawing;
    }

private:
    struct erased {
        virtual ~erased() = default;
        virtual void build(const moment& now, canvas& out) const = 0;
    };
    template <class O>
    struct model final : erased {
        explicit model(O d) : drawing(std::move(d)) {}
        void build(const moment& now, canvas& out) const override { drawing.build(now, out); }
        O drawing;
    };
    std::string name_;
    std::shared_ptr<const erased> self_;
};

} // namespace fieldreel::inline v0

#endif
