// SPDX-License-Identifier: MIT
// What a profile says: the numbers, the verdicts, and where they go.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/colormap/value_range.hpp>
#include <fieldreel/playback/step_report.hpp>
#include <fieldreel/session/session_content.hpp>
#include <fieldreel/session/session_options.hpp>
#include <fieldreel/trace/summary.hpp>

#include "machine.hpp"
#include "profile_memory.hpp"
#include "profile_order.hpp"
#include "stutter.hpp"

/// One overlay by itself, build by build.
struct overlay_cost {
    std::string name;
    std::vector<double> ms;
    std::vector<double> shapes;
};

/// The steps of a run: all of a short one, of a long one as many as were asked for, each as likely as any other. The
/// memory is taken and touched at construction, so that notes on a run do not look like growth.
class step_sample {
public:
    explicit step_sample(std::size_t steps = 0) : kept_((std::min)(steps, most_kept)) {}

    void add(const fieldreel::step_report& step, double time_s) {
        const std::size_t place = played_ < kept_.size() ? played_ : random_.below(played_ + 1);
        if (place < kept_.size()) {
            kept_[place] = step;
        }
        if (played_ == 0 || step.total_ms() > most_ms_) {
            most_ms_ = step.total_ms();
            slowest_time_s_ = time_s;
        }
        most_ = {(std::max)(most_.read_ms, step.read_ms), (std::max)(most_.overlay_ms, step.overlay_ms),
                 (std::max)(most_.present_ms, step.present_ms)};
        last_time_s_ = time_s;
        ++played_;
    }
    /// As new, in the same memory.
    void clear() {
        played_ = 0;
        most_ = {};
        most_ms_ = 0;
    }
    std::size_t played() const noexcept { return played_; }
    /// Order: of playing, as long as all are kept. Source: J. S. Vitter's algorithm R, 1985.
    std::span<const fieldreel::step_report> kept() const noexcept {
        return {kept_.data(), (std::min)(played_, kept_.size())};
    }
    /// The largest of each stage, whichever step it was in; of those not kept too.
    const fieldreel::step_report& most() const noexcept { return most_; }
    double slowest_ms() const noexcept { return most_ms_; }
    double slowest_time_s() const noexcept { return slowest_time_s_; } ///< of the recording
    double last_time_s() const noexcept { return last_time_s_; }

    static constexpr std::size_t most_kept = 100000;

private:
    std::vector<fieldreel::step_report> kept_;
    fieldreel::detail::splitmix64 random_{1};
    std::size_t played_ = 0;
    fieldreel::step_report most_;
    double most_ms_ = 0;
    double slowest_time_s_ = 0;
    double last_time_s_ = 0;
};

struct soak_report {
    double minutes = 0; ///< asked for
    soak_order::counts done;
};

/// What the run measured.
struct measurement {
    explicit measurement(std::size_t memory_every) : memory(memory_every) {}

    std::vector<fieldreel::setup_phase> phases;
    double setup_seconds = 0;
    double first_frame_ms = 0;
    double played_seconds = 0;
    step_sample steps;
    std::vector<overlay_cost> overlays;

    memory_log memory;
    memory_use at_start;
    std::vector<memory_phase> memory_phases;
    memory_use at_end;
    double trace_mib = 0; ///< of at_end.private_mib: what the recorder holds
    bool counted_allocations = false;

    std::vector<fieldreel::trace::span_summary> spans; ///< of --mode table
    std::uint64_t spans_dropped = 0;
    std::optional<soak_report> soak;
    std::string error; ///< that ended a soak; empty: none did
    stutter_facts stutter;

    std::uint64_t checksum = 0;
    std::size_t shapes = 0;
    bool interrupted = false;
};

/// What was played, and how.
struct profiled {
    const fieldreel::session& session;
    const fieldreel::session_playback& made;
    const fieldreel::session_options& options;
    std::string access; ///< the order of frames
    std::string mode;
    std::string stage; ///< the only one that was timed; empty: all
};

/// The report; its keys are a promise.
nlohmann::ordered_json make_report(const profiled& what, const measurement& measured);
/// The same as a table on stdout.
void print_report(const profiled& what, const measurement& measured, const nlohmann::ordered_json& report);

/// The spans of --mode table, as text.
std::string table_text(const std::vector<fieldreel::trace::span_summary>& spans, std::size_t rows);

/// A file that is made at once, so that a path that cannot be written is said before the run and not after it; it gets
/// its name when it is complete. Errors: file_error, which names the option.
class output_file {
public:
    output_file(std::string path, std::string option);
    ~output_file();
    output_file(const output_file&) = delete;
    output_file& operator=(const output_file&) = delete;
    void finish(const std::string& text);

private:
    std::string path_;
    std::string option_;
    std::string part_;
    std::ofstream out_;
};
