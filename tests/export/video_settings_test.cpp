// SPDX-License-Identifier: MIT
// What films can be like, and which time each frame shows.
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/export/video_settings.hpp>

#include "support/sentence.hpp"

using namespace fieldreel;
using support::sentence_of;

namespace {

video_settings good() {
    video_settings s;
    s.size = {600, 800};
    return s;
}
template <class Change>
std::string refused(Change change, video_container container = video_container::mp4) {
    video_settings s = good();
    change(s);
    return sentence_of<invalid_value>([&] { settled(s, container); });
}

} // namespace

TEST_CASE("defaults depend on the container and the codec") {
    const video_settings film = settled(good(), video_container::mp4);
    CHECK(film.codec == video_codec::h264);
    CHECK(film.crf == 18);
    CHECK(film.preset == "medium");
    CHECK(settled(film, video_container::mp4).preset == film.preset); // settled twice is settled
    CHECK(settled(good(), video_container::webm).codec == video_codec::vp9);
    video_settings other = good();
    other.codec = video_codec::mpeg4;
    CHECK(settled(other, video_container::mkv).preset == "");
    CHECK(settled(other, video_container::mkv).crf == 3);
    other.bitrate_kbps = 500;
    CHECK(std::isnan(settled(other, video_container::mkv).crf));
}

