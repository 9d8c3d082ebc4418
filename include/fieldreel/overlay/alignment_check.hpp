// SPDX-License-Identifier: MIT
// Whether an overlay belongs to this recording: sentences about times that do not meet and wrong units.
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

/// A warning when an overlay's times cover less than half of the frames' time (or nothing of it); nothing when all is
/// well. Ranges that touch meet, and so does one frame or one sample within the other range. Cost: the four ends.
inline std::optional<std::string> time_overlap_warning(std::string_view name, const sample_times& overlay,
                                                       const sample_times& frames) {
    if (overlay.empty() || frames.empty()) {
        return detail::text(name, overlay.empty() ? " have no samples" : " cannot be shown: there are no frames",
                            "; nothing of them will be drawn");
    }
    const double low = (std::max)(overlay.front(), frames.front());
    const double high = (std::min)(overlay.back(), frames.back());
    const auto range = [](const sample_times& t) {
        return detail::text(detail::rounded(t.front()), " to ", detail::rounded(t.back()), " s");
    };
    if (!(low <= high)) {
        return detail::text(name, " and the frames do not meet in time: ", range(overlay), " against ", range(frames),
                            "; check the clocks, and offset_s");
    }
    const double length = frames.back() - frames.front();
    const double percent = length > 0 ? 100 * (high - low) / length : 100;
    if (percent >= 50 || overlay.size() == 1) {
        return std::nullopt;
    }
    return detail::text(name, " cover ", detail::rounded(std::round(10 * percent) / 10),
                        " % of the frames' time: ", range(overlay), " against ", range(frames),
                        "; check the clocks, and offset_s");
}

} // namespace fieldreel::inline v0

#endif
