// SPDX-License-Identifier: MIT
// Overlays written down for a page: their samples as typed arrays, and what to do with them as JSON.
#ifndef FIELDREEL_EXPORT_HTML_OVERLAYS_HPP
#define FIELDREEL_EXPORT_HTML_OVERLAYS_HPP

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/export/html_chunks.hpp>
#include <fieldreel/export/part_file.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/anchor.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/color_bar.hpp>
#include <fieldreel/overlay/event.hpp>
#include <fieldreel/overlay/film.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/interval.hpp>
#include <fieldreel/overlay/object_vector.hpp>
#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/overlay/pose.hpp>
#include <fieldreel/overlay/raster_plot.hpp>
#include <fieldreel/overlay/region_overlay.hpp>
#include <fieldreel/overlay/scale_bar.hpp>
#include <fieldreel/overlay/time_label.hpp>
#include <fieldreel/overlay/time_series.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0::detail {

using page_json = nlohmann::json;

/// Frames of bytes that the page reads in chunks while it plays: the codes of a field, the pixels of a film.
struct page_stream {
    const film* of = nullptr; ///< a film's; else the field's with the stream's number
    std::size_t first_frame = 0;
    std::size_t frame_count = 0;
    std::size_t frame_size = 0;
};

/// Samples [first, first + count) of an overlay: what the page needs of it.
struct sample_part {
    std::size_t first = 0;
    std::size_t count = 0;
};

/// The numbers of a page: each list is written as soon as it is given, block by block, and once only.
class page_numbers {
public:
    static constexpr std::size_t block = 16384; ///< numbers that are compressed together; the page knows it too

    /// `shown`: the part of the recording that the page plays; `frames`: those of the first field, by their times.
    page_numbers(part_file& to, int level, const any_space& space, const time_range& shown, sample_part frames,
                 std::function<double(std::size_t)> frame_time_s)
        : to_(&to),
          deflater_(level),
          space_(space),
          shown_(shown),
          frames_(frames),
          frame_time_s_(std::move(frame_time_s)) {}

    const any_space& space() const noexcept { return space_; }
    const time_range& shown() const noexcept { return shown_; }
    /// Of times that increase: those from `before_s` before what is shown to `after_s` after it, and their neighbours.
    /// It begins at a multiple of 256, so that what is thinned stays so.
    template <class At>
    sample_part part(std::size_t count, const At& at, double before_s, double after_s) const {
        const auto first_above = [&](double time_s) {
            std::size_t low = 0;
            for (std::size_t high = count; low < high;) {
                const std::size_t middle = low + (high - low) / 2;
                at(middle) > time_s ? high = middle : low = middle + 1;
            }
            return low;
        };
        const std::size_t from = first_above(shown_.start_s - before_s);
        const std::size_t first = from > 1 ? (from - 2) / 256 * 256 : 0;
        const std::size_t last = (std::min)(count, first_above(shown_.stop_s + after_s) + 1);
        return {first, last > first ? last - first : 0};
    }
    sample_part part(const sample_times& of, double before_s = 0, double after_s = 0) const {
        return part(
            of.size(), [&](std::size_t i) { return of[i]; }, before_s, after_s);
    }
    /// The lists by their numbers; {"list": NUMBER} stands for them in the page's JSON.
    const page_json& lists() const noexcept { return lists_; }
    std::uint64_t bytes() const noexcept { return bytes_; }
    std::vector<page_stream>& streams() noexcept { return streams_; }