TEST_CASE("what no film can have is refused with what is allowed") {
    CHECK(refused([](auto& s) { s.size = {}; }) ==
          "the size of the film is 0 x 0 pixels; each side must be from 32 to 8192");
    CHECK(refused([](auto& s) {
              s.size = {600, 100'000};
          }) == "the size of the film is 100000 x 600 pixels; each side must be from 32 to 8192");
    CHECK(refused([](auto& s) {
              s.size = {601, 800};
          }) == "the size of the film is 800 x 601 pixels; both sides must be even, because two by two pixels share a "
                "colour; use 800 x 602");
    CHECK(refused([](auto& s) { s.fps = {0, 1}; }) == "fps is 0/1; it must be from 0.001 to 1000 frames per second");
    CHECK(refused([](auto& s) { s.fps = {-30, 1}; }).starts_with("fps is -30/1"));
    CHECK(refused([](auto& s) {
              s.codec = video_codec::mpeg4;
              s.fps = {99999, 100};
          }) == "fps is 99999/100; mpeg4 needs a numerator of at most 65535; choose a rounder fps or another codec");
    CHECK(refused([](auto& s) { s.codec = video_codec::h264; }, video_container::webm) ==
          "the codec h264 was asked for in a file that ends with .webm; it can be in .mp4, .mkv; choose another "
          "extension or codec");
    CHECK(refused([](auto& s) { s.crf = 52; }) ==
          "crf is 52; for h264 it must be from 0 to 51 (lower is better; default 18)");
    CHECK(refused([](auto& s) { s.crf = -1; }).starts_with("crf is -1"));
    CHECK(refused([](auto& s) { s.crf = 20, s.bitrate_kbps = 500; }) ==
          "crf and bitrate were both given; each decides about the quality, so give one of them");
    CHECK(refused([](auto& s) { s.bitrate_kbps = 0; }) == "the bitrate is 0 kbit/s; it must be from 1 to 2000000");
    CHECK(refused([](auto& s) { s.preset = "quick"; })
              .starts_with("the preset 'quick' was asked for; there are ultrafast, superfast, veryfast, faster, fast, "
                           "medium, slow, slower, veryslow; choose one of them"));
    CHECK(refused([](auto& s) { s.codec = video_codec::mpeg4, s.preset = "fast"; }) ==
          "the preset fast was asked for; mpeg4 has no presets; leave it out or choose another codec");
    CHECK(refused([](auto& s) { s.segment_s = 0; }) == "a segment is 0 s long; it must be above 0 and at most 3600");
    CHECK(refused([](auto& s) { s.keyframe_s = -1; }) == "keyframe_s is -1; it must be above 0 and at most 3600");
    CHECK(refused([](auto& s) { s.encoder_threads = 0; }) == "encoder_threads is 0; it must be from 1 to 64");
}

TEST_CASE("names of codecs and containers") {
    CHECK(video_codec_named("h265") == video_codec::h265);
    CHECK(name_of(video_codec::vp9) == "vp9");
    CHECK(sentence_of<invalid_value>([] { video_codec_named("h263"); }) ==
          "the codec 'h263' was asked for; there are h264, h265, vp9, mpeg4; did you mean 'h264'?");
    CHECK(video_container_of("a/b.mkv") == video_container::mkv);
    CHECK_FALSE(film_container_of("a.png"));
    CHECK_FALSE(film_container_of("mp4"));
    CHECK(sentence_of<invalid_value>([] { video_container_of("out.avi"); }) ==
          "out.avi does not end like a film; .mp4, .mkv and .webm can be written, so choose one of these extensions");
}

TEST_CASE("rates are fractions") {
    CHECK(frame_rate_of(30) == frame_rate{30, 1});
    CHECK(frame_rate_of(29.97) == frame_rate{2997, 100});
    CHECK(frame_rate_of(12.5) == frame_rate{25, 2});
    for (const double hz : {0.0, -5.0, 1e6, std::numeric_limits<double>::quiet_NaN()}) {
        CHECK(sentence_of<invalid_value>([&] { frame_rate_of(hz); }) ==
              detail::text("fps is ", hz, "; it must be from 0.001 to 1000 frames per second"));
    }
}

TEST_CASE("segments are whole frames") {
    video_settings s = good();
    CHECK(frames_per_segment(s) == 300);
    s.fps = {2997, 100};
    CHECK(frames_per_segment(s) == 300);
    s.segment_s = 0.001;
    CHECK(frames_per_segment(s) == 1);
}

TEST_CASE("frame k shows start + k speed / fps, and the end is not shown") {
    const film_times times({120, 135}, {0, 1000}, {30, 1});
    CHECK(times.frame_count() == 450);
    CHECK(times.time_s(0) == 120);
    CHECK(times.time_s(30) == 121);
    CHECK(times.time_s(449) < 135);
    CHECK(film_times({0, 10}, {30, 1}, 0.5).frame_count() == 600);
    CHECK(film_times({0, 10}, {30, 1}, 20).frame_count() == 15);
    CHECK(film_times({0, 10}, {30, 1}, 20).time_s(3) == 2);
    CHECK(film_times({0, 0.1}, {30, 1}).frame_count() == 3);    // not 4 through rounding
    CHECK(film_times({5, 5.0001}, {30, 1}).frame_count() == 1); // there is always one
    CHECK(film_times({0, 0.101}, {30, 1}).frame_count() == 4);  // its last one begins before the end
    CHECK(film_times({0, 3600}, {2997, 100}).frame_count() == 107892);
}

TEST_CASE("ranges and speeds that show nothing are refused") {
    const auto refused = [](time_range shown, double speed = 1) {
        return sentence_of<invalid_value>([&] { film_times(shown, {10, 60}, {30, 1}, speed); });
    };
    CHECK(refused({20, 20}) == "the range 20 s to 20 s is empty; it must end after it starts");
    CHECK(refused({30, 20}) == "the range 30 s to 20 s is empty; it must end after it starts");
    CHECK(refused({5, 20}) ==
          "the range 5 s to 20 s was asked for; the recording has 10 s to 60 s; choose a range within it");
    CHECK(refused({50, 70}).starts_with("the range 50 s to 70 s was asked for"));
    CHECK(refused({20, 30}, 0) == "the speed is 0; it must be above 0 and at most 1000000 (1 is true speed, 0.1 ten "
                                  "times slower)");
    CHECK(refused({20, 30}, -1).starts_with("the speed is -1"));
    CHECK(refused({20, 30}, std::numeric_limits<double>::quiet_NaN()).starts_with("the speed is nan"));
    CHECK(sentence_of<invalid_value>([] {
              film_times({0, 1e9}, {1000, 1});
          }).starts_with("the range 0 s to 1e+09 s would be 1e+12 frames; at most 1000000000"));
}
