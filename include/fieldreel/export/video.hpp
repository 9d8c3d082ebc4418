// SPDX-License-Identifier: MIT
// A recording as a film: in parallel, on several machines, after an interruption, and always with the same packets.
#ifndef FIELDREEL_EXPORT_VIDEO_HPP
#define FIELDREEL_EXPORT_VIDEO_HPP

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/export/video_segment.hpp>
#include <fieldreel/export/video_settings.hpp>
#include <fieldreel/export/video_writer.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0 {

/// Draws frame k of a film. The picture must stay until the next call. Frames are asked for in any order, mostly one
/// after the other; the same number must give the same picture.
using frame_maker = std::function<bgra_pixels(std::size_t k)>;
/// Gives each worker a frame maker of its own. Called one at a time, on the worker's thread; what it gives runs beside
/// the others, so makers share nothing that changes.
using frame_maker_factory = std::function<frame_maker()>;

/// How far an export is.
struct export_progress {
    std::size_t frames_done = 0; ///< with those that an earlier run made
    std::size_t frame_count = 0; ///< of the film; of the shard, when one is made
    double frames_per_s = 0;     ///< of this run; 0 at its beginning
    double left_s = 0;           ///< seconds, by that rate
};

/// One part of an export that several processes share: number 1 to `of`. 0 of 0 is the whole film.
struct export_shard {
    std::size_t number = 0;
    std::size_t of = 0;
};

/// What to export, and how. All members have defaults; path, settings.size and frame_count must be set.
struct export_options {
    std::string path = {};                                          ///< of the film; its extension names the container
    video_settings settings = {};                                   ///< what the film is like
    std::size_t frame_count = 0;                                    ///< see film_times
    std::vector<std::pair<std::string, std::string>> pictures = {}; ///< what decides about the pictures, by name, e.g.
                                                                    ///< {"colormap", "magma"}: compared on resume
    std::size_t workers = 0; ///< threads that draw and encode; 0: one per core. Decides about time, never about packets
    bool resume = false;     ///< continue what an earlier run left
    bool replace = false;    ///< replace a film of this name, and what an earlier run left
    export_shard shard = {}; ///< make only these segments, and do not join
    std::function<bool(const export_progress&)> progress = {}; ///< called on the calling thread, about ten times a
                                                               ///< second; false stops
};

/// What an export did.
struct export_report {
    bool complete = false;            ///< the film is there; false after a shard
    std::size_t frame_count = 0;      ///< of the whole film
    std::size_t segments = 0;         ///< of the whole film
    std::size_t segments_made = 0;    ///< by this call
    std::size_t segments_kept = 0;    ///< made before, and intact
    std::size_t segments_damaged = 0; ///< found damaged, and made again
    double seconds = 0;
    std::uintmax_t bytes = 0; ///< of the film
};

/// What an export would take.
struct video_estimate {
    std::size_t frame_count = 0;
    std::size_t sampled_frames = 0; ///< drawn and encoded to find out
    double seconds = 0;
    double bytes = 0;
};

/// An export was stopped by its progress function; what is finished is kept.
class export_stopped : public error {
public:
    using error::error;
};

namespace detail {

/// The folder of an unfinished film: `path`.parts, with its settings and its finished segments. The folder is kept
/// until the film has its name.
class film_parts {
public:
    film_parts(const export_options& options)
        : path_(options.path),
          container_(video_container_of(path_)),
          settings_(settled(options.settings, container_)),
          frame_count_(options.frame_count) {
        if (frame_count_ == 0) {
            throw invalid_value("frame_count", text(path_, " would have no frames; choose a range with at least one"));
        }
        describe(options.pictures);
    }
    /// What an earlier run left. Errors: file_error when there is nothing that can be continued.
    explicit film_parts(std::string path) : path_(std::move(path)), container_(video_container_of(path_)) {
        manifest_ = read_manifest();
        if (manifest_.empty()) {
            throw file_error(path_, text(folder(), " holds no unfinished film; make its segments first (export with "
                                                   "--shard), where this program can read them"));
        }
        try {
            settings_from_manifest();
        } catch (const std::exception&) {
            throw file_error(path_,
                             text(folder(), "/film.json is not one that this fieldreel can read; export with the "
                                            "same version"));
        }
    }

