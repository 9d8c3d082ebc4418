// SPDX-License-Identifier: MIT
// Small recordings for pages: one with every kind of overlay, and one of hexagons.
#ifndef FIELDREEL_TESTS_EXPORT_PAGE_RECORDINGS_HPP
#define FIELDREEL_TESTS_EXPORT_PAGE_RECORDINGS_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/export/html_overlays.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/cells.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/region.hpp>

#include "support/hexagons.hpp"

namespace page_recordings {

namespace fr = fieldreel;

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double rate_hz = 30;

/// Where the animal is: out of sight from 4 to 4.5 s.
inline fr::point_xy walk(double t) {
    return {40 + 30 * std::sin(0.7 * t), 30 + 22 * std::sin(1.1 * t + 1)};
}

struct walked {
    fr::sample_times clock;
    fr::trajectory path;
    fr::samples angles;
};
inline walked walked_for(std::size_t count, double start_s) {
    std::vector<double> times, places, angles;
    for (std::size_t i = 0; i < count; ++i) {
        const double t = static_cast<double>(i) / rate_hz + (i > 200 ? 0.4 : 0); // a gap
        const fr::point_xy at = walk(t);
        const bool lost = t > 4 && t < 4.5;
        times.push_back(start_s + t);
        places.push_back(lost ? nan : at.x);
        places.push_back(lost ? nan : at.y);
        angles.push_back(std::remainder(0.9 * t, 6.283185307179586));
    }
    const fr::sample_times clock(std::move(times));
    return {clock, fr::trajectory(clock, fr::samples(std::move(places), 2)), fr::samples(std::move(angles))};
}

inline std::vector<double> every(double from, double step, std::size_t count, double uneven = 0.01) {
    std::vector<double> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(from + step * static_cast<double>(i) * (1 + uneven * std::sin(static_cast<double>(i))));
    }
    return out;
}

/// A peak that follows the animal over a grid with corners and a hole cut out; some values beyond the limits, some NaN.
inline void add_posterior(fr::playback& to, const walked& animal, double start_s) {
    std::vector<std::uint8_t> active(20 * 15, 1);
    active[0] = active[1] = active[15] = 0;
    active[9 * 15 + 7] = active[9 * 15 + 8] = 0; // a hole
    const auto bins = fr::grid(every(0, 4, 21, 0), every(0, 4, 16, 0), active);
    const auto values =
        fr::generate<float>(animal.clock.size(), bins.bin_count(), [=](std::size_t i, std::span<float> out) {
            const fr::point_xy at = walk(animal.clock[i] - start_s);
            for (std::size_t b = 0; b < out.size(); ++b) {
                const fr::point_xy here = bins.center(b);
                out[b] = static_cast<float>(1.2 * std::exp(-std::hypot(here.x - at.x, here.y - at.y) / 12));
            }
            out[30] = static_cast<float>(nan);
        });
    to.add_field(values | fr::timed(animal.clock), bins,
                 {.colors = fr::colormap::named("magma"),
                  .range = {0, 1},
                  .kind = fr::field_kind::posterior,
                  .title = "posterior",
                  .label = "P",
                  .unit = ""});
}

