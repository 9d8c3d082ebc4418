// SPDX-License-Identifier: MIT
// Whether positions belong to this environment: a sentence about wrong units. (Times: overlap.hpp.)
#ifndef FIELDREEL_OVERLAY_ALIGNMENT_CHECK_HPP
#define FIELDREEL_OVERLAY_ALIGNMENT_CHECK_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {

/// A warning when more than half of the positions lie outside an environment's bounds; nothing when all is well, or
/// when no sample looked at is finite. `name` says whose they are, as "the positions" or "the keypoint 'nose'".
///
/// Looks at `max_samples` evenly spaced samples at most, so that it costs the same for any length.
/// Errors: data_error when there are not two columns.
inline std::optional<std::string> outside_space_warning(std::string_view name, const samples& positions,
                                                        const box_xy& bounds, const affine_xy& to_environment = {},
                                                        std::size_t max_samples = 4096) {
    if (positions.columns() != 2) {
        throw data_error(detail::text("positions have ", positions.columns(), " columns; give two, x and y"));
    }
    positions.check_size();
    const std::size_t step = max_samples == 0 ? 1 : (positions.size() + max_samples - 1) / max_samples;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    box_xy theirs{{infinity, infinity}, {-infinity, -infinity}};
    std::size_t finite = 0;
    std::size_t outside = 0;
    for (std::size_t i = 0; i < positions.size(); i += step) {
        const point_xy at = to_environment({positions(i, 0), positions(i, 1)});
        if (std::isfinite(at.x) && std::isfinite(at.y)) {
            ++finite;
            outside += at.x < bounds.low.x || at.x > bounds.high.x || at.y < bounds.low.y || at.y > bounds.high.y
                           ? std::size_t{1}
                           : 0;
            theirs.low = {(std::min)(theirs.low.x, at.x), (std::min)(theirs.low.y, at.y)};
            theirs.high = {(std::max)(theirs.high.x, at.x), (std::max)(theirs.high.y, at.y)};
        }
    }
    if (2 * outside <= finite) {
        return std::nullopt;
    }
    const auto box = [](const box_xy& b) {
        return detail::text("x ", detail::rounded(b.low.x), " to ", detail::rounded(b.high.x), ", y ",
                            detail::rounded(b.low.y), " to ", detail::rounded(b.high.y));
    };
    // 99.6 % is not "100 %": that is said of all alone.
    const std::size_t percent =
        outside == finite
            ? 100
            : (std::min)(std::size_t{99}, static_cast<std::size_t>(std::lround(100.0 * static_cast<double>(outside) /
                                                                               static_cast<double>(finite))));
    return detail::text(percent, " % of ", name, " lie outside the space: they span ", box(theirs), ", the space ",
                        box(bounds), "; wrong units?");
}

} // namespace fieldreel::inline v0

#endif