    /// Times and other numbers that need all their digits. Even ones are written as a clock. `at(i)` gives number i.
    template <class At>
    page_json exact(std::size_t count, const At& at) {
        return list("f64", count, at, [&](std::size_t id, const summary& all) {
            if (all.even) {
                page_json clock = {{"kind", "clock"}, {"count", count}, {"start", all.first}, {"step", all.step}};
                lists_[id] = std::move(clock); // given in braces, clang 14 would never free what was there
                return;
            }
            blocks<std::uint64_t>(id, count, [&](std::size_t i) { return std::bit_cast<std::uint64_t>(at(i)); });
        });
    }
    /// As 32-bit floats.
    template <class At>
    page_json floats(std::size_t count, const At& at) {
        return list("f32", count, at, [&](std::size_t id, const summary&) {
            blocks<std::uint32_t>(
                id, count, [&](std::size_t i) { return std::bit_cast<std::uint32_t>(static_cast<float>(at(i))); });
        });
    }
    /// Coordinates of the environment: 65 535 steps where they lie about the space, which is less than a tenth of any
    /// screen's pixel; else floats.
    template <class At>
    page_json coordinates(std::size_t count, const At& at) {
        const box_xy box = space_ ? space_.bounds() : box_xy{};
        const double size = (std::max)(box.high.x - box.low.x, box.high.y - box.low.y);
        return list("u16", count, at, [&](std::size_t id, const summary& all) {
            if (!(all.high - all.low <= 2 * size)) {
                lists_[id]["kind"] = "f32";
                blocks<std::uint32_t>(
                    id, count, [&](std::size_t i) { return std::bit_cast<std::uint32_t>(static_cast<float>(at(i))); });
                return;
            }
            const double step = all.high > all.low ? (all.high - all.low) / 65534 : 1;
            lists_[id]["low"] = all.high >= all.low ? all.low : 0.0;
            lists_[id]["step"] = step;
            blocks<std::uint16_t>(id, count, [&](std::size_t i) {
                const double value = at(i);
                return static_cast<std::uint16_t>(std::isfinite(value) ? std::lround((value - all.low) / step) : 65535);
            });
        });
    }
    /// Whole numbers of up to 32 bits.
    template <class At>
    page_json whole(std::size_t count, const At& at) {
        return list("i32", count, at, [&](std::size_t id, const summary&) {
            blocks<std::uint32_t>(
                id, count, [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<std::int32_t>(at(i))); });
        });
    }
    page_json times(const sample_times& of, const sample_part& some) {
        return exact(some.count, [&](std::size_t i) { return of[some.first + i]; });
    }

    /// A list that is given number by number, each once: for what is expensive to compute. Kept until finish().
    template <class Word>
    class growing {
    public:
        growing(page_numbers& to, std::string_view kind) : to_(to), id_(to.lists_.size()) {
            to.lists_.push_back({{"kind", std::string(kind)}, {"count", 0}, {"blocks", 0}});
            words_.reserve(block);
        }
        void push(Word word) {
            words_.push_back(word);
            if (words_.size() == block) {
                flush();
            }
        }
        page_json finish() {
            if (!words_.empty()) {
                flush();
            }
            to_.lists_[id_]["count"] = count_;
            to_.lists_[id_]["blocks"] = blocks_;
            return {{"list", id_}};
        }

    private:
        void flush() {
            to_.write_block<Word>(id_, blocks_++, words_);
            count_ += words_.size();
            words_.clear();
        }
        page_numbers& to_;
        std::size_t id_;
        std::vector<Word> words_;
        std::size_t count_ = 0;
        std::size_t blocks_ = 0;
    };
    /// The values of a function at the times of the first field's frames.
    template <class At>
    page_json at_frames(const At& at) {
        growing<std::uint32_t> out(*this, "f32");
        for (std::size_t i = frames_.first; i < frames_.first + frames_.count; ++i) {
            out.push(std::bit_cast<std::uint32_t>(static_cast<float>(at(frame_time_s_(i)))));
        }
        return out.finish();
    }

