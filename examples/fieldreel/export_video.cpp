// SPDX-License-Identifier: MIT
// fieldreel export DIR out.mp4 and fieldreel join out.mp4: a recording as a film.
#include "export_video.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/export/video_settings.hpp>
#include <fieldreel/render/raster.hpp>
#ifdef FIELDREEL_PROGRAM_VIDEO
#include <fieldreel/export/video.hpp>
#endif
#ifdef FIELDREEL_PROGRAM_MPI
#include <fieldreel/export/video_mpi.hpp>
#endif

#include "commands.hpp"
#include "machine.hpp"
#include "pictures.hpp"

namespace {

using fieldreel::detail::text;

constexpr const char* film_group = film_arguments::group;

} // namespace

void film_arguments::add_to(CLI::App& command) {
    command.add_option("--fps", fps, "Frames per second of the film")->capture_default_str()->group(film_group);
    command.add_option("--codec", codec, "h264, h265, vp9 or mpeg4 (default h264, in .webm vp9)")->group(film_group);
    command.add_option("--crf", crf, "Quality, lower is better (default: h264 18, h265 22, vp9 24, mpeg4 3)")
        ->group(film_group);
    command.add_option("--bitrate", bitrate_kbps, "kbit/s, instead of --crf")->group(film_group);
    command.add_option("--preset", preset, "ultrafast ... veryslow: slower makes smaller files (default medium)")
        ->group(film_group);
    command.add_option("--segment-s", segment_s, "Seconds of film that are encoded on their own")
        ->capture_default_str()
        ->group(film_group);
    command.add_option("--keyframe-s", keyframe_s, "A picture to seek to at least this often")
        ->capture_default_str()
        ->group(film_group);
    command.add_option("--encoder-threads", encoder_threads, "Of each worker's encoder; changes the packets")
        ->capture_default_str()
        ->group(film_group);
    command.add_option("--workers", workers, "Threads that draw and encode (default: one per core)")->group(film_group);
    command.add_flag("--resume", resume, "Continue an export that was interrupted")->group(film_group);
    command.add_option("--shard", shard, "i/n: make only every n-th segment, from the i-th; then fieldreel join")
        ->group(film_group);
    command.add_flag("--dry-run", dry_run, "Estimate time and size from a few frames, and write nothing")
        ->group(film_group);
}

bool is_film(const std::string& path) {
    return fieldreel::film_container_of(path).has_value();
}

#ifndef FIELDREEL_PROGRAM_VIDEO

int export_film(const film_arguments&, const part_arguments&, const picture_arguments&, const std::string& path, bool,
                const CLI::App&) {
    throw fieldreel::invalid_value("output", text(path, " would be a film; this fieldreel was built without libav and "
                                                        "can write .png, .svg and .pdf; install libavcodec-dev, "
                                                        "libavformat-dev, libavutil-dev and libswscale-dev, and build "
                                                        "it again"));
}
void add_join(CLI::App&, int&) {}

#else

namespace {

std::optional<double> number_in(std::string_view words) {
    double value = 0;
    const auto [end, problem] = std::from_chars(words.data(), words.data() + words.size(), value);
    const bool good = problem == std::errc{} && end == words.data() + words.size() && std::isfinite(value);
    return good ? std::optional(value) : std::nullopt;
}

fieldreel::export_shard shard_in(const std::string& words) {
    if (words.empty()) {
        return {};
    }
    const std::size_t slash = words.find('/');
    const std::string_view all = words;
    const double number = number_in(all.substr(0, slash)).value_or(0);
    const double of = number_in(slash == std::string::npos ? std::string_view() : all.substr(slash + 1)).value_or(0);
    if (!(number >= 1 && number <= of && of <= 1e6 && number == std::floor(number) && of == std::floor(of))) {
        throw fieldreel::invalid_value(
            "shard", text("the shard '", words, "' was asked for; give i/n with i from 1 to n, as 3/8"));
    }
    return {static_cast<std::size_t>(number), static_cast<std::size_t>(of)};
}

std::string hexadecimal(std::uint64_t number) {
    char out[17];
    std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(number));
    return out;
}

