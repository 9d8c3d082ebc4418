// SPDX-License-Identifier: MIT
// Writes a simulated recording as a folder of .npy files with session.json and truth.json.
#ifndef FIELDREEL_SESSION_WRITE_RECORDING_HPP
#define FIELDREEL_SESSION_WRITE_RECORDING_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/session/simulate.hpp>
#include <fieldreel/source/npy.hpp>

namespace fieldreel::inline v0 {

/// How a recording is written.
struct write_options {
    std::string name = {}; ///< of the recording; empty: the directory's name
    bool force = false;    ///< replace a simulated recording that is already there
    bool posterior = true; ///< write posterior.npy, by far the largest file
    /// Called now and then with the share done, 0 to 1. What it throws stops the writing; nothing is left behind.
    std::function<void(double)> progress = {};
};

namespace detail {

using session_json = nlohmann::ordered_json;

/// The directory a recording is written into: the files are made in a hidden one beside it, which gets the name when
/// all is well and is removed when not.
class recording_directory {
public:
    recording_directory(const std::string& directory, bool force) : force_(force) {
        std::error_code problem;
        final_ = std::filesystem::absolute(directory, problem).lexically_normal();
        if (!final_.has_filename()) {
            final_ = final_.parent_path();
        }
        if (directory.empty() || problem || !final_.has_filename()) {
            throw file_error(directory, text("\"", directory,
                                             "\" is no name for a recording's directory; give one that does not exist "
                                             "yet, e.g. out/simulated"));
        }
        check_final();
        part_ = final_.parent_path() / text(".", final_.filename().string(), ".part");
        std::filesystem::remove_all(part_, problem); // left by a run that was killed
        std::filesystem::create_directories(part_, problem);
        if (problem) {
            fail(part_, "cannot be created", problem, "check that the folder above it may be written");
        }
    }
    recording_directory(const recording_directory&) = delete;
    recording_directory& operator=(const recording_directory&) = delete;
    ~recording_directory() {
        if (!part_.empty()) {
            std::error_code ignored;
            std::filesystem::remove_all(part_, ignored);
        }
    }

    std::string name() const { return final_.filename().string(); }
    std::string file(const std::string& name) const { return (part_ / name).string(); }

    /// Errors: throws file_error when the disk has less room than that.
    void check_room(double bytes) const {
        std::error_code problem;
        const auto room = std::filesystem::space(part_, problem);
        if (!problem && static_cast<double>(room.available) < bytes) {
            throw file_error(final_.string(),
                             text(final_.string(), " would have ", readable_bytes(bytes), "; the disk has room for ",
                                  readable_bytes(static_cast<double>(room.available)),
                                  "; make room, shorten the recording or write it elsewhere"));
        }
    }

    /// Gives the files their place.
    void finish() {
        check_final(); // somebody else may have been faster
        std::error_code problem;
        std::filesystem::remove(final_, problem); // succeeds on an empty directory
        if (!std::filesystem::exists(final_, problem)) {
            move(part_, final_);
        } else {
            // session.json goes first and comes last: a folder half replaced is no session.
            remove(final_ / "session.json");
            for (const auto& path : files(final_)) {
                if (ours(path.filename().string())) {
                    remove(path);
                }
            }
            for (const auto& path : files(part_)) {
                if (path.filename() != "session.json") {
                    move(path, final_ / path.filename());
                }
            }
            move(part_ / "session.json", final_ / "session.json");
            std::filesystem::remove(part_, problem);
        }
        part_.clear();
    }

private:
    static bool ours(std::string_view name) {
        constexpr std::string_view names[] = {
            "session.json",       "truth.json",  "times.npy",        "positions.npy",       "head_direction.npy",
            "true_positions.npy", "ripples.npy", "posterior.npy",    "frame_times.npy",     "grid_mask.npy",
            "likelihood.npy",     "speed.npy",   "reward_times.npy", "reward_positions.npy"};
        return std::find(std::begin(names), std::end(names), name) != std::end(names) ||
               ((name.starts_with("spikes_cell") || name.starts_with("keypoint_")) && name.ends_with(".npy"));
    }
    void check_final() const {
        std::error_code problem;
        const auto status = std::filesystem::status(final_, problem);
        if (!std::filesystem::exists(status)) {
            return;
        }
        const std::string path = final_.string();
        if (!std::filesystem::is_directory(status)) {
            throw file_error(path,
                             text(path, " is a file; a recording is written into a directory; give another name"));
        }
        const auto there = files(final_);
        const auto some = [&](auto&& wanted) {
            return std::find_if(there.begin(), there.end(), wanted) != there.end();
        };
        if (!there.empty() && !force_) {
            throw file_error(path,
                             text(path, " exists and is not empty; a recording is written into a new or empty "
                                        "directory; give another name, or force (--force) to replace a simulated one"));
        }
        // Recorded data is not to be lost to an option typed too quickly.
        if (some([](const auto& file) { return ours(file.filename().string()); }) &&
            !some([](const auto& file) { return file.filename() == "truth.json"; })) {
            throw file_error(path, text(path, " holds a recording that was not simulated (it has no truth.json), which "
                                              "is never replaced; give another name"));
        }
    }
    static std::vector<std::filesystem::path> files(const std::filesystem::path& directory) {
        std::vector<std::filesystem::path> out;
        std::error_code problem;
        for (std::filesystem::directory_iterator at(directory, problem), end; !problem && at != end;
             at.increment(problem)) {
            out.push_back(at->path());
        }
        if (problem) {
            fail(directory, "cannot be listed", problem, "check that it may be read");
        }
        return out;
    }
    static void move(const std::filesystem::path& from, const std::filesystem::path& to) {
        std::error_code problem;
        std::filesystem::rename(from, to, problem);
        if (problem) {
            fail(to, "cannot be given its name", problem, "check the folder");
        }
    }
    static void remove(const std::filesystem::path& path) {
        std::error_code problem;
        std::filesystem::remove(path, problem);
        if (problem) {
            fail(path, "cannot be replaced", problem, "check that it may be written");
        }
    }
    [[noreturn]] static void fail(const std::filesystem::path& path, const char* what, const std::error_code& problem,
                                  const char* remedy) {
        throw file_error(path.string(), text(path.string(), " ", what, " (", problem.message(), "); ", remedy));
    }

