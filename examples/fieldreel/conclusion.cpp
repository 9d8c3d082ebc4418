// SPDX-License-Identifier: MIT
#include "conclusion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace {

using fieldreel::cause_found;
using fieldreel::step_cause;

template <class... Values>
std::string formatted(const char* format, Values... values) {
    char line[600];
    std::snprintf(line, sizeof line, format, values...);
    return line;
}

std::string counted(std::size_t n, const char* one, const char* more) {
    return std::to_string(n) + " " + (n == 1 ? one : more);
}

/// The causes of many steps: the commonest, how often, and the lengths.
struct commonest {
    cause_found cause;
    std::size_t times = 0;
    double ms = 0; ///< the median
    double least_ms = 0;
    double most_ms = 0;
};
struct caused {
    cause_found cause;
    double ms;
};
commonest commonest_of(const std::vector<caused>& all) {
    std::array<std::vector<double>, fieldreel::step_cause_count> ms;
    for (const caused& c : all) {
        ms[static_cast<std::size_t>(c.cause.cause)].push_back(c.ms);
    }
    const auto most =
        std::max_element(ms.begin(), ms.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    commonest out;
    out.times = most->size();
    const auto middle = most->begin() + static_cast<std::ptrdiff_t>(most->size() / 2);
    std::nth_element(most->begin(), middle, most->end());
    out.ms = *middle;
    const auto [least, longest] = std::minmax_element(most->begin(), most->end());
    out.least_ms = *least;
    out.most_ms = *longest;
    const auto cause = static_cast<step_cause>(most - ms.begin());
    for (const caused& c : all) {
        if (c.cause.cause == cause) {
            out.cause = c.cause;
            break;
        }
    }
    return out;
}

class conclusion {
public:
    explicit conclusion(const conclusion_facts& facts) : facts_(facts), all_(facts.stutter) {}

    std::string about_program() const {
        const std::vector<played_pass>& passes = all_.passes;
        const auto worse = [](const played_pass& a, const played_pass& b) {
            return a.found.freezes.size() != b.found.freezes.size() ? a.found.freezes.size() < b.found.freezes.size()
                   : a.found.late != b.found.late                   ? a.found.late < b.found.late
                                                                    : a.longest_step_ms < b.longest_step_ms;
        };
        const played_pass& worst = *std::max_element(passes.begin(), passes.end(), worse);
        const bool predicted = worst.pacing == "predicted";
        const fieldreel::program_stutter& found = worst.found;
        const std::string begin = worst.name.empty()     ? ""
                                  : worst.name == "cold" ? "From the disk (cold): "
                                                         : "From memory (warm): ";
        if (!found.freezes.empty()) {
            std::vector<caused> causes;
            for (const fieldreel::freeze& f : found.freezes) {
                causes.push_back({f.cause, f.ms});
            }
            const commonest most = commonest_of(causes);
            if (predicted && reads_ahead_of(most.cause)) {
                return begin +
                       formatted("Played without a pause, %zu of %zu steps froze for more than 100 ms", causes.size(),
                                 found.shown) +
                       shares(most, causes.size(), ", " + lengths(most)) + "; " + time_to_read_ahead(found) + ".";
            }
            return begin + counted(causes.size(), "freeze", "freezes") +
                   formatted(" > 100 ms %sin %s s", predicted ? "would come " : "",
                             number_words(found.seconds).c_str()) +
                   shares(most, causes.size(), ", " + lengths(most)) + "; " + remedy(most.cause) +
                   better_when_warm(worst) + ".";
        }
        if (found.late > 0) {
            std::vector<caused> causes;
            double latest_ms = 0;
            for (const fieldreel::late_step& s : found.late_steps) {
                causes.push_back({s.cause, s.late_ms});
                latest_ms = (std::max)(latest_ms, s.late_ms);
            }
            const commonest most = commonest_of(causes);
            if (predicted && reads_ahead_of(most.cause)) {
                return begin +
                       formatted(
                           "Played without a pause, %zu of %zu steps took longer than the %s of a scene, up to %s",
                           found.late, found.shown, ms_words(1000 / found.target_hz).c_str(),
                           ms_words(worst.longest_step_ms).c_str()) +
                       shares(most, causes.size(), "") + "; " + time_to_read_ahead(found) + ".";
            }
            const std::string what =
                formatted("%zu of %zu scenes %s late at %g per second, by up to %s", found.late, found.shown,
                          predicted ? "would be" : "came", found.target_hz, ms_words(latest_ms).c_str());
            return begin + what + shares(most, causes.size(), "") + "; " + remedy(most.cause) +
                   better_when_warm(worst) + ".";
        }
        return smooth(worst, predicted);
    }

    std::string about_data() const {
        const data_found& d = all_.data;
        std::vector<std::string> found = holes();
        if (d.tracking && d.tracking->seconds > 0) {
            const double all_s = d.tracking->seconds;
            const auto share = [&](const fieldreel::sample_runs& runs) { return 100 * runs.seconds() / all_s; };
            if (share(d.tracking->interpolated) >= 1) {
                found.push_back(formatted("%.0f %% of the tracking was lost and filled in with straight lines "
                                          "(--drop-interpolated shows it as lost)",
                                          share(d.tracking->interpolated)));
            }
            if (share(d.tracking->lost) >= 1) {
                found.push_back(formatted("tracking is lost for %.0f %% of the time", share(d.tracking->lost)));
            } else if (d.tracking->lost.count() > 0 && d.tracking->lost.longest().duration_s() > hole_s()) {
                const fieldreel::sample_run& longest = d.tracking->lost.longest();
                found.push_back("tracking is lost for " + duration(longest.duration_s()) + " at " +
                                moment(longest.start_s));
            }
            if (const std::size_t jumps = d.tracking->jumps.size(); jumps > 0) {
                found.push_back("the position jumps at " + moment(d.tracking->jumps.front().start_s) +
                                (jumps > 1 ? " and " + counted(jumps - 1, "more time", "more times") : ""));
            }
            if (share(d.tracking->still) >= 5) {
                found.push_back(
                    formatted("the animal stands exactly still for %.0f %% of the time (asleep, or tracking "
                              "is stuck)",
                              share(d.tracking->still)));
            }
        }
        if (d.equal && d.equal->share() >= 0.05) {
            found.push_back(formatted("%.0f %% of the frames equal the one before them", 100 * d.equal->share()));
        }
        for (const auto& [what, times] : {std::pair{"positions", &d.samples}, std::pair{"field", &d.frames}}) {
            const auto& e = *times;
            if (e && e->samples > 1 && 200 * e->long_count >= e->samples) {
                found.push_back(formatted("%zu steps of the %s are longer than 1.5 x %s, the longest %s", e->long_count,
                                          what, ms_words(1000 * e->median_s).c_str(),
                                          ms_words(1000 * e->longest.seconds).c_str()));
                break; // one of the two says it
            }
        }
        if (d.judder.uneven_per_s >= 0.2 && d.judder.uneven_share() >= 0.02) {
            found.push_back(formatted("at %g scenes per second %s changes of the picture per second come unevenly",
                                      d.judder.display_hz, number_words(d.judder.uneven_per_s, 2).c_str()) +
                            better_rates());
        } else if (d.judder.changes_per_s > 0 && d.judder.changes_per_s < 12) {
            found.push_back(formatted("the picture changes only %.2g times per second", d.judder.changes_per_s));
        }
        if (found.empty()) {
            return "The data are even: nothing in them looks like stutter.";
        }
        std::string out = "The data themselves stutter: " + found[0];
        for (std::size_t i = 1; i < (std::min)(found.size(), std::size_t{4}); ++i) {
            out += "; " + found[i];
        }
        return out + ".";
    }

    std::string about_memory() const {
        return facts_.memory == "no leak" ? "Memory does not grow while playing."
               : facts_.memory == "too few steps"
                   ? "Too few steps to see whether memory grows; play more with " + facts_.play_more_with + "."
               : facts_.memory == "leak"
                   ? formatted("Memory leaks: it grew all through the run, %s MiB per 1000 steps; see which overlay or "
                               "source it is with --overlay none, --stage and --mode memory.",
                               number_words(facts_.mib_per_1000_steps).c_str())
                   : "Memory grew in a part of the run; play more with " + facts_.play_more_with +
                         " to see whether it goes on.";
    }
    /// Of a run of which each step's waiting was not noted: one stage alone, or a soak.
    std::string about_steps() const {
        constexpr double period_ms = 33;
        return !facts_.stage.empty() ? formatted("The stage %s alone takes %s in 99 of 100 steps, of the 33 ms that "
                                                 "30 frames per second leave.",
                                                 facts_.stage.c_str(), ms_words(facts_.step_ms_p99, 2).c_str())
               : facts_.step_ms_p99 <= period_ms
                   ? formatted("99 of 100 steps take at most %s, wherever they went; 30 frames per second leave 33 "
                               "ms.",
                               ms_words(facts_.step_ms_p99, 2).c_str())
                   : formatted("1 of 100 steps takes %s or more, and 30 frames per second leave 33 ms; --mode play "
                               "tells what they wait for.",
                               ms_words(facts_.step_ms_p99).c_str());
    }

private:
    /// ", 6 of 7 waited for /mnt/lab (nfs4)".
    std::string shares(const commonest& most, std::size_t all, const std::string& each) const {
        const std::string how_many = all == 1            ? "it"
                                     : most.times == all ? "all"
                                                         : std::to_string(most.times) + " of " + std::to_string(all);
        return "; " + how_many + " " + waited(most.cause) + each;
    }
    /// "243 ms", "243 ms each", where they differ "134 to 900 ms".
    static std::string lengths(const commonest& most) {
        const auto words = [](double ms) { return ms < 999.5 ? formatted("%.0f ms", ms) : duration(ms / 1000); };
        if (most.times == 1) {
            return words(most.ms);
        }
        if (most.most_ms <= 1.5 * most.least_ms) {
            return words(most.ms) + " each";
        }
        const std::string longest = words(most.most_ms);
        return longest.ends_with(" ms") ? formatted("%.0f to ", most.least_ms) + longest
                                        : words(most.least_ms) + " to " + longest;
    }

    /// "3 s", "410 ms".
    static std::string duration(double seconds) { return ms_words(1000 * seconds); }
    /// Of the recording, to 10 ms.
    static std::string moment(double time_s) { return formatted("%.12g s", std::round(100 * time_s) / 100); }
    /// Seconds of the recording without data that are seen as a stop: 100 ms, and three scenes.
    double hole_s() const { return (std::max)(0.1, 3 / all_.data.fps) * std::abs(all_.data.speed); }
    /// " (--fps 25 or 50: 0)".
    std::string better_rates() const {
        const auto& [better, too] = std::pair(all_.data.better, all_.data.better_too);
        if (!better) {
            return "";
        }
        return formatted(" (--fps %g", better->display_hz) + (too ? formatted(" or %g", too->display_hz) : "") + ": " +
               number_words(better->uneven_per_s, 2) + ")";
    }
    /// "the positions have a gap of 3 s at 12.4 s", and the same of the field where it has others.
    std::vector<std::string> holes() const {
        constexpr std::size_t most = 3;
        std::vector<std::string> out;
        std::vector<fieldreel::long_step> told;
        const auto overlaps_told = [&](const fieldreel::long_step& gap) {
            return std::any_of(told.begin(), told.end(), [&](const fieldreel::long_step& other) {
                return gap.at_s < other.at_s + other.seconds && other.at_s < gap.at_s + gap.seconds;
            });
        };
        for (const bool field : {false, true}) {
            const auto& times = field ? all_.data.frames : all_.data.samples;
            std::vector<fieldreel::long_step> gaps;
            if (times) {
                std::copy_if(times->long_steps.begin(), times->long_steps.end(), std::back_inserter(gaps),
                             [&](const auto& step) { return step.seconds > hole_s() && !overlaps_told(step); });
            }
            if (gaps.empty()) {
                continue;
            }
            told.insert(told.end(), gaps.begin(), gaps.end());
            std::stable_sort(gaps.begin(), gaps.end(),
                             [](const auto& a, const auto& b) { return a.seconds > b.seconds; });
            std::string list;
            for (std::size_t i = 0; i < (std::min)(gaps.size(), most); ++i) {
                list += (i > 0 ? ", " : "") + duration(gaps[i].seconds) + " at " + moment(gaps[i].at_s);
            }
            if (gaps.size() > most) {
                list += formatted(" and %zu more", gaps.size() - most);
            }
            out.push_back(std::string(field ? "the field has " : "the positions have ") +
                          (gaps.size() == 1 ? "a gap of " : "gaps: ") + list);
        }
        return out;
    }

    bool slowed() const { return all_.slowed_ms > 0; }
    /// The file that is waited for: the largest on a network, else the largest.
    const input_file* file() const {
        const input_file* out = nullptr;
        for (const input_file& input : all_.inputs) {
            if (out == nullptr || (input.mount.network() && !out->mount.network())) {
                out = &input;
            }
        }
        return out;
    }

    std::string waited(const cause_found& cause) const {
        const std::string stage(cause.stage);
        switch (cause.cause) {
        case step_cause::work:
            return stage == "read" ? "spent the time computing frames"
                   : stage == "overlay"
                       ? "spent the time on overlays" +
                             (facts_.slowest_overlay.empty() ? std::string() : ", most on " + facts_.slowest_overlay)
                       : "spent the time in the viewer";
        case step_cause::disk:
        case step_cause::source:
            if (slowed()) {
                return formatted("waited for the source, which --source-latency-ms slows by %g ms a read",
                                 all_.slowed_ms);
            }
            if (const input_file* const input = file();
                input != nullptr && (cause.cause == step_cause::disk || input->mount.network())) {
                return (input->mount.network() ? "waited for " : "waited for the disk of ") + input->mount.words();
            }
            return cause.cause == step_cause::disk ? "waited for the disk" : "waited for the source of the frames";
        case step_cause::viewer: return "waited for the display";
        case step_cause::lock: return "waited for a lock or a sleep in stage " + stage;
        case step_cause::processor: return "waited for a processor that other programs had";
        case step_cause::quota: return "lost the time to the processor quota of the control group";
        case step_cause::late_start: break;
        }
        return "began late, as the machine was busy with something else";
    }

    std::string remedy(const cause_found& cause) const {
        switch (cause.cause) {
        case step_cause::work:
            if (cause.stage == "read") {
                const std::size_t threads = more_threads();
                const std::string slower =
                    "--target-hz " +
                    number_words(facts_.sustainable_frames_per_s > 0 ? 0.8 * facts_.sustainable_frames_per_s : 10, 2);
                return facts_.prefetch_threads == 0 ? "try --prefetch " + first_threads() +
                                                          " (frames are then made before they are due) or " + slower
                       : threads > 0 ? "try --prefetch " + std::to_string(threads) + " or " + slower
                                     : "try " + slower;
            }
            return cause.stage == "overlay" ? "draw fewer (--overlay NAME), or a shorter trail"
                                            : "try a smaller window, or export a film";
        case step_cause::disk:
        case step_cause::source: {
            std::string out;
            if (cause.stage == "overlay") { // no cache is between
            } else if (all_.lru) {
                out = "try --policy playhead, which reads ahead,";
            } else if (facts_.prefetch_threads == 0) {
                out = "try --prefetch " + first_threads();
                if (const std::size_t frames = chunk_that_hides_latency(); frames > 0) {
                    out += formatted(" with --cache-chunk-size %zu", frames);
                }
            } else {
                out = keep_up();
            }
            const input_file* const input = slowed() ? nullptr : file();
            if (input != nullptr) {
                double bytes = static_cast<double>(input->bytes);
                std::string what = std::filesystem::path(input->path).filename().string();
                if (cause.stage == "overlay") { // some other file than the field's
                    what = "the recording";
                    bytes = 0;
                    for (const input_file& each : all_.inputs) {
                        bytes += static_cast<double>(each.bytes);
                    }
                }
                out += std::string(out.empty() ? "" : " or ") + "copy " + what + " (" + byte_words(bytes) + ") to " +
                       (input->mount.network() ? "a local disk" : "a faster disk");
            }
            if (out.ends_with(',')) {
                out.pop_back();
            }
            return out.empty() ? "record --trace t.json and look at these steps" : out;
        }
        case step_cause::viewer: return "its refresh sets the pace: play at it with --fps";
        case step_cause::lock: return "record --trace t.json and look at these steps";
        case step_cause::processor: return "end other programs, or ask for more cores";
        case step_cause::quota: return "ask for a larger quota, or use fewer threads (--prefetch 1)";
        case step_cause::late_start: break;
        }
        return "end other programs and play again";
    }

    bool one_reader() const { return facts_.one_reader || slowed(); }
    /// How many to try where nothing reads ahead.
    std::string first_threads() const { return one_reader() ? "1" : "2"; }
    /// Threads that would keep up: only where reads go on at once and those there are have no time left. Else 0.
    std::size_t more_threads() const {
        constexpr std::size_t most = 16;
        if (one_reader()) {
            return 0;
        }
        const std::size_t next = facts_.prefetch_threads + 1;
        if (!(facts_.frames_per_s > 0 && facts_.chunk_read_s > 0 && facts_.chunk_frames > 0)) {
            return next; // not known how busy they are
        }
        const double busy = facts_.frames_per_s * facts_.chunk_read_s / static_cast<double>(facts_.chunk_frames);
        if (busy < 0.8 * static_cast<double>(facts_.prefetch_threads)) {
            return 0;
        }
        const double enough = std::ceil((std::min)(1.2 * busy, static_cast<double>(most)));
        return (std::max)(next, static_cast<std::size_t>(enough));
    }
    /// Frames that last 1.5 times as long as a read waits; 0 where that is not known, or they are that many.
    std::size_t chunk_that_hides_latency() const {
        constexpr double most = 10'000;
        const double latency_s = slowed() ? all_.slowed_ms / 1000 : facts_.chunk_read_s;
        const double frames = std::ceil(1.5 * latency_s * facts_.frames_per_s - 1e-9);
        return frames >= 2 && frames <= most && frames > static_cast<double>(facts_.chunk_frames)
                   ? static_cast<std::size_t>(frames)
                   : 0;
    }
    /// What helps where chunks are read ahead, but not soon enough.
    std::string keep_up() const {
        const double sustained = facts_.sustainable_frames_per_s;
        std::vector<std::string> ways;
        if (const std::size_t threads = more_threads(); threads > 0) {
            ways.push_back(formatted("--prefetch %zu", threads));
        }
        if (const std::size_t frames = chunk_that_hides_latency(); frames > 0) {
            ways.push_back(formatted("--cache-chunk-size %zu", frames));
        } else if (!(facts_.frames_per_s > 0)) {
            ways.push_back("larger chunks (--cache-chunk-size 50)");
        }
        if (sustained > 0 && !(1.2 * facts_.frames_per_s < sustained && facts_.frames_per_s > 0)) {
            ways.push_back("--target-hz " + number_words(0.8 * sustained, 2));
        }
        if (ways.empty()) { // it keeps up on average: more must be there before a slow read
            ways.push_back(formatted("larger chunks (--cache-chunk-size %zu)",
                                     2 * (std::max)(facts_.chunk_frames, std::size_t{10})));
        }
        std::string out =
            sustained > 0 ? "it gives " + number_words(sustained, 2) + " frames per second: try " : "try ";
        for (std::size_t i = 0; i < ways.size(); ++i) {
            out += (i == 0 ? "" : i + 1 == ways.size() ? " or " : ", ") + ways[i];
        }
        return out;
    }

    /// What a second pass showed of the same.
    std::string better_when_warm(const played_pass& worst) const {
        if (worst.name != "cold" || all_.passes.size() < 2) {
            return "";
        }
        const fieldreel::program_stutter& warm = all_.passes.back().found;
        return warm.late == 0 ? "; once in memory none is late" : formatted("; once in memory %zu are late", warm.late);
    }

    /// Whether playing at the display's rate leaves time to read ahead what a run without pauses waited for, as far as
    /// is known.
    bool reads_ahead_of(const cause_found& cause) const {
        const bool of_source = cause.stage == "read" && cause.cause != step_cause::processor &&
                               cause.cause != step_cause::quota && cause.cause != step_cause::late_start;
        const double sustained = facts_.sustainable_frames_per_s;
        return of_source && facts_.prefetch_threads > 0 && !(sustained > 0 && sustained < facts_.frames_per_s);
    }
    std::string time_to_read_ahead(const fieldreel::program_stutter& found) const {
        const double sustained = facts_.sustainable_frames_per_s;
        return formatted("at %g per second there is time to read ahead", found.target_hz) +
               (sustained > 0 ? " (it gives " + number_words(sustained, 2) + " frames per second)" : "") +
               ": --mode play tells what still comes late";
    }

    std::string smooth(const played_pass& slowest, bool predicted) const {
        const std::string period = ms_words(1000 / slowest.found.target_hz);
        const std::string longest = ms_words(slowest.longest_step_ms, 2);
        std::string out =
            predicted ? formatted("It would play smoothly at %g scenes per second, %s each: the slowest of %zu "
                                  "steps took %s",
                                  slowest.found.target_hz, period.c_str(), facts_.steps, longest.c_str())
                      : formatted("Plays smoothly: all %zu scenes were ready in time at %g per second, %s each; "
                                  "the slowest took %s",
                                  slowest.found.shown, slowest.found.target_hz, period.c_str(), longest.c_str());
        constexpr double worth_telling_ms = 1;
        if (slowest.longest_step && slowest.longest_step->waits.known && slowest.longest_step_ms >= worth_telling_ms) {
            out += " (it " + waited(slowest.longest_cause) + ")";
        }
        if (slowest.name == "cold" && all_.passes.size() > 1) {
            out += "; once in memory " + ms_words(all_.passes.back().longest_step_ms, 2);
        }
        return out + ".";
    }

    const conclusion_facts& facts_;
    const stutter_facts& all_;
};

} // namespace