    const std::string& path() const noexcept { return path_; }
    std::string folder() const { return path_ + ".parts"; }
    const video_settings& settings() const noexcept { return settings_; }
    std::size_t frame_count() const noexcept { return frame_count_; }
    std::size_t segment_frames() const noexcept { return frames_per_segment(settings_); }
    std::size_t segment_count() const noexcept { return (frame_count_ + segment_frames() - 1) / segment_frames(); }
    std::size_t first_frame(std::size_t segment) const noexcept { return segment * segment_frames(); }
    std::size_t frames_in(std::size_t segment) const noexcept {
        return (std::min)(segment_frames(), frame_count_ - first_frame(segment));
    }
    std::size_t frames_of(export_shard shard) const noexcept {
        std::size_t frames = 0;
        for (std::size_t i = first_segment(shard); i < segment_count(); i += (std::max)(shard.of, std::size_t{1})) {
            frames += frames_in(i);
        }
        return frames;
    }
    std::string segment_path(std::size_t segment) const {
        std::string number = text(segment);
        return folder() + "/" + std::string(number.size() < 6 ? 6 - number.size() : 0, '0') + number + ".segment";
    }
    std::uint64_t fingerprint() const noexcept { return fingerprint_of(manifest_); }

    /// True when an earlier run gave the film its name and was interrupted while it tidied up.
    bool is_complete() const {
        const std::string noted = whole_file(folder() + "/complete");
        std::error_code problem;
        const auto size = std::filesystem::file_size(path_, problem);
        return !problem && !noted.empty() && noted == text(size);
    }
    bool exists() const {
        std::error_code ignored;
        return std::filesystem::exists(folder(), ignored);
    }
    /// The finished film must be the one that is asked for: its settings stand in it. Errors: invalid_value,
    /// file_error.
    void check_finished() const {
        const json was = json::parse(film_comment(path_), nullptr, false);
        if (!was.is_object() || !was.contains("fieldreel_film")) {
            throw file_error(path_, text(path_, " is there already and was not made by such an export; choose another "
                                                "name, or replace it with --force"));
        }
        const auto settings_alone = [](json all) {
            all["film"].erase("libav"); // another version would do nothing else to what is done
            return all;
        };
        if (settings_alone(was) != settings_alone(json::parse(manifest_))) {
            throw invalid_value("resume",
                                text(path_, " is finished and was made with other settings: ", differences(was.dump()),
                                     "; choose another name, or begin again with "
                                     "--force"));
        }
    }

    /// Makes the folder, or finds that of an earlier run. Errors: file_error; invalid_value for other settings.
    void prepare(bool resume, bool replace, bool shared) {
        std::error_code problem;
        if (exists() && !shared && !resume) {
            if (!replace && !std::filesystem::is_empty(folder(), problem)) {
                throw file_error(path_,
                                 text(folder(), " holds an unfinished export; continue it with --resume, or begin "
                                                "again with --force"));
            }
            remove();
        }
        std::filesystem::create_directory(folder(), problem);
        if (problem) {
            throw file_error(path_, text(path_, " cannot be written: the folder ", folder(), " cannot be made (",
                                         problem.message(), "); choose a folder that may be written"));
        }
        std::string found = read_manifest();
        if (found.empty()) {
            write_manifest();
            found = read_manifest(); // another process may have been first
        }
        if (found != manifest_) {
            throw invalid_value("resume", text(folder(), " was begun with other settings: ", differences(found),
                                               "; use the same settings, or ",
                                               shared ? "remove the folder first" : "begin again with --force"));
        }
        if (!shared) { // files that nobody finishes any more
            for (const auto& entry : std::filesystem::directory_iterator(folder(), problem)) {
                if (entry.path().filename().string().find(".part-") != std::string::npos) {
                    std::filesystem::remove(entry.path(), problem);
                }
            }
        }
    }

