// SPDX-License-Identifier: MIT
// A part of a recording in the words of a command line: 120s:135s, 2:00:2:15, #3600:#4050, ripples:12.
#ifndef FIELDREEL_SESSION_TIME_SELECTION_HPP
#define FIELDREEL_SESSION_TIME_SELECTION_HPP

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/interval.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/source/any_source.hpp>

namespace fieldreel::inline v0 {

/// The intervals of an overlay, and its name.
struct named_intervals {
    std::string name;
    interval intervals;
};

/// What was asked for, found in a recording.
struct time_selection {
    time_range times;   ///< never outside the recording
    frame_range frames; ///< of the field: [first, last), those valid at some moment of it; at least one
    std::string note;   ///< what was cut off; else empty
};

namespace detail {

inline constexpr std::string_view range_words =
    "write seconds (120s:135s), a clock (2:00:2:15), frames (#3600:#4050) or an interval by its name and number "
    "(ripples:12)";

[[noreturn]] inline void refuse_range(std::string_view words, const std::string& why) {
    throw invalid_value("range", text("the range '", words, "' ", why));
}

/// The whole word as a number, or nothing.
inline std::optional<double> number_in(std::string_view word) {
    double value = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
    return read.ec == std::errc() && read.ptr == word.data() + word.size() && std::isfinite(value)
               ? std::optional(value)
               : std::nullopt;
}

inline std::vector<std::string_view> between_colons(std::string_view words) {
    std::vector<std::string_view> out;
    for (std::size_t at = 0;;) {
        const std::size_t colon = words.find(':', at);
        out.push_back(words.substr(at, colon == std::string_view::npos ? colon : colon - at));
        if (colon == std::string_view::npos) {
            return out;
        }
        at = colon + 1;
    }
}

/// "2", "00.5" or "1", "2", "3": minutes and seconds, with hours in front. Nothing when they are no clock.
inline std::optional<double> clock_seconds(const std::vector<std::string_view>& parts, std::size_t first,
                                           std::size_t count) {
    double seconds = 0;
    for (std::size_t i = first; i < first + count; ++i) {
        const auto value = number_in(parts[i]);
        const bool leading = i == first;
        const bool whole = value && *value == std::floor(*value);
        if (!value || *value < 0 || (!leading && *value >= 60) || (i + 1 < first + count && !whole)) {
            return std::nullopt;
        }
        seconds = 60 * seconds + *value;
    }
    return seconds;
}

/// "120s", or nothing.
inline std::optional<double> plain_seconds(std::string_view word) {
    return word.ends_with('s') ? number_in(word.substr(0, word.size() - 1)) : std::nullopt;
}

inline time_selection selected_times(std::string_view words, time_range asked, const any_source& frames, bool cut) {
    const std::size_t count = frames.frame_count();
    const time_range all{frames.time_s(0), frames.time_s(count - 1) + frames.duration_s(count - 1)};
    if (asked.stop_s < asked.start_s) {
        refuse_range(words, text("ends at ", asked.stop_s, " s, before it starts at ", asked.start_s,
                                 " s; give the start first"));
    }
    if (asked.stop_s == asked.start_s && !cut) {
        refuse_range(words, text("is empty: it starts and ends at ", asked.start_s, " s; give a later end"));
    }
    if (asked.start_s >= all.stop_s || asked.stop_s < all.start_s) {
        refuse_range(words, text("(", asked.start_s, " s to ", asked.stop_s,
                                 " s) lies outside the recording, which goes "
                                 "from ",
                                 all.start_s, " s to ", all.stop_s, " s; give a part of that"));
    }
    time_selection out;
    out.times = {(std::max)(asked.start_s, all.start_s), (std::min)(asked.stop_s, all.stop_s)};
    if (out.times != asked && !cut) {
        out.note = text("the range '", words, "' reaches beyond the recording; ", out.times.start_s, " s to ",
                        out.times.stop_s, " s of it are there");
    }
    out.frames.first = frame_at_or_before(frames, out.times.start_s);
    out.frames.last = frame_at_or_before(frames, out.times.stop_s) + 1;
    // A range ends before the frame that begins at its end.
    if (out.frames.last > out.frames.first + 1 && frames.time_s(out.frames.last - 1) >= out.times.stop_s) {
        --out.frames.last;
    }
    return out;
}

} // namespace detail

/// Finds the part of a recording that is asked for: "120s:135s", "2:00:2:15" (with hours 1:02:00:1:02:15),
/// "#3600:#4050" (both frames are in it) or "NAME:k", the k-th interval of a name, from 0, longer by `pad_s` at both
/// ends (cut at the recording's ends); an overlay that holds intervals of one name goes by its own name too.
/// `intervals` is asked only for a name.
/// Seconds that reach beyond the recording are cut, and the note says so, for few know its end to the millisecond;
/// frames are counted, so one that is not there is an error. Errors: invalid_value for anything else, a bare number
/// included, and for a range that is empty, reversed or outside; each with the numbers.
inline time_selection select_times(std::string_view words, const any_source& frames,
                                   const std::function<std::vector<named_intervals>()>& intervals = {},
                                   double pad_s = 0) {
    using detail::text;
    if (frames.frame_count() == 0) {
        detail::refuse_range(words, "was asked of a field without frames");
    }
    if (pad_s < 0 || !std::isfinite(pad_s)) {
        throw invalid_value("pad_s",
                            text("a pad of ", pad_s, " s was asked for; it must be 0 or positive; 0.2 is usual"));
    }
    const std::vector<std::string_view> parts = detail::between_colons(words);
    const bool all_numbers =
        std::all_of(parts.begin(), parts.end(), [](std::string_view part) { return detail::number_in(part); });
    const auto no_pad = [&] {
        if (pad_s != 0) {
            detail::refuse_range(words, "is no interval by its name; a pad goes with NAME:k alone; leave it out");
        }
    };
    if (all_numbers && (parts.size() == 4 || parts.size() == 6)) {
        const std::size_t half = parts.size() / 2;
        const auto start_s = detail::clock_seconds(parts, 0, half);
        const auto stop_s = detail::clock_seconds(parts, half, half);
        if (!start_s || !stop_s) {
            detail::refuse_range(words,
                                 "is no clock time: after the first number of each half come 0-59, whole but for "
                                 "the seconds; write 2:00:2:15");
        }
        no_pad();
        return detail::selected_times(words, {*start_s, *stop_s}, frames, false);
    }
    if (all_numbers) {
        detail::refuse_range(words, text("is ", parts.size() == 1 ? "a bare number" : "made of bare numbers",
                                         ", which may be seconds or frames; ", detail::range_words));
    }
    if (parts.size() == 2) {
        const auto start_s = detail::plain_seconds(parts[0]);
        const auto stop_s = detail::plain_seconds(parts[1]);
        if (start_s && stop_s) {
            no_pad();
            return detail::selected_times(words, {*start_s, *stop_s}, frames, false);
        }
        if (start_s || (stop_s && detail::number_in(parts[0]))) {
            detail::refuse_range(words, "has seconds at one end alone; write 120s:135s");
        }
        if (parts[0].starts_with('#') || parts[1].starts_with('#')) {
            const auto frame = [&](std::string_view word) {
                std::size_t number = 0;
                const char* const first = word.data() + (word.starts_with('#') ? 1 : 0);
                const char* const last = word.data() + word.size();
                const auto read = std::from_chars(first, last, number);
                if (!word.starts_with('#') || read.ec != std::errc() || read.ptr != last) {
                    detail::refuse_range(words, text("has '", word, "' where a frame was expected; write #3600:#4050"));
                }
                if (number >= frames.frame_count()) {
                    detail::refuse_range(words, text("names frame ", number, "; there are ", frames.frame_count(),
                                                     " frames (0-", frames.frame_count() - 1,
                                                     "); give a last frame of at most #", frames.frame_count() - 1));
                }
                return number;
            };
            const std::size_t first = frame(parts[0]);
            const std::size_t last = frame(parts[1]);
            if (last < first) {
                detail::refuse_range(words, text("ends at frame ", last, ", before it starts at frame ", first,
                                                 "; give the first frame first"));
            }
            no_pad();
            return {{frames.time_s(first), frames.time_s(last) + frames.duration_s(last)}, {first, last + 1}, {}};
        }
        if (!parts[0].empty() && !detail::number_in(parts[0])) {
            const auto all = intervals ? intervals() : std::vector<named_intervals>();
            std::vector<std::string> labels;
            std::string there;
            std::vector<std::string> holders; // overlays with intervals of that name
            std::optional<time_range> found;
            for (const named_intervals& set : all) {
                for (const interval_group& group : set.intervals.groups()) {
                    const bool only_one = set.name == parts[0] && set.intervals.groups().size() == 1;
                    if (group.label == parts[0] || only_one) {
                        holders.push_back(set.name);
                        if (!found || only_one) { // the name of an overlay tells equal labels apart
                            found = set.intervals.range_of(text(group.label, ":", parts[1]), pad_s);
                        }
                        if (only_one) {
                            return detail::selected_times(words, *found, frames, true);
                        }
                    }
                    labels.push_back(group.label);
                    there += text(there.empty() ? "" : ", ", group.label, " (", group.start_stop.size(), ")");
                }
            }
            if (holders.size() > 1) {
                detail::refuse_range(words, text("names intervals of ", holders.size(), " overlays, ",
                                                 detail::join(holders), "; ask for one by the overlay's name"));
            }
            if (found) {
                return detail::selected_times(words, *found, frames, true);
            }
            if (!labels.empty()) {
                detail::refuse_range(words, text("names intervals '", parts[0], "'; there are ", there,
                                                 "; did you mean '", detail::nearest_name(parts[0], labels), "'?"));
            }
            detail::refuse_range(
                words, text("names intervals '", parts[0], "' and the recording has none; ", detail::range_words));
        }
    }
    detail::refuse_range(words, text("cannot be read; ", detail::range_words));
}

} // namespace fieldreel::inline v0

#endif