std::vector<double> rates_to_try(double median_s, double speed) {
    constexpr double lowest = 20; // slower pictures are no motion
    std::vector<double> out = {24, 25, 30, 50, 60, 120};
    const double own = median_s > 0 ? std::abs(speed) / median_s : 0;
    for (double rate : {own, own / 2}) {
        if (!(rate >= lowest && rate <= 240)) {
            continue;
        }
        if (const double whole = std::round(rate); std::abs(rate - whole) < 1e-4 * whole) { // times are rounded
            rate = whole;
        }
        if (std::find(out.begin(), out.end(), rate) == out.end()) {
            out.push_back(rate);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

void choose_better(data_found& out, const std::vector<fieldreel::judder>& evener) {
    double least = std::numeric_limits<double>::infinity();
    for (const fieldreel::judder& j : evener) {
        least = (std::min)(least, j.uneven_per_s);
    }
    constexpr double as_good = 0.05; // per second
    for (const fieldreel::judder& j : evener) {
        if (j.uneven_per_s <= least + as_good && !out.better) {
            out.better = j;
        } else if (j.uneven_per_s <= least + as_good && !out.better_too) {
            out.better_too = j;
        }
    }
}

std::vector<std::string> conclusion_of(const conclusion_facts& facts) {
    const conclusion lines(facts);
    if (!facts.error.empty()) {
        return {"The soak ended early: " + facts.error, lines.about_memory()};
    }
    if (facts.steps == 0) {
        return {"Stopped before a step was played; nothing was measured."};
    }
    if (facts.stutter.passes.empty()) {
        return {lines.about_steps(), lines.about_memory()};
    }
    return {lines.about_program(), lines.about_data(), lines.about_memory()};
}
