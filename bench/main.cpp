// SPDX-License-Identifier: MIT
// Runs all benchmarks with their repetitions interleaved at random, and turns the medians into one row per claim.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "support/claim.hpp"

namespace {

struct options {
    std::string json;
    std::string filter = ".";
    std::string readme;
    bool quick = false;
    std::string command = "bench/run.sh"; // as far as it decides what was measured
};

[[noreturn]] void usage(const std::string& sentence) {
    std::cerr << "fieldreel_bench: " << sentence
              << "\nusage: fieldreel_bench [--json FILE] [--filter RE] [--quick] [--readme FILE]\n";
    std::exit(2);
}

options parse(int argc, char** argv) {
    options out;
    for (int i = 1; i < argc; ++i) {
        const std::string_view name = argv[i];
        const auto value = [&] {
            if (i + 1 == argc) {
                usage(std::string(name) + " needs a value");
            }
            return std::string(argv[++i]);
        };
        if (name == "--quick") {
            out.quick = true;
            out.command += " --quick";
        } else if (name == "--json") {
            out.json = value();
        } else if (name == "--filter") {
            out.filter = value();
            out.command += " --filter '" + out.filter + "'";
        } else if (name == "--readme") {
            out.readme = value();
        } else {
            usage("unknown option " + std::string(name));
        }
    }
    return out;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Seconds per unit; nothing for units that are no times.
std::optional<double> seconds_in(std::string_view unit) {
    if (unit == "ns") {
        return 1e-9;
    } else if (unit == "us" || unit == "µs") {
        return 1e-6;
    } else if (unit == "ms") {
        return 1e-3;
    } else if (unit == "s") {
        return 1;
    }
    return std::nullopt;
}

/// What one benchmark measured, repetition by repetition.
struct measured {
    std::vector<double> seconds;
    std::vector<double> values; // of the counter "value"
};

class collector : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.run_type != Run::RT_Iteration) {
                continue;
            }
            const std::string& name = run.run_name.function_name;
            if (run.error_occurred) {
                errors.push_back(run.benchmark_name() + ": " + run.error_message);
                continue;
            }
            if (!run.run_name.args.empty()) {
                errors.push_back(run.benchmark_name() +
                                 ": a claim's benchmark takes no arguments, make one claim for each");
                continue;
            }
            const bool real = !run.run_name.time_type.empty(); // "real_time" or "manual_time"
            const double per_iteration = real ? run.GetAdjustedRealTime() : run.GetAdjustedCPUTime();
            results[name].seconds.push_back(per_iteration / benchmark::GetTimeUnitMultiplier(run.time_unit));
            if (const auto counter = run.counters.find("value"); counter != run.counters.end()) {
                results[name].values.push_back(counter->second);
            }
        }
        if (isatty(STDERR_FILENO) != 0) {
            std::cerr << "\r" << ++reported_ << " benchmarks done " << std::flush;
        }
    }
    void Finalize() override {
        if (isatty(STDERR_FILENO) != 0) {
            std::cerr << "\n";
        }
    }

    std::map<std::string, measured> results;
    std::vector<std::string> errors;

private:
    int reported_ = 0;
};

struct row {
    bench::claim::row claim;
    double ours = 0;
    std::optional<double> peer;
    std::optional<double> ratio;
    std::optional<bool> met;
};

struct target {
    bool at_least = true;
    double bound = 0;
};

std::optional<target> parse_target(std::string_view text) {
    target out;
    if (text.starts_with("≥") || text.starts_with(">=")) {
        text.remove_prefix(text.starts_with("≥") ? std::string_view("≥").size() : 2);
    } else if (text.starts_with("≤") || text.starts_with("<=")) {
        out.at_least = false;
        text.remove_prefix(text.starts_with("≤") ? std::string_view("≤").size() : 2);
    } else {
        return std::nullopt;
    }
    while (text.starts_with(' ')) {
        text.remove_prefix(1);
    }
    const auto end = std::from_chars(text.data(), text.data() + text.size(), out.bound);
    const std::string_view rest(end.ptr, static_cast<std::size_t>(text.data() + text.size() - end.ptr));
    if (end.ec != std::errc() || (!rest.empty() && rest != "×" && rest != "x")) {
        return std::nullopt;
    }
    return out;
}