    /// The segments of a shard that must be made; those that are damaged are removed.
    std::vector<std::size_t> missing(export_shard shard, export_report& report) const {
        FIELDREEL_TRACE_SPAN("export.check_segments");
        std::vector<std::size_t> todo;
        for (std::size_t i = first_segment(shard); i < segment_count(); i += (std::max)(shard.of, std::size_t{1})) {
            std::error_code ignored;
            if (!std::filesystem::exists(segment_path(i), ignored)) {
                todo.push_back(i);
            } else if (!segment_problem(segment_path(i), fingerprint(), frames_in(i)).empty()) {
                std::filesystem::remove(segment_path(i), ignored);
                todo.push_back(i);
                ++report.segments_damaged;
            } else {
                ++report.segments_kept;
            }
        }
        return todo;
    }

    /// All segments into the film, packet by packet; then the folder goes. Errors: file_error, with the segments that
    /// are missing or damaged.
    void join() {
        check_all();
        const std::string film = folder() + "/film.part";
        try {
            write_film(film);
            std::ofstream(folder() + "/complete") << std::filesystem::file_size(film);
            give_name(film, path_);
        } catch (const file_error& problem) {
            std::error_code ignored;
            std::filesystem::remove(film, ignored);
            throw file_error(path_, kept_sentence(problem.what()));
        }
        remove();
    }

    /// The folder goes; `complete` last, so that an interruption is understood.
    void remove() const {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(folder(), ignored)) {
            if (entry.path().filename() != "complete" && entry.path().filename() != "film.json") {
                std::filesystem::remove(entry.path(), ignored);
            }
        }
        std::filesystem::remove(folder() + "/film.json", ignored);
        std::filesystem::remove(folder() + "/complete", ignored);
        std::filesystem::remove(folder(), ignored);
    }
    /// Removes the folder when there is no segment worth keeping in it.
    bool remove_if_without_segments() const {
        std::error_code ignored;
        for (const auto& entry : std::filesystem::directory_iterator(folder(), ignored)) {
            if (entry.path().extension() == ".segment") {
                return false;
            }
        }
        remove();
        return true;
    }
    std::string kept_sentence(std::string_view problem) const {
        return text(problem, "; what is finished is kept in ", folder(), ", continue with --resume");
    }

private:
    using json = nlohmann::ordered_json;
    static std::size_t first_segment(export_shard shard) noexcept { return shard.number > 0 ? shard.number - 1 : 0; }

    void describe(const std::vector<std::pair<std::string, std::string>>& pictures) {
        const auto number = [](double v) { return std::isnan(v) ? json() : json(v); };
        json film;
        film["width"] = settings_.size.cols;
        film["height"] = settings_.size.rows;
        film["fps"] = {settings_.fps.num, settings_.fps.den};
        film["codec"] = name_of(*settings_.codec);
        film["crf"] = number(settings_.crf);
        film["bitrate"] = number(settings_.bitrate_kbps);
        film["preset"] = settings_.preset;
        film["segment_s"] = settings_.segment_s;
        film["keyframe_s"] = settings_.keyframe_s;
        film["encoder_threads"] = settings_.encoder_threads;
        film["frames"] = frame_count_;
        film["libav"] = libav_version();
        json drawn = json::object();
        for (const auto& [name, value] : pictures) {
            drawn[name] = value;
        }
        json all;
        all["fieldreel_film"] = 1;
        all["film"] = film;
        all["pictures"] = drawn;
        manifest_ = all.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
    }

