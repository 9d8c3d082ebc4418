// SPDX-License-Identifier: MIT
// A recording as one HTML file: send it to anyone; it plays in a browser, from disk. Usage: 12_one_page [SECONDS
// [FILE]]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <fieldreel/export/html.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>

namespace fr = fieldreel;

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 600;
    const auto count = static_cast<std::size_t>(50 * (seconds > 1 ? seconds : 1));
    const std::string path =
        argc > 2 ? argv[2] : (std::filesystem::temp_directory_path() / "fieldreel_one_page.html").string();

    const auto place = [](double t) { return fr::point_xy{40 + 30 * std::sin(0.7 * t), 30 + 22 * std::sin(1.1 * t)}; };
    std::vector<double> places;
    for (std::size_t i = 0; i < count; ++i) {
        const fr::point_xy at = place(0.02 * static_cast<double>(i));
        places.insert(places.end(), {at.x, at.y});
    }
    const fr::sample_times clock({.rate_hz = 50, .start_s = 0}, count);
    const auto arena = fr::grid::full({0, 0}, {80, 60}, {40, 30});
    const auto bump = [&](std::size_t i, std::span<float> out) { // a frame: a bump around the animal
        const fr::point_xy here = place(0.02 * static_cast<double>(i));
        for (std::size_t bin = 0; bin < out.size(); ++bin) {
            const auto [x, y] = arena.center(bin);
            out[bin] = static_cast<float>(std::exp(-std::hypot(x - here.x, y - here.y) / 8));
        }
    };
    fr::playback movie;
    movie.add_field(fr::generate<float>(count, arena.bin_count(), bump) | fr::timed(clock), arena,
                    {.colors = fr::colormap::named("magma"), .range = {0, 1}, .kind = fr::field_kind::posterior});
    movie.add_overlay({"trail", fr::trail(fr::trajectory(clock, fr::samples(std::move(places), 2)))});

    const fr::html_report report = fr::write_html(path, movie, {.title = "a bump", .unit = "cm"});
    std::printf("%s: %zu frames in %.1f MB; their values carry %.1f MB\n", path.c_str(), report.frames,
                static_cast<double>(report.bytes) / 1e6, report.entropy_bytes / 1e6);
    if (argc <= 2) {
        std::filesystem::remove(path);
    }
}