    std::filesystem::path final_;
    std::filesystem::path part_;
    bool force_;
};

inline void write_json(const std::string& path, const session_json& json) {
    const std::string words = json.dump(2) + '\n';
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    const bool written = file != nullptr && std::fwrite(words.data(), 1, words.size(), file) == words.size();
    const bool closed = file != nullptr && std::fclose(file) == 0;
    if (!written || !closed) {
        throw file_error(path, text(path, " cannot be written; check that the disk is not full"));
    }
}

/// What both forms of a recording have to be written.
struct recording_parts {
    const simulation_options& options;
    const simulated_posterior& posterior;
    std::span<const simulated_cell> cells;
    std::span<const std::vector<double>> spikes;
    std::span<const simulated_ripple> replays;
    std::span<const simulated_flaw> flaws;
    std::size_t sample_count;
};

/// session.json. Files are named relative to it; times are seconds. `pose` names its own times; `skeleton` links
/// keypoints by name. A field's `order` says how its values lie: "active" = the grid's active bins, x slow, y fast;
/// `mask` is "full" or a uint8 file of shape (x bins, y bins). A linear track stands at the top: its bins are those of
/// the posterior and of place fields. An interval file has the shape (m, 2): start, stop.
inline session_json session_of(const recording_parts& parts, const std::string& name, bool posterior) {
    session_json session;
    session["fieldreel_session"] = 1;
    session["name"] = name;
    session["simulated"] = true;
    session["units"] = "cm";
    session["times"] = "times.npy";
    session["positions"] = "positions.npy";
    session["head_direction"] = "head_direction.npy";
    if (parts.options.pose) {
        auto& pose = session["pose"];
        pose["times"] = "times.npy";
        for (const auto keypoint : simulated_keypoint_names) {
            pose["keypoints"].push_back({{"name", keypoint}, {"file", text("keypoint_", keypoint, ".npy")}});
        }
        for (const auto& edge : simulated_skeleton) {
            pose["skeleton"].push_back({simulated_keypoint_names[edge[0]], simulated_keypoint_names[edge[1]]});
        }
        pose["likelihood"] = "likelihood.npy";
        pose["min_likelihood"] = 0.6;
    }
    for (const auto& cell : parts.cells) {
        session["spikes"].push_back({{"name", cell.name}, {"file", text("spikes_", cell.name, ".npy")}});
    }
    if (const track* const arena = parts.posterior.space().as<track>()) {
        auto& out = session["track"];
        for (const point_xy& at : arena->nodes()) {
            out["nodes"].push_back({at.x, at.y});
        }
        for (const track_edge& edge : arena->edges()) {
            out["edges"].push_back({edge.from, edge.to});
        }
        out["bin_size"] = arena->options().bin_size;
        out["width"] = arena->width();
    }
    if (posterior) {
        session_json field;
        field["name"] = "posterior";
        field["file"] = "posterior.npy";
        field["order"] = "active";
        field["kind"] = "posterior";
        field["frame_times"] = "frame_times.npy";
        if (const grid* const arena = parts.posterior.space().as_grid()) {
            field["grid"]["edges_x"] = arena->edges_x();
            field["grid"]["edges_y"] = arena->edges_y();
            field["grid"]["mask"] = "full";
        }
        session["fields"].push_back(std::move(field));
    }
    if (parts.options.task == simulation_task::open_field) { // places that a person would mark in such a box
        const double side = parts.options.arena_cm;
        session["regions"].push_back({{"name", "middle"}, {"point", {side / 2, side / 2}}, {"radius", side / 5}});
        session["regions"].push_back(
            {{"name", "corner"}, {"polygon", {{0, 0}, {side / 4, 0}, {side / 4, side / 4}, {0, side / 4}}}});
    }
    session["intervals"].push_back({{"name", "ripples"}, {"file", "ripples.npy"}});
    session["overlays"].push_back({{"name", "rewards"},
                                   {"kind", "event"},
                                   {"times", "reward_times.npy"},
                                   {"positions", "reward_positions.npy"},
                                   {"duration_s", 3},
                                   {"color", "gold"},
                                   {"marker", "triangle"}});
    session["overlays"].push_back(
        {{"name", "speed"}, {"kind", "time_series"}, {"file", "speed.npy"}, {"times", "times.npy"}, {"unit", "cm/s"}});
    const box_xy arena = plan_simulation(parts.options).arena;
    session["overlays"].push_back(
        {{"name", "object"},
         {"kind", "object_vector"},
         {"to", {arena.low.x + 0.75 * (arena.high.x - arena.low.x), arena.low.y + 0.75 * (arena.high.y - arena.low.y)}},
         {"object", {{"size_px", 9}}},
         {"heading", "heading"}});
    return session;
}

/// truth.json: what was planted. `true_positions` has the rows of positions.npy.
inline session_json truth_of(const recording_parts& parts) {
    const simulation_options& options = parts.options;
    const simulation_plan plan = plan_simulation(options);
    session_json truth;
    truth["fieldreel_truth"] = 1;
    truth["options"] = {{"duration_s", plan.duration_s},  {"frames", plan.frame_count},
                        {"rate_hz", options.rate_hz},     {"seed", options.seed},
                        {"task", name_of(options.task)},  {"arena_cm", options.arena_cm},
                        {"track_cm", options.track_cm},   {"cell_count", options.cell_count},
                        {"bin_size", options.bin_size},   {"decode_bin_s", plan.bin_s()},
                        {"decode_step_s", plan.step_s()}, {"start_s", options.start_s},
                        {"flaws", options.flaws},         {"pose", options.pose}};
    truth["true_positions"] = "true_positions.npy";
    const auto pair = [](point_xy at) { return session_json::array({at.x, at.y}); };
    truth["cells"] = session_json::array();
    for (const auto& cell : parts.cells) {
        session_json out = {{"name", cell.name},
                            {"kind", name_of(cell.kind)},
                            {"background_hz", cell.background_hz},
                            {"theta_depth", cell.theta_depth},
                            {"theta_phase_rad", cell.theta_phase_rad}};
        out["fields"] = session_json::array();
        for (const auto& field : cell.fields) {
            out["fields"].push_back(
                {{"center", pair(field.center)}, {"width_cm", field.width_cm}, {"peak_hz", field.peak_hz}});
        }
        truth["cells"].push_back(std::move(out));
    }
    truth["replays"] = session_json::array();
    for (const auto& replay : parts.replays) {
        truth["replays"].push_back({{"start_s", replay.time.start_s},
                                    {"stop_s", replay.time.stop_s},
                                    {"from", pair(replay.path.front())},
                                    {"to", pair(replay.path.back())}});
    }
    truth["flaws"] = session_json::array();
    for (const auto& flaw : parts.flaws) {
        truth["flaws"].push_back({{"kind", name_of(flaw.kind)},
                                  {"start_s", flaw.time.start_s},
                                  {"stop_s", flaw.time.stop_s},
                                  {"first_sample", flaw.first_sample},
                                  {"sample_count", flaw.sample_count}});
    }
    return truth;
}

/// What is worked out from samples that come in order, a block at a time: the speed, rewards (a pellet every half
/// minute or so, where the animal is), and how sure a tracker is of each keypoint.
struct extras {
    explicit extras(const simulation_options& from) : options(from) {}

