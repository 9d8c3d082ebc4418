// SPDX-License-Identifier: MIT
#include "profile_compare.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>

#include "commands.hpp"

namespace {

using fieldreel::detail::text;
using nlohmann::json;

json read_report(const std::string& path) {
    std::ifstream in(path);
    if (!in) {
        throw fieldreel::file_error(path, text(path, " cannot be opened: ", std::strerror(errno),
                                               "; give two reports that fieldreel profile --report has written"));
    }
    json report = json::parse(in, nullptr, false);
    if (!report.is_object() || !report.contains("step_ms") || !report.contains("setup_seconds")) {
        throw fieldreel::file_error(
            path, text(path, " is no report of a profile; give two files that fieldreel profile --report has written"));
    }
    return report;
}

/// One number of a report, smaller is better. What changes less than `floor` is noise, whatever its ratio.
struct compared {
    std::string name;
    const char* unit;
    double floor;
    bool rare; ///< a tail, or measured once: it varies more from run to run
    std::optional<double> before = {}, after = {};
};

std::optional<double> number_at(const json& report, const json::json_pointer& at) {
    const bool there = report.contains(at) && report.at(at).is_number();
    return there ? std::optional(report.at(at).get<double>()) : std::nullopt;
}

/// The elements of a list by their member "name".
void add_named(std::vector<compared>& rows, const json& a, const json& b, const char* list, const char* member,
               const compared& as) {
    if (!a.contains(list) || !b.contains(list)) {
        return;
    }
    for (const json& one : a.at(list)) {
        for (const json& other : b.at(list)) {
            const bool often = one.value("count", 10) >= 10 && other.value("count", 10) >= 10; // of spans
            if (often && one.value("name", "") == other.value("name", "") && one.contains(member) &&
                other.contains(member)) {
                rows.push_back(as);
                rows.back().name = as.name + " " + one.value("name", "");
                rows.back().before = one.at(member).get<double>();
                rows.back().after = other.at(member).get<double>();
            }
        }
    }
}

std::vector<compared> compare(const json& a, const json& b) {
    std::vector<compared> rows;
    const auto add = [&](const char* at, const char* name, const char* unit, double floor, bool rare = false) {
        compared row{name, unit, floor, rare};
        const json::json_pointer pointer(at);
        row.before = number_at(a, pointer);
        row.after = number_at(b, pointer);
        if (row.before && row.after) {
            rows.push_back(std::move(row));
        }
    };
    add("/setup_seconds", "set-up", "s", 0.05, true);
    add("/first_frame_ms", "first frame", "ms", 2, true);
    add("/step_ms/p50", "step p50", "ms", 0.005);
    add("/step_ms/mean", "step mean", "ms", 0.1, true); // a step in a thousand that the system interrupts moves it
    add("/step_ms/p99", "step p99", "ms", 0.05, true);
    for (const char* stage : {"read", "overlay", "present"}) {
        add(text("/stages_ms/", stage, "/p50").c_str(), text(stage, " p50").c_str(), "ms", 0.005);
        add(text("/stages_ms/", stage, "/p99").c_str(), text(stage, " p99").c_str(), "ms", 0.05, true);
    }
    add_named(rows, a, b, "overlays", "ms_p50", {"overlay", "ms", 0.005, false});
    add_named(rows, a, b, "spans", "p50_ms", {"span", "ms", 0.005, false});
    add("/program_stutter/late", "scenes late", "", 4.5, true);
    add("/program_stutter/freezes_over_100_ms", "freezes > 100 ms", "", 1.5, true);
    add("/program_stutter/longest_freeze/ms", "longest freeze", "ms", 50, true);
    add("/program_stutter/refreshes_missed", "refreshes missed", "", 9.5, true);
    add("/program_stutter/frames_skipped_being_late", "frames skipped, late", "", 4.5, true);
    add("/private_mib", "private memory", "MiB", 4);
    add("/private_peak_mib", "private memory, most", "MiB", 4);
    add("/heap_peak_mib", "heap, most", "MiB", 1);
    const auto allocations_per_step = [](const json& report) -> std::optional<double> {
        const double steps = report.value("steps", 0.0);
        const json& phases = report.contains("memory_phases") ? report.at("memory_phases") : json::array();
        return steps > 0 && !phases.empty() && phases.back().contains("allocations")
                   ? std::optional(phases.back()["allocations"].get<double>() / steps)
                   : std::nullopt;
    };
    if (const auto before = allocations_per_step(a), after = allocations_per_step(b); before && after) {
        rows.push_back({"allocations per step", "", 0.1, false, before, after});
    }
    add("/rss_growth_mib_per_1000_steps", "memory growth", "MiB/1000 st.", 0.02);
    add("/cache/misses", "cache misses", "", 10);
    add("/cache/stalls", "cache stalls", "", 10);
    add("/cache/stall_ms/p99", "cache stall p99", "ms", 1, true);
    add("/cache/prefetch_wasted", "chunks read in vain", "", 10);
    return rows;
}

/// The options of a command line, each with its values, and what comes before them; not where the run writes to.
std::vector<std::string> options_of(const json& report) {
    std::vector<std::string> out;
    const auto add = [&out](const std::string& option) {
        const std::string name = option.substr(0, option.find(' '));
        if (!option.empty() && name != "--report" && name != "--table" && name != "--trace") {
            out.push_back(option);
        }
    };
    std::istringstream words(report.value("command", ""));
    std::string word, option;
    words >> word; // the program
    while (words >> word) {
        if (word.starts_with("--")) {
            add(option);
            option.clear();
            if (const std::size_t equals = word.find('='); equals != std::string::npos) {
                word[equals] = ' ';
            }
        }
        option += (option.empty() ? "" : " ") + word;
    }
    add(option);
    std::sort(out.begin(), out.end());
    return out;
}

/// What makes the two runs hard to compare, one sentence each.
std::vector<std::string> differences(const json& a, const json& b) {
    std::vector<std::string> out;
    const auto check = [&](const char* at, const char* name) {
        const json::json_pointer pointer(at);
        const json before = a.contains(pointer) ? a.at(pointer) : json();
        const json after = b.contains(pointer) ? b.at(pointer) : json();
        if (before != after) {
            out.push_back(text(name, ": ", before.dump(), " and ", after.dump()));
        }
    };
    check("/recording", "recording");
    check("/frames", "frames");
    check("/bins", "bins");
    check("/value_type", "type of the values");
    check("/mode", "mode");
    check("/stage", "stage");
    check("/access", "access");
    if (a.value("mode", "") != "soak") {
        check("/steps", "steps");
    }
    check("/frame_rate_hz", "frames per second");
    check("/field", "field");
    check("/cell", "cell");
    check("/place_field", "place field");
    check("/program_stutter/pacing", "pacing");
    check("/program_stutter/target_fps", "scenes per second");
    const auto names_of = [](const json& report, const char* list, const char* member) {
        std::vector<std::string> names;
        for (const json& one : report.contains(list) ? report.at(list) : json::array()) {
            names.push_back(one.value(member, ""));
        }
        return fieldreel::detail::join(names);
    };
    const auto check_names = [&](const char* list, const char* member, const char* name) {
        const std::string before = names_of(a, list, member), after = names_of(b, list, member);
        if (before != after) {
            out.push_back(text(name, ": ", before.empty() ? "none" : before.c_str(), " and ",
                               after.empty() ? "none" : after.c_str()));
        }
    };
    check_names("overlays", "name", "overlays");
    check_names("inputs", "file", "input files");
    const std::vector<std::string> before = options_of(a), after = options_of(b);
    const auto only = [](const std::vector<std::string>& these, const std::vector<std::string>& those) {
        std::vector<std::string> left;
        std::set_difference(these.begin(), these.end(), those.begin(), those.end(), std::back_inserter(left));
        return left.empty() ? std::string("none") : fieldreel::detail::join(left);
    };
    if (before != after) {
        out.push_back(
            text("the command's options; only in A: ", only(before, after), "; only in B: ", only(after, before)));
    }
    check("/machine/processor", "processor");
    check("/machine/cores", "cores");
    check("/machine/compiler", "compiler");
    check("/interrupted", "interrupted");
    if (out.empty() && a.value("mode", "") != "soak") {
        check("/checksum", "the same run, but what it showed differs; checksum");
    }
    return out;
}

} // namespace