/// The figure of one side, or nothing when it did not run.
std::optional<double> figure(const collector& run, const bench::claim::row& claim, const std::string& side,
                             std::vector<std::string>& errors) {
    const auto found = run.results.find(claim.name + "/" + side);
    if (found == run.results.end()) {
        return std::nullopt;
    }
    if (!found->second.values.empty()) {
        return median(found->second.values);
    }
    const auto unit = seconds_in(claim.unit);
    if (!unit) {
        errors.push_back(found->first + ": the unit \"" + claim.unit +
                         "\" is no time (ns, µs, ms, s), so the benchmark must report the counter \"value\"");
        return std::nullopt;
    }
    return median(found->second.seconds) / *unit;
}

std::vector<row> make_rows(const collector& run, bool everything_ran, std::vector<std::string>& errors) {
    std::vector<row> rows;
    for (const auto& claim : bench::claim::all()) {
        const auto ours = figure(run, claim, "ours", errors);
        const auto peer = figure(run, claim, "peer", errors);
        const auto wanted = parse_target(claim.target);
        if (!claim.target.empty() && !wanted) {
            errors.push_back(claim.name + ": the target \"" + claim.target +
                             "\" is not of the form \"≥ 15\" or \"≤ 1.5\"");
            continue;
        }
        if (!ours || (wanted && !peer)) {
            const bool said = std::any_of(errors.begin(), errors.end(), [&](const std::string& error) {
                return error.starts_with(claim.name + "/");
            });
            if (everything_ran && !said) {
                errors.push_back(claim.name + ": there is no result of a benchmark \"" + claim.name + "/" +
                                 (ours ? "peer" : "ours") + "\"");
            }
            continue;
        }
        row out{claim, *ours, peer, std::nullopt, std::nullopt};
        if (peer) {
            out.ratio = !wanted || wanted->at_least ? *peer / *ours : *ours / *peer;
        }
        if (wanted) {
            out.met = wanted->at_least ? *out.ratio >= wanted->bound : *out.ratio <= wanted->bound;
        }
        rows.push_back(std::move(out));
    }
    return rows;
}

/// Three significant digits, no exponent.
std::string number(double value) {
    if (!std::isfinite(value)) {
        return value > 0 ? "∞" : "–";
    }
    const double size = std::abs(value);
    const int digits = size == 0 ? 0 : std::clamp(2 - static_cast<int>(std::floor(std::log10(size))), 0, 9);
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f", digits, value);
    return buffer;
}

std::vector<std::string> cells(const row& in) {
    return {in.claim.name,
            number(in.ours),
            in.peer ? number(*in.peer) : "–",
            in.claim.unit,
            in.ratio ? number(*in.ratio) : "–",
            in.claim.target.empty() ? "–" : in.claim.target,
            !in.met   ? "–"
            : *in.met ? "yes"
                      : "NO"};
}

/// How many characters a terminal shows.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// A Markdown table whose columns also line up in a terminal.
std::string table(const std::vector<row>& rows) {
    std::vector<std::vector<std::string>> lines = {{"claim", "ours", "peer", "unit", "ratio", "target", "met"}};
    for (const row& in : rows) {
        lines.push_back(cells(in));
    }
    std::vector<std::size_t> widths(lines[0].size());
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], width(line[i]));
        }
    }
    const auto is_number = [](std::size_t column) { return column == 1 || column == 2 || column == 4; };
    std::string out;
    for (std::size_t k = 0; k < lines.size(); ++k) {
        for (std::size_t i = 0; i < lines[k].size(); ++i) {
            const std::string gap(widths[i] - width(lines[k][i]), ' ');
            out += is_number(i) ? "| " + gap + lines[k][i] + " " : "| " + lines[k][i] + gap + " ";
        }
        out += "|\n";
        if (k == 0) {
            for (std::size_t i = 0; i < widths.size(); ++i) {
                out += "|" + std::string(widths[i] + (is_number(i) ? 1 : 2), '-') + (is_number(i) ? ":" : "");
            }
            out += "|\n";
        }
    }
    return out;
}

std::string processor() {
    std::ifstream in("/proc/cpuinfo");
    std::string line;
    std::string name = "unknown processor";
    while (std::getline(in, line)) {
        if (line.starts_with("model name") && line.find(": ") != std::string::npos) {
            name = line.substr(line.find(": ") + 2);
            break;
        }
    }
    return name + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores";
}

std::string compiler() {
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "g++ " __VERSION__;
#else
    return "unknown compiler";
#endif
}

/// What was measured where, and the geometric mean of the ratios "peer / ours".
std::string summary(const std::vector<row>& rows, const options& chosen) {
    double sum = 0;
    int count = 0;
    for (const row& in : rows) {
        if (in.ratio && !in.claim.target.starts_with("≤") && *in.ratio > 0 && std::isfinite(*in.ratio)) {
            sum += std::log(*in.ratio);
            ++count;
        }
    }
    std::string out;
    if (count > 0) {
        out += "Geometric mean of peer / ours over " + std::to_string(count) +
               " comparisons: " + number(std::exp(sum / count)) + ". ";
    }
    return out + "Measured on " + processor() + ", " + compiler() + ", with `" + chosen.command +
           "` (medians; our and the peer's repetitions interleaved at random).\n";
}