private:
    struct summary {
        double first = 0;
        double step = 0;
        bool even = false;
        double low = std::numeric_limits<double>::infinity(); ///< of the finite ones
        double high = -std::numeric_limits<double>::infinity();
    };
    using key = std::tuple<std::string_view, std::size_t, std::uint64_t>;

    template <class At, class Write>
    page_json list(std::string_view kind, std::size_t count, const At& at, const Write& write) {
        summary all;
        all.even = kind == "f64" && count > 2;
        all.first = count > 0 ? at(0) : 0;
        all.step = count > 1 ? (at(count - 1) - all.first) / static_cast<double>(count - 1) : 0;
        std::uint64_t sum = 14695981039346656037ULL; // FNV-1a, a word at a time
        for (std::size_t i = 0; i < count; ++i) {
            const double value = at(i);
            sum = (sum ^ std::bit_cast<std::uint64_t>(value)) * 1099511628211ULL;
            sum ^= sum >> 29;
            if (std::isfinite(value)) {
                all.low = (std::min)(all.low, value);
                all.high = (std::max)(all.high, value);
            }
            // As exact as the numbers themselves, or a nanosecond.
            const double off = value - (all.first + static_cast<double>(i) * all.step);
            all.even = all.even && std::abs(off) <= (std::max)(1e-9, 4e-16 * std::abs(value));
        }
        const auto [at_key, added] = known_.try_emplace(key(kind, count, sum), lists_.size());
        if (added) {
            const std::size_t id = lists_.size();
            lists_.push_back({{"kind", std::string(kind)}, {"count", count}});
            write(id, all);
        }
        return {{"list", at_key->second}};
    }
    template <class Word, class At>
    void blocks(std::size_t id, std::size_t count, const At& at) {
        std::size_t number = 0;
        std::vector<Word> words;
        for (std::size_t first = 0; first < count; first += block, ++number) {
            words.resize((std::min)(block, count - first));
            for (std::size_t i = 0; i < words.size(); ++i) {
                words[i] = at(first + i);
            }
            write_block<Word>(id, number, words);
        }
        lists_[id]["blocks"] = number;
    }
    template <class Word>
    void write_block(std::size_t id, std::size_t number, std::span<const Word> words) {
        shuffle_words<Word>(words, shuffled_);
        bytes_ += write_piece(text("a", id, ".", number), sizeof(Word), deflater_.compress(shuffled_),
                              [this](std::string_view some) { to_->write(some.data(), some.size()); });
    }

    part_file* to_;
    deflater deflater_;
    any_space space_;
    page_json lists_ = page_json::array();
    std::map<key, std::size_t> known_;
    std::vector<page_stream> streams_;
    std::vector<std::uint8_t> shuffled_;
    time_range shown_;
    sample_part frames_;
    std::function<double(std::size_t)> frame_time_s_;
    std::uint64_t bytes_ = 0;
};

// ---- looks and places

inline page_json page_color(rgba8 c) {
    return {c.r, c.g, c.b, c.a};
}
inline page_json page_style(const shape_style& style) {
    constexpr const char* symbols[] = {"disc", "ring", "square", "cross", "triangle", "tick"};
    constexpr const char* places[] = {"environment", "panel", "dock"};
    return {{"color", page_color(style.color)},
            {"size", style.size_px},
            {"symbol", symbols[static_cast<std::size_t>(style.symbol)]},
            {"where", places[static_cast<std::size_t>(style.where)]},
            {"below", style.layer == layer::below}};
}
inline page_json page_track(const trajectory& path, page_numbers& to, const sample_part& some) {
    return {{"t", to.times(path.times(), some)},
            {"x", to.coordinates(some.count, [&](std::size_t i) { return path.sample(some.first + i).x; })},
            {"y", to.coordinates(some.count, [&](std::size_t i) { return path.sample(some.first + i).y; })},
            {"gap", path.max_gap_s()}};
}
inline page_json page_keypoint(const pose& animal, std::size_t k, page_numbers& to) {
    const sample_part some = to.part(animal.times());
    return {{"t", to.times(animal.times(), some)},
            {"x", to.coordinates(some.count, [&](std::size_t i) { return animal.sample(k, some.first + i).x; })},
            {"y", to.coordinates(some.count, [&](std::size_t i) { return animal.sample(k, some.first + i).y; })},
            {"gap", animal.options().max_gap_s},
            {"nearest", animal.options().how == between_samples::nearest}};
}
inline page_json page_anchor(const anchor& at, page_numbers& to) {
    if (at.animal()) {
        return page_keypoint(*at.animal(), at.keypoint(), to);
    }
    return at.path() ? page_track(*at.path(), to, to.part(at.path()->times()))
                     : page_json{{"fixed", {at.fixed().x, at.fixed().y}}};
}