    void of(const simulated_samples& some) {
        speed.clear();
        for (std::size_t i = 0; i < some.times.size(); ++i) {
            const double time_s = some.times[i];
            const point_xy at{some.true_positions[2 * i], some.true_positions[2 * i + 1]};
            const double step_s = time_s - last_s;
            // Over some 50 ms: from sample to sample it is the noise of rounding.
            slow += (std::isnan(last_s)
                         ? 0
                         : (std::hypot(at.x - last.x, at.y - last.y) / step_s - slow) * (1 - std::exp(-step_s / 0.05)));
            speed.push_back(static_cast<float>(slow));
            if (time_s - options.start_s >= next_reward_s) {
                reward_times.push_back(time_s);
                reward_positions.insert(reward_positions.end(), {at.x, at.y});
                next_reward_s += 20 + 20 * unit_interval(mix_bits(mix_bits(options.seed) ^ reward_times.size()));
            }
            last_s = time_s;
            last = at;
        }
    }
    /// Near 1 for what is seen, low where it is hidden (NaN), and for a tenth of a second now and then in between.
    void find_likelihoods(const simulated_samples& some) {
        numbers.clear();
        for (std::size_t i = 0; i < some.times.size(); ++i) {
            const auto tenth = static_cast<std::uint64_t>((some.times[i] - options.start_s) * 10);
            for (std::size_t part = 0; part < some.keypoints.size(); ++part) {
                const double luck = unit_interval(mix_bits(mix_bits(options.seed + 77) ^ mix_bits(tenth * 8 + part)));
                const bool seen = !std::isnan(some.keypoints[part][2 * i]);
                numbers.push_back(static_cast<float>(!seen          ? 0.2 * luck
                                                     : luck < 0.002 ? 0.3 + 100 * luck
                                                                    : 0.9 + 0.1 * luck));
            }
        }
    }