    void settings_from_manifest() {
        const json all = json::parse(manifest_);
        const json& film = all.at("film");
        settings_.size = {film.at("height"), film.at("width")};
        settings_.fps = {film.at("fps").at(0), film.at("fps").at(1)};
        settings_.codec = video_codec_named(film.at("codec").get<std::string>());
        const auto number = [&](const char* name, double& to) {
            if (!film.at(name).is_null()) {
                to = film.at(name);
            }
        };
        number("crf", settings_.crf);
        number("bitrate", settings_.bitrate_kbps);
        settings_.preset = film.at("preset");
        settings_.segment_s = film.at("segment_s");
        settings_.keyframe_s = film.at("keyframe_s");
        settings_.encoder_threads = film.at("encoder_threads");
        settings_ = settled(settings_, container_);
        frame_count_ = film.at("frames");
        if (frame_count_ == 0 || all.at("fieldreel_film") != 1) {
            throw invalid_value("frames", "no frames");
        }
    }

    static std::string whole_file(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::string read_manifest() const { return whole_file(folder() + "/film.json"); }

    /// The first of several processes writes it; a link cannot replace, so nobody's is overwritten.
    void write_manifest() const {
        const std::string name = folder() + "/film.json";
        const std::string part = unfinished_name(name);
        std::error_code problem;
        {
            std::ofstream out(part, std::ios::binary);
            out << manifest_;
            out.flush();
            if (!out) {
                const int code = errno;
                out.close();
                std::filesystem::remove(part, problem);
                throw_not_written(name, code);
            }
        }
        std::filesystem::create_hard_link(part, name, problem);
        if (problem && !std::filesystem::exists(name)) { // a file system without links
            std::filesystem::rename(part, name, problem);
        }
        std::filesystem::remove(part, problem);
    }

    /// "crf was 18 and is 20, colormap was magma and is viridis".
    std::string differences(const std::string& found) const {
        const json ours = json::parse(manifest_);
        const json theirs = json::parse(found, nullptr, false);
        if (!theirs.is_object() || !theirs.contains("film") || !theirs.contains("pictures")) {
            return "its film.json cannot be read";
        }
        std::string out;
        const auto shown = [](const json& all, const std::string& key) {
            return !all.contains(key)     ? std::string("not set")
                   : all[key].is_string() ? all[key].get<std::string>()
                   : all[key].is_null()   ? std::string("not set")
                                          : all[key].dump();
        };
        const auto compare = [&](const std::string& key, const json& was, const json& is) {
            if (shown(was, key) != shown(is, key)) {
                out += text(out.empty() ? "" : ", ", key, " was ", shown(was, key), " and is ", shown(is, key));
            }
        };
        for (const char* part : {"film", "pictures"}) {
            for (const auto& item : ours[part].items()) {
                compare(item.key(), theirs[part], ours[part]);
            }
            for (const auto& item : theirs[part].items()) {
                if (!ours[part].contains(item.key())) {
                    compare(item.key(), theirs[part], ours[part]);
                }
            }
        }
        return out.empty() ? "another version of fieldreel" : out;
    }

    /// Every segment read once, before a byte of the film is written.
    void check_all() const {
        FIELDREEL_TRACE_SPAN("export.check_segments");
        std::size_t bad = 0;
        std::string which;
        std::vector<std::uint8_t> header;
        for (std::size_t i = 0; i < segment_count(); ++i) {
            std::string problem = segment_problem(segment_path(i), fingerprint(), frames_in(i));
            if (problem.empty()) {
                const segment_reader reader(segment_path(i), fingerprint());
                if (i == 0) {
                    header.assign(reader.header().begin(), reader.header().end());
                } else if (!std::equal(header.begin(), header.end(), reader.header().begin(), reader.header().end())) {
                    problem = "another build of the encoder made it";
                }
            }
            if (!problem.empty() && ++bad <= 5) {
                which += text(which.empty() ? "" : ", ", i, " (", problem, ")");
            }
        }
        if (bad > 0) {
            throw file_error(path_, text(bad, " of ", segment_count(), " segments of ", path_,
                                         " cannot be joined: ", which, bad > 5 ? ", …" : "",
                                         "; make them with the same command and --shard, or all that is missing with "
                                         "--resume"));
        }
    }

    void write_film(const std::string& film) const {
        FIELDREEL_TRACE_SPAN("export.join");
        const segment_reader first(segment_path(0), fingerprint());
        film_file out(film, container_, settings_, first.header(), manifest_);
        for (std::size_t i = 0; i < segment_count(); ++i) {
            segment_reader reader(segment_path(i), fingerprint());
            out.begin_segment(first_frame(i));
            video_packet packet;
            while (reader.next(packet)) {
                out.add(packet);
            }
            if (!reader.problem().empty()) {
                throw file_error(path_, text(segment_path(i), " changed while it was joined: ", reader.problem()));
            }
        }
        out.finish();
    }

    std::string path_;
    video_container container_;
    video_settings settings_;
    std::size_t frame_count_ = 0;
    std::string manifest_;
};

/// Draws and encodes segments on several threads, and tells the calling one how far they are.
class segment_workers {
public:
    segment_workers(const film_parts& parts, export_shard shard, const frame_maker_factory& make_frames,
                    std::vector<std::size_t> todo)
        : parts_(parts), make_frames_(make_frames), todo_(std::move(todo)), frame_count_(parts.frames_of(shard)) {
        for (const std::size_t segment : todo_) {
            frames_todo_ += parts_.frames_in(segment);
        }
    }
    std::size_t segments_made() const noexcept { return made_.load(); }