std::string minutes(double seconds) {
    char out[64];
    const auto whole = static_cast<long long>(std::ceil(seconds));
    if (whole >= 3600) {
        std::snprintf(out, sizeof out, "%lld:%02lld:%02lld h", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        std::snprintf(out, sizeof out, "%lld:%02lld min", whole / 60, whole % 60);
    }
    return out;
}

/// As asked for, else as the view has it, with even sides, which films need.
picture_arguments sized(picture_arguments pictures) {
    if (pictures.size.empty() && pictures.view && pictures.view->picture.size) {
        const fieldreel::image_shape size = *pictures.view->picture.size;
        pictures.size = text(size.cols / 2 * 2, "x", size.rows / 2 * 2);
    }
    return pictures;
}

/// Draws the moments of a film. One per worker: it has the recording open for itself.
class film_drawer {
public:
    film_drawer(picture_arguments given, const fieldreel::film_times& times, bool say_notes)
        : times_(times), from_(open_to_draw(given, say_notes)), drawing_(options()) {}

    fieldreel::bgra_pixels operator()(std::size_t k) {
        from_.made.playback.fill(times_.time_s(k), now_);
        drawing_.present(now_);
        const fieldreel::bgra_view drawn = drawing_.pixels();
        return {reinterpret_cast<const std::uint8_t*>(drawn.pixels),
                {static_cast<std::size_t>(drawn.height), static_cast<std::size_t>(drawn.width)},
                drawing_.stride_bytes()};
    }

private:
    fieldreel::render_options options() const {
        fieldreel::render_options out = from_.options;
        out.speed = times_.speed();
        return out;
    }
    fieldreel::film_times times_;
    drawn_recording from_;
    fieldreel::raster drawing_;
    fieldreel::scene now_;
};

/// What decides about the pictures: the options that were given, the range, and three pictures themselves, which tell
/// other data, fonts and versions apart.
std::vector<std::pair<std::string, std::string>> picture_facts(const CLI::App& command, const std::string& title,
                                                               const fieldreel::film_times& times, film_drawer& draw) {
    std::vector<std::pair<std::string, std::string>> out{
        {"recording", title},
        {"range", text(times.shown().start_s, "s:", times.shown().stop_s, "s")},
        {"speed", text(times.speed())}};
    for (const CLI::Option* option : command.get_options()) {
        std::string name = option->get_name();
        if (option->count() == 0 || option->get_group() == film_group || option->get_group() == part_arguments::group ||
            option->get_group() == "Files" || !name.starts_with("--") || name == "--force" || name == "--size") {
            continue;
        }
        out.emplace_back(name.substr(2), CLI::detail::join(option->results(), " "));
    }
    fieldreel::detail::fnv1a hash;
    for (const std::size_t k : {std::size_t{0}, times.frame_count() / 2, times.frame_count() - 1}) {
        const fieldreel::bgra_pixels picture = draw(k);
        for (std::size_t y = 0; y < picture.shape.rows; ++y) {
            hash.add(picture.bytes + y * picture.stride_bytes, 4 * picture.shape.cols);
        }
    }
    out.emplace_back("look", hexadecimal(hash.value()));
    return out;
}

/// On a terminal one line that changes, else a line a minute: a log stays readable.
class film_progress {
public:
    explicit film_progress(std::string name) : name_(std::move(name)), terminal_(stderr_is_terminal()) {}
    film_progress(const film_progress&) = delete;
    film_progress& operator=(const film_progress&) = delete;
    ~film_progress() { clear(); }
    bool operator()(const fieldreel::export_progress& now) {
        const auto time = std::chrono::steady_clock::now();
        if (time >= next_) {
            next_ = time + (terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(60'000));
            std::fprintf(stderr, "%s%s: %zu of %zu frames, %.1f frames/s, %s left%s", terminal_ ? "\r\033[K" : "",
                         name_.c_str(), now.frames_done, now.frame_count, now.frames_per_s, minutes(now.left_s).c_str(),
                         terminal_ ? "" : "\n");
            std::fflush(stderr);
            shown_ = true;
        }
        return !interrupted();
    }
    void clear() {
        if (terminal_ && shown_) {
            std::fputs("\r\033[K", stderr);
            shown_ = false;
        }
    }

private:
    std::string name_;
    bool terminal_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point next_ =
        std::chrono::steady_clock::now() +
        (terminal_ ? std::chrono::milliseconds(1000) : std::chrono::milliseconds(60'000));
};

std::string size_words(double bytes) {
    char out[64];
    std::snprintf(out, sizeof out, bytes < 1e6 ? "%.0f kB" : "%.1f MB", bytes / (bytes < 1e6 ? 1e3 : 1e6));
    return out;
}

void say_report(const std::string& path, const fieldreel::export_report& report, double fps, std::size_t made_frames) {
    std::string how = text(report.segments, report.segments == 1 ? " segment" : " segments");
    if (report.segments_kept > 0) {
        how += text(", ", report.segments_kept, " made before");
    }
    if (report.segments_damaged > 0) {
        how += text(", ", report.segments_damaged, " damaged and made again");
    }
    if (!report.complete) {
        std::printf(
            "%s: segments of this shard %zu, made now %zu, %.1f s; fieldreel join %s when all shards are there\n",
            path.c_str(), report.segments_made + report.segments_kept, report.segments_made, report.seconds,
            path.c_str());
        return;
    }
    std::printf("%s: %zu frames, %.2f s at %g frames/s, %s; %s", path.c_str(), report.frame_count,
                static_cast<double>(report.frame_count) / fps, fps,
                size_words(static_cast<double>(report.bytes)).c_str(), how.c_str());
    if (made_frames > 0 && report.seconds > 0) {
        std::printf("; %.1f s, %.1f frames/s", report.seconds, static_cast<double>(made_frames) / report.seconds);
    }
    std::printf("\n");
}

/// Whether mpirun (or srun with PMI) started this process as one of several.
bool under_mpi() {
    for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
        if (std::getenv(name) != nullptr) {
            return true;
        }
    }
    return false;
}

fieldreel::export_report export_on_ranks(fieldreel::export_options& options,
                                         const fieldreel::frame_maker_factory& make_frames) {
#ifdef FIELDREEL_PROGRAM_MPI
    return fieldreel::export_video_mpi(options, make_frames);
#else
    (void)options;
    (void)make_frames;
    throw fieldreel::invalid_value("mpirun", "this fieldreel was built without MPI and cannot share a film by mpirun; "
                                             "build it with libopenmpi-dev, or give each process its --shard i/n");
#endif
}

} // namespace

std::string export_view(const picture_arguments& given, const fieldreel::time_range& range, const std::string& path,
                        const std::function<bool(double)>& progress) {
    const picture_arguments pictures = sized(given);
    fieldreel::export_options options;
    options.path = path;
    options.workers = 1; // the window goes on beside it
    options.settings.size = pictures.look().size;
    options.settings.fps = fieldreel::frame_rate_of(30);
    const fieldreel::film_times times(range, options.settings.fps, std::abs(pictures.view->speed));
    options.frame_count = times.frame_count();
    options.progress = [&](const fieldreel::export_progress& now) {
        return progress(static_cast<double>(now.frames_done) / static_cast<double>(now.frame_count));
    };
    try {
        const fieldreel::export_report report = fieldreel::export_video(options, [&] {
            const auto draw = std::make_shared<film_drawer>(pictures, times, false);
            return [draw](std::size_t k) { return (*draw)(k); };
        });
        return text(path, ": ", report.frame_count, " frames, ", size_words(static_cast<double>(report.bytes)));
    } catch (const fieldreel::export_stopped&) {
        std::error_code none;
        std::filesystem::remove_all(path + ".parts", none); // nobody would look for it
        return {};
    }
}

int export_film(const film_arguments& film, const part_arguments& part, const picture_arguments& asked,
                const std::string& path, bool force, const CLI::App& command) {
    const picture_arguments pictures = sized(asked);
    watch_interrupts();
    check_output(path, pictures.recording, force || film.resume || film.dry_run);
    fieldreel::export_options options;
    options.path = path;
    options.replace = force;
    options.resume = film.resume;
    options.workers = film.workers;
    options.shard = shard_in(film.shard);
    fieldreel::video_settings& s = options.settings;
    s.size = pictures.look().size;
    s.fps = fieldreel::frame_rate_of(film.fps);
    if (!film.codec.empty()) {
        s.codec = fieldreel::video_codec_named(film.codec);
    }
    s.crf = film.crf.value_or(s.crf);
    s.bitrate_kbps = film.bitrate_kbps.value_or(s.bitrate_kbps);
    s.preset = film.preset;
    s.segment_s = film.segment_s;
    s.keyframe_s = film.keyframe_s;
    s.encoder_threads = film.encoder_threads;
    (void)fieldreel::settled(s, fieldreel::video_container_of(path)); // before anything that takes time
    const bool ranks = under_mpi() && film.shard.empty() && !film.dry_run;
#ifdef FIELDREEL_PROGRAM_MPI
    const auto mpi = ranks ? std::make_unique<fieldreel::mpi_environment>() : nullptr;
    const bool speaks = !mpi || mpi->rank() == 0;
#else
    const bool speaks = true;
#endif
    try {
        std::optional<fieldreel::film_times> times;
        std::string title;
        {
            picture_arguments given = pictures;
            const drawn_recording first = open_to_draw(given, speaks);
            const auto& all = first.made.playback;
            times.emplace(part.of(all, pictures, speaks), all.times(), s.fps, part.speed);
            title = first.options.title;
        }
        options.frame_count = times->frame_count();
        const fieldreel::frame_maker_factory make_frames = [&] {
            const auto draw = std::make_shared<film_drawer>(pictures, *times, false);
            return [draw](std::size_t k) { return (*draw)(k); };
        };
        {
            film_drawer draw(pictures, *times, false);
            options.pictures = picture_facts(command, title, *times, draw);
        }
        if (film.dry_run) {
            const fieldreel::video_estimate estimate = fieldreel::estimate_video(options, make_frames);
            std::printf("%s would have %zu frames, last %.2f s and be about %s; making it would take about %s "
                        "(estimated from %zu frames)\n",
                        path.c_str(), estimate.frame_count, static_cast<double>(estimate.frame_count) / s.fps.hz(),
                        size_words(estimate.bytes).c_str(), minutes(estimate.seconds).c_str(), estimate.sampled_frames);
            return done;
        }
        std::size_t before = 0, made = 0;
        bool asked_before = false;
        film_progress line(path);
        options.progress = [&](const fieldreel::export_progress& now) {
            before = std::exchange(asked_before, true) ? before : now.frames_done;
            made = now.frames_done - before;
            return speaks ? line(now) : !interrupted();
        };
        const fieldreel::export_report report =
            ranks ? export_on_ranks(options, make_frames) : fieldreel::export_video(options, make_frames);
        line.clear();
        if (speaks) {
            const bool from_the_start = report.complete && report.segments_kept == 0;
            say_report(path, report, s.fps.hz(), from_the_start ? report.frame_count : ranks ? 0 : made);
        }
        return done;
    } catch (const fieldreel::export_stopped& stopped_by) {
        if (speaks) {
            std::fprintf(stderr, "fieldreel: %s\n", stopped_by.what());
        }
        if (ranks) {
            std::fflush(nullptr);
            std::_Exit(stopped); // the other ranks may be gone, so MPI cannot be ended together
        }
        return stopped;
    } catch (const std::exception& problem) {
        if (speaks) {
            std::fprintf(stderr, "fieldreel: %s\n", problem.what());
        }
        return failed;
    }
}

void add_join(CLI::App& app, int& result) {
    struct arguments {
        std::string path;
        bool force = false;
    };
    auto given = std::make_shared<arguments>();
    CLI::App* command = app.add_subcommand("join", "Join the segments that fieldreel export --shard made");
    command->add_option("output", given->path, "The film, as named in the export")->required();
    command->add_flag("--force", given->force, "Write over a film that is there");
    command->callback([given, &result] {
        const fieldreel::export_report report = fieldreel::join_video(given->path, given->force);
        std::printf("%s: %zu frames of %zu segments joined, %s; %.1f s\n", given->path.c_str(), report.frame_count,
                    report.segments, size_words(static_cast<double>(report.bytes)).c_str(), report.seconds);
        result = done;
    });
}

#endif
