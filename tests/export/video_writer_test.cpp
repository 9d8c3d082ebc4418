// SPDX-License-Identifier: MIT
// Films written picture by picture: decoded again, frame by frame; and what is refused.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <doctest/doctest.h>

#include <fieldreel/export/video_writer.hpp>

#include "support/sentence.hpp"
#include "support/stamped_film.hpp"
#include "support/temporary_directory.hpp"

using namespace fieldreel;
using support::sentence_of;
using support::stamped_pictures;

namespace {

video_settings settings(video_codec codec) {
    video_settings s;
    s.size = stamped_pictures::size;
    s.codec = codec;
    s.preset = codec == video_codec::mpeg4 ? "" : "veryfast";
    return s;
}

void write(const std::string& path, const video_settings& s, std::size_t frames, bool replace = false) {
    video_writer film(path, s, replace);
    stamped_pictures draw;
    for (std::size_t k = 0; k < frames; ++k) {
        film.add(draw(k));
    }
    film.finish();
}

std::size_t files_in(const std::string& folder) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("every codec in every container shows every frame at its time in its colours") {
    const support::temporary_directory at;
    for (const video_codec codec : {video_codec::h264, video_codec::h265, video_codec::vp9, video_codec::mpeg4}) {
        for (const std::string extension : {".mp4", ".mkv", ".webm"}) {
            if (extension == ".webm" && codec != video_codec::vp9) {
                continue;
            }
            for (const double segment_s : {10.0, 0.3}) {
                CAPTURE(name_of(codec));
                CAPTURE(extension);
                CAPTURE(segment_s);
                video_settings s = settings(codec);
                s.segment_s = segment_s;
                const std::string path = at.file("film" + extension);
                write(path, s, 40, true);
                const support::decoded_film film = support::decode(path);
                CHECK(support::wrong_frames(film, 40, 30, extension == ".mp4" ? 1e-6 : 0.00051) == "");
                CHECK(film.size == stamped_pictures::size);
                CHECK(film.duration_s == doctest::Approx(40 / 30.0).epsilon(0.001));
                CHECK((film.bt709_limited || codec == video_codec::mpeg4)); // whose stream cannot say it
            }
        }
    }
    CHECK(files_in(at.path()) == 3);
}

TEST_CASE("segments of few frames are put in order") {
    const support::temporary_directory at;
    for (const video_codec codec : {video_codec::h264, video_codec::h265, video_codec::vp9, video_codec::mpeg4}) {
        for (const double segment_s : {1 / 30.0, 2 / 30.0, 3 / 30.0, 5 / 30.0}) {
            CAPTURE(name_of(codec));
            CAPTURE(segment_s);
            video_settings s = settings(codec);
            s.segment_s = segment_s;
            write(at.file("film.mp4"), s, 16, true);
            CHECK(support::wrong_frames(support::decode(at.file("film.mp4")), 16, 30) == "");
        }
    }
}

TEST_CASE("odd rates keep exact timestamps") {
    const support::temporary_directory at;
    for (const double hz : {0.5, 12.5, 29.97, 59.94, 240.0}) {
        CAPTURE(hz);
        video_settings s = settings(video_codec::h264);
        s.fps = frame_rate_of(hz);
        write(at.file("film.mp4"), s, 12, true);
        CHECK(support::wrong_frames(support::decode(at.file("film.mp4")), 12, hz) == "");
    }
}

TEST_CASE("the same pictures give the same file, byte by byte") {
    const support::temporary_directory at;
    for (const std::string name : {"film.mp4", "film.mkv"}) {
        write(at.file(name), settings(video_codec::h264), 20);
        const std::string once = support::bytes_of(at.file(name));
        write(at.file(name), settings(video_codec::h264), 20, true);
        CHECK((once == support::bytes_of(at.file(name))));
    }
    const std::string start = support::bytes_of(at.file("film.mp4"));
    CHECK(start.find("moov") < start.find("mdat")); // the index first
}

#ifdef __GLIBC__
// x264 and x265 read memory that they never wrote, unless they are kept from it, or what they make of it is.
TEST_CASE("what memory held before does not change a packet") {
    for (const video_codec codec : {video_codec::h264, video_codec::h265, video_codec::vp9, video_codec::mpeg4}) {
        for (const std::size_t frames : {1u, 2u, 3u, 40u}) {
            CAPTURE(name_of(codec));
            CAPTURE(frames);
            std::string first;
            for (const int byte : {0, 85, 170}) {
                ::mallopt(M_PERTURB, byte);
                detail::segment_encoder encoder(settled(settings(codec), video_container::mp4));
                stamped_pictures draw;
                std::string packets;
                std::int64_t last_dts = -100;
                bool in_order = true;
                const auto sink = [&](const video_packet& packet) {
                    packets += detail::text(packet.pts, " ", packet.dts, packet.key ? " key " : " ");
                    packets.append(packet.bytes.begin(), packet.bytes.end());
                    in_order = in_order && last_dts < packet.dts && packet.dts <= packet.pts;
                    last_dts = packet.dts;
                };
                for (std::size_t k = 0; k < frames; ++k) {
                    encoder.encode(draw(k), sink);
                }
                encoder.finish(sink);
                CHECK(in_order);
                CHECK((first.empty() || packets == first));
                first = packets;
            }
        }
    }
    ::mallopt(M_PERTURB, 0);
}
#endif

TEST_CASE("a bitrate, a quality and a preset change the size as they should") {
    const support::temporary_directory at;
    const auto bytes = [&](const video_settings& s) {
        std::vector<std::uint8_t> noise(160 * 96 * 4);
        std::uint32_t state = 1;
        video_writer film(at.file("film.mp4"), s, true);
        for (std::size_t k = 0; k < 60; ++k) {
            for (std::uint8_t& byte : noise) {
                state = state * 1664525 + 1013904223;
                byte = static_cast<std::uint8_t>(state >> 24);
            }
            film.add({noise.data(), s.size, 160 * 4});
        }
        film.finish();
        return std::filesystem::file_size(at.file("film.mp4"));
    };
    for (const video_codec codec : {video_codec::h264, video_codec::h265, video_codec::vp9, video_codec::mpeg4}) {
        CAPTURE(name_of(codec));
        video_settings good = settings(codec), bad = good, slow = good, rate = good;
        good.crf = 4;
        bad.crf = 30;
        slow.bitrate_kbps = 200;
        rate.bitrate_kbps = 2000;
        CHECK(bytes(good) > bytes(bad) * 5 / 4);
        CHECK(bytes(rate) > bytes(slow) * 3 / 2);
    }
}

TEST_CASE("a film that is not finished leaves nothing") {
    const support::temporary_directory at;
    {
        video_writer film(at.file("film.mp4"), settings(video_codec::h264));
        stamped_pictures draw;
        film.add(draw(0));
        CHECK(film.frame_count() == 1);
        CHECK_FALSE(at.exists(at.file("film.mp4")));
        CHECK(files_in(at.path()) == 1);
    }
    CHECK(files_in(at.path()) == 0);
    CHECK(sentence_of<video_error>([&] { video_writer(at.file("film.mp4"), settings(video_codec::h264)).finish(); }) ==
          at.file("film.mp4") + " would have no frames; add at least one picture");
    CHECK(files_in(at.path()) == 0);
}

TEST_CASE("a picture of another size is refused") {
    const support::temporary_directory at;
    video_writer film(at.file("film.mp4"), settings(video_codec::h264));
    stamped_pictures draw;
    bgra_pixels picture = draw(0);
    picture.shape = {96, 158};
    CHECK(sentence_of<invalid_value>([&] { film.add(picture); }) ==
          "a picture has 158 x 96 pixels and 704 bytes from row to row; the film has 160 x 96 pixels of 4 bytes; draw "
          "every frame in this size");
    picture = draw(0);
    picture.stride_bytes = 600;
    CHECK(sentence_of<invalid_value>([&] { film.add(picture); }).starts_with("a picture has 160 x 96 pixels and 600"));
    film.add(draw(0)); // and the film goes on
    film.finish();
    CHECK(support::decode(at.file("film.mp4")).frames.size() == 1);
}

TEST_CASE("names that cannot be written are refused, and nothing is left") {
    const support::temporary_directory at;
    const auto refused = [&](const std::string& path) {
        return sentence_of<error>([&] { video_writer(path, settings(video_codec::h264)); });
    };
    CHECK(refused(at.file("film.avi")) == at.file("film.avi") +
                                              " does not end like a film; .mp4, .mkv and .webm can be "
                                              "written, so choose one of these extensions");
    CHECK(refused(at.file("film")).find("does not end like a film") != std::string::npos);
    CHECK(refused(at.file(".mp4")) == "nothing was thrown"); // a hidden file with a name
    CHECK(refused(at.file("no/film.mp4")) ==
          at.file("no/film.mp4") + " cannot be written: there is no folder " + at.file("no") + "; make it first");
    std::filesystem::create_directory(at.file("folder.mp4"));
    CHECK(refused(at.file("folder.mp4")) == at.file("folder.mp4") + " is a folder; give the name of a film in it");
    at.write("film.mp4", "mine");
    CHECK(refused(at.file("film.mp4")) ==
          at.file("film.mp4") + " is there already; choose another name, or replace it with --force");
    CHECK(support::bytes_of(at.file("film.mp4")) == "mine");
    CHECK(refused("/proc/film.mp4").find("/proc/film.mp4 cannot be written (No such file or directory)") == 0);
    CHECK(files_in(at.path()) == 2);
}

TEST_CASE("a codec that was not built in is refused with those that are") {
    CHECK(sentence_of<invalid_value>([] {
              fieldreel::detail::throw_no_encoder(fieldreel::detail::facts_of(video_codec::h265), {"vp9", "mpeg4"});
          }) ==
          "the codec h265 was asked for; this libav was built without its encoder libx265 and has vp9, mpeg4; choose "
          "another codec, or install a libav with libx265");
    CHECK(available_video_codecs().size() >= 1);
}