    /// Errors: the first worker's, with what to do; export_stopped when `progress` said so.
    void run(std::size_t workers, const std::function<bool(const export_progress&)>& progress) {
        if (workers == 0) {
            workers = (std::max)(1u, std::thread::hardware_concurrency());
        }
        workers = (std::min)(workers, todo_.size());
        const auto start = std::chrono::steady_clock::now();
        std::vector<std::thread> threads;
        running_ = workers;
        const auto join_all = [&] {
            stop_ = true;
            for (std::thread& thread : threads) {
                thread.join();
            }
            threads.clear();
        };
        bool stopped = false;
        try {
            for (std::size_t i = 0; i < workers; ++i) {
                threads.emplace_back([this] { work(); });
            }
            std::unique_lock lock(mutex_);
            while (running_ > 0) {
                changed_.wait_for(lock, std::chrono::milliseconds(100));
                lock.unlock();
                if (progress && !stopped && !progress(now(start))) {
                    stopped = true;
                    stop_ = true;
                }
                lock.lock();
            }
        } catch (...) {
            join_all();
            throw;
        }
        join_all();
        if (error_) {
            std::rethrow_exception(error_);
        }
        if (stopped && made_ < todo_.size()) {
            throw export_stopped("the export was stopped");
        }
    }

private:
    export_progress now(std::chrono::steady_clock::time_point start) const {
        const double passed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        const std::size_t done = frames_done_.load(std::memory_order_relaxed);
        const double rate = passed_s > 0 ? static_cast<double>(done) / passed_s : 0;
        return {frame_count_ - frames_todo_ + done, frame_count_, rate,
                rate > 0 ? static_cast<double>(frames_todo_ - done) / rate : 0};
    }

    void work() {
        try {
            frame_maker make;
            {
                const std::lock_guard one_at_a_time(making_makers_);
                make = make_frames_();
            }
            segment_encoder encoder(parts_.settings());
            for (std::size_t i = next_++; i < todo_.size() && !stop_; i = next_++) {
                if (encode(encoder, make, todo_[i])) {
                    ++made_;
                }
            }
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!error_) {
                error_ = std::current_exception();
            }
            stop_ = true;
        }
        const std::lock_guard lock(mutex_);
        --running_;
        changed_.notify_one();
    }