    const simulation_options& options;
    std::vector<float> speed;
    std::vector<float> numbers;
    std::vector<double> reward_times;
    std::vector<double> reward_positions;

private:
    double last_s = std::numeric_limits<double>::quiet_NaN();
    point_xy last;
    double slow = 0;
    double next_reward_s = 3;
};

/// `block(first, count)` returns those samples; they are asked for in order, a block at a time.
template <class Block>
void write_parts(const recording_parts& parts, const std::string& directory, const write_options& options,
                 Block&& block) {
    recording_directory target(directory, options.force);
    const std::size_t n = parts.sample_count;
    const std::size_t bins = parts.posterior.frame_size();
    const std::size_t frames = parts.posterior.frame_count();
    const double sample_bytes = static_cast<double>(n) * (parts.options.pose ? 136 : 52);
    const double frame_bytes =
        static_cast<double>(frames) * (options.posterior ? static_cast<double>(bins) * 4 + 8 : 0);
    double spike_bytes = 0;
    for (const auto& times : parts.spikes) {
        spike_bytes += static_cast<double>(times.size()) * 8 + 128;
    }
    target.check_room(sample_bytes + frame_bytes + spike_bytes + 1e6);
    const auto report = [&](double done) {
        if (options.progress) {
            options.progress((std::min)(1.0, done / (sample_bytes + frame_bytes)));
        }
    };

    npy_writer<double> times(target.file("times.npy"));
    npy_writer<double> positions(target.file("positions.npy"), {2});
    npy_writer<double> true_positions(target.file("true_positions.npy"), {2});
    npy_writer<double> head_direction(target.file("head_direction.npy"));
    std::vector<std::unique_ptr<npy_writer<float>>> keypoints; // a float is exact to 0.00001 cm here
    for (const auto name : simulated_keypoint_names) {
        if (parts.options.pose) {
            keypoints.push_back(std::make_unique<npy_writer<float>>(target.file(text("keypoint_", name, ".npy")),
                                                                    std::vector<std::size_t>{2}));
        }
    }
    std::optional<npy_writer<float>> likelihood;
    if (parts.options.pose) {
        likelihood.emplace(target.file("likelihood.npy"), std::vector<std::size_t>{simulated_keypoint_names.size()});
    }
    npy_writer<float> speed(target.file("speed.npy"));
    extras more(parts.options);
    constexpr std::size_t samples_at_once = 16384;
    for (std::size_t first = 0; first < n; first += samples_at_once) {
        report(sample_bytes * static_cast<double>(first) / static_cast<double>(n));
        const simulated_samples& some = block(first, (std::min)(samples_at_once, n - first));
        times.write(some.times);
        positions.write(some.positions);
        true_positions.write(some.true_positions);
        head_direction.write(some.head_direction);
        more.of(some);
        speed.write(more.speed);
        for (std::size_t i = 0; i < keypoints.size(); ++i) {
            more.numbers.assign(some.keypoints[i].begin(), some.keypoints[i].end());
            keypoints[i]->write(more.numbers);
        }
        if (likelihood) {
            more.find_likelihoods(some);
            likelihood->write(more.numbers);
        }
    }
    speed.finish();
    if (likelihood) {
        likelihood->finish();
    }
    write_npy<double>(target.file("reward_times.npy"), more.reward_times);
    write_npy<double>(target.file("reward_positions.npy"), more.reward_positions, {2});
    times.finish();
    positions.finish();
    true_positions.finish();
    head_direction.finish();
    for (const auto& keypoint : keypoints) {
        keypoint->finish();
    }

    for (std::size_t c = 0; c < parts.cells.size(); ++c) {
        write_npy<double>(target.file(text("spikes_", parts.cells[c].name, ".npy")), parts.spikes[c]);
    }
    std::vector<double> ripples;
    for (const auto& replay : parts.replays) {
        ripples.push_back(replay.time.start_s);
        ripples.push_back(replay.time.stop_s);
    }
    write_npy<double>(target.file("ripples.npy"), ripples, {2});

    if (options.posterior) {
        npy_writer<double> frame_times(target.file("frame_times.npy"));
        npy_writer<float> posterior(target.file("posterior.npy"), {bins});
        const std::size_t frames_at_once = (std::max)(std::size_t{1}, (std::size_t{1} << 18) / bins);
        std::vector<float> values;
        for (std::size_t first = 0; first < frames; first += frames_at_once) {
            report(sample_bytes + frame_bytes * static_cast<double>(first) / static_cast<double>(frames));
            const std::size_t count = (std::min)(frames_at_once, frames - first);
            values.resize(count * bins);
            parts.posterior.read(first, values);
            posterior.write(values);
            for (std::size_t i = first; i < first + count; ++i) {
                const double time = parts.posterior.time_s(i);
                frame_times.write({&time, 1});
            }
        }
        frame_times.finish();
        posterior.finish();
    }
    write_json(target.file("truth.json"), truth_of(parts));
    write_json(target.file("session.json"),
               session_of(parts, options.name.empty() ? target.name() : options.name, options.posterior));
    report(sample_bytes + frame_bytes);
    target.finish();
}

} // namespace detail

/// Writes a simulation into `directory`, samples and frames made block by block, so that its length is limited by the
/// disk: times, positions, true_positions, head_direction, keypoint_*, likelihood, speed, reward_*, spikes_*, ripples,
/// posterior, frame_times as .npy, session.json and truth.json. The directory appears under its name when it is
/// complete.
///
/// A directory that is there and not empty is refused; with `force` a simulated recording in it is replaced and other
/// files are left alone. Errors: file_error for a directory that cannot be written, a full disk, recorded data in the
/// way. Cost: about 0.3 s per GB beside the disk's time.
inline void write_recording(const simulation& from, const std::string& directory, const write_options& options = {}) {
    simulated_samples some;
    detail::write_parts({from.options, from.posterior, from.cells, from.spikes, from.ripples, from.animal.flaws(),
                         from.animal.sample_count()},
                        directory, options, [&](std::size_t first, std::size_t count) -> const simulated_samples& {
                            from.animal.samples(first, count, some);
                            return some;
                        });
}

/// Writes a recording in memory, as the other write_recording; its arrays may have been changed before.
inline void write_recording(const simulated_recording& from, const std::string& directory,
                            const write_options& options = {}) {
    simulated_samples some;
    detail::write_parts(
        {from.options, from.posterior, from.cells, from.spikes, from.replays, from.flaws, from.sample_count()},
        directory, options, [&](std::size_t first, std::size_t count) -> const simulated_samples& {
            const auto copy = [&](const std::vector<double>& all, std::vector<double>& out, std::size_t columns) {
                const auto part = std::span<const double>(all).subspan(all.empty() ? 0 : first * columns,
                                                                       all.empty() ? 0 : count * columns);
                out.assign(part.begin(), part.end());
            };
            copy(from.times, some.times, 1);
            copy(from.positions, some.positions, 2);
            copy(from.true_positions, some.true_positions, 2);
            copy(from.head_direction, some.head_direction, 1);
            for (std::size_t i = 0; i < from.keypoints.size(); ++i) {
                copy(from.keypoints[i], some.keypoints[i], 2);
            }
            return some;
        });
}

} // namespace fieldreel::inline v0

#endif
