// SPDX-License-Identifier: MIT
// Films made in parallel, in shards, after interruptions: always the same packets, and frame N always shows number N.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <fieldreel/export/video.hpp>

#include "support/sanitizer.hpp"
#include "support/sentence.hpp"
#include "support/stamped_film.hpp"
#include "support/temporary_directory.hpp"

using namespace fieldreel;
using support::sentence_of;
using support::stamped_pictures;

namespace {

constexpr std::size_t frames = 100; // seven segments of 15, the last of 10

export_options options(const std::string& path) {
    export_options o;
    o.path = path;
    o.settings.size = stamped_pictures::size;
    o.settings.preset = "veryfast";
    o.settings.segment_s = 0.5;
    o.frame_count = frames;
    o.workers = 1;
    o.pictures = {{"colormap", "magma"}, {"speed", "1"}};
    return o;
}

frame_maker stamps() {
    return [draw = stamped_pictures()](std::size_t k) mutable { return draw(k); };
}
/// Stamps that fail once they are asked for frame `last`.
frame_maker_factory failing_at(std::size_t last) {
    return [last] {
        return [last, draw = stamped_pictures()](std::size_t k) mutable {
            if (k == last) {
                throw std::runtime_error("the disk of the recording went away");
            }
            return draw(k);
        };
    };
}

/// The packets of the same film, written in order by one video_writer.
std::vector<std::uint64_t> expected_packets(const export_options& o) {
    const support::temporary_directory at;
    video_writer film(at.file("film.mp4"), o.settings);
    stamped_pictures draw;
    for (std::size_t k = 0; k < o.frame_count; ++k) {
        film.add(draw(k));
    }
    film.finish();
    return support::packets_of(at.file("film.mp4"));
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

TEST_CASE("workers decide about time, never about packets") {
    const support::temporary_directory at;
    for (const video_codec codec : {video_codec::h264, video_codec::h265, video_codec::vp9, video_codec::mpeg4}) {
        export_options o = options(at.file("film.mp4"));
        o.settings.codec = codec;
        o.settings.preset = codec == video_codec::mpeg4 ? "" : "veryfast";
        o.replace = true;
        const auto expected = expected_packets(o);
        REQUIRE(expected.size() == frames);
        for (const std::size_t workers : {1u, 2u, 5u}) {
            CAPTURE(name_of(codec));
            CAPTURE(workers);
            o.workers = workers;
            const export_report report = export_video(o, stamps);
            CHECK(report.complete);
            CHECK(report.segments == 7);
            CHECK(report.segments_made == 7);
            CHECK(report.bytes == std::filesystem::file_size(o.path));
            CHECK((support::packets_of(o.path) == expected));
            CHECK(support::wrong_frames(support::decode(o.path), frames, 30) == "");
            CHECK(names_in(at.path()) == std::vector<std::string>{"film.mp4"});
        }
    }
}

TEST_CASE("encoder threads change the packets, and then again not with the workers") {
    const support::temporary_directory at;
    export_options o = options(at.file("film.mp4"));
    o.settings.encoder_threads = 3;
    o.replace = true;
    const auto expected = expected_packets(o);
    CHECK((expected != expected_packets(options("film.mp4"))));
    for (const std::size_t workers : {1u, 2u}) {
        o.workers = workers;
        export_video(o, stamps);
        CHECK((support::packets_of(o.path) == expected));
    }
}

TEST_CASE("shards and join make the same packets") {
    const support::temporary_directory at;
    export_options o = options(at.file("film.mkv"));
    export_options whole = o;
    whole.path = at.file("whole.mkv");
    export_video(whole, stamps);
    for (const std::size_t number : {3u, 1u}) { // in any order
        o.shard = {number, 3};
        const export_report report = export_video(o, stamps);
        CHECK_FALSE(report.complete);
        CHECK(report.segments_made == (number == 1 ? 3 : 2));
        CHECK_FALSE(at.exists(o.path));
    }
    CHECK(sentence_of<file_error>([&] { join_video(o.path); }) ==
          "2 of 7 segments of " + o.path +
              " cannot be joined: 1 (it is missing), 4 (it is missing); make them with the "
              "same command and --shard, or all that is missing with --resume");
    o.shard = {2, 3};
    export_video(o, stamps);
    CHECK(export_video(o, stamps).segments_kept == 2); // once more makes nothing
    const export_report joined = join_video(o.path);
    CHECK(joined.complete);
    CHECK(joined.frame_count == frames);
    CHECK((support::packets_of(o.path) == support::packets_of(whole.path)));
    CHECK((support::bytes_of(o.path) == support::bytes_of(whole.path)));
    CHECK(support::wrong_frames(support::decode(o.path), frames, 30, 0.00051) == "");
    CHECK(names_in(at.path()) == std::vector<std::string>{"film.mkv", "whole.mkv"});

    for (const export_shard wrong : {export_shard{0, 3}, export_shard{4, 3}, export_shard{1, 0}}) {
        o.shard = wrong;
        CHECK(sentence_of<invalid_value>([&] { export_video(o, stamps); }) ==
              fieldreel::detail::text("the shard ", wrong.number, "/", wrong.of,
                                      " was asked for; it must be i/n with i from 1 to n"));
    }
    CHECK(sentence_of<file_error>([&] { join_video(at.file("none.mp4")); }) ==
          at.file("none.mp4") + ".parts holds no unfinished film; make its segments first (export with --shard), where "
                                "this program can read them");
}

TEST_CASE("shards that begin at the same time agree on the settings") {
    const support::temporary_directory at;
    std::vector<std::thread> processes;
    std::atomic<std::size_t> made{0};
    for (std::size_t i = 1; i <= 4; ++i) {
        processes.emplace_back([&, i] {
            export_options o = options(at.file("film.mp4"));
            o.shard = {i, 4};
            made += export_video(o, stamps).segments_made;
        });
    }
    for (std::thread& process : processes) {
        process.join();
    }
    CHECK(made == 7);
    join_video(at.file("film.mp4"));
    CHECK(support::wrong_frames(support::decode(at.file("film.mp4")), frames, 30) == "");
}

TEST_CASE("a frame that cannot be drawn keeps the finished segments, and resume goes on") {
    const support::temporary_directory at;
    export_options o = options(at.file("film.mp4"));
    const auto expected = expected_packets(o);
    CHECK(sentence_of<video_error>([&] { export_video(o, failing_at(50)); }) ==
          "frame 50 could not be drawn: the disk of the recording went away; what is finished is kept in " + o.path +
              ".parts, continue with --resume");
    CHECK_FALSE(at.exists(o.path));
    CHECK(names_in(o.path + ".parts") ==
          std::vector<std::string>{"000000.segment", "000001.segment", "000002.segment", "film.json"});
    CHECK(sentence_of<file_error>([&] { export_video(o, stamps); }) ==
          o.path + ".parts holds an unfinished export; continue it with --resume, or begin again with --force");
    o.resume = true;
    const export_report report = export_video(o, stamps);
    CHECK(report.segments_kept == 3);
    CHECK(report.segments_made == 4);
    CHECK((support::packets_of(o.path) == expected));
    CHECK(names_in(at.path()) == std::vector<std::string>{"film.mp4"});
    const export_report again = export_video(o, failing_at(0)); // nothing is left to do
    CHECK(again.complete);
    CHECK(again.segments_made == 0);

    // A finished film knows what it is.
    export_options else_wanted = o;
    else_wanted.settings.crf = 22;
    else_wanted.frame_count = 90;
    CHECK(sentence_of<invalid_value>([&] { export_video(else_wanted, stamps); }) ==
          o.path + " is finished and was made with other settings: crf was 18.0 and is 22.0, frames was 100 and is 90; "
                   "choose another name, or begin again with --force");
    else_wanted.path = at.file("mine.mp4");
    at.write("mine.mp4", "mine");
    CHECK(sentence_of<file_error>([&] { export_video(else_wanted, stamps); }) ==
          else_wanted.path + " is there already and was not made by such an export; choose another name, or replace it "
                             "with --force");
    CHECK(support::bytes_of(else_wanted.path) == "mine");
    std::filesystem::remove(else_wanted.path);

    // The very first frame: then there is nothing to keep.
    export_options other = options(at.file("other.mp4"));
    CHECK(sentence_of<video_error>([&] { export_video(other, failing_at(0)); }) ==
          "frame 0 could not be drawn: the disk of the recording went away");
    CHECK(sentence_of<video_error>([&] {
              export_video(other, []() -> frame_maker { throw std::runtime_error("no recording"); });
          }) == "no recording");
    CHECK(names_in(at.path()) == std::vector<std::string>{"film.mp4"});
}

TEST_CASE("resume with other settings is refused with those that differ") {
    const support::temporary_directory at;
    export_options o = options(at.file("film.mp4"));
    CHECK_THROWS_AS(export_video(o, failing_at(50)), video_error);
    o.resume = true;
    o.settings.crf = 22;
    o.settings.encoder_threads = 2;
    o.frame_count = 90;
    o.pictures = {{"colormap", "viridis"}, {"overlay", "trail"}};
    CHECK(sentence_of<invalid_value>([&] { export_video(o, stamps); }) ==
          o.path + ".parts was begun with other settings: crf was 18.0 and is 22.0, encoder_threads was 1 and is 2, "
                   "frames was 100 and is 90, colormap was magma and is viridis, overlay was not set and is trail, "
                   "speed was 1 and is not set; use the same settings, or begin again with --force");
    export_options shard = o;
    shard.resume = false;
    shard.shard = {1, 2};
    CHECK(sentence_of<invalid_value>([&] { export_video(shard, stamps); }).ends_with("or remove the folder first"));
    CHECK(names_in(o.path + ".parts").size() == 4); // and nothing was touched
    o.resume = false;
    o.replace = true;
    CHECK(export_video(o, stamps).segments_kept == 0);
}

TEST_CASE("a damaged segment is found and made again") {
    const support::temporary_directory at;
    export_options o = options(at.file("film.mp4"));
    const auto expected = expected_packets(o);
    CHECK_THROWS_AS(export_video(o, failing_at(80)), video_error); // five segments
    const std::string folder = o.path + ".parts/";
    std::string bytes = support::bytes_of(folder + "000001.segment");
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    std::ofstream(folder + "000001.segment", std::ios::binary) << bytes;
    std::filesystem::resize_file(folder + "000002.segment", 1000);
    std::filesystem::copy_file(folder + "000000.segment", folder + "000006.segment"); // of another length
    std::ofstream(folder + "000005.segment.part-12345678") << "left by somebody";
    CHECK(sentence_of<file_error>([&] { join_video(o.path); }) ==
          "4 of 7 segments of " + o.path +
              " cannot be joined: 1 (its checksum is wrong), 2 (it is cut), 5 (it is missing), 6 (it has 15 packets "
              "for 10 "
              "frames); make them with the same command and --shard, or all that is missing with --resume");
    o.resume = true;
    const export_report report = export_video(o, stamps);
    CHECK(report.segments_damaged == 3);
    CHECK(report.segments_kept == 3);
    CHECK(report.segments_made == 4);
    CHECK((support::packets_of(o.path) == expected));
    CHECK(names_in(at.path()) == std::vector<std::string>{"film.mp4"});
}

TEST_CASE("a segment of another export is not taken") {
    const support::temporary_directory at;
    export_options o = options(at.file("film.mp4")), other = options(at.file("other.mp4"));
    other.settings.crf = 30;
    CHECK_THROWS_AS(export_video(o, failing_at(80)), video_error);
    CHECK_THROWS_AS(export_video(other, failing_at(80)), video_error);
    std::filesystem::copy_file(other.path + ".parts/000001.segment", o.path + ".parts/000001.segment",
                               std::filesystem::copy_options::overwrite_existing);
    o.resume = true;
    CHECK(export_video(o, stamps).segments_damaged == 1);
    CHECK((support::packets_of(o.path) == expected_packets(o)));
}

TEST_CASE("progress counts up to all frames and can stop") {
    const support::temporary_directory at;
    export_options o = options(at.file("film.mp4"));
    const auto caller = std::this_thread::get_id();
    std::size_t calls = 0;
    export_progress last;
    o.workers = 2;
    // Progress is asked for at least once in 20 frames: the workers wait for it.
    std::atomic<std::size_t> asked = 0, drawn = 0;
    const auto slow = [&] {
        return [&, draw = stamped_pictures()](std::size_t k) mutable {
            const std::size_t wanted = drawn++ / 20;
            for (std::size_t now = asked; now < wanted; now = asked) {
                asked.wait(now);
            }
            return draw(k);
        };
    };
    const auto was_asked = [&](bool goes_on) {
        asked = goes_on ? asked + 1 : frames; // nobody is asked again
        asked.notify_all();
        return goes_on;
    };
    o.progress = [&](const export_progress& now) {
        CHECK(std::this_thread::get_id() == caller);
        CHECK(now.frame_count == frames);
        CHECK(now.frames_done >= last.frames_done);
        last = now;
        return was_asked(++calls < 2 || now.frames_done < 40);
    };
    const std::string sentence = sentence_of<export_stopped>([&] { export_video(o, slow); });
    CHECK(sentence ==
          "the export was stopped; what is finished is kept in " + o.path + ".parts, continue with --resume");
    CHECK(last.frames_per_s > 0);
    CHECK(last.left_s > 0);
    const std::size_t before = last.frames_done;
    o.resume = true;
    o.progress = [&](const export_progress& now) {
        last = now;
        return was_asked(true);
    };
    const export_report report = export_video(o, slow);
    CHECK(report.segments_kept + report.segments_made == 7);
    CHECK(report.segments_kept > 0);
    CHECK(last.frames_done == frames);
    CHECK(before < frames);
    CHECK((support::packets_of(o.path) == expected_packets(o)));
}

TEST_CASE("outputs that cannot be or may not be written") {
    const support::temporary_directory at;
    at.write("film.mp4", "mine");
    export_options o = options(at.file("film.mp4"));
    CHECK(sentence_of<file_error>([&] { export_video(o, stamps); }) ==
          o.path + " is there already; choose another name, or replace it with --force");
    CHECK(support::bytes_of(o.path) == "mine");
    CHECK_FALSE(at.exists(o.path + ".parts"));
    o.replace = true;
    CHECK(export_video(o, stamps).complete);
    o = options("/proc/film.mp4");
    CHECK(sentence_of<file_error>([&] { export_video(o, stamps); }) ==
          "/proc/film.mp4 cannot be written: the folder /proc/film.mp4.parts cannot be made (No such file or "
          "directory); choose a folder that may be written");
    o = options(at.file("film.gif"));
    CHECK(sentence_of<invalid_value>([&] { export_video(o, stamps); }).find("does not end like a film") !=
          std::string::npos);
    o = options(at.file("none.mp4"));
    o.frame_count = 0;
    CHECK(sentence_of<invalid_value>([&] { export_video(o, stamps); }) ==
          o.path + " would have no frames; choose a range with at least one");
    o = options(at.file("size.mp4"));
    o.settings.size = {100, 160};
    CHECK(sentence_of<invalid_value>([&] { export_video(o, stamps); }) ==
          "a picture has 160 x 96 pixels and 704 bytes from row to row; the film has 160 x 100 pixels of 4 bytes; draw "
          "every frame in this size");
    CHECK(names_in(at.path()) == std::vector<std::string>{"film.mp4"});
}

TEST_CASE("a dry run comes near and writes nothing") {
    const support::temporary_directory at;
    export_options o = options(at.file("film.mp4"));
    o.frame_count = 600;
    o.settings.segment_s = 2;
    const video_estimate estimate = estimate_video(o, stamps);
    CHECK(names_in(at.path()).empty());
    CHECK(estimate.frame_count == 600);
    CHECK(estimate.sampled_frames == 120);
    CHECK(estimate.seconds > 0);
    const export_report report = export_video(o, stamps);
    CAPTURE(estimate.bytes);
    CAPTURE(report.bytes);
    CHECK(estimate.bytes > 0.6 * static_cast<double>(report.bytes));
    CHECK(estimate.bytes < 1.6 * static_cast<double>(report.bytes));
    o.frame_count = 3; // fewer than a sample
    CHECK(estimate_video(o, stamps).sampled_frames == 3);
}

// By hand at 800 x 600 once: 1000 and 100 000 frames had the same peak.
TEST_CASE("memory does not grow with the film" * doctest::skip(support::keeps_freed_memory)) {
    const auto private_mib = [] {
        double sum = 0;
        std::ifstream in("/proc/self/status");
        for (std::string line; std::getline(in, line);) {
            if (line.starts_with("RssAnon:") || line.starts_with("RssShmem:")) {
                sum += std::stod(line.substr(9)) / 1024;
            }
        }
        return sum;
    };
    const support::temporary_directory at;
    const auto peak_of = [&](std::size_t count) {
        export_options o = options(at.file("film.mp4"));
        o.settings.codec = video_codec::mpeg4;
        o.settings.preset = "";
        o.settings.segment_s = 2;
        o.frame_count = count;
        o.workers = 2;
        o.replace = true;
        double peak = 0;
        o.progress = [&](const export_progress&) {
            peak = std::max(peak, private_mib());
            return true;
        };
        CHECK(export_video(o, stamps).complete);
        return peak;
    };
    peak_of(500);
    const double few = peak_of(500), many = peak_of(5000);
    CAPTURE(few);
    CAPTURE(many);
    CHECK(many < few + 8);
}

namespace {

/// Runs `work` in a process of its own, which an alarm ends as a kill does: nothing of it runs any more. Gives its wait
/// status.
template <class Work>
int in_child(Work work, int kill_after_us = -1) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (kill_after_us >= 0) {
            const itimerval when{{0, 0}, {kill_after_us / 1'000'000, kill_after_us % 1'000'000 + 1}};
            ::setitimer(ITIMER_REAL, &when, nullptr);
        }
        int code = 0;
        try {
            work();
        } catch (const std::exception& problem) {
            std::ofstream("/dev/stderr") << problem.what() << "\n";
            code = 1;
        }
        ::_exit(code);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status;
}

} // namespace

// FIELDREEL_KILLS sets how many; 50 take a minute.
TEST_CASE("killed at random moments and resumed, the packets are the same") {
    const support::temporary_directory at;
    const char* const asked = std::getenv("FIELDREEL_KILLS");
    const int kills = asked != nullptr ? std::atoi(asked) : 10;
    export_options o = options(at.file("film.mp4"));
    o.workers = 2;
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(in_child([&] { export_video(o, stamps); }) == 0);
    const auto whole_us =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    const auto expected = support::packets_of(o.path);
    const std::string whole_film = support::bytes_of(o.path);
    REQUIRE(expected.size() == frames);
    std::mt19937 random(7);
    std::uniform_int_distribution<int> moment(0, static_cast<int>(whole_us.count()));
    int killed = 0, finished_before = 0;
    o.resume = true;
    while (killed < kills) {
        std::filesystem::remove(o.path);
        for (int again = 0; again < 3 && !std::filesystem::exists(o.path); ++again) { // killed again while it resumes
            const int status = in_child([&] { export_video(o, stamps); }, moment(random));
            (WIFSIGNALED(status) ? killed : finished_before) += 1;
            if (std::filesystem::exists(o.path)) { // under its name it is whole
                CHECK((support::bytes_of(o.path) == whole_film));
            }
        }
        REQUIRE(in_child([&] { export_video(o, stamps); }) == 0);
        REQUIRE((support::packets_of(o.path) == expected));
        REQUIRE(names_in(at.path()) == std::vector<std::string>{"film.mp4"});
    }
    MESSAGE(killed << " kills, " << finished_before << " came too late");
    CHECK(support::wrong_frames(support::decode(o.path), frames, 30) == "");
}

TEST_CASE("a disk that is full leaves what can be resumed, and a sentence") {
    const support::temporary_directory at;
    export_options o = options(at.file("film.mp4"));
    const auto expected = expected_packets(o);
    // Files may not grow over a limit: some segments fit, the film does not.
    const auto limited = [&](rlim_t bytes, const char* error_file) {
        return in_child([&, bytes] {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{bytes, bytes};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            try {
                export_video(o, stamps);
            } catch (const file_error& problem) {
                std::string text = problem.what();
                const rlimit enough{bytes, bytes};
                (void)enough;
                std::ofstream(at.file(error_file)) << text.substr(0, 900);
            }
        });
    };
    REQUIRE(limited(1500, "segment") == 0);
    CHECK_FALSE(at.exists(o.path));
    const std::string folder = o.path + ".parts";
    CHECK(support::bytes_of(at.file("segment")) == folder + "/000000.segment cannot be written (File too large); check "
                                                            "that the folder may be written and the disk is not full");
    CHECK_FALSE(at.exists(folder)); // there was nothing to keep
    REQUIRE(limited(12000, "film") == 0);
    CHECK_FALSE(at.exists(o.path));
    CHECK(support::bytes_of(at.file("film")) ==
          folder +
              "/film.part cannot be written (File too large); check that the folder may be written and the disk is "
              "not full; what is finished is kept in " +
              folder + ", continue with --resume");
    CHECK(names_in(folder).size() == 8); // all segments and film.json
    o.resume = true;
    CHECK(export_video(o, stamps).segments_made == 0);
    CHECK((support::packets_of(o.path) == expected));
}