// ---- one function per kind; the page has one of the same name (player_overlays.hpp)

inline page_json describe(const trail& of, page_numbers& to) {
    const trail_options& how = of.options();
    constexpr const char* paths[] = {"none", "past", "all"};
    const sample_times& clock = of.path().times();
    // Of those that are counted, gaps apart, with a good margin.
    const double dt_s = 2 * clock.median_dt_s();
    sample_part some = to.part(clock, how.length_s + dt_s * static_cast<double>(how.length_samples),
                               how.future_s + dt_s * static_cast<double>(how.future_samples));
    if (how.path != whole_path::none) {
        some = {0, clock.size()};
    }
    return {{"kind", "position"},
            {"track", page_track(of.path(), to, some)},
            {"dt", of.path().times().median_dt_s()},
            {"length_s", how.length_s},
            {"length_samples", how.length_samples},
            {"future_s", how.future_s},
            {"future_samples", how.future_samples},
            {"min_alpha", how.min_alpha},
            {"max_points", how.max_points},
            {"sample_dots", how.sample_dots},
            {"path", paths[static_cast<std::size_t>(how.path)]},
            {"path_step", of.path_step()},
            {"line", page_style(how.line)},
            {"future_line", page_style(how.future_line)},
            {"sample_dot", page_style(how.sample_dot)},
            {"path_line", page_style(how.path_line)},
            {"dot", page_style(how.dot)}};
}

inline page_json describe(const heading& of, page_numbers& to) {
    const sample_part some = to.part(of.times());
    return {{"kind", "heading"},
            {"t", to.times(of.times(), some)},
            {"angle", to.floats(some.count, [&](std::size_t i) { return of.sample(some.first + i); })},
            {"gap", of.options().max_gap_s},
            {"origin", page_anchor(of.origin(), to)},
            {"length", of.options().length},
            {"arrow", page_style(of.options().arrow)}};
}

inline page_json describe(const pose& of, page_numbers& to) {
    page_json points = page_json::array();
    for (std::size_t k = 0; k < of.keypoint_count(); ++k) {
        page_json one = page_keypoint(of, k, to);
        one["name"] = of.keypoint_name(k);
        one["marker"] = page_style(of.marker_style(k));
        points.push_back(std::move(one));
    }
    page_json edges = page_json::array();
    for (std::size_t e = 0; e < of.edges().size(); ++e) {
        edges.push_back(
            {{"from", of.edges()[e].from}, {"to", of.edges()[e].to}, {"line", page_style(of.edge_style(e))}});
    }
    return {{"kind", "pose"}, {"points", points}, {"edges", edges}};
}
inline page_json describe(const poses& of, page_numbers& to) {
    page_json parts = page_json::array();
    for (const pose& animal : of.animals) {
        parts.push_back(describe(animal, to));
    }
    return {{"kind", "several"}, {"parts", parts}};
}

inline page_json describe(const event& of, page_numbers& to) {
    constexpr const char* keeps[] = {"none", "past", "all"};
    page_json groups = page_json::array();
    for (std::size_t g = 0; g < of.groups().size(); ++g) {
        const event_group& group = of.groups()[g];
        sample_part some = to.part(
            group.times.size(), [&](std::size_t i) { return group.times[i]; }, of.options().duration_s, 0);
        if (of.options().keep == kept_events::all) {
            some = {0, group.times.size()};
        } else if (of.options().keep == kept_events::past) {
            some = {0, some.first + some.count};
        }
        std::vector<point_xy> places((std::min)(some.count, page_numbers::block)); // some at a time: there may be many
        std::size_t have = some.count;
        const auto place = [&](std::size_t i) {
            if (i < have || i >= have + places.size()) {
                have = i;
                of.positions(g, some.first + i, std::span(places).first((std::min)(places.size(), some.count - i)));
            }
            return places[i - have];
        };
        groups.push_back({{"name", group.name},
                          {"t", to.exact(some.count, [&](std::size_t i) { return group.times[some.first + i]; })},
                          {"x", to.coordinates(some.count, [&](std::size_t i) { return place(i).x; })},
                          {"y", to.coordinates(some.count, [&](std::size_t i) { return place(i).y; })},
                          {"marker", page_style(of.style(g))},
                          {"kept", page_style(of.kept_style(g))}});
    }
    return {{"kind", "event"},
            {"duration_s", of.options().duration_s},
            {"min_alpha", of.options().min_alpha},
            {"keep", keeps[static_cast<std::size_t>(of.options().keep)]},
            {"groups", groups}};
}

