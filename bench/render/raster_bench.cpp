// SPDX-License-Identifier: MIT
// Frames per second of the renderer without encoding, 800 x 600: a field of 26 x 20 bins that changes with every frame,
// trail, heading, label and colour bar. The peer draws everything anew through Cairo, the field as a scaled pattern.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <fieldreel/overlay/heading.hpp>
#include <fieldreel/overlay/trail.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/render/cairo_scene.hpp>
#include <fieldreel/render/raster.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim registered{"render.frame_vs_redraw", "µs", "≥ 3"};
const bench::claim goal{"render.frames_per_second", "frames/s", ""};

constexpr double rate_hz = 60;
constexpr std::size_t frame_count = 36'000;

/// A label that follows the animal.
struct name_tag {
    void build(const fr::moment& now, fr::canvas& out) const {
        out.label({50 + 30 * std::sin(0.5 * now.time_s), 20}, "rat 1", {.color = {255, 255, 255, 255}, .size_px = 14});
    }
};

fr::playback recording() {
    const auto bins = fr::grid::full({0, 0}, {104, 80}, {26, 20});
    const auto field =
        fr::generate<float>(frame_count, bins.bin_count(), [bins](std::size_t frame, std::span<float> out) {
            const double t = static_cast<double>(frame) / rate_hz;
            for (std::size_t b = 0; b < out.size(); ++b) {
                const fr::point_xy at = bins.center(b);
                out[b] = static_cast<float>(
                    10 * std::exp(-std::hypot(at.x - 50 - 30 * std::sin(t), at.y - 40 - 20 * std::cos(t)) / 15));
            }
        });
    std::vector<double> times;
    std::vector<double> positions;
    std::vector<double> angles;
    for (std::size_t i = 0; i < frame_count; ++i) {
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
    out.add_overlay({"name", name_tag()});
    return out;
}

fr::render_options options() {
    return {.size = {600, 800},
            .title = "a simulated rat",
            .note = "simulated",
            .unit = "cm",
            .clips_low = false,
            .clips_high = false};
}

/// Scenes a sixtieth of a second apart, filled before anything is measured.
const std::vector<fr::scene>& scenes() {
    static const std::vector<fr::scene> made = [] {
        fr::playback from = recording();
        std::vector<fr::scene> out(240);
        for (std::size_t i = 0; i < out.size(); ++i) {
            from.fill(10 + static_cast<double>(i) / rate_hz, out[i]);
        }
        return out;
    }();
    return made;
}

/// What the peer draws on.
struct redrawing {
    fr::detail::cairo_picture surface = fr::detail::new_picture(800, 600);
    fr::detail::cairo_context on{cairo_create(surface.get())};
    fr::detail::text_font font{"DejaVu Sans"};
    void present(const fr::scene& now) {
        fr::detail::draw_scene(on.get(), font, now, options(), false);
        cairo_surface_flush(surface.get());
    }
    fr::bgra_view pixels() const { return fr::detail::view_of(surface.get()); }
};

/// The mean difference of two pictures' bytes, 0-255. Letters and rims are not smoothed alike.
double difference(const fr::bgra_view& a, const fr::bgra_view& b) {
    double sum = 0;
    for (int y = 0; y < a.height; ++y) {
        const auto* p = reinterpret_cast<const std::uint8_t*>(a.row(y));
        const auto* q = reinterpret_cast<const std::uint8_t*>(b.row(y));
        for (int i = 0; i < 4 * a.width; ++i) {
            sum += std::abs(p[i] - q[i]);
        }
    }
    return sum / (4.0 * a.width * a.height);
}

bool alike() {
    static const bool answer = [] {
        fr::raster ours(options());
        redrawing peer;
        for (std::size_t i = 0; i < scenes().size(); i += 37) {
            ours.present(scenes()[i]);
            peer.present(scenes()[i]);
            if (!(difference(ours.pixels(), peer.pixels()) < 0.5)) {
                return false;
            }
        }
        return true;
    }();
    return answer;
}

template <class Surface>
void draw(benchmark::State& state, Surface& surface) {
    if (!alike()) {
        state.SkipWithError("the two pictures differ");
        return;
    }
    for (const fr::scene& now : scenes()) { // page, legend and letters are drawn once, before
        surface.present(now);
    }
    std::size_t next = 0;
    for (auto _ : state) {
        surface.present(scenes()[next]);
        next = (next + 1) % scenes().size();
    }
}

void ours(benchmark::State& state) {
    fr::raster surface(options());
    draw(state, surface);
}
void redraw(benchmark::State& state) {
    redrawing surface;
    draw(state, surface);
}
void frames_per_second(benchmark::State& state) {
    fr::raster surface(options());
    draw(state, surface);
    state.counters["value"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK(ours)->Name("render.frame_vs_redraw/ours")->Unit(benchmark::kMicrosecond);
BENCHMARK(redraw)->Name("render.frame_vs_redraw/peer")->Unit(benchmark::kMicrosecond);
BENCHMARK(frames_per_second)->Name("render.frames_per_second/ours")->Unit(benchmark::kMicrosecond);

} // namespace
