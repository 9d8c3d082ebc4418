// SPDX-License-Identifier: MIT
// A strict reader of the trace files we write: what any of the three viewers could stumble over is a complaint.
#ifndef FIELDREEL_TESTS_TRACE_TRACE_FILE_HPP
#define FIELDREEL_TESTS_TRACE_TRACE_FILE_HPP

#include <nlohmann/json.hpp>

#include <atomic>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// A clock that moves only by `step` per reading, and can be set.
struct fixed_clock {
    static inline std::atomic<std::int64_t> now{0};
    static inline std::atomic<std::int64_t> step{0};
    static void set(std::int64_t ns, std::int64_t step_ns) {
        now = ns;
        step = step_ns;
    }
    static std::int64_t read() noexcept { return now.fetch_add(step); }
};

inline std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

struct record {
    std::string phase;
    std::string name;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    int tid = 0;
    double value = 0;
};

struct trace_file {
    std::vector<std::string> complaints;
    std::vector<record> records; // without metadata
    std::map<int, std::string> thread_names;
    std::string process_name;
    std::string labels;
    std::uint64_t dropped = 0;

    std::string all_complaints() const {
        std::string all;
        for (const std::string& c : complaints) {
            all += c + "\n";
        }
        return all;
    }
    std::vector<record> of(const std::string& phase) const {
        std::vector<record> found;
        for (const record& r : records) {
            if (r.phase == phase) {
                found.push_back(r);
            }
        }
        return found;
    }
    std::vector<std::string> names(const std::string& phase) const {
        std::vector<std::string> found;
        for (const record& r : of(phase)) {
            found.push_back(r.name);
        }
        return found;
    }
};

// "12.345" in the text right after `key`, as whole nanoseconds; -1 when it is not digits, a point and three digits.
inline std::int64_t exact_ns(std::string_view line, std::string_view key) {
    const std::size_t at = line.rfind(key); // names come first and cannot hold an unescaped quote
    if (at == std::string_view::npos) {
        return -1;
    }
    std::int64_t ns = 0;
    int decimals = -1;
    std::size_t i = at + key.size();
    for (; i < line.size() && line[i] != ',' && line[i] != '}'; ++i) {
        if (line[i] == '.' && decimals < 0) {
            decimals = 0;
        } else if (line[i] >= '0' && line[i] <= '9') {
            ns = ns * 10 + (line[i] - '0');
            decimals += decimals >= 0 ? 1 : 0;
        } else {
            return -1;
        }
    }
    return decimals == 3 ? ns : -1;
}

inline trace_file read_trace(const std::string& text) {
    trace_file result;
    const auto complain = [&](const std::string& what, const std::string& where) {
        result.complaints.push_back(what + ": " + where);
    };
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    if (lines.size() < 4 || lines.front() != "[" || lines.back() != "]" || text.back() != '\n') {
        complain("not an array with one record a line", text.substr(0, 100));
        return result;
    }
    struct open_span {
        std::int64_t end;
    };
    std::map<int, std::vector<open_span>> open;
    std::map<int, std::int64_t> last_edge; // begin or end of a span on that thread
    std::int64_t earliest = -1;
    bool any_span = false;
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        std::string line = lines[i];
        const bool last = i + 2 == lines.size();
        if ((line.back() == ',') == last) {
            complain("a comma is missing or too many", line);
        }
        if (!last) {
            line.pop_back();
        }
        const auto json = nlohmann::json::parse(line, nullptr, false);
        if (json.is_discarded() || !json.is_object()) {
            complain("not a JSON object", line);
            continue;
        }
        if (!json.contains("name") || !json["name"].is_string() || !json.contains("ph") || !json["ph"].is_string()) {
            complain("no name or no phase", line);
            continue;
        }
        for (const char* key : {"pid", "tid"}) {
            if (!json.contains(key) || !json[key].is_number_unsigned() || json[key].get<std::uint64_t>() > 99999) {
                complain(std::string(key) + " is not a small number", line);
                return result;
            }
        }
        record r;
        r.phase = json["ph"].get<std::string>();
        r.name = json["name"].get<std::string>();
        r.tid = json["tid"].get<int>();
        r.start_ns = exact_ns(line, "\"ts\":");
        if (r.start_ns < 0) {
            complain("ts is not microseconds with three decimals from 0 on", line);
        }
        if ((i == 1 || last) && (r.phase != "M" || json.contains("cat"))) {
            complain("the first and the last record must be metadata without cat", line);
        }
        if (r.phase == "M") {
            if (json.contains("cat") || !json.contains("args")) {
                complain("metadata with cat or without args", line);
            } else if (r.name == "process_name") {
                result.process_name = json["args"]["name"].get<std::string>();
            } else if (r.name == "thread_name") {
                result.thread_names[r.tid] = json["args"]["name"].get<std::string>();
            } else if (r.name == "process_labels") {
                result.labels = json["args"]["labels"].get<std::string>();
                result.dropped = json["args"]["dropped"].get<std::uint64_t>();
            } else {
                complain("metadata that viewers do not know", line);
            }
            continue;
        }
        earliest = earliest < 0 ? r.start_ns : std::min(earliest, r.start_ns);
        auto& stack = open[r.tid];
        r.end_ns = r.start_ns;
        if (r.phase == "X") {
            any_span = true;
            const std::int64_t duration = exact_ns(line, "\"dur\":");
            if (duration < 1) {
                complain("dur is not microseconds with three decimals, from 0.001 on", line);
            }
            if (json.contains("args")) {
                complain("arguments become part of a span's name", line);
            }
            r.end_ns = r.start_ns + duration;
            while (!stack.empty() && stack.back().end <= r.start_ns) {
                last_edge[r.tid] = std::max(last_edge[r.tid], stack.back().end);
                stack.pop_back();
            }
            if (!stack.empty() && r.end_ns >= stack.back().end) {
                complain("ends with or after the span around it", line);
            }
            if (last_edge.count(r.tid) != 0 && r.start_ns <= last_edge[r.tid]) {
                complain("begins with or before the begin or end before it", line);
            }
            last_edge[r.tid] = r.start_ns;
            stack.push_back({r.end_ns});
        } else if (r.phase == "i") {
            if (json.value("s", "") != "t" || json.contains("args")) {
                complain("an instant without thread scope, or with arguments", line);
            }
        } else if (r.phase == "C") {
            if (!json.contains("args") || json["args"].size() != 1 || !json["args"].contains("value") ||
                !json["args"]["value"].is_number()) {
                complain("a counter needs the one numeric key \"value\"", line);
            } else {
                r.value = json["args"]["value"].get<double>();
            }
        } else if (r.phase == "s" || r.phase == "f") {
            if (json.value("cat", "") != "flow" || !json.contains("id") || !json["id"].is_number_unsigned() ||
                json.value("bp", "") != (r.phase == "f" ? "e" : "") || json.contains("args")) {
                complain("a flow needs the category, an id, and bp at its end", line);
            } else {
                r.value = json["id"].get<double>();
            }
        } else {
            complain("phase", line);
        }
        result.records.push_back(r);
    }
    if (!any_span) {
        complain("no span at all: it imports as empty", "");
    }
    if (earliest != 0) {
        complain("times do not begin at 0", std::to_string(earliest));
    }
    // The whole must parse as one document, too.
    if (nlohmann::json::parse(text, nullptr, false).is_discarded()) {
        complain("the whole is no JSON", "");
    }
    return result;
}

} // namespace test

#endif
