// SPDX-License-Identifier: MIT
// Where the time went: one row per span name, computed in the process from a recorder's events.
#ifndef FIELDREEL_TRACE_SUMMARY_HPP
#define FIELDREEL_TRACE_SUMMARY_HPP

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/trace/chrome_json.hpp>
#include <fieldreel/trace/recorder.hpp>

namespace fieldreel::inline v0 {
namespace trace {

/// All spans of one name, of all threads. Units: milliseconds. Spans that had not ended count under their own name
/// with " (unfinished)", as in the file.
struct span_summary {
    std::string name;
    std::size_t count = 0;
    double total_ms = 0; ///< sum of the durations; of a span inside one of the same name, both
    double self_ms = 0;  ///< total without the spans directly inside
    double mean_ms = 0;
    double p50_ms = 0; ///< percentiles interpolate linearly between the two nearest durations
    double p95_ms = 0;
    double p99_ms = 0;
    double max_ms = 0;
    double share = 0; ///< self_ms of the time in any span, of all threads; the rows' shares add up to 1
};

/// The spans a recorder holds. Order: total_ms, largest first, then name. Cost: O(n log n) in events.
inline std::vector<span_summary> summarize(const std::vector<thread_events>& threads) {
    struct collected {
        std::vector<std::int64_t> durations;
        std::int64_t inside = 0; // ns spent in direct children
    };
    std::unordered_map<std::string, collected> by_name;
    std::unordered_map<const char*, collected*> by_pointer[2]; // literals differ in address, spans in being finished
    for (const thread_events& thread : threads) {
        std::vector<collected*> open;
        for (const event& e : thread.events) {
            if (e.kind != event_kind::span) {
                continue;
            }
            collected*& mine = by_pointer[e.unfinished ? 1 : 0][e.name];
            if (mine == nullptr) {
                mine = &by_name[e.unfinished ? detail::text(std::string_view(e.name), " (unfinished)") : e.name];
            }
            const std::int64_t duration = e.end_ns - e.start_ns;
            mine->durations.push_back(duration);
            open.resize(e.depth);
            if (!open.empty()) {
                open.back()->inside += duration;
            }
            open.push_back(mine);
        }
    }
    std::vector<span_summary> rows;
    for (auto& [name, spans] : by_name) {
        std::vector<std::int64_t>& d = spans.durations;
        std::sort(d.begin(), d.end());
        std::int64_t total = 0;
        for (const std::int64_t duration : d) {
            total += duration;
        }
        const auto percentile_ms = [&d = d](double percent) {
            const double place = percent / 100 * static_cast<double>(d.size() - 1);
            const auto below = static_cast<std::size_t>(place);
            const std::size_t above = (std::min)(below + 1, d.size() - 1);
            const double part = place - static_cast<double>(below);
            return (static_cast<double>(d[below]) + part * static_cast<double>(d[above] - d[below])) * 1e-6;
        };
        span_summary row;
        row.name = name;
        row.count = d.size();
        row.total_ms = static_cast<double>(total) * 1e-6;
        row.self_ms = static_cast<double>(total - spans.inside) * 1e-6;
        row.mean_ms = row.total_ms / static_cast<double>(d.size());
        row.p50_ms = percentile_ms(50);
        row.p95_ms = percentile_ms(95);
        row.p99_ms = percentile_ms(99);
        row.max_ms = static_cast<double>(d.back()) * 1e-6;
        rows.push_back(std::move(row));
    }
    double all_ms = 0;
    for (const span_summary& row : rows) {
        all_ms += row.self_ms;
    }
    for (span_summary& row : rows) {
        row.share = all_ms > 0 ? row.self_ms / all_ms : 0;
    }
    std::sort(rows.begin(), rows.end(), [](const span_summary& a, const span_summary& b) {
        return a.total_ms != b.total_ms ? a.total_ms > b.total_ms : a.name < b.name;
    });
    return rows;
}

inline std::vector<span_summary> summarize(const recorder& from) {
    return summarize(from.events());
}

/// The first `limit` rows as lines of text, aligned, with a header line. Names keep their bytes, control characters
/// excepted. Lines longer than `most_columns` characters lose columns, those that tell least first.
inline std::string summary_table(const std::vector<span_summary>& rows, std::size_t limit = 50,
                                 std::size_t most_columns = static_cast<std::size_t>(-1)) {
    const std::size_t shown = (std::min)(limit, rows.size());
    std::vector<std::vector<std::string>> cells{
        {"span", "count", "total ms", "self ms", "mean ms", "p50 ms", "p95 ms", "p99 ms", "max ms", "share %"}};
    const auto fixed = [](double value, int decimals = 3) {
        char digits[512];
        const auto end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals).ptr;
        return std::string(digits, end);
    };
    for (std::size_t i = 0; i < shown; ++i) {
        const span_summary& row = rows[i];
        std::string name = row.name;
        std::replace_if(
            name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
        cells.push_back({std::move(name), detail::text(row.count), fixed(row.total_ms), fixed(row.self_ms),
                         fixed(row.mean_ms), fixed(row.p50_ms), fixed(row.p95_ms), fixed(row.p99_ms), fixed(row.max_ms),
                         fixed(100 * row.share, 1)});
    }
    // Columns, not bytes: continuation bytes of UTF-8 take no room.
    const auto width = [](std::string_view s) {
        return static_cast<std::size_t>(
            std::count_if(s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    };
    std::vector<std::size_t> widths(cells.front().size(), 0);
    for (const auto& line : cells) {
        for (std::size_t c = 0; c < line.size(); ++c) {
            widths[c] = (std::max)(widths[c], width(line[c]));
        }
    }
    std::vector<bool> shows(widths.size(), true);
    const auto too_wide = [&] {
        std::size_t all = widths[0];
        for (std::size_t c = 1; c < widths.size(); ++c) {
            all += shows[c] ? widths[c] + 2 : 0;
        }
        return all > most_columns;
    };
    for (const std::size_t least : {6u, 4u, 2u, 9u, 7u, 8u}) { // p95, mean, total, share, p99, max
        shows[least] = !too_wide();
    }
    std::string out;
    for (const auto& line : cells) {
        for (std::size_t c = 0; c < line.size(); ++c) {
            const std::string room(widths[c] - width(line[c]), ' ');
            out += c == 0 ? line[c] + room : shows[c] ? "  " + room + line[c] : std::string();
        }
        out += '\n';
    }
    if (shown < rows.size()) {
        out += detail::text(rows.size() - shown, " more spans\n");
    }
    return out;
}

/// All rows as a JSON array of objects, for programs: the members of span_summary under their names.
inline std::string summary_json(const std::vector<span_summary>& rows) {
    std::string out = "[";
    for (const span_summary& row : rows) {
        out += detail::text(out.size() > 1 ? ",\n " : "\n ", "{\"name\": \"", detail::json_escaped(row.name),
                            "\", \"count\": ", row.count);
        const auto member = [&out](std::string_view name, double value) {
            out += detail::text(", \"", name, "\": ", value);
        };
        member("total_ms", row.total_ms);
        member("self_ms", row.self_ms);
        member("mean_ms", row.mean_ms);
        member("p50_ms", row.p50_ms);
        member("p95_ms", row.p95_ms);
        member("p99_ms", row.p99_ms);
        member("max_ms", row.max_ms);
        member("share", row.share);
        out += '}';
    }
    out += "\n]\n";
    return out;
}

/// Folded stacks, "thread;outer;inner 1234" a line with the nanoseconds spent in just that stack, sorted: what
/// flamegraph.pl, inferno and speedscope make flame graphs of. In names, ';' and control characters become '_'.
inline std::string folded(const std::vector<thread_events>& threads) {
    struct node {
        std::string stack;
        std::int64_t self = 0;
        std::unordered_map<const char*, std::size_t> inside; // by name's address
    };
    const auto clean = [](std::string_view name) {
        std::string text(name);
        std::replace_if(
            text.begin(), text.end(),
            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == ';'; }, '_');
        return text.empty() ? std::string("_") : text;
    };
    std::unordered_map<std::string, std::int64_t> by_stack;
    for (const thread_events& thread : threads) {
        std::vector<node> nodes{{clean(thread.name), 0, {}}};
        std::vector<std::size_t> open{0};
        for (const event& e : thread.events) {
            if (e.kind != event_kind::span) {
                continue;
            }
            open.resize(std::size_t{e.depth} + 1);
            const std::size_t parent = open.back();
            const auto [found, made] = nodes[parent].inside.try_emplace(e.name, nodes.size());
            const std::size_t mine = found->second;
            if (made) {
                std::string stack = nodes[parent].stack + ";" + clean(e.name);
                nodes.push_back({std::move(stack), 0, {}});
            }
            const std::int64_t duration = e.end_ns - e.start_ns;
            nodes[mine].self += duration;
            nodes[parent].self -= duration;
            open.push_back(mine);
        }
        for (std::size_t i = 1; i < nodes.size(); ++i) {
            by_stack[nodes[i].stack] += nodes[i].self;
        }
    }
    std::vector<std::pair<std::string, std::int64_t>> lines(by_stack.begin(), by_stack.end());
    std::sort(lines.begin(), lines.end());
    std::string out;
    for (const auto& [stack, self] : lines) {
        out += detail::text(stack, " ", self, "\n");
    }
    return out;
}

inline std::string folded(const recorder& from) {
    return folded(from.events());
}

} // namespace trace
} // namespace fieldreel::inline v0

#endif
