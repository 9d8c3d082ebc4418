// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/export/video_writer.hpp>
#include <fieldreel/import/film.hpp>

#include "support/font_leaks.hpp"
#include "support/sentence.hpp"
#include "support/stamped_film.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::sentence_of;
using support::stamped_pictures;
using support::temporary_directory;

namespace {

std::string stamped(const std::string& path, std::size_t frames, fr::video_codec codec, double keyframe_s = 1) {
    fr::video_settings s;
    s.size = stamped_pictures::size;
    s.codec = codec;
    s.keyframe_s = keyframe_s;
    s.preset = codec == fr::video_codec::h264 ? "medium" : ""; // B-frames
    fr::video_writer film(path, s, true);
    stamped_pictures draw;
    for (std::size_t k = 0; k < frames; ++k) {
        film.add(draw(k));
    }
    film.finish();
    return path;
}

/// The number that a frame's squares show.
std::size_t number_in(std::span<const std::uint8_t> rgb) {
    using p = stamped_pictures;
    std::size_t out = 0;
    for (std::size_t bit = 0; bit < p::bits; ++bit) {
        const std::size_t per_row = p::columns / p::square;
        const std::size_t x = bit % per_row * p::square + p::square / 2;
        const std::size_t y = bit / per_row * p::square + p::square / 2;
        out |= static_cast<std::size_t>(rgb[(y * p::columns + x) * 3] > 127 ? 1 : 0) << bit;
    }
    return out;
}
std::size_t number_at(const fr::film_source& film, std::size_t i) {
    std::vector<std::uint8_t> pixels(film.frame_size());
    film.read(i, pixels);
    return number_in(pixels);
}

/// When frame k of the film with an uneven rate is shown: now and then a long pause. Units: milliseconds.
std::int64_t uneven_ms(std::int64_t k) {
    return k * 40 + (k / 7) * 55 + (k > 0 ? k % 3 : 0);
}

/// The packets of a film with other times.
std::string retimed(const std::string& from, const std::string& to, double fps) {
    AVFormatContext* in = nullptr;
    AVFormatContext* out = nullptr;
    REQUIRE(avformat_open_input(&in, from.c_str(), nullptr, nullptr) >= 0);
    REQUIRE(avformat_find_stream_info(in, nullptr) >= 0);
    REQUIRE(avformat_alloc_output_context2(&out, nullptr, "matroska", to.c_str()) >= 0);
    AVStream* const stream = avformat_new_stream(out, nullptr);
    avcodec_parameters_copy(stream->codecpar, in->streams[0]->codecpar);
    stream->codecpar->codec_tag = 0;
    REQUIRE(avio_open(&out->pb, to.c_str(), AVIO_FLAG_WRITE) >= 0);
    REQUIRE(avformat_write_header(out, nullptr) >= 0);
    AVPacket* const packet = av_packet_alloc();
    const double unit = av_q2d(in->streams[0]->time_base);
    const AVRational ms{1, 1000};
    while (av_read_frame(in, packet) >= 0) {
        const auto moved = [&](std::int64_t stamp) {
            const auto k = static_cast<std::int64_t>(std::lround(static_cast<double>(stamp) * unit * fps));
            return av_rescale_q(uneven_ms(k) + 1000, ms, stream->time_base);
        };
        packet->pts = moved(packet->pts);
        packet->dts = moved(packet->dts);
        packet->duration = 0;
        packet->stream_index = 0;
        REQUIRE(av_write_frame(out, packet) >= 0);
        av_packet_unref(packet);
    }
    av_write_trailer(out);
    AVPacket* last = packet;
    av_packet_free(&last);
    avio_closep(&out->pb);
    avformat_free_context(out);
    avformat_close_input(&in);
    return to;
}

void check_every_order(const fr::film_source& film, std::size_t frames) {
    REQUIRE(film.frame_count() == frames);
    std::string wrong;
    const auto look = [&](std::size_t i) {
        const std::size_t shown = number_at(film, i);
        if (shown != i) {
            wrong += std::to_string(i) + " shows " + std::to_string(shown) + "; ";
        }
    };
    for (std::size_t i = 0; i < frames; ++i) {
        look(i);
    }
    CHECK(wrong == "");
    for (std::size_t i = frames; i-- > 0;) {
        look(i);
    }
    CHECK(wrong == "");
    std::mt19937 random(5);
    for (int k = 0; k < 100; ++k) {
        look(random() % frames);
    }
    CHECK(wrong == "");
    for (std::size_t i = 0; i < frames; i += 13) { // forward in leaps
        look(i);
    }
    CHECK(wrong == "");
}

std::string shared(const char* name) {
    return std::string(FIELDREEL_SHARED_DIR) + "/data/" + name;
}

} // namespace

