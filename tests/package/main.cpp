// SPDX-License-Identifier: MIT
// The smallest user of fieldreel: a source of its own, looked at through a cursor.
#include <cstddef>
#include <cstdio>
#include <span>

#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/version.hpp>
#ifdef WITH_ARRAYS // xtensor and JSON must be reachable too
#include <nlohmann/json.hpp>
#include <xtl/xtl_config.hpp>
#endif

struct ramp {
    using value_type = float;
    std::size_t frame_count() const { return 10; }
    std::size_t frame_size() const { return 4; }
    void read(std::size_t first, std::span<float> out) const {
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<float>(first * frame_size() + i);
        }
    }
};
static_assert(fieldreel::frame_source<ramp>);

int main() {
    auto cursor = fieldreel::cursor_of(ramp{});
    const float value = cursor.frame(3)[2];
    std::printf("fieldreel %s: %g\n", FIELDREEL_VERSION_STRING, static_cast<double>(value));
    return value == 14 ? 0 : 1;
}
