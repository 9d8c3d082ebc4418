// SPDX-License-Identifier: MIT
// Films against bare loops of libav that decode and convert the same frames: in order, and after jumps.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

#include <fieldreel/import/film.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim order_registered{"import.film_in_order_vs_libav", "ms", "≥ 0.9"};
const bench::claim jump_registered{"import.film_jump_vs_libav_from_keyframe", "ms", "≥ 0.95"};

const std::string path = FIELDREEL_SHARED_DIR "/data/pose_flies_sleap_centered_pair/centered_pair_small.mp4";
constexpr std::size_t in_order = 300;
constexpr std::size_t jumps[] = {700, 120, 1010, 333, 55, 890, 402, 640};

std::uint64_t sum_of(const std::vector<std::uint8_t>& pixels) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < pixels.size(); i += 97) {
        out += pixels[i];
    }
    return out;
}

/// Opens, decodes and converts as a program does that uses libav directly.
class bare {
public:
    bare() {
        avformat_open_input(&input_, path.c_str(), nullptr, nullptr);
        avformat_find_stream_info(input_, nullptr);
        const AVCodecParameters* const p = input_->streams[0]->codecpar;
        decoder_ = avcodec_alloc_context3(avcodec_find_decoder(p->codec_id));
        avcodec_parameters_to_context(decoder_, p);
        decoder_->thread_count = 1;
        avcodec_open2(decoder_, nullptr, nullptr);
        scaler_ = sws_getContext(p->width, p->height, static_cast<AVPixelFormat>(p->format), p->width, p->height,
                                 AV_PIX_FMT_RGB24, SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr,
                                 nullptr, nullptr);
        pixels.resize(static_cast<std::size_t>(p->width) * static_cast<std::size_t>(p->height) * 3);
        stride_ = p->width * 3;
    }
    bare(const bare&) = delete;
    bare& operator=(const bare&) = delete;
    ~bare() {
        sws_freeContext(scaler_);
        av_frame_free(&frame_);
        av_packet_free(&packet_);
        avcodec_free_context(&decoder_);
        avformat_close_input(&input_);
    }
    bool next() {
        while (avcodec_receive_frame(decoder_, frame_) < 0) {
            if (av_read_frame(input_, packet_) < 0) {
                return false;
            }
            avcodec_send_packet(decoder_, packet_);
            av_packet_unref(packet_);
        }
        return true;
    }
    void convert() {
        std::uint8_t* const rows[4] = {pixels.data(), nullptr, nullptr, nullptr};
        const int stride[4] = {stride_, 0, 0, 0};
        sws_scale(scaler_, frame_->data, frame_->linesize, 0, frame_->height, rows, stride);
    }
    void from_keyframe(double time_s) {
        const auto stamp = static_cast<std::int64_t>(time_s / av_q2d(input_->streams[0]->time_base) + 0.5);
        av_seek_frame(input_, 0, stamp, AVSEEK_FLAG_BACKWARD);
        avcodec_flush_buffers(decoder_);
        while (next() && frame_->pts < stamp) {
        }
    }
    std::vector<std::uint8_t> pixels;

private:
    AVFormatContext* input_ = nullptr;
    AVCodecContext* decoder_ = nullptr;
    AVFrame* frame_ = av_frame_alloc();
    AVPacket* packet_ = av_packet_alloc();
    SwsContext* scaler_ = nullptr;
    int stride_ = 0;
};

/// Both ways must give the same pictures.
void check(benchmark::State& state, std::uint64_t sum) {
    static std::uint64_t first = sum;
    if (sum != first) {
        state.SkipWithError("the frames are others");
    }
}
bool missing(benchmark::State& state) {
    if (!std::filesystem::exists(path)) {
        state.SkipWithError("the shared data are not here");
        return true;
    }
    return false;
}

void order_ours(benchmark::State& state) {
    if (missing(state)) {
        return;
    }
    const fr::film_source film(path);
    std::vector<std::uint8_t> pixels(film.frame_size());
    for (auto _ : state) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < in_order; ++i) {
            film.read(i, pixels);
            sum += sum_of(pixels);
        }
        check(state, sum);
    }
}
void order_peer(benchmark::State& state) {
    if (missing(state)) {
        return;
    }
    bare film;
    for (auto _ : state) {
        film.from_keyframe(0);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < in_order; ++i) {
            film.convert();
            sum += sum_of(film.pixels);
            film.next();
        }
        check(state, sum);
    }
}
void jump_ours(benchmark::State& state) {
    if (missing(state)) {
        return;
    }
    const fr::film_source film(path);
    bare other;
    std::vector<std::uint8_t> pixels(film.frame_size());
    for (auto _ : state) {
        for (const std::size_t i : jumps) {
            film.read(i, pixels);
            benchmark::DoNotOptimize(pixels.data());
        }
    }
    other.from_keyframe(film.time_s(jumps[7]));
    other.convert();
    const bool same = std::equal(pixels.begin(), pixels.end(), other.pixels.begin(), [](int a, int b) {
        return a - b < 40 && b - a < 40; // the colour matrix is not stated there
    });
    if (!same) {
        state.SkipWithError("the frame is another");
    }
}
void jump_peer(benchmark::State& state) {
    if (missing(state)) {
        return;
    }
    const fr::film_source times(path);
    bare film;
    for (auto _ : state) {
        for (const std::size_t i : jumps) {
            film.from_keyframe(times.time_s(i));
            film.convert();
            benchmark::DoNotOptimize(film.pixels.data());
        }
    }
}
BENCHMARK(order_ours)->Name("import.film_in_order_vs_libav/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(order_peer)->Name("import.film_in_order_vs_libav/peer")->Unit(benchmark::kMillisecond);
BENCHMARK(jump_ours)->Name("import.film_jump_vs_libav_from_keyframe/ours")->Unit(benchmark::kMillisecond);
BENCHMARK(jump_peer)->Name("import.film_jump_vs_libav_from_keyframe/peer")->Unit(benchmark::kMillisecond);

} // namespace