inline page_json describe(const fieldreel::interval& of, page_numbers& to) {
    const interval_options& how = of.options();
    // By their starts, the longer first.
    const std::vector<found_interval> all =
        of.within({to.shown().start_s - how.before_s, to.shown().stop_s + how.after_s});
    page_json groups = page_json::array();
    for (std::size_t g = 0; g < of.groups().size(); ++g) {
        groups.push_back({{"label", of.groups()[g].label}, {"color", page_color(of.color(g))}});
    }
    return {{"kind", "interval"},
            {"start", to.exact(all.size(), [&](std::size_t i) { return all[i].range.start_s; })},
            {"stop", to.exact(all.size(), [&](std::size_t i) { return all[i].range.stop_s; })},
            {"group", to.whole(all.size(), [&](std::size_t i) { return static_cast<double>(all[i].group); })},
            {"number", to.whole(all.size(), [&](std::size_t i) { return static_cast<double>(all[i].number); })},
            {"groups", groups},
            {"before_s", how.before_s},
            {"after_s", how.after_s},
            {"low", how.low},
            {"high", how.high},
            {"band", how.band},
            {"lane_names", how.lane_names},
            {"label", how.label},
            {"numbered", how.number},
            {"text_px", how.text_px},
            {"label_at", {how.label_at.x, how.label_at.y}}};
}

inline page_json describe(const raster_plot& of, page_numbers& to) {
    page_json rows = page_json::array();
    for (const std::size_t u : of.order()) {
        const raster_unit& unit = of.units()[u];
        const sample_part some = to.part(
            unit.times.size(), [&](std::size_t i) { return unit.times[i]; }, of.options().before_s,
            of.options().after_s);
        rows.push_back({{"name", unit.name},
                        {"t", to.exact(some.count, [&](std::size_t i) { return unit.times[some.first + i]; })},
                        {"color", page_color(unit.color.value_or(of.options().tick.color))}});
    }
    return {{"kind", "raster"},
            {"rows", rows},
            {"before_s", of.options().before_s},
            {"after_s", of.options().after_s},
            {"low", of.options().low},
            {"high", of.options().high},
            {"tick", page_style(of.options().tick)},
            {"now_line", of.options().now_line}};
}

inline page_json describe(const region_overlay& of, page_numbers& to) {
    const region_overlay_options& how = of.options();
    page_json places = page_json::array();
    for (const region_overlay::item& one : of.items()) {
        page_json outline = page_json::array();
        for (const point_xy& corner : one.outline) {
            outline.push_back({corner.x, corner.y});
        }
        page_json made = {{"name", one.place.name()},
                          {"outline", outline},
                          {"center", {one.place.center().x, one.place.center().y}},
                          {"color", page_color(one.color)}};
        if (one.place.corners().empty()) {
            made["radius"] = one.place.radius();
        }
        places.push_back(std::move(made));
    }
    return {{"kind", "region"},
            {"places", places},
            {"animal", of.animal() ? page_anchor(*of.animal(), to) : page_json()},
            {"fill_alpha", how.fill_alpha},
            {"highlight_alpha", how.highlight_alpha},
            {"outline_alpha", how.outline_alpha},
            {"outline_px", how.outline_px},
            {"name_px", how.name_px},
            {"below", how.layer == layer::below}};
}

inline page_json describe(const object_vector& of, page_numbers& to) {
    const object_vector_options& how = of.options();
    return {{"kind", "object_vector"},
            {"animal", page_anchor(of.animal(), to)},
            {"object", page_anchor(of.object(), to)},
            {"head", of.head() ? describe(*of.head(), to) : page_json()},
            {"arrow", page_style(how.arrow)},
            {"marker", how.object ? page_style(*how.object) : page_json()},
            {"label", how.label ? page_style(*how.label) : page_json()},
            {"unit", how.unit}};
}

