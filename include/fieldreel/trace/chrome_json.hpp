// SPDX-License-Identifier: MIT
// The text of a Chrome Trace Event file that chrome://tracing, Perfetto and speedscope all read the same way.
#ifndef FIELDREEL_TRACE_CHROME_JSON_HPP
#define FIELDREEL_TRACE_CHROME_JSON_HPP

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>

namespace fieldreel::inline v0 {
namespace trace {

/// What of a recording goes into its file. Viewers get slow on long ones: speedscope's import is quadratic in a
/// thread's spans.
struct file_window {
    double from_s = 0; ///< what ends earlier is left out; 0 = the recording's first event
    double to_s = std::numeric_limits<double>::infinity(); ///< what begins later is left out
    double min_duration_s = 0;                             ///< shorter spans are left out
};

enum class event_kind : std::uint8_t { span, instant, counter, flow_begin, flow_end };

/// One recorded event, in order: on one thread every begin and end is at least 1 ns after the one before it.
struct event {
    event_kind kind = event_kind::span;
    bool unfinished = false;    ///< a span that had not ended: it ends when the recording was read
    std::uint32_t depth = 0;    ///< spans of this thread that enclose it
    const char* name = nullptr; ///< a literal of the program
    std::int64_t start_ns = 0;  ///< since the recording's first event
    std::int64_t end_ns = 0;    ///< spans; otherwise = start_ns
    double value = 0;           ///< counters; the id of flows
};

/// What one thread recorded, parents before their children.
struct thread_events {
    unsigned tid = 0; ///< 1, 2, … in the order in which the threads recorded first
    std::string name;
    std::vector<event> events;
};

} // namespace trace

namespace detail {

/// `bytes` inside a JSON string: control characters escaped, what is no UTF-8 replaced by U+FFFD.
inline std::string json_escaped(std::string_view bytes) {
    std::string out;
    const auto byte = [&](std::size_t i) {
        return i < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i])) : 0U;
    };
    for (std::size_t i = 0; i < bytes.size();) {
        const unsigned first = byte(i);
        if (first < 0x80) {
            if (first == '"' || first == '\\') {
                out += '\\';
                out += static_cast<char>(first);
            } else if (first < 0x20 || first == 0x7F) {
                constexpr char digits[] = "0123456789abcdef";
                out += "\\u00";
                out += digits[first >> 4];
                out += digits[first & 15];
            } else {
                out += static_cast<char>(first);
            }
            ++i;
            continue;
        }
        const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                                   : (first & 0xF0) == 0xE0        ? 3
                                   : first >= 0xF0 && first < 0xF5 ? 4
                                                                   : 0;
        const unsigned lowest = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80; // no over-long forms
        const unsigned highest = first == 0xED   ? 0x9F
                                 : first == 0xF4 ? 0x8F
                                                 : 0xBF; // no surrogates, nothing past 10FFFF
        bool good = length > 0 && byte(i + 1) >= lowest && byte(i + 1) <= highest;
        for (std::size_t k = 2; k < length; ++k) {
            good = good && (byte(i + k) & 0xC0) == 0x80;
        }
        if (good) {
            out.append(bytes.substr(i, length));
            i += length;
        } else {
            out += "\xEF\xBF\xBD";
            ++i;
        }
    }
    return out;
}

/// Refuses names by which speedscope chooses another importer, whatever the file holds.
inline void check_trace_name(const std::string& path) {
    const auto refuse = [&](std::string_view part) {
        throw file_error(
            path, text("the trace file \"", path, "\" would be read as another format by speedscope, which ",
                       "goes by the name; names with \"", part, "\" are taken; choose another, such as trace.json"));
    };
    const std::string_view name = std::string_view(path).substr(path.find_last_of("/\\") + 1);
    for (const std::string_view end : {"-recording.json", ".chrome.json", ".speedscope.json", ".stackprof.json",
                                       ".v8log.json", ".cpuprofile", ".heapprofile", ".collapsedstack.txt",
                                       ".linux-perf.txt", ".instruments.txt", ".pmcstat.graph", ".jfr", ".trace"}) {
        if (name.ends_with(end)) {
            refuse(end);
        }
    }
    for (const std::string_view start : {"Trace-", "Profile-"}) { // followed by a date: 20250131T235959
        for (std::size_t at = name.find(start); at != std::string_view::npos; at = name.find(start, at + 1)) {
            const std::string_view date = name.substr(at + start.size());
            const auto digits = [&](std::size_t from, std::size_t count) {
                return date.size() >= from + count &&
                       date.substr(from, count).find_first_not_of("0123456789") == std::string_view::npos;
            };
            if (digits(0, 8) && date.size() > 8 && date[8] == 'T' && digits(9, 6)) {
                refuse(start);
            }
        }
    }
}

/// Makes the text of a Chrome Trace Event array and hands it to `Sink(std::string&)` in pieces, which the sink empties.
/// Call begin, thread for each, finish. The array form, one record a line: viewers still read it when it is cut between
/// two lines. The first and the last record are metadata without "cat" (with it, a span named "Profile" sends the file
/// to another importer); spans carry no arguments (speedscope makes them part of the name); pid and tid are small.
template <class Sink>
class chrome_json_writer {
public:
    chrome_json_writer(const trace::file_window& window, Sink sink) : window_(window), sink_(std::move(sink)) {
        out_.reserve(flush_bytes + (std::size_t{64} << 10));
    }

