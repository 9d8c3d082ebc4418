// SPDX-License-Identifier: MIT
// What a profile says: the numbers, the verdicts, and where they go.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/playback/step_report.hpp>
#include <fieldreel/session/session_playback.hpp>

#include "machine.hpp"
#include "stutter.hpp"

/// One overlay by itself, build by build.
struct overlay_cost {
    std::string name;
    std::vector<double> ms;
    std::vector<double> shapes;
};

/// What the run measured.
struct measurement {
    std::vector<fieldreel::setup_phase> phases;
    double setup_seconds = 0;
    double first_frame_ms = 0;
    std::vector<fieldreel::step_report> steps;
    std::vector<overlay_cost> overlays;
    std::vector<std::pair<double, double>> memory; ///< step, private MiB beside the cache's chunks
    std::vector<std::pair<std::string, memory_use>> memory_phases;
    memory_use at_end;
    std::uint64_t checksum = 0;
    std::size_t shapes = 0;
    stutter_facts stutter;
    bool interrupted = false;
};

/// What was played, and how.
struct profiled {
    const fieldreel::session& session;
    const fieldreel::session_playback& made;
    const fieldreel::session_options& options;
    std::string access; ///< the order of frames
    std::string mode;
};

/// The report; its keys are a promise.
nlohmann::ordered_json make_report(const profiled& what, const measurement& measured);
/// The same as a table on stdout.
void print_report(const profiled& what, const measurement& measured, const nlohmann::ordered_json& report);

/// A report's file: made at once, so that a path that cannot be written is said before the run and not after it; it
/// gets its name when it is complete. Errors: file_error.
class report_file {
public:
    explicit report_file(std::string path);
    ~report_file();
    report_file(const report_file&) = delete;
    report_file& operator=(const report_file&) = delete;
    void finish(const nlohmann::ordered_json& report);

private:
    std::string path_;
    std::string part_;
    std::ofstream out_;
};