inline page_json describe(const time_label& of, page_numbers&) {
    const time_label_options& how = of.options();
    return {{"kind", "time_label"},
            {"clock", how.format == time_format::clock},
            {"start_s", how.start_s},
            {"end_s", how.end_s},
            {"decimals", how.decimals},
            {"frame", how.frame},
            {"place", {how.place.x, how.place.y}},
            {"label", page_style(how.label)}};
}

/// A signal that is denser than the dock's columns is written as they are drawn, the least and the greatest of each,
/// and with its value at the time of each frame; between frames the page shows the column's two.
inline page_json page_columns(const series& signal, double width_s, double max_gap_s, const time_range& part,
                              page_numbers& to) {
    const series_clock& clock = signal.clock();
    const auto column_of = [&](double time_s) { return static_cast<std::int64_t>(std::floor(time_s / width_s)); };
    const std::int64_t from = column_of((std::max)(clock.front_s(), part.start_s));
    const std::int64_t end = column_of((std::min)(clock.back_s(), part.stop_s)) + 1;
    page_numbers::growing<std::uint32_t> low(to, "f32"), high(to, "f32"), state(to, "i32");
    std::size_t first = clock.first_from(static_cast<double>(from) * width_s);
    double before_s = first > 0 && first <= clock.size() ? clock[first - 1] : clock.front_s();
    for (std::int64_t k = from; k < end; ++k) {
        const std::size_t last = clock.first_from(static_cast<double>(k) * width_s + width_s);
        std::uint32_t now = 0; // 1: it has samples, 2: some are missing, 4: a gap lies before it
        auto least = std::numeric_limits<float>::quiet_NaN();
        auto most = least;
        if (first < last) {
            const series_extent extent = signal.extent(first, last);
            now = 1U | (extent.missing ? 2U : 0U) | (clock[first] - before_s > max_gap_s ? 4U : 0U);
            if (!extent.empty()) {
                least = static_cast<float>(extent.low);
                most = static_cast<float>(extent.high);
            }
            before_s = clock[last - 1];
        }
        low.push(std::bit_cast<std::uint32_t>(least));
        high.push(std::bit_cast<std::uint32_t>(most));
        state.push(now);
        first = last;
    }
    return {{"from", from},
            {"low", low.finish()},
            {"high", high.finish()},
            {"state", state.finish()},
            {"at_frames", to.at_frames([&](double time_s) { return signal.value_at(time_s, max_gap_s); })}};
}
inline page_json describe(const time_series& of, page_numbers& to) {
    const time_series_options& how = of.options();
    const double width_s = how.window_s / static_cast<double>(how.columns);
    const double before_s = how.now_at * how.window_s;
    const double after_s = how.window_s - before_s;
    page_json groups = page_json::array();
    for (std::size_t g = 0; g < of.groups().size(); ++g) {
        const series_group& group = of.groups()[g];
        page_json signals = page_json::array();
        for (std::size_t s = 0; s < group.signals.size(); ++s) {
            const series& signal = group.signals[s];
            page_json one = {{"name", signal.name()},
                             {"unit", signal.look().unit},
                             {"color", page_color(of.color(g, s))},
                             {"gap", of.max_gap_s(g, s)}};
            if (of.dense(g, s)) {
                one["columns"] = page_columns(signal, width_s, of.max_gap_s(g, s),
                                              {to.shown().start_s - before_s, to.shown().stop_s + after_s}, to);
            } else {
                const series_clock& clock = signal.clock();
                const sample_part part = to.part(
                    clock.size(), [&](std::size_t i) { return clock[i]; }, before_s, after_s);
                std::vector<double> some((std::min)(part.count, page_numbers::block));
                std::size_t have = part.count; // where `some` begins
                one["t"] = to.exact(part.count, [&](std::size_t i) { return clock[part.first + i]; });
                one["value"] = to.floats(part.count, [&](std::size_t i) {
                    if (i < have || i >= have + some.size()) {
                        have = i;
                        signal.read(part.first + i, std::span(some).first((std::min)(some.size(), part.count - i)));
                    }
                    return some[i - have];
                });
            }
            signals.push_back(std::move(one));
        }
        page_json made = {{"signals", signals}};
        if (how.limits == series_limits::recording || !std::isnan(group.low)) {
            const series_range limits = of.limits(g, group.signals.front().clock().front_s());
            made["limits"] = {limits.low, limits.high};
        }
        groups.push_back(std::move(made));
    }
    return {{"kind", "time_series"},
            {"groups", groups},
            {"window_s", how.window_s},
            {"now_at", how.now_at},
            {"width_s", width_s},
            {"dock_low", how.dock_low},
            {"dock_high", how.dock_high},
            {"cursor", how.cursor},
            {"labels", how.labels},
            {"line", page_style(how.line)},
            {"cursor_line", page_style(how.cursor_line)},
            {"dot", page_style(how.dot)},
            {"label", page_style(how.label)}};
}

