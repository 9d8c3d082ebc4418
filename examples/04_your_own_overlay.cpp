// SPDX-License-Identifier: MIT
// An overlay of your own: one member that draws what there is at a moment.
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fieldreel/fieldreel.hpp>

/// A ring at the feeder for half a second after each reward, growing and fading, and how many there were so far.
class rewards {
public:
    rewards(std::vector<double> times_s, fieldreel::point_xy feeder)
        : times_s_(std::make_shared<const std::vector<double>>(std::move(times_s))), feeder_(feeder) {}

    void build(const fieldreel::moment& now, fieldreel::canvas& out) const {
        // A search in its own times: the cost is the same at any moment of any recording.
        const auto next = std::upper_bound(times_s_->begin(), times_s_->end(), now.time_s);
        out.label({0, 0}, std::to_string(next - times_s_->begin()) + " rewards", {.size_px = 12});
        if (next != times_s_->begin() && now.time_s - *(next - 1) < 0.5) {
            const auto age = static_cast<float>((now.time_s - *(next - 1)) / 0.5);
            out.marker(feeder_,
                       {.color = {255, 200, 0, 255},
                        .size_px = 10 + 30 * age,
                        .symbol = fieldreel::marker_symbol::ring,
                        .layer = fieldreel::layer::above},
                       1 - age);
        }
    }

private:
    std::shared_ptr<const std::vector<double>> times_s_; // shared: copying an overlay is cheap
    fieldreel::point_xy feeder_;
};
static_assert(fieldreel::overlay<rewards>);

int main() {
    fieldreel::playback movie;
    movie.add_overlay({"rewards", rewards({1, 2.5, 7}, {40, 30})});
    fieldreel::scene now;
    for (const double time_s : {0.5, 2.75, 7.25}) {
        movie.fill(time_s, now);
        const auto shapes = now.shapes.shapes();
        std::cout << time_s << " s: " << now.shapes.text(shapes[0])
                  << (shapes.size() > 1 ? ", a ring at the feeder\n" : "\n");
    }
    return now.shapes.shapes().size() == 2 && now.shapes.text(now.shapes.shapes()[0]) == "3 rewards" ? 0 : 1;
}