    void begin(std::string_view process_name) {
        out_ +=
            text("[\n{\"name\":\"process_name\",\"ph\":\"M\",\"ts\":0.000,\"pid\":1,\"tid\":0,\"args\":{\"name\":\"",
                 json_escaped(process_name), "\"}}");
    }

    void thread(unsigned tid, std::string_view name, const std::vector<trace::event>& events) {
        const std::string place = text(",\"pid\":1,\"tid\":", tid);
        out_ += text(",\n{\"name\":\"thread_name\",\"ph\":\"M\",\"ts\":0.000", place, ",\"args\":{\"name\":\"",
                     json_escaped(name), "\"}}");
        for (const trace::event& e : events) {
            last_ns_ = e.end_ns > last_ns_ ? e.end_ns : last_ns_;
            const bool is_span = e.kind == trace::event_kind::span;
            if (static_cast<double>(e.end_ns) < window_.from_s * 1e9 ||
                static_cast<double>(e.start_ns) > window_.to_s * 1e9 ||
                (is_span && static_cast<double>(e.end_ns - e.start_ns) < window_.min_duration_s * 1e9)) {
                ++left_out_;
                continue;
            }
            if (e.kind == trace::event_kind::counter && !std::isfinite(e.value)) {
                ++not_finite_; // JSON has no NaN
                continue;
            }
            ++written_;
            out_ += head(e.name);
            if (is_span) {
                ++spans_;
                unfinished_ += e.unfinished ? 1 : 0;
                out_ += e.unfinished ? " (unfinished)\",\"ph\":\"X\",\"ts\":" : "\",\"ph\":\"X\",\"ts\":";
                append_us(e.start_ns);
                out_ += ",\"dur\":";
                append_us(e.end_ns - e.start_ns);
                out_ += place;
            } else if (e.kind == trace::event_kind::instant) {
                out_ += "\",\"ph\":\"i\",\"s\":\"t\",\"ts\":";
                append_us(e.start_ns);
                out_ += place;
            } else if (e.kind == trace::event_kind::flow_begin || e.kind == trace::event_kind::flow_end) {
                const bool ends = e.kind == trace::event_kind::flow_end; // "bp": at the span around it, not the next
                out_ += ends ? "\",\"cat\":\"flow\",\"ph\":\"f\",\"bp\":\"e\",\"id\":"
                             : "\",\"cat\":\"flow\",\"ph\":\"s\",\"id\":";
                append(out_, static_cast<std::uint64_t>(e.value));
                out_ += ",\"ts\":";
                append_us(e.start_ns);
                out_ += place;
            } else {
                out_ += "\",\"ph\":\"C\",\"ts\":";
                append_us(e.start_ns);
                out_ += place;
                out_ += ",\"args\":{\"value\":"; // one key, the same from the first record on
                append(out_, e.value);
                out_ += '}';
            }
            out_ += '}';
            if (out_.size() > flush_bytes) {
                sink_(out_);
            }
        }
    }

    /// The last record states what is not in the file.
    void finish(std::uint64_t dropped) {
        if (spans_ == 0) { // speedscope shows a file without spans as empty and does not say why
            out_ += text(",\n{\"name\":\"", left_out_ > 0 ? "(no spans in the window)" : "(no spans were recorded)",
                         "\",\"ph\":\"X\",\"ts\":0.000,\"dur\":");
            append_us(last_ns_);
            out_ += ",\"pid\":1,\"tid\":1}";
        }
        std::string labels = text(written_, " events");
        const auto add = [&labels](std::uint64_t number, std::string_view what) {
            if (number > 0) {
                labels += text("; ", number, what);
            }
        };
        add(dropped, " lost: the buffer was full");
        add(unfinished_, " spans unfinished");
        add(left_out_, " left out by the window");
        add(not_finite_, " counter values left out: not finite");
        out_ += text(
            ",\n{\"name\":\"process_labels\",\"ph\":\"M\",\"ts\":0.000,\"pid\":1,\"tid\":0,\"args\":{\"labels\":\"",
            labels, "\",\"events\":", written_, ",\"dropped\":", dropped, ",\"left_out\":", left_out_, "}}\n]\n");
        sink_(out_);
    }

private:
    static constexpr std::size_t flush_bytes = std::size_t{256} << 10;

    // The beginning of a name's records, escaped once.
    const std::string& head(const char* name) {
        if (head_ == nullptr || name != head_of_) {
            const auto [found, made] = heads_.try_emplace(name);
            if (made) {
                found->second = text(",\n{\"name\":\"", json_escaped(name));
            }
            head_of_ = name;
            head_ = &found->second;
        }
        return *head_;
    }
    // Microseconds with exactly three decimals.
    void append_us(std::int64_t ns) {
        char digits[32];
        char* end = std::to_chars(digits, digits + 24, ns / 1000).ptr;
        const auto rest = static_cast<unsigned>(ns % 1000);
        *end++ = '.';
        *end++ = static_cast<char>('0' + rest / 100);
        *end++ = static_cast<char>('0' + rest / 10 % 10);
        *end++ = static_cast<char>('0' + rest % 10);
        out_.append(digits, end);
    }

    trace::file_window window_;
    Sink sink_;
    std::string out_;
    std::unordered_map<const char*, std::string> heads_;
    const char* head_of_ = nullptr;
    const std::string* head_ = nullptr;
    std::uint64_t written_ = 0;
    std::uint64_t spans_ = 0;
    std::uint64_t unfinished_ = 0;
    std::uint64_t left_out_ = 0;
    std::uint64_t not_finite_ = 0;
    std::int64_t last_ns_ = 1000;
};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