inline page_json describe(const film& of, page_numbers& to) {
    const film_options& how = of.options();
    const any_source& frames = of.frames();
    const affine_xy& place = of.shown_place();
    const image_shape size = of.shown();
    const std::size_t channels = of.channels() == 1 ? 1 : 3;
    const sample_part some = to.part(
        frames.frame_count(), [&](std::size_t i) { return frames.time_s(i); }, 0, 0);
    to.streams().push_back({&of, some.first, some.count, size.rows * size.cols * channels});
    return {{"kind", "film"},
            {"stream", to.streams().size() - 1},
            {"rows", size.rows},
            {"cols", size.cols},
            {"channels", channels},
            {"t", to.exact(some.count, [&](std::size_t i) { return frames.time_s(some.first + i); })},
            {"duration", to.floats(some.count, [&](std::size_t i) { return frames.duration_s(some.first + i); })},
            {"place", {place.xx, place.yx, place.xy, place.yy, place.x0, place.y0}},
            {"alpha", how.opacity},
            {"below", how.layer == layer::below},
            {"outline", page_style(how.outline)}};
}

/// What never changes is drawn once, and its shapes are written.
template <class Drawing>
page_json page_shapes(const Drawing& of, const page_numbers& to) {
    canvas drawn;
    of.build({.time_s = 0, .frame = {}, .space = to.space()}, drawn);
    constexpr const char* kinds[] = {"line", "marker", "arrow", "polygon", "label"};
    page_json shapes = page_json::array();
    for (const shape& one : drawn.shapes()) {
        page_json points = page_json::array();
        for (const vertex& v : drawn.vertices(one)) {
            points.insert(points.end(), {v.x, v.y, v.alpha});
        }
        shapes.push_back({{"kind", kinds[static_cast<std::size_t>(one.kind)]},
                          {"style", page_style(one.style)},
                          {"points", points},
                          {"text", std::string(drawn.text(one))}});
    }
    return {{"kind", "shapes"}, {"shapes", shapes}};
}
inline page_json describe(const color_bar& of, page_numbers& to) {
    return page_shapes(of, to);
}
inline page_json describe(const scale_bar& of, page_numbers& to) {
    return page_shapes(of, to);
}

template <class... Kinds>
std::optional<page_json> describe_one_of(const any_overlay& from, page_numbers& to) {
    std::optional<page_json> out;
    const auto look = [&](const auto* drawing) {
        if (drawing != nullptr) {
            out = describe(*drawing, to);
        }
    };
    (look(from.as<Kinds>()), ...);
    return out;
}
/// Nothing for an overlay that is none of the library's: only its own program can draw it.
inline std::optional<page_json> describe(const any_overlay& from, page_numbers& to) {
    return describe_one_of<trail, heading, pose, poses, event, fieldreel::interval, raster_plot, region_overlay,
                           object_vector, time_series, film, time_label, color_bar, scale_bar>(from, to);
}

} // namespace fieldreel::inline v0::detail

#endif
