// SPDX-License-Identifier: MIT
// `fieldreel trace`: makes the trace of a process that was killed, and says where the time of a trace went.
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/trace/late_frames.hpp>
#include <fieldreel/trace/recover.hpp>
#include <fieldreel/trace/summary.hpp>

#include "commands.hpp"

namespace {

namespace trace = fieldreel::trace;
using fieldreel::detail::text;

/// A trace as events, whoever wrote it; the names live in `texts`.
struct read_trace {
    std::vector<trace::thread_events> threads;
    std::vector<std::shared_ptr<const std::string>> part_texts;
    std::set<std::string> texts;
    std::uint64_t dropped = 0;
    std::uint64_t left_out = 0; ///< by the window of --trace-from, --trace-to and --trace-min-us
};

[[noreturn]] void refuse(const std::string& path, std::string_view why) {
    throw fieldreel::file_error(path,
                                text("the trace \"", path, "\" cannot be read: ", why,
                                     "; give a file that FIELDREEL_TRACE or --trace has written, or the .part of a "
                                     "process that was killed"));
}

/// Chrome Trace Event records: spans as X, counters as C, threads by name. Others are passed over.
class json_reader {
public:
    explicit json_reader(read_trace& to) : to_(to) {}

    void add(const nlohmann::json& record) {
        const std::string phase = record.value("ph", "");
        if (phase == "B" || phase == "E") {
            throw fieldreel::data_error(
                "its spans are pairs of begin and end (ph B and E), as other programs write them; "
                "fieldreel's are complete (ph X)");
        }
        const auto tid = record.value("tid", 0U);
        const std::string name = record.value("name", "");
        if (phase == "M") {
            const auto args = record.find("args");
            if (args != record.end() && name == "thread_name") {
                thread(tid).name = args->value("name", "");
            } else if (args != record.end() && name == "process_labels") {
                to_.dropped = args->value("dropped", std::uint64_t{0});
                to_.left_out = args->value("left_out", std::uint64_t{0});
            }
            return;
        }
        const auto ns = [&record](const char* key) {
            return static_cast<std::int64_t>(record.value(key, 0.0) * 1000 + 0.5);
        };
        constexpr std::string_view mark = " (unfinished)";
        trace::event e;
        e.start_ns = e.end_ns = ns("ts");
        e.unfinished = phase == "X" && name.ends_with(mark);
        e.name = to_.texts.insert(e.unfinished ? name.substr(0, name.size() - mark.size()) : name).first->c_str();
        auto& open = open_[tid];
        while (!open.empty() && open.back() <= e.start_ns) {
            open.pop_back();
        }
        e.depth = static_cast<std::uint32_t>(open.size());
        if (phase == "X") {
            e.end_ns += ns("dur");
            open.push_back(e.end_ns);
        } else if (phase == "C" && record.contains("args") && record["args"].is_object()) {
            e.kind = trace::event_kind::counter;
            e.value = record["args"].value("value", 0.0);
        } else {
            return;
        }
        thread(tid).events.push_back(e);
    }

private:
    trace::thread_events& thread(unsigned tid) {
        const auto [found, made] = index_.try_emplace(tid, to_.threads.size());
        if (made) {
            to_.threads.push_back({tid, text("thread ", tid), {}});
        }
        return to_.threads[found->second];
    }

    read_trace& to_;
    std::unordered_map<unsigned, std::size_t> index_;
    std::unordered_map<unsigned, std::vector<std::int64_t>> open_; // ends
};

read_trace read_any(const std::string& path) {
    read_trace made;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        refuse(path, std::strerror(errno));
    }
    std::string magic(8, '\0');
    file.read(magic.data(), 8);
    if (magic == std::string(fieldreel::detail::trace_part_head().magic, 8)) {
        trace::recorded_part part = trace::read_part(path);
        made.threads = std::move(part.threads);
        made.part_texts = std::move(part.texts);
        made.dropped = part.dropped;
        return made;
    }
    if (path.ends_with(".part") && trace::read_part(path).blank) {
        refuse(path, "its process was killed before it recorded anything, and left an empty file or one of zeros");
    }
    file.clear();
    file.seekg(0);
    json_reader reader(made);
    try {
        std::string line;
        bool lines = false; // ours: one record a line, so that a long trace needs no tree of all
        while (std::getline(file, line)) {
            while (!line.empty() && (line.back() == ',' || line.back() == '\r')) {
                line.pop_back();
            }
            if (line == "[" || line == "]" || line.empty()) {
                continue;
            }
            const auto record = nlohmann::json::parse(line, nullptr, false);
            if (!record.is_object() || !record.contains("ph")) {
                lines = false;
                break;
            }
            lines = true;
            reader.add(record);
        }
        if (!lines) {
            made = {};
            json_reader whole(made);
            file.clear();
            file.seekg(0);
            const auto json = nlohmann::json::parse(file);
            for (const auto& record : json.is_object() ? json.at("traceEvents") : json) {
                whole.add(record);
            }
        }
    } catch (const nlohmann::json::exception&) {
        refuse(path, "it is no Chrome trace: no JSON, or cut off in the middle");
    } catch (const fieldreel::data_error& problem) {
        refuse(path, problem.what());
    }
    return made;
}

