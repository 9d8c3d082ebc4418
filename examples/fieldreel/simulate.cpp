// SPDX-License-Identifier: MIT
// fieldreel simulate DIR: writes a simulated recording.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include <fieldreel/session/simulate.hpp>
#include <fieldreel/session/write_recording.hpp>

#include "commands.hpp"
#include "machine.hpp"

namespace {

struct arguments {
    std::string folder;
    fieldreel::simulation_options simulation;
    fieldreel::write_options writing;
    std::string task = "open-field";
    bool no_posterior = false;
};

struct stopped_by_user {};

int run(arguments& given) {
    given.simulation.task = fieldreel::simulation_task_named(given.task);
    given.writing.posterior = !given.no_posterior;
    watch_interrupts();
    progress_line progress("writing " + given.folder);
    given.writing.progress = [&](double part) {
        if (!progress(static_cast<std::size_t>(part * 1000), 1000)) {
            throw stopped_by_user();
        }
    };
    const auto start = std::chrono::steady_clock::now();
    try {
        const fieldreel::simulation made(given.simulation);
        fieldreel::write_recording(made, given.folder, given.writing);
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        std::size_t spikes = 0;
        for (const auto& cell : made.spikes) {
            spikes += cell.size();
        }
        std::printf("%s: %zu samples at %g Hz, %zu cells with %zu spikes, ", given.folder.c_str(),
                    made.animal.sample_count(), given.simulation.rate_hz, made.cells.size(), spikes);
        if (given.no_posterior) {
            std::printf("no posterior; %.1f s\n", seconds);
        } else {
            std::printf("%zu posterior frames of %zu bins; %.1f s\n", made.posterior.frame_count(),
                        made.posterior.frame_size(), seconds);
        }
    } catch (const stopped_by_user&) {
        std::fprintf(stderr, "fieldreel: stopped; nothing was left in %s\n", given.folder.c_str());
        return stopped;
    }
    return done;
}

} // namespace

void add_simulate(CLI::App& app, int& result) {
    auto given = std::make_shared<arguments>();
    CLI::App* command = app.add_subcommand(
        "simulate", "Write a simulated recording: positions, spikes, a decoded posterior, and the truth behind them");
    command->add_option("folder", given->folder, "Folder to make")->required();
    auto* minutes = command->add_option("--minutes", given->simulation.minutes, "Length in minutes (default 10)");
    command->add_option("--frames", given->simulation.frames, "Length in posterior frames, instead of minutes")
        ->excludes(minutes);
    command->add_option("--rate-hz", given->simulation.rate_hz, "Position samples per second")->capture_default_str();
    command->add_option("--seed", given->simulation.seed, "The same seed gives the same recording")
        ->capture_default_str();
    command->add_option("--task", given->task, "open-field or linear-track")->capture_default_str();
    command->add_option("--cells", given->simulation.cell_count, "Cells")->capture_default_str();
    command->add_option("--bin-size", given->simulation.bin_size, "Bin of the posterior, cm")->capture_default_str();
    command->add_flag("--no-posterior", given->no_posterior, "Leave out the posterior, the largest file");
    command->add_flag("--force", given->writing.force, "Replace a simulated recording that is already there");
    command->callback([given, &result] { result = run(*given); });
}
