// SPDX-License-Identifier: MIT
// What a host's surface must offer to be shown scenes.
#ifndef FIELDREEL_VIEWER_VIEWER_HPP
#define FIELDREEL_VIEWER_VIEWER_HPP

#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {

/// Anything a scene can be shown on: a window, a video file, a test. What the compiler cannot check: `present` keeps
/// nothing of the scene (no pointer, no view) after it returns. `present` takes a const scene&; by value is refused.
template <class V>
concept viewer = requires(V& surface, const scene& now) {
    surface.present(now);
};

} // namespace fieldreel::inline v0

#endif