TEST_CASE("film: frame N is frame N forward, backward and at random, in every codec and container") {
    const temporary_directory at;
    for (const auto codec :
         {fr::video_codec::h264, fr::video_codec::h265, fr::video_codec::vp9, fr::video_codec::mpeg4}) {
        for (const std::string ending : {".mp4", ".mkv"}) {
            CAPTURE(std::string(fr::name_of(codec)));
            CAPTURE(ending);
            const fr::film_source film(stamped(at.file("film" + ending), 75, codec));
            CHECK(film.image_shape() == stamped_pictures::size);
            CHECK(film.channels() == 3);
            for (std::size_t i = 0; i < film.frame_count(); ++i) {
                CHECK(std::abs(film.time_s(i) - static_cast<double>(i) / 30) < 0.0011);
            }
            check_every_order(film, 75);
        }
    }
}

TEST_CASE("film: an uneven frame rate with B-frames is exact") {
    const temporary_directory at;
    const fr::film_source film(
        retimed(stamped(at.file("even.mp4"), 90, fr::video_codec::h264), at.file("uneven.mkv"), 30));
    check_every_order(film, 90);
    for (std::size_t i = 0; i < 90; ++i) {
        const double time_s = static_cast<double>(uneven_ms(static_cast<std::int64_t>(i)) + 1000) / 1000;
        CHECK(film.time_s(i) == doctest::Approx(time_s).epsilon(1e-9));
        CHECK(film.frame_at(time_s + 0.001) == i);
        CHECK(film.nearest_frame(time_s - 0.004) == i);
    }
    CHECK(film.nearest_frame(-5) == 0);
    CHECK(film.nearest_frame(1e9) == 89);
    CHECK_FALSE(film.frame_at(0.5));
}

TEST_CASE("film: a frame costs no more decoding than from the keyframe before it, the next one a single frame") {
    const temporary_directory at;
    const fr::film_source film(stamped(at.file("film.mp4"), 90, fr::video_codec::h264, 0.5));
    CHECK(film.keyframe_before(44) == 30);
    number_at(film, 80);
    std::uint64_t before = film.decoded();
    number_at(film, 44);
    CHECK(film.decoded() - before <= 15);
    before = film.decoded();
    number_at(film, 45);
    number_at(film, 46);
    CHECK(film.decoded() - before <= 2);
    number_at(film, 46);
    CHECK(film.decoded() - before <= 2);
}

TEST_CASE("film: colours are those that were drawn") {
    const temporary_directory at;
    const fr::film_source film(stamped(at.file("film.mp4"), 3, fr::video_codec::h264));
    std::vector<std::uint8_t> pixels(film.frame_size());
    film.read(1, pixels);
    using p = stamped_pictures;
    for (std::size_t patch = 0; patch < p::colors.size(); ++patch) {
        const std::size_t x = patch * p::patch + p::patch / 2;
        const std::size_t y = 2 * p::square + p::patch / 2;
        for (std::size_t c = 0; c < 3; ++c) {
            CHECK(std::abs(pixels[(y * p::columns + x) * 3 + c] - p::colors[patch][c]) <= 6);
        }
    }
}

