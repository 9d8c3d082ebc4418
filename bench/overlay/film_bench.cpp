// SPDX-License-Identifier: MIT
// What a picture of 640 x 480 costs against a copy of as many bytes as are drawn, four for each pixel.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/overlay/film.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim grey_registered{"overlay.film_grey_vs_memcpy", "µs", ""};
const bench::claim rgb_registered{"overlay.film_rgb_vs_memcpy", "µs", ""};
const bench::claim float_registered{"overlay.film_float_vs_memcpy", "µs", ""};

constexpr fr::image_shape shape{480, 640};
constexpr std::size_t pixel_count = shape.rows * shape.cols;

/// Frames that lie in memory: handing one out copies nothing. Pixel value v is v % 251.
template <class T>
class frames_in_memory {
public:
    using value_type = T;
    explicit frames_in_memory(std::size_t channels) : channels_(channels) {
        std::vector<T> values(pixel_count * channels);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<T>(i % 251);
        }
        values_ = std::make_shared<const std::vector<T>>(std::move(values));
    }
    std::size_t frame_count() const { return 2; }
    std::size_t frame_size() const { return pixel_count * channels_; }
    void read(std::size_t, std::span<T> out) const { std::memcpy(out.data(), values_->data(), out.size_bytes()); }
    std::span<const T> view(std::size_t) const { return *values_; }
    fr::image_shape image_shape() const { return shape; }

private:
    std::size_t channels_;
    std::shared_ptr<const std::vector<T>> values_;
};

template <class T>
void draw(benchmark::State& state, std::size_t channels) {
    const fr::film drawing(frames_in_memory<T>(channels) | fr::timed({.rate_hz = 30}), fr::affine_xy::flip_y(480));
    fr::canvas out;
    for (auto _ : state) {
        out.clear();
        drawing.build({.time_s = 0.01, .frame = {}, .space = {}}, out);
        benchmark::DoNotOptimize(out.pixels(out.shapes()[0]).data());
        benchmark::ClobberMemory();
    }
    const auto pixels = out.pixels(out.shapes()[0]);
    bool right = pixels.size() == pixel_count;
    for (std::size_t i = 0; right && i < pixel_count; ++i) {
        const auto value = [&](std::size_t k) { return static_cast<std::uint8_t>((channels * i + k) % 251); };
        right = pixels[i] == (channels == 1 ? fr::rgba8{value(0), value(0), value(0), 255}
                                            : fr::rgba8{value(0), value(1), value(2), 255});
    }
    if (!right) {
        state.SkipWithError("the pixels are not those of the film");
    }
}
void copy(benchmark::State& state) {
    const std::vector<fr::rgba8> from(pixel_count, fr::rgba8{1, 2, 3, 4});
    std::vector<fr::rgba8> to(pixel_count);
    for (auto _ : state) {
        std::memcpy(to.data(), from.data(), pixel_count * sizeof(fr::rgba8));
        benchmark::DoNotOptimize(to.data());
        benchmark::ClobberMemory();
    }
}

const bool compared = [] {
    const auto compare = [](const std::string& name, auto ours) {
        benchmark::RegisterBenchmark((name + "/ours").c_str(), ours)->Unit(benchmark::kMicrosecond);
        benchmark::RegisterBenchmark((name + "/peer").c_str(), copy)->Unit(benchmark::kMicrosecond);
    };
    compare("overlay.film_grey_vs_memcpy", [](benchmark::State& state) { draw<std::uint8_t>(state, 1); });
    compare("overlay.film_rgb_vs_memcpy", [](benchmark::State& state) { draw<std::uint8_t>(state, 3); });
    compare("overlay.film_float_vs_memcpy", [](benchmark::State& state) { draw<float>(state, 1); });
    return true;
}();

} // namespace
