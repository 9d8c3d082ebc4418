// SPDX-License-Identifier: MIT
// What to set a cache to, and why.
#ifndef FIELDREEL_CACHE_RECOMMEND_HPP
#define FIELDREEL_CACHE_RECOMMEND_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include <fieldreel/cache/options.hpp>
#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {

/// What is known about the playing; the defaults do without.
struct cache_use {
    double frames_per_s = 30;                                       ///< the speed of playing
    double frame_read_s = std::numeric_limits<double>::quiet_NaN(); ///< what reading a frame takes; NaN: unknown
};

/// What recommend_cache says.
struct cache_recommendation {
    cache_options options;  ///< for `cached<playhead>(options)`
    std::size_t bytes = 0;  ///< that the cache will take at most
    double seconds = 0;     ///< of playing that it holds
    bool holds_all = false; ///< the whole recording
    bool keeps_up = true;   ///< false: reading is slower than playing, and what is read ahead runs out
    std::string why;        ///< a sentence for people
};

namespace detail {

/// "1.5 MB", "900 bytes".
inline std::string bytes_in_words(std::size_t bytes) {
    const char* const units[] = {" bytes", " kB", " MB", " GB", " TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1000 && unit < 4; ++unit) {
        value /= 1000;
    }
    return text(unit == 0 ? value : std::round(value * 10) / 10, units[unit]);
}

} // namespace detail

/// Options for a cache of `budget_bytes` before a source of so many frames.
///
/// A chunk is about a megabyte, so that bookkeeping and requests cost little beside reading it; at most half a second
/// of playing, so that a jump waits for little; and at most a sixteenth of the budget, so that there is something to
/// choose from. The recording, where it fits, else the budget is the limit. Errors: invalid_value for a 0, a speed that
/// is not positive.
inline cache_recommendation recommend_cache(std::size_t frame_count, std::size_t bytes_per_frame,
                                            std::size_t budget_bytes, const cache_use& use = {}) {
    detail::check_not_zero("frame_count", "frame", frame_count, "a recording without frames needs no cache");
    detail::check_not_zero("bytes_per_frame", "byte", bytes_per_frame, "pass frame_size() * sizeof(value_type)");
    detail::check_not_zero("budget_bytes", "byte", budget_bytes, "or do not cache");
    if (!(use.frames_per_s > 0) || !std::isfinite(use.frames_per_s)) {
        throw invalid_value("frames_per_s", detail::text("a speed of ", use.frames_per_s,
                                                         " frames per second was given; it must be positive and "
                                                         "finite; 30 is usual"));
    }
    const auto at_least_one = [](std::size_t n) { return (std::max)(n, std::size_t{1}); };
    const double half_a_second = (std::min)(use.frames_per_s / 2, 1e6);
    cache_recommendation out;
    const std::size_t chunk = (std::min)({at_least_one((std::size_t{1} << 20) / bytes_per_frame),
                                          at_least_one(static_cast<std::size_t>(half_a_second)),
                                          at_least_one(budget_bytes / 16 / bytes_per_frame), frame_count});
    const std::size_t chunks = (frame_count - 1) / chunk + 1;
    const std::size_t fit = budget_bytes / bytes_per_frame / chunk;
    out.holds_all = chunks <= fit;
    out.options.chunk_size = chunk;
    out.options.max_bytes = out.holds_all ? chunks * chunk * bytes_per_frame : budget_bytes;
    out.bytes = (std::min)(chunks, fit) * chunk * bytes_per_frame;
    const std::size_t kept = out.holds_all ? chunks : fit > 1 ? fit - 1 : fit; // one buffer is read into
    out.seconds = static_cast<double>((std::min)(kept * chunk, frame_count)) / use.frames_per_s;
    out.keeps_up = !(use.frame_read_s * use.frames_per_s > 1);

    const std::string speed = detail::text(" at ", use.frames_per_s, " frames per second");
    if (fit == 0) {
        out.why = detail::text("a frame has ", detail::bytes_in_words(bytes_per_frame), " and the budget is ",
                               detail::bytes_in_words(budget_bytes),
                               ": nothing can be kept, every frame is read when it "
                               "is shown; allow at least ",
                               detail::bytes_in_words(4 * bytes_per_frame));
    } else if (out.holds_all) {
        out.why = detail::text("the whole recording of ", frame_count, " frames fits: ", chunks, " chunks of ", chunk,
                               " frames, ", detail::bytes_in_words(out.bytes), " of ",
                               detail::bytes_in_words(budget_bytes), "; each is read once");
    } else {
        out.why = detail::text("chunks of ", chunk, " frames (", detail::bytes_in_words(chunk * bytes_per_frame), "); ",
                               kept, " of ", chunks, " fit into ", detail::bytes_in_words(budget_bytes), ": ",
                               std::round(out.seconds * 10) / 10, " s", speed,
                               "; loops up to that long are read once, longer ones as little as possible");
    }
    if (!out.keeps_up) {
        out.why += detail::text("; reading a frame takes ", std::round(use.frame_read_s * 1e4) / 10,
                                " ms, which is too "
                                "slow",
                                speed,
                                ": play slower, show fewer frames (--target-hz), or read with more "
                                "threads where the source allows it");
    }
    return out;
}

} // namespace fieldreel::inline v0

#endif
