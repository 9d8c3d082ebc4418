// SPDX-License-Identifier: MIT
// Films of 800 x 600, h264 crf 18 preset medium, against the encoder alone: libx264 as libav opens it, fed with the
// same frames from memory, BGRA to yuv420p on both sides. Ours also writes segments and checksums, reads them again and
// joins them into an .mp4; and in the second claim it draws the frames.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/export/video.hpp>
#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/render/raster.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim alone{"video.export_vs_encoder_alone", "ms", "≥ 0.9"};
const bench::claim drawn{"video.export_drawn_all_cores_vs_encoder", "ms", "≥ 0.9"};
const bench::claim rate{"video.export_drawn_frames_per_s", "frames/s", ""};

constexpr double rate_hz = 30;
constexpr std::size_t frame_count = 240;
constexpr fr::image_shape size{600, 800};

/// A field of 26 x 20 bins that follows the animal, with trail, heading and colour bar.
fr::playback recording() {
    constexpr std::size_t samples = 36'000;
    const auto bins = fr::grid::full({0, 0}, {104, 80}, {26, 20});
    const auto field = fr::generate<float>(samples, bins.bin_count(), [bins](std::size_t frame, std::span<float> out) {
        const double t = static_cast<double>(frame) / rate_hz;
        for (std::size_t b = 0; b < out.size(); ++b) {
            const fr::point_xy at = bins.center(b);
            out[b] = static_cast<float>(
                10 * std::exp(-std::hypot(at.x - 50 - 30 * std::sin(t), at.y - 40 - 20 * std::cos(t)) / 15));
        }
    });
    std::vector<double> times, positions, angles;
    for (std::size_t i = 0; i < samples; ++i) {
        const double t = static_cast<double>(i) / rate_hz;
        times.push_back(t);
        positions.push_back(52 + 45 * std::sin(0.7 * t));
        positions.push_back(40 + 35 * std::cos(0.9 * t));
        angles.push_back(0.3 * t);
    }
    const fr::sample_times clock(std::move(times));
    const fr::trajectory path(clock, fr::samples(std::move(positions), 2));
    fr::playback out;
    out.add_field(field | fr::timed(clock), bins,
                  {.range = {0, 10}, .kind = fr::field_kind::rate, .title = "cell", .label = "rate", .unit = "Hz"});
    out.add_overlay({"trail", fr::trail(path)});
    out.add_overlay({"heading", fr::heading(clock, fr::samples(std::move(angles)), path)});
    return out;
}

struct drawer {
    fr::playback from = recording();
    fr::raster drawing{
        {.size = size, .title = "a simulated rat", .unit = "cm", .clips_low = false, .clips_high = false}};
    fr::scene now;
    fr::bgra_pixels operator()(std::size_t k) {
        from.fill(10 + static_cast<double>(k) / rate_hz, now);
        drawing.present(now);
        return {reinterpret_cast<const std::uint8_t*>(drawing.pixels().pixels), size, drawing.stride_bytes()};
    }
};

/// The first 120 frames; then they play backwards.
fr::bgra_pixels from_memory(std::size_t k) {
    constexpr std::size_t half = frame_count / 2, stride = size.cols * 4;
    static const std::vector<std::uint8_t> kept = [] {
        std::vector<std::uint8_t> out(half * size.rows * stride);
        drawer draw;
        for (std::size_t i = 0; i < half; ++i) {
            const fr::bgra_pixels picture = draw(i);
            for (std::size_t y = 0; y < size.rows; ++y) {
                std::memcpy(&out[(i * size.rows + y) * stride], picture.bytes + y * picture.stride_bytes, stride);
            }
        }
        return out;
    }();
    const std::size_t i = k < half ? k : frame_count - 1 - k;
    return {&kept[i * size.rows * stride], size, stride};
}

