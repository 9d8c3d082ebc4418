// SPDX-License-Identifier: MIT
#include <fieldreel/session/simulated_animal.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace fieldreel;

namespace {

struct recorded {
    explicit recorded(const simulation_options& options) : animal(options) {
        animal.samples(0, animal.sample_count(), samples);
    }
    simulated_animal animal;
    simulated_samples samples;
};

const recorded& half_hour() {
    static const recorded out({.minutes = 30});
    return out;
}

/// Between neighbours, where both are known and no sample is missing. Sorted.
std::vector<double> speeds(const std::vector<double>& times, const std::vector<double>& positions) {
    std::vector<double> out;
    for (std::size_t i = 1; i < times.size(); ++i) {
        const double d =
            std::hypot(positions[2 * i] - positions[2 * i - 2], positions[2 * i + 1] - positions[2 * i - 1]);
        if (!std::isnan(d)) {
            out.push_back(d / (times[i] - times[i - 1]));
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

double share_below(const std::vector<double>& sorted, double value) {
    return static_cast<double>(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin()) /
           static_cast<double>(sorted.size());
}

} // namespace

TEST_CASE("simulated_animal: speeds are a foraging rat's") {
    const auto& s = half_hour().samples;
    for (const auto& positions : {s.true_positions, s.positions}) {
        const auto v = speeds(s.times, positions);
        CHECK(v[v.size() / 2] == doctest::Approx(10).epsilon(0.2));
        CHECK(v[v.size() * 99 / 100] == doctest::Approx(48).epsilon(0.2));
        CHECK(share_below(v, 2.5) == doctest::Approx(0.12).epsilon(0.35));
    }
    CHECK(speeds(s.times, s.true_positions).back() < 150);
}

TEST_CASE("simulated_animal: it stays in its arena, likes walls and reaches nearly every part") {
    const auto& s = half_hour().samples;
    std::vector<bool> seen(100);
    std::size_t at_wall = 0;
    for (std::size_t i = 0; i < s.times.size(); ++i) {
        const double x = s.true_positions[2 * i];
        const double y = s.true_positions[2 * i + 1];
        REQUIRE((x >= 1 && x <= 99 && y >= 1 && y <= 99));
        seen[static_cast<std::size_t>(x / 10) * 10 + static_cast<std::size_t>(y / 10)] = true;
        at_wall += (std::min)({x, y, 100 - x, 100 - y}) < 12 ? 1u : 0u;
    }
    CHECK(std::count(seen.begin(), seen.end(), true) == 100);
    // The rim of 12 cm is 0.42 of the area.
    CHECK(static_cast<double>(at_wall) / static_cast<double>(s.times.size()) > 0.46);
}

TEST_CASE("simulated_animal: on the track it runs from end to end") {
    const recorded track({.minutes = 10, .task = simulation_task::linear_track});
    const auto& s = track.samples;
    int ends = 0;
    int at = 0;
    for (std::size_t i = 0; i < s.times.size(); ++i) {
        const double x = s.true_positions[2 * i];
        const double y = s.true_positions[2 * i + 1];
        REQUIRE((x >= 0 && x <= 170 && y >= 0 && y <= 8));
        const int now = x < 12 ? -1 : x > 158 ? 1 : 0;
        ends += now != 0 && now != at ? 1 : 0;
        at = now != 0 ? now : at;
    }
    CHECK(ends > 30);
    double paused = 0;
    for (const auto& pause : track.animal.pauses()) {
        paused += pause.stop_s - pause.start_s;
    }
    CHECK(paused / 600 > 0.1);
}

TEST_CASE("simulated_animal: the head leads the movement by noise while running, and scans while standing") {
    const auto& r = half_hour();
    const auto path = r.animal.path();
    double along_cos = 0, along_sin = 0, n = 0;
    for (std::size_t i = 1; i + 1 < path.size(); ++i) {
        if (path[i].speed > 10) {
            const double dx = path[i + 1].neck.x - path[i].neck.x;
            const double dy = path[i + 1].neck.y - path[i].neck.y;
            const double off = path[i].head_direction - std::atan2(dy, dx);
            along_cos += std::cos(off);
            along_sin += std::sin(off);
            n += 1;
        }
    }
    const double together = std::hypot(along_cos, along_sin) / n;
    CHECK(together > 0.8);
    CHECK(together < 0.98);
    CHECK(std::abs(std::atan2(along_sin, along_cos)) < 0.05);
    // Standing, it turns its head by half a radian and more.
    double turned = 0;
    for (const auto& pause : r.animal.pauses()) {
        double low = 1e9;
        double high = -1e9;
        for (auto i = static_cast<std::size_t>(pause.start_s * 50) + 2; i < static_cast<std::size_t>(pause.stop_s * 50);
             ++i) {
            low = (std::min)(low, path[i].head_direction);
            high = (std::max)(high, path[i].head_direction);
            REQUIRE(path[i].speed < 2.5);
        }
        turned += high > low ? high - low : 0;
    }
    CHECK(turned / static_cast<double>(r.animal.pauses().size()) > 0.5);
    for (std::size_t i = 0; i < r.samples.times.size(); ++i) {
        const double angle = r.samples.head_direction[i];
        REQUIRE((std::isnan(angle) || (angle > -3.1415926535897936 && angle <= 3.1415926535897936)));
    }
}

TEST_CASE("simulated_animal: the body keeps its lengths, bends, and the neck is the position") {
    const auto& s = half_hour().samples;
    const auto part = [&](std::size_t k, std::size_t i) {
        return point_xy{s.keypoints[k][2 * i], s.keypoints[k][2 * i + 1]};
    };
    double shortest_body = 1e9;
    std::size_t lost_tips = 0;
    double odd = 0, looked = 0;
    for (std::size_t i = 0; i < s.times.size(); i += 7) {
        const auto length = [&](std::size_t a, std::size_t b) {
            return std::hypot(part(a, i).x - part(b, i).x, part(a, i).y - part(b, i).y);
        };
        const auto within = [](double value, double low, double high) {
            return std::isnan(value) || (value >= low && value <= high);
        };
        REQUIRE(within(length(0, 3), 0.0, 5.6)); // a wall can push the nose back
        REQUIRE(within(length(1, 2), 0.0, 4.2));
        REQUIRE(within(length(3, 4), 1.0, 10.0));
        REQUIRE(within(length(4, 5), 0.5, 12.0));
        REQUIRE(within(length(5, 6), 0.5, 25.0));
        // Squeezed or stretched for a moment where a wall turns it.
        odd += within(length(3, 4), 5, 7) && within(length(4, 5), 5.5, 7.5) && within(length(5, 6), 14, 16) ? 0 : 1;
        ++looked;
        REQUIRE(within(std::hypot(part(3, i).x - s.true_positions[2 * i], part(3, i).y - s.true_positions[2 * i + 1]),
                       0,
                       20)); // a frozen stretch keeps an old neck
        const double whole = length(3, 5);
        shortest_body = std::isnan(whole) ? shortest_body : (std::min)(shortest_body, whole);
        lost_tips += std::isnan(part(6, i).x) && !std::isnan(s.positions[2 * i]) ? 1u : 0u;
    }
    CHECK(odd / looked < 0.02);
    CHECK(shortest_body < 11);
    CHECK(lost_tips > 0);
}

TEST_CASE("simulated_animal: flaws are where the truth says, and nowhere else") {
    const auto& r = half_hour();
    const auto& s = r.samples;
    std::size_t kinds[4] = {};
    std::vector<char> flawed(s.times.size(), 0);
    for (const auto& flaw : r.animal.flaws()) {
        ++kinds[static_cast<std::size_t>(flaw.kind)];
        const std::size_t first = flaw.first_sample;
        const std::size_t last = first + (flaw.kind == tracking_flaw::gap ? 0 : flaw.sample_count);
        std::fill(flawed.begin() + static_cast<std::ptrdiff_t>(first),
                  flawed.begin() + static_cast<std::ptrdiff_t>(last), 1);
        if (flaw.kind == tracking_flaw::gap) {
            CHECK(s.times[first] - s.times[first - 1] == doctest::Approx(0.402));
            CHECK(s.times[first] == doctest::Approx(flaw.time.stop_s));
            CHECK(flaw.sample_count == 200);
            continue;
        }
        CHECK(s.times[first] == doctest::Approx(flaw.time.start_s));
        CHECK(s.times[last] == doctest::Approx(flaw.time.stop_s));
        for (std::size_t i = first; i < last; ++i) {
            REQUIRE(std::isnan(s.positions[2 * i]) == (flaw.kind == tracking_flaw::lost));
            REQUIRE(std::isnan(s.head_direction[i]) == (flaw.kind == tracking_flaw::lost));
            if (flaw.kind == tracking_flaw::frozen) {
                REQUIRE(s.positions[2 * i] == s.positions[2 * first]);
                REQUIRE(s.positions[2 * i + 1] == s.positions[2 * first + 1]);
                REQUIRE(s.head_direction[i] == s.head_direction[first]);
            }
            if (flaw.kind == tracking_flaw::jump) {
                REQUIRE(s.positions[2 * i] > 105);
            }
        }
        if (flaw.kind == tracking_flaw::frozen) {
            CHECK(s.times[last - 1] - s.times[first] >= 0.5);
            CHECK(std::hypot(s.true_positions[2 * last] - s.true_positions[2 * first],
                             s.true_positions[2 * last + 1] - s.true_positions[2 * first + 1]) > 2);
        }
    }
    CHECK(kinds[static_cast<std::size_t>(tracking_flaw::lost)] > 20);
    for (const auto one : {tracking_flaw::gap, tracking_flaw::frozen, tracking_flaw::jump}) {
        CHECK(kinds[static_cast<std::size_t>(one)] == 1);
    }
    for (std::size_t i = 0; i < s.times.size(); ++i) {
        if (flawed[i] == 0) {
            REQUIRE(std::hypot(s.positions[2 * i] - s.true_positions[2 * i],
                               s.positions[2 * i + 1] - s.true_positions[2 * i + 1]) < 0.4);
        }
        REQUIRE(std::isfinite(s.true_positions[2 * i]));
        REQUIRE((i == 0 || s.times[i] > s.times[i - 1]));
    }
}

TEST_CASE("simulated_animal: without flaws every sample is there") {
    const recorded clean({.duration_s = 60, .rate_hz = 30, .flaws = false, .pose = false});
    CHECK(clean.samples.times.size() == 1800);
    CHECK(clean.animal.flaws().empty());
    CHECK(clean.samples.keypoints[0].empty());
    for (const double x : clean.samples.positions) {
        REQUIRE(std::isfinite(x));
    }
}

TEST_CASE("simulated_animal: samples asked in pieces are those asked at once, and the rate changes no path") {
    const recorded whole({.duration_s = 60, .start_s = 1.6e9});
    simulated_samples piece;
    const std::size_t n = whole.animal.sample_count();
    CHECK(n == 30000 - 200);
    for (std::size_t first = 0; first < n; first += 977) {
        const std::size_t count = (std::min)(std::size_t{977}, n - first);
        whole.animal.samples(first, count, piece);
        for (std::size_t i = 0; i < count; ++i) {
            REQUIRE(piece.times[i] == whole.samples.times[first + i]);
            const double x = piece.positions[2 * i];
            const double y = whole.samples.positions[2 * (first + i)];
            REQUIRE((x == y || (std::isnan(x) && std::isnan(y))));
        }
    }
    const recorded slow({.duration_s = 60, .rate_hz = 50, .flaws = false});
    const recorded fast({.duration_s = 60, .rate_hz = 500, .flaws = false});
    for (std::size_t i = 0; i < slow.samples.times.size(); ++i) {
        REQUIRE(slow.samples.true_positions[2 * i] == doctest::Approx(fast.samples.true_positions[20 * i]));
    }
    CHECK_THROWS_WITH_AS(whole.animal.samples(n, 1, piece),
                         "frame 29800 is past the end: the source has 29800 frames (0-29799); clamp the index or use "
                         "subsample",
                         frame_out_of_range);
}