void compare_arguments::add_to(CLI::App& command) {
    command.add_option("A.json", before, "The report to compare with")->required();
    command.add_option("B.json", after, "The report in question")->required();
    command
        .add_option("--threshold", threshold,
                    "So many times as much is clearly worse; of p99, and of what happens once, "
                    "twice the excess")
        ->check([](const std::string& word) {
            char* end = nullptr;
            const double value = std::strtod(word.c_str(), &end);
            return *end == '\0' && value > 1 && value <= 1000
                       ? std::string()
                       : word + " was given; factors above 1, up to 1000, are allowed";
        })
        ->capture_default_str();
    command.footer("Ends with 0 when nothing got clearly worse, with 1 when something did.");
}

int compare_reports(const compare_arguments& given) {
    const json a = read_report(given.before);
    const json b = read_report(given.after);
    const auto title = [](const char* letter, const std::string& path, const json& report) {
        std::printf("%s: %s (%s, --mode %s, %zu steps)\n", letter, path.c_str(), report.value("recording", "").c_str(),
                    report.value("mode", "headless").c_str(), report.value("steps", std::size_t{0}));
    };
    title("A", given.before, a);
    title("B", given.after, b);
    for (const std::string& difference : differences(a, b)) {
        std::printf("note: not the same in both: %s\n", difference.c_str());
    }
    std::vector<std::string> worse;
    std::printf("%-28s %12s %12s %-12s %8s\n", "", "A", "B", "", "B / A");
    for (const compared& row : compare(a, b)) {
        const double factor = row.rare ? 1 + 2 * (given.threshold - 1) : given.threshold;
        const double change = *row.after - *row.before;
        const double ratio = *row.before > 0 ? *row.after / *row.before : change > 0 ? INFINITY : 1;
        const bool is_worse = change > row.floor && ratio > factor;
        const bool is_better = -change > row.floor && ratio < 1 / factor;
        char times[32];
        std::snprintf(times, sizeof times, ratio < 1000 ? "%.2f" : "> 1000", ratio);
        std::printf("  %-26s %12.4g %12.4g %-12s %8s%s\n", row.name.c_str(), *row.before, *row.after, row.unit, times,
                    is_worse    ? "  worse"
                    : is_better ? "  better"
                                : "");
        if (is_worse) {
            worse.push_back(ratio < 1000 ? text(row.name, " (", times, " times)")
                                         : text(row.name, " (from next to nothing)"));
        }
    }
    const auto growth = [](const json& report) {
        return report.contains("growth") ? report.at("growth").value("verdict", "") : std::string();
    };
    if (growth(b) == "leak" && growth(a) != "leak") {
        worse.push_back(text("memory (", growth(a), " in A, leak in B)"));
    }
    if (worse.empty()) {
        std::printf("\nNothing got clearly worse (%.3g times as much, %.3g times for p99 and what happens once).\n",
                    given.threshold, 1 + 2 * (given.threshold - 1));
        return done;
    }
    std::printf("\nWorse: %s.\n", fieldreel::detail::join(worse).c_str());
    return failed;
}