void write_json(const std::string& path, const std::vector<row>& rows) {
    using nlohmann::ordered_json;
    const auto or_null = [](const auto& value) { return value ? ordered_json(*value) : ordered_json(nullptr); };
    const auto rounded = [](std::optional<double> value) { // six digits: more of them say nothing
        char buffer[64] = "";
        std::snprintf(buffer, sizeof buffer, "%.6g", value.value_or(0));
        return value ? std::optional(std::strtod(buffer, nullptr)) : std::nullopt;
    };
    std::string out = "[\n";
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const row& in = rows[i];
        const ordered_json line = {
            {"claim", in.claim.name}, {"ours", or_null(rounded(in.ours))},   {"peer", or_null(rounded(in.peer))},
            {"unit", in.claim.unit},  {"ratio", or_null(rounded(in.ratio))}, {"target", in.claim.target},
            {"met", or_null(in.met)}};
        out += line.dump() + (i + 1 < rows.size() ? ",\n" : "\n");
    }
    out += "]\n";
    if (!(std::ofstream(path) << out << std::flush)) {
        usage("cannot write " + path);
    }
}

void write_readme(const std::string& path, const std::string& text) {
    constexpr std::string_view begin = "<!-- bench:begin -->";
    constexpr std::string_view end = "<!-- bench:end -->";
    std::ifstream in(path, std::ios::binary);
    std::string all{std::istreambuf_iterator<char>(in), {}};
    const std::size_t from = all.find(begin);
    const std::size_t to = from == std::string::npos ? from : all.find(end, from);
    if (!in || to == std::string::npos) {
        usage(path + " has no lines " + std::string(begin) + " and " + std::string(end));
    }
    all.replace(from, to - from, std::string(begin) + "\n" + text);
    in.close();
    if (!(std::ofstream(path, std::ios::binary) << all << std::flush)) {
        usage("cannot write " + path);
    }
}

} // namespace

int main(int argc, char** argv) {
    const options chosen = parse(argc, argv);
    try {
        const std::regex check(chosen.filter);
    } catch (const std::regex_error& refused) {
        usage("--filter " + chosen.filter + " is no regular expression: " + refused.what());
    }

    std::vector<std::string> flags = {argv[0], "--benchmark_filter=" + chosen.filter};
    if (chosen.quick) {
        ::setenv("FIELDREEL_BENCH_QUICK", "1", 1); // benchmarks of big data take less of it
        flags.insert(flags.end(), {"--benchmark_min_time=0.001", "--benchmark_repetitions=1"});
    } else {
        flags.insert(flags.end(), {"--benchmark_min_time=0.1", "--benchmark_repetitions=7",
                                   "--benchmark_enable_random_interleaving=true"});
    }
    std::vector<char*> pointers;
    for (std::string& flag : flags) {
        pointers.push_back(flag.data());
    }
    int count = static_cast<int>(pointers.size());
    benchmark::Initialize(&count, pointers.data());

    collector run;
    const std::size_t ran = benchmark::RunSpecifiedBenchmarks(&run);
    benchmark::Shutdown();

    std::vector<std::string> errors = run.errors;
    std::set<std::string> names;
    for (const auto& claim : bench::claim::all()) {
        if (!names.insert(claim.name).second) {
            errors.push_back(claim.name + ": claimed twice");
        }
    }
    if (ran == 0) {
        errors.push_back("no benchmark matches " + chosen.filter);
    }
    const std::vector<row> rows = make_rows(run, chosen.filter == ".", errors);

    std::cout << table(rows) << "\n" << summary(rows, chosen);
    if (!chosen.json.empty()) {
        write_json(chosen.json, rows);
    }
    if (!chosen.readme.empty() && errors.empty()) {
        write_readme(chosen.readme, table(rows) + "\n" + summary(rows, chosen));
    }
    bool good = errors.empty();
    for (const std::string& error : errors) {
        std::cerr << "error: " << error << "\n";
    }
    for (const row& in : rows) {
        if (!chosen.quick && in.met && !*in.met) {
            std::cerr << "not met: " << in.claim.name << " should be " << in.claim.target << " and is "
                      << number(*in.ratio) << "\n";
            good = false;
        }
    }
    return good ? 0 : 1;
}
