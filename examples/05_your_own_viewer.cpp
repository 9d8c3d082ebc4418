// SPDX-License-Identifier: MIT
// A viewer of your own: one member that shows a scene. This one shows it in a terminal.
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include <fieldreel/fieldreel.hpp>

/// Each bin a character, the darker the more; the animal an @.
class terminal_viewer {
public:
    void present(const fieldreel::scene& now) { // may keep nothing of the scene
        const auto& field = now.fields.at(0);
        const auto shape = field.space().display_shape();
        const auto bins = field.space().index_image(shape); // which bin each pixel shows, made once
        picture_.assign(shape.rows, std::string(shape.cols, ' '));
        for (std::size_t pixel = 0; pixel < bins->size() && !field.values().empty(); ++pixel) {
            if (const auto bin = (*bins)[pixel]; bin >= 0) {
                const double value = field.values()[static_cast<std::size_t>(bin)]; // a value, not a colour
                picture_[pixel / shape.cols][pixel % shape.cols] = " .:-=+*#"[std::lround(7 * value)];
            }
        }
        for (const auto& drawn : now.shapes.shapes()) {
            if (drawn.kind == fieldreel::shape_kind::marker) {
                const auto at = now.shapes.vertices(drawn)[0];
                const auto [row, col] = field.space().to_display({at.x, at.y});
                picture_[static_cast<std::size_t>(std::lround(row))][static_cast<std::size_t>(std::lround(col))] = '@';
            }
        }
    }
    const std::vector<std::string>& picture() const { return picture_; }

private:
    std::vector<std::string> picture_;
};
static_assert(fieldreel::viewer<terminal_viewer>);

int main() {
    namespace fr = fieldreel;
    const auto arena = fr::grid::full({0, 0}, {60, 24}, {60, 12});
    std::vector<float> hill;
    for (const auto& [x, y] : arena.centers()) {
        hill.push_back(static_cast<float>(std::exp(-(std::pow((x - 40) / 15, 2) + std::pow((y - 16) / 6, 2)))));
    }
    fr::playback movie;
    movie.add_field(fr::tile<float>(hill, 100) | fr::timed({.rate_hz = 10, .start_s = 0}), arena, {});
    const fr::samples positions(std::vector<double>{5, 3, 55, 21}, 2); // from the lower left to the upper right
    movie.add_overlay({"animal", fr::trail({fr::sample_times({0, 10}), positions, 20}, {.length_s = 0})});
    terminal_viewer viewer;
    movie.show(2, viewer);
    for (const std::string& line : viewer.picture()) {
        std::cout << '|' << line << "|\n";
    }
    return viewer.picture()[8][15] == '@' && viewer.picture()[4][40] == '#' ? 0 : 1;
}