struct arguments {
    std::string file;
    std::string output;
    std::string format = "text";
    std::size_t top = 50;
    trace::late_options late;
    trace::file_window window;
};

int recover(const arguments& given) {
    const trace::recovery made = trace::recover(given.file, given.output, given.window);
    if (made.blank) {
        std::printf("nothing to recover: its process was killed before it recorded anything, and left an empty file or "
                    "one of zeros; it is removed\n");
        return exit_code::done;
    }
    if (made.path.empty()) {
        std::printf("nothing to recover: its process had written the trace, or recorded nothing\n");
        return exit_code::done;
    }
    std::printf("%s: %zu events, %zu spans unfinished, %llu dropped\n", made.path.c_str(), made.events, made.unfinished,
                static_cast<unsigned long long>(made.dropped));
    return exit_code::done;
}

int summary(const arguments& given) {
    const read_trace read = read_any(given.file);
    const auto rows = trace::summarize(read.threads);
    if (given.format == "json") {
        nlohmann::ordered_json all = {{"spans", nlohmann::ordered_json::parse(trace::summary_json(rows))},
                                      {"dropped", read.dropped},
                                      {"left_out", read.left_out},
                                      {"late_limit_ms", given.late.limit_ms},
                                      {"late", nlohmann::ordered_json::array()}};
        for (const trace::late_frame& one : trace::late_frames(read.threads, given.late)) {
            const auto known = [](double value) {
                return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
            };
            all["late"].push_back({{"frame", known(one.frame)},
                                   {"time_s", known(one.time_s)},
                                   {"start_ms", one.start_ms},
                                   {"ms", one.duration_ms},
                                   {"stage", one.stage},
                                   {"stage_ms", one.stage_ms}});
        }
        std::printf("%s\n", all.dump(2).c_str());
        return exit_code::done;
    }
    if (given.format == "folded") {
        std::fputs(trace::folded(read.threads).c_str(), stdout);
        return exit_code::done;
    }
    std::fputs(trace::summary_table(rows, given.top).c_str(), stdout);
    if (read.dropped > 0) {
        std::printf("%llu events were dropped\n", static_cast<unsigned long long>(read.dropped));
    }
    if (read.left_out > 0) {
        std::printf("%llu events are not in the file: --trace-from, --trace-to or --trace-min-us left them out, so "
                    "counts and totals are of the rest, and self times hold what was left out inside\n",
                    static_cast<unsigned long long>(read.left_out));
    }
    const auto late = trace::late_frames(read.threads, given.late);
    std::printf("%zu steps took longer than %g ms%s\n", late.size(), given.late.limit_ms, late.empty() ? "" : ":");
    for (std::size_t i = 0; i < late.size() && i < given.top; ++i) {
        std::printf("  %s\n", trace::late_text(late[i]).c_str());
    }
    if (late.size() > given.top) {
        std::printf("  and %zu more\n", late.size() - given.top);
    }
    return exit_code::done;
}

} // namespace

void add_trace(CLI::App& app, int& result) {
    CLI::App* command = app.add_subcommand("trace", "Recovers the trace of a killed process; says where time went");
    command->require_subcommand(1);
    auto given = std::make_shared<arguments>();

    CLI::App* recovering = command->add_subcommand("recover", "Makes the trace that a killed process did not write");
    recovering->add_option("FILE", given->file, "The .part file it left, or the name its trace was to have")
        ->required();
    recovering->add_option("--output", given->output, "Where to write (left out: the trace's own name, or beside it)");
    recovering->add_option("--trace-from", given->window.from_s, "Leave out what ends earlier, seconds");
    recovering->add_option("--trace-to", given->window.to_s, "Leave out what begins later, seconds");
    recovering->add_option_function<double>(
        "--trace-min-us", [given](double us) { given->window.min_duration_s = us * 1e-6; },
        "Leave out shorter spans, microseconds");
    recovering->callback([given, &result] { result = recover(*given); });

    CLI::App* summing = command->add_subcommand("summary", "Prints the table of spans and the late steps of a trace");
    summing->add_option("FILE", given->file, "A Chrome trace, or a .part file, also of a process that still runs")
        ->required();
    summing->add_option("--format", given->format, "text, json, or folded (stacks for flame graphs)")
        ->check(CLI::IsMember({"text", "json", "folded"}));
    summing->add_option("--top", given->top, "Rows of the table, and late steps, at most");
    summing->add_option("--late-ms", given->late.limit_ms, "Steps that take longer are late")
        ->check(CLI::NonNegativeNumber);
    summing->callback([given, &result] { result = summary(*given); });
}