    /// False when it was stopped before its end.
    bool encode(segment_encoder& encoder, const frame_maker& make, std::size_t segment) {
        FIELDREEL_TRACE_SPAN("export.segment");
        segment_writer file(parts_.segment_path(segment), parts_.fingerprint(), encoder.header());
        const auto sink = [&](const video_packet& packet) { file.add(packet); };
        const std::size_t first = parts_.first_frame(segment);
        for (std::size_t k = first; k < first + parts_.frames_in(segment); ++k) {
            if (stop_.load(std::memory_order_relaxed)) {
                encoder.abandon();
                return false;
            }
            encoder.encode(picture(make, k), sink);
            frames_done_.fetch_add(1, std::memory_order_relaxed);
        }
        encoder.finish(sink);
        file.finish();
        return true;
    }

    static bgra_pixels picture(const frame_maker& make, std::size_t k) {
        FIELDREEL_TRACE_SPAN("export.draw");
        try {
            return make(k);
        } catch (const std::exception& problem) {
            throw video_error(text("frame ", k, " could not be drawn: ", std::string_view(problem.what())));
        }
    }

    const film_parts& parts_;
    const frame_maker_factory& make_frames_;
    std::vector<std::size_t> todo_;
    std::size_t frame_count_;
    std::size_t frames_todo_ = 0;
    std::atomic<std::size_t> next_{0};
    std::atomic<std::size_t> made_{0};
    std::atomic<std::size_t> frames_done_{0};
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::mutex making_makers_;
    std::condition_variable changed_;
    std::size_t running_ = 0;
    std::exception_ptr error_;
};

inline void check_shard(export_shard shard) {
    if ((shard.of == 0) != (shard.number == 0) || shard.number > shard.of) {
        throw invalid_value("shard", text("the shard ", shard.number, "/", shard.of,
                                          " was asked for; it must be i/n with i from 1 to n"));
    }
}

/// Makes the segments of a shard that are missing. What goes wrong keeps what is finished, and says so.
inline void make_segments(const film_parts& parts, const export_options& options, export_shard shard,
                          const frame_maker_factory& make_frames, export_report& report) {
    segment_workers work(parts, shard, make_frames, parts.missing(shard, report));
    const auto leave = [&](std::string_view problem) {
        report.segments_made = work.segments_made();
        const bool nothing = shard.of == 0 && parts.remove_if_without_segments();
        return nothing ? std::string(problem) : parts.kept_sentence(problem);
    };
    try {
        work.run(options.workers, options.progress);
    } catch (const export_stopped& stopped) {
        throw export_stopped(leave(stopped.what()));
    } catch (const file_error& problem) {
        throw file_error(problem.path(), leave(problem.what()));
    } catch (const invalid_value& problem) {
        throw invalid_value(problem.name(), leave(problem.what()));
    } catch (const std::exception& problem) {
        throw video_error(leave(problem.what()));
    }
    report.segments_made = work.segments_made();
}

inline double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
inline void note_film(export_report& report, const film_parts& parts) {
    std::error_code ignored;
    report.complete = true;
    report.bytes = std::filesystem::file_size(parts.path(), ignored);
}

/// True when there is nothing left to do, because an earlier run completed the film.
inline bool already_complete(const film_parts& parts, const export_options& options) {
    std::error_code ignored;
    if (options.resume && std::filesystem::is_regular_file(options.path, ignored) &&
        (!parts.exists() || parts.is_complete() || std::filesystem::is_empty(parts.folder(), ignored))) {
        if (!options.replace) {
            parts.check_finished();
        }
        parts.remove();
        return true;
    }
    return false;
}

} // namespace detail