TEST_CASE("film: behind its cache the frames are the same, and a cursor reads ahead of nothing wrong") {
    const temporary_directory at;
    const fr::any_source film = fr::open_film(stamped(at.file("film.mp4"), 75, fr::video_codec::h264));
    CHECK(film.timed());
    CHECK(film.type() == fr::dtype::u8);
    CHECK(*film.frame_shape() == stamped_pictures::size);
    auto cursor = film.cursor();
    for (const std::size_t i : {0u, 1u, 2u, 40u, 39u, 38u, 74u, 0u, 16u, 15u}) {
        CHECK(number_in(cursor.frame(i).as<std::uint8_t>()) == i);
    }
}

TEST_CASE("film: what is no film is refused in a sentence") {
    const temporary_directory at;
    const auto open = [](const std::string& path) {
        return sentence_of<fr::file_error>([&] { fr::film_source{path}; });
    };
    CHECK(open(at.file("none.mp4")) ==
          at.file("none.mp4") + " cannot be opened: No such file or directory; check the path");
    CHECK(open(at.path()) == at.path() + " cannot be opened: it is a directory; give a file inside it");
    const std::string no_film = " is cut, or no film that can be read (Invalid data found when processing input); give "
                                "an .mp4, .avi, .mkv, .mov or "
                                ".webm file that a player plays";
    CHECK(open(at.write("empty.mp4", "")) == at.file("empty.mp4") + no_film);
    CHECK(open(at.write("text.mp4", "hello")) == at.file("text.mp4") + no_film);
    // A playlist names other files; it is not followed.
    CHECK(open(at.write("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.ts\n"))
              .starts_with(at.file("list.m3u8") + " is cut, or no film that can be read ("));
}

TEST_CASE("film: a film that is cut short shows what there is") {
    const temporary_directory at;
    const std::string path = stamped(at.file("film.mkv"), 75, fr::video_codec::h264, 0.5);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) * 2 / 3);
    try {
        const fr::film_source film(path);
        CHECK(film.frame_count() < 75);
        CHECK(number_at(film, 5) == 5);
    } catch (const fr::file_error& refused) {
        CHECK(std::string(refused.what()).starts_with(path + " "));
    }
}

TEST_CASE("film: the recorded ones") {
    const std::string mouse = shared("pose_mouse_openfield_dlc/m3v1mp4.mp4");
    if (!std::filesystem::exists(mouse)) {
        MESSAGE("skipped: the shared data are not here");
        return;
    }
    const fr::film_source film(mouse); // yuv444p, 1000000/33333 fps, B-frames
    CHECK(film.frame_count() == 2330);
    CHECK(film.image_shape() == fr::image_shape{480, 640});
    const fr::samples times = fr::samples::open_npy(shared("pose_mouse_openfield_dlc/times.npy"));
    double most = 0;
    for (std::size_t i = 0; i < 2330; ++i) {
        most = (std::max)(most, std::abs(film.time_s(i) - times[i]));
    }
    CHECK(most < 1e-6);
    std::size_t keys = 0;
    for (std::size_t i = 0; i < 2330; ++i) {
        keys += film.keyframe_before(i) == i ? 1u : 0u;
    }
    CHECK(keys == 12);
    // The same picture whichever way it is reached.
    std::vector<std::uint8_t> forward(film.frame_size() * 40);
    std::vector<std::uint8_t> before(film.frame_size());
    for (std::size_t i = 0; i < 300; ++i) { // from the start, without a jump
        film.read(i, before);
    }
    film.read(300, forward);
    std::vector<std::uint8_t> one(film.frame_size());
    for (const std::size_t i : {339u, 310u, 305u, 300u}) {
        film.read(i, one);
        CHECK(std::equal(one.begin(), one.end(),
                         forward.begin() + static_cast<std::ptrdiff_t>((i - 300) * film.frame_size())));
    }
    const fr::film_source flies(shared("pose_flies_sleap_centered_pair/centered_pair_small.mp4"));
    CHECK(flies.frame_count() == 1100);
    CHECK(flies.image_shape() == fr::image_shape{384, 384});
    CHECK(flies.time_s(15) - flies.time_s(0) == doctest::Approx(1));
}