inline fr::playback everything(double start_s = 0) {
    const walked animal = walked_for(600, start_s);
    const auto at_times = [&](const auto& f) {
        std::vector<double> out;
        for (std::size_t i = 0; i < animal.clock.size(); ++i) {
            f(animal.clock[i] - start_s, out);
        }
        return out;
    };
    fr::playback out;
    add_posterior(out, animal, start_s);

    std::vector<std::uint8_t> pixels(600 * 12 * 16);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        pixels[i] = static_cast<std::uint8_t>(i * 7 + i / 192);
    }
    const auto frames = fr::generate<std::uint8_t>(600, 12 * 16, [pixels](std::size_t i, std::span<std::uint8_t> to) {
        for (std::size_t k = 0; k < to.size(); ++k) {
            to[k] = pixels[i * to.size() + k];
        }
    });
    out.add_overlay(
        {"film", fr::film(fr::any_source(frames), animal.clock, fr::affine_xy{.xx = 1, .x0 = 60, .yy = -1, .y0 = 58},
                          {.shape = {12, 16}, .opacity = 0.6, .layer = fr::layer::above})});
    const std::vector<fr::point_xy> corners = {{50, 5}, {75, 5}, {70, 22}, {55, 20}};
    const fr::regions places({fr::region::disc("well", {20, 40}, 8), fr::region::polygon("corner", corners)});
    out.add_overlay({"regions", fr::region_overlay(places, animal.path, {.name_px = 12})});
    out.add_overlay(
        {"trail", fr::trail(animal.path, {.future_s = 1, .sample_dots = true, .path = fr::whole_path::past})});
    out.add_overlay(
        {"samples",
         fr::trail(animal.path,
                   {.length_samples = 40, .future_samples = 10, .path = fr::whole_path::all, .path_points = 100})});
    const fr::heading head(animal.clock, animal.angles, animal.path);
    out.add_overlay({"heading", head});
    const auto point = [&](double dx, double dy) {
        return fr::samples(at_times([&](double t, std::vector<double>& to) {
                               const fr::point_xy at = walk(t);
                               to.push_back(t > 7 && t < 7.2 ? nan : at.x + dx);
                               to.push_back(at.y + dy);
                           }),
                           2);
    };
    const std::vector<fr::named_edge> edges = {{"nose", "neck"}, {"neck", "tail"}};
    const fr::skeleton bones({"nose", "neck", "tail"}, edges);
    const fr::pose linear(animal.clock, {{"nose", point(4, 3)}, {"neck", point(1, 0)}, {"tail", point(-4, -2)}}, bones);
    const fr::pose nearest(animal.clock, {{"nose", point(9, 3)}, {"neck", point(6, 0)}, {"tail", point(2, -2)}}, bones,
                           {.how = fr::between_samples::nearest, .color = fr::rgba8{230, 159, 0, 255}});
    out.add_overlay({"pose", fr::poses{{linear, nearest}}});
    out.add_overlay({"spikes", fr::event(fr::event_times(every(start_s + 0.3, 0.21, 90)), animal.path,
                                         {.keep = fr::kept_events::past})});
    std::vector<fr::event_group> groups(2);
    groups[0] = {.name = "left",
                 .times = fr::event_times(every(start_s + 1, 1.7, 10)),
                 .positions = fr::samples(std::vector<double>(20, 11), 2),
                 .symbol = fr::marker_symbol::triangle};
    groups[1] = {.name = "right",
                 .times = fr::event_times(every(start_s + 1.5, 2.1, 8)),
                 .positions = fr::samples(std::vector<double>(16, 52), 2),
                 .symbol = fr::marker_symbol::ring};
    out.add_overlay({"rewards", fr::event(std::move(groups), {}, {.duration_s = 3, .keep = fr::kept_events::all})});
    std::vector<fr::interval_group> spans(2);
    spans[0] = {.label = "ripple",
                .start_stop = fr::samples({start_s + 1, start_s + 1.4, start_s + 6, start_s + 6.5, start_s + 2,
                                           start_s + 9, start_s + 3, start_s + 3},
                                          2)};
    spans[1] = {.label = "run", .start_stop = fr::samples({start_s + 2.5, start_s + 8}, 2)};
    out.add_overlay({"states", fr::interval(std::move(spans), {.low = 0, .high = 0.2, .lane_names = true})});
    std::vector<fr::raster_unit> units;
    for (int u = 0; u < 5; ++u) {
        units.push_back({"unit", fr::event_times(every(start_s + 0.1 * u, 0.13 + 0.05 * u, 80)), {}});
    }
    units[2].color = fr::rgba8{255, 0, 0, 255};
    out.add_overlay(
        {"raster", fr::raster_plot(std::move(units),
                                   {.before_s = 5, .after_s = 5, .low = 0.2, .high = 0.5, .order = {4, 2, 0, 1, 3}})});
    const fr::samples speed(at_times(
        [](double t, std::vector<double>& to) { to.push_back(t > 5 && t < 5.3 ? nan : 10 + 8 * std::sin(2 * t)); }));
    const fr::samples slow(at_times([](double t, std::vector<double>& to) { to.push_back(5 * std::cos(t)); }));
    fr::series_group both{.signals = {fr::series("speed", animal.clock, speed, {.unit = "cm/s"}),
                                      fr::series("slow", animal.clock, slow)}};
    out.add_overlay({"signals", fr::time_series({both}, {.dock_low = 0.5, .dock_high = 0.75})});
    out.add_overlay(
        {"moving limits",
         fr::time_series({both}, {.limits = fr::series_limits::window, .dock_low = 0.5, .dock_high = 0.75})});
    std::vector<double> lfp;
    for (int i = 0; i < 20000; ++i) {
        lfp.push_back(i > 9000 && i < 9100 ? nan : std::sin(0.05 * i) * std::sin(0.0011 * i));
    }
    const fr::sample_times clock({.rate_hz = 1000, .start_s = start_s}, lfp.size());
    out.add_overlay({"lfp", fr::time_series(fr::series("lfp", clock, fr::samples(std::move(lfp))),
                                            {.dock_low = 0.75, .dock_high = 1, .cursor = false})});
    out.add_overlay({"vector", fr::object_vector(animal.path, fr::point_xy{70, 50}, head,
                                                 {.object = fr::shape_style{.size_px = 9},
                                                  .label = fr::shape_style{.size_px = 12},
                                                  .unit = "cm"})});
    out.add_overlay({"time", fr::time_label({.start_s = start_s, .end_s = start_s + 20, .frame = true})});
    out.add_overlay({"bar", fr::scale_bar({.unit = "cm"})});
    out.add_overlay(
        {"colors", fr::color_bar(fr::colormap::named("magma").table(), 0, 1, {.quantity = "P", .steps = 8})});
    return out;
}

/// A rate over hexagons beside one over a grid, on a logarithmic scale.
inline fr::playback two_fields() {
    const fr::box_xy box{{0, 0}, {80, 60}};
    const auto tiles = fr::cells(support::hexagons(box, 9));
    const auto bins = fr::grid::full({0, 0}, {80, 60}, {40, 30});
    fr::playback out;
    const auto add = [&](const auto& space, fr::field_style style) {
        const std::size_t count = space.bin_count();
        out.add_field(fr::generate<double>(
                          100, count,
                          [=](std::size_t i, std::span<double> to) {
                              for (std::size_t b = 0; b < to.size(); ++b) {
                                  const fr::point_xy at = space.center(b);
                                  to[b] =
                                      0.1 + 10 * std::exp(-std::hypot(at.x - static_cast<double>(i), at.y - 30) / 10);
                              }
                          }) |
                          fr::timed({.rate_hz = 10, .start_s = 0}),
                      space, std::move(style));
    };
    add(tiles, {.range = {0, 9}, .kind = fr::field_kind::rate, .title = "hexagons", .label = "rate", .unit = "Hz"});
    add(bins, {.range = {0.1, 10},
               .paint = {.scaling = {fr::value_scale::log, 1}},
               .kind = fr::field_kind::rate,
               .title = "bins",
               .label = "rate",
               .unit = "Hz"});
    return out;
}

} // namespace page_recordings

#endif