/// The way of every tutorial: one encoder, its packets thrown away. Gives their number.
std::size_t encode_alone(int threads) {
    using fr::detail::av_handle;
    const AVCodec* const codec = avcodec_find_encoder_by_name("libx264");
    const av_handle<AVCodecContext> context(avcodec_alloc_context3(codec));
    const av_handle<AVFrame> frame(av_frame_alloc());
    const av_handle<AVPacket> packet(av_packet_alloc());
    const int width = static_cast<int>(size.cols), height = static_cast<int>(size.rows);
    const av_handle<SwsContext> scaler(sws_getContext(width, height, AV_PIX_FMT_BGR0, width, height, AV_PIX_FMT_YUV420P,
                                                      SWS_BILINEAR, nullptr, nullptr, nullptr));
    context->width = frame->width = width;
    context->height = frame->height = height;
    context->pix_fmt = AV_PIX_FMT_YUV420P;
    frame->format = AV_PIX_FMT_YUV420P;
    context->time_base = {1, 30};
    context->framerate = {30, 1};
    context->gop_size = 60;
    context->thread_count = threads;
    fr::detail::av_options options;
    options.set("preset", "medium");
    options.set("crf", "18");
    av_log_set_level(AV_LOG_ERROR);
    if (avcodec_open2(context.get(), codec, options.get()) < 0 || av_frame_get_buffer(frame.get(), 0) < 0) {
        return 0;
    }
    std::size_t packets = 0;
    const auto drain = [&] {
        for (; avcodec_receive_packet(context.get(), packet.get()) >= 0; ++packets) {
            benchmark::DoNotOptimize(packet->data);
            av_packet_unref(packet.get());
        }
    };
    for (std::size_t k = 0; k < frame_count; ++k) {
        const fr::bgra_pixels picture = from_memory(k);
        av_frame_make_writable(frame.get());
        const int stride = static_cast<int>(picture.stride_bytes);
        sws_scale(scaler.get(), &picture.bytes, &stride, 0, height, frame->data, frame->linesize);
        frame->pts = static_cast<std::int64_t>(k);
        avcodec_send_frame(context.get(), frame.get());
        drain();
    }
    avcodec_send_frame(context.get(), nullptr);
    drain();
    return packets;
}

fr::export_report export_film(double segment_s, std::size_t workers, const fr::frame_maker_factory& make_frames) {
    std::string folder = (std::filesystem::temp_directory_path() / "fieldreel_bench_XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) {
        return {};
    }
    fr::export_options options;
    options.path = folder + "/film.mp4";
    options.settings.size = size;
    options.settings.segment_s = segment_s;
    options.frame_count = frame_count;
    options.workers = workers;
    const fr::export_report report = fr::export_video(options, make_frames);
    std::filesystem::remove_all(folder);
    return report;
}

void check(benchmark::State& state, bool good) {
    if (!good) {
        state.SkipWithError("frames were lost");
    }
}

void export_ours(benchmark::State& state) {
    from_memory(0);
    for (auto _ : state) {
        const auto report = export_film(10, 1, [] { return from_memory; });
        check(state, report.complete && report.frame_count == frame_count && report.bytes > 10'000);
    }
}
void export_peer(benchmark::State& state) {
    from_memory(0);
    for (auto _ : state) {
        check(state, encode_alone(1) == frame_count);
    }
}
void drawn_ours(benchmark::State& state) {
    from_memory(0);
    for (auto _ : state) {
        const auto report = export_film(4, 0, [] {
            const auto draw = std::make_shared<drawer>();
            return [draw](std::size_t k) { return (*draw)(k); };
        });
        check(state, report.complete && report.segments_made == 2);
    }
}
void drawn_peer(benchmark::State& state) {
    from_memory(0);
    for (auto _ : state) {
        check(state, encode_alone(static_cast<int>(std::thread::hardware_concurrency())) == frame_count);
    }
}
void frames_per_s(benchmark::State& state) {
    double best = 0;
    for (auto _ : state) {
        const auto report = export_film(4, 0, [] {
            const auto draw = std::make_shared<drawer>();
            return [draw](std::size_t k) { return (*draw)(k); };
        });
        best = static_cast<double>(frame_count) / report.seconds;
    }
    state.counters["value"] = best;
}

BENCHMARK(export_ours)->Name("video.export_vs_encoder_alone/ours")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(export_peer)->Name("video.export_vs_encoder_alone/peer")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(drawn_ours)
    ->Name("video.export_drawn_all_cores_vs_encoder/ours")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(drawn_peer)
    ->Name("video.export_drawn_all_cores_vs_encoder/peer")
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(frames_per_s)->Name("video.export_drawn_frames_per_s/ours")->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
