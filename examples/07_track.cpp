// SPDX-License-Identifier: MIT
// A maze as a track: the place field along its axis, and the track's second view, position x time.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <vector>

#include <fieldreel/fieldreel.hpp>

int main() {
    namespace fr = fieldreel;
    // A T: a stem of 60 cm, arms of 40 cm; the axis goes up the stem, then along both arms, with gaps of 10.
    const auto maze = fr::track::from_graph(std::vector<fr::point_xy>{{0, 0}, {0, 60}, {-40, 60}, {40, 60}},
                                            {{0, 1}, {1, 2}, {1, 3}}, {}, 10, {.bin_size = 4, .width = 8});

    // Ten minutes at 50 Hz: up the stem and into the left and the right arm by turns; the cell fires in the right one.
    std::vector<double> positions;
    std::vector<double> spikes;
    for (int i = 0; i < 30'000; ++i) {
        const double way = 99 * std::abs(std::sin(0.002 * i)); // 0 to 99 cm from the start and back
        const double arm = std::sin(0.002 * i) > 0 ? 1 : -1;
        const double x = arm * std::max(way - 60, 0.0);
        positions.insert(positions.end(), {x, std::min(way, 60.0)});
        if (x > 18 && x < 22) {
            spikes.push_back(i / 50.0);
        }
    }
    const fr::sample_times times(fr::uniform_times{50, 0}, 30'000);
    const fr::samples path(positions, 2);
    const auto cell =
        fr::place_field(maze, spikes, times, path, {.method = fr::place_field_method::diffusion_kde, .bandwidth = 4});
    const auto peak = std::max_element(cell.rate.begin(), cell.rate.end()) - cell.rate.begin();
    const double at = maze.linear_center(static_cast<std::size_t>(peak));

    // A "posterior" that is where the animal is: one bin is hot. The picture's columns are its last ten seconds.
    const auto hot = fr::generate<float>(30'000, maze.bin_count(), [=](std::size_t frame, std::span<float> out) {
        std::fill(out.begin(), out.end(), 0.0F);
        out[maze.bin_at(path(frame, 0), path(frame, 1)).value()] = 1;
    });
    fr::position_time view(hot | fr::timed(times), maze);
    fr::image picture({160, 500});
    view.paint({590, 600}, fr::colormap::named("magma"), {0, 1}, picture.view());
    const auto where = maze.linear_position(path(29'999, 0), path(29'999, 1)).value();
    const auto row = static_cast<std::size_t>(std::lround(view.row_of(160, where)));
    const bool seen = picture.at(row, 499) == fr::colormap::named("magma").table()[255];

    std::cout << maze.bin_count() << " bins on an axis of " << maze.linear_length() << " cm; the field peaks at "
              << std::lround(at) << " cm, " << (seen ? "and the animal is seen" : "but the animal is not seen") << "\n";
    return seen && std::abs(at - 140) < 4 ? 0 : 1;
}
