// SPDX-License-Identifier: MIT
// Times, speeds and modes in the words that people type into a viewer and read there.
#ifndef FIELDREEL_WINDOW_TRANSPORT_WORDS_HPP
#define FIELDREEL_WINDOW_TRANSPORT_WORDS_HPP

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/session/time_selection.hpp>
#include <fieldreel/source/any_source.hpp>

namespace fieldreel::inline v0 {

/// The speeds that "faster" and "slower" go through. Units: seconds of the recording per second.
inline constexpr std::array<double, 10> listed_speeds = {1.0 / 16, 1.0 / 8, 0.25, 0.5, 1, 2, 4, 10, 20, 50};

namespace detail {

[[noreturn]] inline void refuse_time(std::string_view words, const std::string& why) {
    throw invalid_value("time", text("the time '", words, "' ", why));
}

inline std::string_view trimmed(std::string_view words) {
    while (!words.empty() && words.front() == ' ') {
        words.remove_prefix(1);
    }
    while (!words.empty() && words.back() == ' ') {
        words.remove_suffix(1);
    }
    return words;
}

} // namespace detail

/// A moment in the words of a person: "75.3s", "1:15.3" (with hours 1:02:03) or "#1234", the start of a frame.
/// Errors: invalid_value for anything else, a bare number included, and for what lies outside `times` or past the last
/// frame.
inline double time_named(std::string_view asked, time_range times, const std::optional<any_source>& frames = {}) {
    using detail::text;
    const std::string_view words = detail::trimmed(asked);
    std::optional<double> time_s;
    if (words.starts_with('#')) {
        std::size_t frame = 0;
        const auto read = std::from_chars(words.data() + 1, words.data() + words.size(), frame);
        if (read.ec != std::errc() || read.ptr != words.data() + words.size()) {
            detail::refuse_time(words, "is no frame number; write #1234");
        }
        if (!frames || frames->frame_count() == 0) {
            detail::refuse_time(words, "names a frame and the recording has no field; write seconds (75.3s) or a "
                                       "clock (1:15.3)");
        }
        if (frame >= frames->frame_count()) {
            detail::refuse_time(words, text("names frame ", frame, "; there are ", frames->frame_count(), " frames (0-",
                                            frames->frame_count() - 1, ")"));
        }
        return frames->time_s(frame);
    }
    if (detail::number_in(words)) {
        detail::refuse_time(words,
                            text("is a bare number, which may be seconds or a frame; write ", words, "s or #", words));
    }
    if (words.find(':') != std::string_view::npos) {
        const auto parts = detail::between_colons(words);
        if (parts.size() <= 3) {
            time_s = detail::clock_seconds(parts, 0, parts.size());
        }
        if (!time_s) {
            detail::refuse_time(words, "is no clock time: after the first number come 0-59, whole but for the "
                                       "seconds; write 1:15.3 or 1:02:03");
        }
    } else if (words.ends_with('s')) {
        time_s = detail::number_in(detail::trimmed(words.substr(0, words.size() - 1)));
    }
    if (!time_s) {
        detail::refuse_time(words, "cannot be read; write seconds (75.3s), a clock (1:15.3) or a frame (#1234)");
    }
    if (*time_s < times.start_s || *time_s > times.stop_s) {
        detail::refuse_time(words, text("(", *time_s, " s) lies outside the recording, which goes from ", times.start_s,
                                        " s to ", times.stop_s, " s"));
    }
    return *time_s;
}

/// A speed in the words of a person: "1/4", "0.25", "2x", "-1" (backwards).
/// Errors: invalid_value for anything else, for 0 and for infinities.
inline double speed_named(std::string_view asked) {
    std::string_view words = detail::trimmed(asked);
    if (words.ends_with('x')) {
        words = detail::trimmed(words.substr(0, words.size() - 1));
    }
    const std::size_t slash = words.find('/');
    const auto above = detail::number_in(words.substr(0, slash));
    const auto below =
        slash == std::string_view::npos ? std::optional(1.0) : detail::number_in(words.substr(slash + 1));
    if (!above || !below) {
        throw invalid_value("speed", detail::text("the speed '", asked,
                                                  "' cannot be read; write a number (0.25) or a fraction (1/4), with "
                                                  "a minus to play backwards"));
    }
    const double speed = *above / *below;
    if (speed == 0 || !std::isfinite(speed)) {
        throw invalid_value("speed", detail::text("the speed '", asked,
                                                  "' was asked for; it must be finite and not 0; pause to stand "
                                                  "still"));
    }
    return speed;
}

/// "1/4x", "2x", "-1x".
inline std::string name_of_speed(double speed) {
    std::string out = speed < 0 ? "-" : "";
    const double size = std::abs(speed);
    const double below = std::round(1 / size);
    if (size < 1 && below <= 1000 && std::abs(below * size - 1) < 1e-9) {
        return out + detail::text("1/", static_cast<std::uint64_t>(below), "x");
    }
    append_number(out, size);
    return out + "x";
}

/// "once", "loop", "ping-pong".
constexpr std::string_view name_of(play_mode mode) noexcept {
    constexpr std::array<std::string_view, 4> names = {"once", "loop", "ping-pong", "scrub"};
    return names[static_cast<std::size_t>(mode)];
}

} // namespace fieldreel::inline v0

#endif