/// Writes a film. Every export, also by one worker, is encoded in segments (settings.segment_s), each by a fresh
/// encoder; workers, shards, interruptions and machines change only who makes a segment, so the packets are the same.
/// Until it is complete the film is a folder, `path`.parts; an interruption of any kind leaves it, and `resume` goes
/// on. A resumed export that is complete already does nothing. Errors: invalid_value (settings that no film can have;
/// resume with others, and which), file_error (output there already, not writable, disk full), video_error (frames that
/// cannot be drawn or encoded), export_stopped. Cost: each worker holds one encoder and one frame, however long the
/// film is; an encoder of 800 x 600 pixels about 70 MiB with preset medium. While joining, the disk holds the film
/// twice.
inline export_report export_video(const export_options& options, const frame_maker_factory& make_frames) {
    FIELDREEL_TRACE_SPAN("export.film");
    const auto start = std::chrono::steady_clock::now();
    detail::check_shard(options.shard);
    detail::film_parts parts(options);
    export_report report;
    report.frame_count = parts.frame_count();
    report.segments = parts.segment_count();
    if (detail::already_complete(parts, options)) {
        report.segments_kept = report.segments;
        detail::note_film(report, parts);
        return report;
    }
    detail::check_output(options.path, options.replace);
    const auto try_settings = [&] { const detail::segment_encoder possible(parts.settings()); };
    try_settings(); // before anything is written
    const bool shared = options.shard.of > 0;
    parts.prepare(options.resume, options.replace, shared);
    detail::make_segments(parts, options, options.shard, make_frames, report);
    if (!shared) {
        parts.join();
        detail::note_film(report, parts);
    }
    report.seconds = detail::seconds_since(start);
    return report;
}

/// Joins the segments that shards made, packet by packet. Errors: file_error, with the segments that are missing or
/// damaged; then nothing is changed.
inline export_report join_video(const std::string& path, bool replace = false) {
    const auto start = std::chrono::steady_clock::now();
    detail::film_parts parts(path);
    detail::check_output(path, replace);
    export_report report;
    report.frame_count = parts.frame_count();
    report.segments = report.segments_kept = parts.segment_count();
    parts.join();
    detail::note_film(report, parts);
    report.seconds = detail::seconds_since(start);
    return report;
}

/// What an export would take, from a few short runs of frames across the film. Writes nothing.
/// Errors: invalid_value, video_error.
inline video_estimate estimate_video(const export_options& options, const frame_maker_factory& make_frames) {
    const detail::film_parts parts(options);
    constexpr std::size_t places = 5, run = 24;
    const std::size_t frames = parts.frame_count();
    const std::size_t length = (std::min)({run, parts.segment_frames(), frames});
    const std::size_t count = (std::min)(places, frames / length);
    const frame_maker make = make_frames();
    detail::segment_encoder encoder(parts.settings());
    video_estimate out;
    out.frame_count = frames;
    double key_bytes = 0, other_bytes = 0, keys = 0, seconds = 0;
    const auto sink = [&](const video_packet& packet) {
        (packet.key ? key_bytes : other_bytes) += static_cast<double>(packet.bytes.size());
        keys += packet.key ? 1 : 0;
    };
    for (std::size_t p = 0; p < count; ++p) {
        const std::size_t first = count < 2 ? 0 : (frames - length) / (count - 1) * p;
        const auto start = std::chrono::steady_clock::now();
        for (std::size_t k = first; k < first + length; ++k) {
            encoder.encode(make(k), sink);
        }
        encoder.finish(sink);
        seconds += detail::seconds_since(start);
        out.sampled_frames += length;
    }
    const double sampled = static_cast<double>(out.sampled_frames);
    const double all = static_cast<double>(frames);
    std::size_t workers = options.workers > 0 ? options.workers : (std::max)(1u, std::thread::hardware_concurrency());
    workers = (std::min)(workers, parts.segment_count());
    out.seconds = seconds / sampled * all / static_cast<double>(workers);
    // Key frames are rarer in the film than in the short runs.
    const double interval = (std::max)(1.0, std::round(parts.settings().keyframe_s * parts.settings().fps.hz()));
    const double all_keys = (std::min)(all, (std::max)(all / interval, static_cast<double>(parts.segment_count())));
    const double key = keys > 0 ? key_bytes / keys : 0;
    const double other = sampled > keys ? other_bytes / (sampled - keys) : key;
    out.bytes = key * all_keys + other * (all - all_keys) + 16 * all + 1000;
    return out;
}

} // namespace fieldreel::inline v0

#endif
