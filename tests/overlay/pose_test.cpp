// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/pose.hpp>

#include "support/allocation_counter.hpp"
#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace fieldreel;
static_assert(overlay<pose>);
using std::string;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

samples pairs(std::vector<double> values) {
    return samples(std::move(values), 2);
}
sample_times at_times(std::vector<double> times) {
    return sample_times(std::move(times));
}

struct drawn {
    std::vector<std::array<double, 4>> lines; ///< x, y, x, y
    std::vector<point_xy> markers;
    std::vector<shape_style> line_styles;
    std::vector<shape_style> marker_styles;
};
drawn draw(const pose& animal, double time_s) {
    canvas out;
    animal.build({.time_s = time_s}, out);
    drawn result;
    for (const shape& s : out.shapes()) {
        const auto v = out.vertices(s);
        if (s.kind == shape_kind::line) {
            REQUIRE(v.size() == 2);
            result.lines.push_back({v[0].x, v[0].y, v[1].x, v[1].y});
            result.line_styles.push_back(s.style);
        } else {
            REQUIRE(s.kind == shape_kind::marker);
            result.markers.push_back({v[0].x, v[0].y});
            result.marker_styles.push_back(s.style);
        }
    }
    return result;
}

const skeleton chain({"nose", "neck", "tail"}, {{"nose", "neck"}, {"neck", "tail"}});

/// Three keypoints at 0, 0.1 and 0.2 s.
std::vector<pose_keypoint> three() {
    return {{.name = "nose", .positions = pairs({0, 0, 1, 10, 2, 20})},
            {.name = "neck", .positions = pairs({5, 5, 6, 6, 7, 7})},
            {.name = "tail", .positions = pairs({9, 0, 9, 1, 9, 2})}};
}
const std::vector<double> three_times{0, 0.125, 0.25};

TEST_CASE("a pose draws its edges, then its keypoints, between samples in proportion") {
    const drawn now = draw(pose(at_times(three_times), three(), chain), 0.0625);
    CHECK(now.lines == std::vector<std::array<double, 4>>{{0.5, 5, 5.5, 5.5}, {5.5, 5.5, 9, 0.5}});
    CHECK(now.markers == std::vector<point_xy>{{0.5, 5}, {5.5, 5.5}, {9, 0.5}});
}

TEST_CASE("nearest takes the sample that is nearer, the earlier of two") {
    const pose animal(at_times(three_times), three(), chain, {.how = between_samples::nearest});
    CHECK(draw(animal, 0.0625).markers[0] == point_xy{0, 0});
    CHECK(draw(animal, 0.07).markers[0] == point_xy{1, 10});
    CHECK(draw(animal, 0.25).markers[0] == point_xy{2, 20});
}

TEST_CASE("a keypoint that is missing takes with it what touches it") {
    auto keypoints = three();
    keypoints[1].positions = pairs({nan, 5, 6, 6, 7, 7});
    const pose animal(at_times(three_times), keypoints, chain);
    CHECK(draw(animal, 0).lines.empty());
    CHECK(draw(animal, 0).markers == std::vector<point_xy>{{0, 0}, {9, 0}});
    CHECK(draw(animal, 0.05).markers.size() == 2); // a neighbour is missing
    CHECK(draw(animal, 0.125).lines.size() == 2);
    CHECK(draw(animal, 0.2).markers.size() == 3);
    keypoints[0].positions = pairs({1, nan, 1, 1, 1, 1}); // only y
    CHECK(draw(pose(at_times(three_times), keypoints, chain), 0).markers.size() == 1);
}

TEST_CASE("an unlikely keypoint is missing, and so is one whose likelihood is not known") {
    auto keypoints = three();
    keypoints[0].likelihood = samples(std::vector<double>{0.9, 0.59, 0.6});
    keypoints[2].likelihood = samples(std::vector<double>{0.9, 0.9, nan});
    const pose animal(at_times(three_times), keypoints, chain, {.min_likelihood = 0.6});
    CHECK(draw(animal, 0).markers.size() == 3);
    CHECK(draw(animal, 0.05).markers == std::vector<point_xy>{animal.at(1, 0.05), animal.at(2, 0.05)});
    CHECK(draw(animal, 0.125).lines == std::vector<std::array<double, 4>>{{6, 6, 9, 1}});
    CHECK(draw(animal, 0.25).lines == std::vector<std::array<double, 4>>{{2, 20, 7, 7}});
    CHECK(std::isnan(animal.sample(0, 1).x));
    CHECK(animal.sample(0, 2) == point_xy{2, 20});
    const pose every(at_times(three_times), keypoints, chain); // a threshold of 0 keeps what has a likelihood
    CHECK(draw(every, 0.125).markers.size() == 3);
    CHECK(draw(every, 0.25).markers.size() == 2);
}

TEST_CASE("nothing in gaps, before the first and after the last sample") {
    const pose animal(at_times({0, 0.25, 0.51}), three(), chain);
    CHECK(draw(animal, 0.2).markers.size() == 3);
    CHECK(draw(animal, 0.3).markers.empty());
    CHECK(draw(animal, 0.51).markers.size() == 3);
    CHECK(draw(animal, -0.001).markers.empty());
    CHECK(draw(animal, 0.52).markers.empty());
    CHECK(draw(pose(at_times({0, 0.25, 0.51}), three(), chain, {.max_gap_s = 1}), 0.3).markers.size() == 3);
}

TEST_CASE("one sample is shown at its own time, no sample never") {
    const pose one(at_times({3}), {{.name = "nose", .positions = pairs({1, 2})}});
    CHECK(draw(one, 3).markers == std::vector<point_xy>{{1, 2}});
    CHECK(draw(one, 3.01).markers.empty());
    CHECK(draw(pose(sample_times(), {{.name = "nose", .positions = pairs({})}}), 0).markers.empty());
}

TEST_CASE("a clock with an offset, and pixels with y down") {
    const pose animal(sample_times(three_times, 100), three(), chain, {.to_environment = affine_xy::flip_y(50)});
    CHECK(draw(animal, 0.125).markers.empty());
    CHECK(draw(animal, 100.125).markers == std::vector<point_xy>{{1, 40}, {6, 44}, {9, 49}});
    CHECK(animal.at(0, 100.125) == point_xy{1, 40});
    CHECK(animal.sample(0, 1) == point_xy{1, 40});
}

TEST_CASE("colours: the pose's own, above them the skeleton's, above them the animal's") {
    const rgba8 red{255, 0, 0, 255};
    const rgba8 blue{0, 0, 255, 255};
    const rgba8 grey{90, 90, 90, 255};
    skeleton bones({"nose", "neck", "tail"}, {{"nose", "neck", red, 5.0F}, {"neck", "tail"}});
    bones.color_keypoint("tail", red);
    pose_options options{.marker = {.color = grey, .size_px = 3}, .edge = {.color = blue, .size_px = 1}};
    const drawn own = draw(pose(at_times(three_times), three(), bones, options), 0);
    CHECK(own.line_styles[0].color == red);
    CHECK(own.line_styles[0].size_px == 5);
    CHECK(own.line_styles[1].color == blue);
    CHECK(own.line_styles[1].size_px == 1);
    CHECK(own.marker_styles[0].color == grey);
    CHECK(own.marker_styles[0].size_px == 3);
    CHECK(own.marker_styles[2].color == red);
    options.color = animal_color(1);
    for (const drawn& whole : {draw(pose(at_times(three_times), three(), bones, options), 0)}) {
        for (const shape_style& style : whole.line_styles) {
            CHECK(style.color == animal_color(1));
        }
        for (const shape_style& style : whole.marker_styles) {
            CHECK(style.color == animal_color(1));
        }
    }
    CHECK(!(animal_color(0) == animal_color(1)));
    CHECK(animal_color(8) == animal_color(0));
}

TEST_CASE("keypoints that are not in the skeleton are markers, whatever their order") {
    auto keypoints = three();
    std::swap(keypoints[0], keypoints[2]);
    keypoints.push_back({.name = "led", .positions = pairs({50, 50, 50, 50, 50, 50})});
    const pose animal(at_times(three_times), keypoints, chain);
    const drawn now = draw(animal, 0);
    CHECK(now.lines == std::vector<std::array<double, 4>>{{0, 0, 5, 5}, {5, 5, 9, 0}});
    CHECK(now.markers.size() == 4);
    CHECK(animal.index_of("nose") == 2);
    CHECK(animal.keypoint_name(3) == "led");
    CHECK(draw(pose(at_times(three_times), three(), {.min_likelihood = 1}), 0).lines.empty()); // no skeleton
}

TEST_CASE("one table can hold all keypoints and likelihoods") {
    const samples table(std::vector<double>{1, 2, 0.9, 3, 4, 0.1}, 6);
    const pose animal(at_times({0}),
                      {{.name = "a", .positions = table, .likelihood = table, .x_column = 0, .likelihood_column = 2},
                       {.name = "b", .positions = table, .likelihood = table, .x_column = 3, .likelihood_column = 5}},
                      pose_options{.min_likelihood = 0.5});
    CHECK(animal.at(0, 0) == point_xy{1, 2});
    CHECK(std::isnan(animal.at(1, 0).x));
}

TEST_CASE("more keypoints than the stack holds are drawn the same") {
    std::vector<pose_keypoint> keypoints;
    std::vector<string> names;
    std::vector<skeleton_edge> edges;
    for (std::size_t k = 0; k < 150; ++k) {
        names.push_back("k" + std::to_string(k));
        const auto x = static_cast<double>(k);
        keypoints.push_back({.name = names.back(), .positions = pairs({x, 1, x, 1, x, k == 100 ? nan : 1})});
        if (k > 0) {
            edges.push_back({.from = k - 1, .to = k});
        }
    }
    const pose animal(at_times(three_times), keypoints, skeleton::numbered(names, edges));
    const drawn now = draw(animal, 0.0625);
    REQUIRE(now.lines.size() == 149);
    for (std::size_t e = 0; e < 149; ++e) {
        CHECK(now.lines[e] == std::array<double, 4>{static_cast<double>(e), 1, static_cast<double>(e + 1), 1});
    }
    CHECK(now.markers.size() == 150);
    CHECK(draw(animal, 0.25).lines.size() == 147);
    CHECK(draw(animal, 0.25).markers.size() == 149);
}

TEST_CASE("a pose that does not fit is refused, in a sentence") {
    const auto build = [](std::vector<pose_keypoint> keypoints, const skeleton& bones = {},
                          const pose_options& options = {}) {
        pose(at_times(three_times), std::move(keypoints), bones, options);
    };
    const auto with = [](auto change) {
        auto keypoints = three();
        change(keypoints);
        return keypoints;
    };
    CHECK(support::sentence_of<invalid_value>([&] { build({}); }) ==
          "a pose of no keypoints was asked for; it needs at least one; give each tracked point's samples");
    CHECK(support::sentence_of<data_error>([&] {
              build(with([](auto& k) { k[1].positions = pairs({1, 2}); }));
          }) == "there are 3 times for 1 positions of the keypoint 'neck'; give one time per position");
    CHECK(support::sentence_of<data_error>([&] {
              build(with([](auto& k) { k[1].positions = samples(std::vector<double>{1, 2, 3}); }));
          }) == "the positions of the keypoint 'neck' have 1 columns; give two, x and y");
    CHECK(support::sentence_of<data_error>([&] { build(with([](auto& k) { k[1].x_column = 1; })); }) ==
          "the keypoint 'neck' has its x in column 1 and y beside it; there are 2 columns; count them from 0");
    CHECK(support::sentence_of<data_error>([&] {
              build(with([](auto& k) { k[0].likelihood = samples(std::vector<double>{1, 2}); }));
          }) == "there are 3 times for 2 likelihoods of the keypoint 'nose'; give one time per likelihood");
    CHECK(support::sentence_of<data_error>([&] {
              build(with([](auto& k) { k[0].likelihood = pairs({1, 1, 1, 1, 1, 1}); }));
          }) == "the likelihoods of the keypoint 'nose' have 2 columns; give one");
    CHECK(support::sentence_of<data_error>([&] {
              build(with([](auto& k) {
                  k[0].likelihood = pairs({1, 1, 1, 1, 1, 1});
                  k[0].likelihood_column = 2;
              }));
          }) == "the keypoint 'nose' has its likelihood in column 2; there are 2 columns; count them from 0");
    CHECK(support::sentence_of<invalid_value>([&] { build(with([](auto& k) { k[2].name = "nose"; })); }) ==
          "the keypoint 'nose' is there twice; the names of keypoints must differ; rename one");
    CHECK(support::sentence_of<invalid_value>([&] { build(with([](auto& k) { k[2].name = "tai"; }), chain); }) ==
          "the skeleton's keypoint 'tail' has no samples; the pose has nose, neck, tai; did you mean 'tai', or "
          "skeleton.only(names) without it?");
    CHECK(support::sentence_of<invalid_value>([&] { build(three(), chain, {.min_likelihood = nan}); }) ==
          "a minimum likelihood of nan was given; it must be from 0 to 1; 0.6 is usual");
    CHECK(support::sentence_of<invalid_value>([&] { build(three(), chain, {.max_gap_s = 0}); }) ==
          "a maximum gap of 0 s was given; it must be positive; 0.25 is usual");
    CHECK(support::sentence_of<invalid_value>([&] { build(three(), chain, {.to_environment = {.yy = 0}}); }) ==
          "the map [1 0 0; 0 0 0] was given; it must be finite and keep areas above 0; calibrate with landmarks that "
          "are not on one line");
    CHECK(support::sentence_of<invalid_value>([&] { pose(at_times(three_times), three()).index_of("nos"); }) ==
          "the keypoint 'nos' was asked for; the pose has nose, neck, tail; did you mean 'nose'?");
    CHECK(support::sentence_of<data_error>([&] {
              pose(at_times({0, 0.2, 0.2}), three());
          }) == "times must increase: time 2 is 0.2 s after 0.2 s; sort the samples by time and remove duplicates");
}

TEST_CASE("a step of a pose allocates nothing once its canvas has grown") {
    std::vector<double> times;
    std::vector<double> xy;
    for (int i = 0; i < 1000; ++i) {
        times.push_back(i / 50.0);
        xy.push_back(i % 7);
        xy.push_back(i % 5);
    }
    const samples positions(xy, 2);
    std::vector<pose_keypoint> keypoints;
    const skeleton mouse = skeleton::mouse();
    for (const string& name : mouse.keypoints()) {
        keypoints.push_back({.name = name, .positions = positions});
    }
    const pose animal(at_times(times), keypoints, mouse);
    canvas out;
    animal.build({.time_s = 1}, out);
    CHECK(out.shapes().size() == 14);
    const std::size_t count = support::count_allocations([&] {
        for (double t = 0; t < 19; t += 0.013) {
            out.clear();
            animal.build({.time_s = t}, out);
        }
    });
    CHECK((count == 0 || !support::allocations_are_counted));
}

TEST_CASE("a mapped file that was cut is an error, not a crash") {
    const support::temporary_directory folder;
    const string path = folder.file("nose.npy");
    {
        std::ofstream out(path, std::ios::binary);
        out << support::npy_file<double>("<f8", "(10000, 2)", std::vector<double>(20000, 7));
    }
    const samples positions = samples::open_npy(path);
    const pose animal(sample_times(uniform_times{.rate_hz = 100, .start_s = 0}, 10000),
                      {{.name = "nose", .positions = positions}});
    CHECK(draw(animal, 99).markers == std::vector<point_xy>{{7, 7}});
    if (positions.mapped()) {
        std::filesystem::resize_file(path, 200);
        canvas out;
        CHECK_THROWS_AS(animal.build({.time_s = 99}, out), file_error);
        CHECK_THROWS_AS((void)animal.at(0, 99), file_error);
    }
}

// ---- recorded animals -----------------------------------------------------------------------------------------------

const string data = string(FIELDREEL_SHARED_DIR) + "/data/";

std::vector<string> lines_of(const string& path) {
    std::ifstream in(path);
    std::vector<string> out;
    for (string line; std::getline(in, line);) {
        if (!line.empty() && line.back() == '\r') {
            line.pop_back();
        }
        out.push_back(line);
    }
    return out;
}

TEST_CASE("two flies: 48463 of 52800 points are drawn, and the edges that have both ends") {
    const string folder = data + "pose_flies_sleap_centered_pair/";
    if (!std::filesystem::exists(folder)) {
        MESSAGE("skipped: no recorded flies at " << folder);
        return;
    }
    const std::vector<string> names = lines_of(folder + "keypoint_names.txt");
    std::vector<named_edge> edges;
    for (const string& line : lines_of(folder + "skeleton_edges.csv")) {
        const auto comma = line.find(',');
        if (line != "source,target") {
            edges.push_back({line.substr(0, comma), line.substr(comma + 1)});
        }
    }
    REQUIRE(names.size() == 24);
    REQUIRE(edges.size() == 23);
    const sample_times times(samples::open_npy(folder + "times.npy"));
    REQUIRE(times.size() == 1100);
    std::size_t markers = 0;
    std::size_t lines = 0;
    std::size_t likely = 0;
    std::size_t between = 0;
    std::size_t between_expected = 0;
    for (const string fly : {"track0", "track1"}) {
        std::vector<pose_keypoint> keypoints;
        const samples scores = samples::open_npy(folder + fly + "_scores.npy");
        for (std::size_t k = 0; k < names.size(); ++k) {
            keypoints.push_back({.name = names[k],
                                 .positions = samples::open_npy(folder + fly + "_keypoint_" + names[k] + ".npy"),
                                 .likelihood = scores,
                                 .likelihood_column = k});
        }
        const pose all(times, keypoints, skeleton(names, edges), {.to_environment = affine_xy::flip_y(384)});
        const pose sure(times, keypoints, pose_options{.min_likelihood = 0.5});
        for (std::size_t i = 0; i < times.size(); ++i) {
            const drawn now = draw(all, times[i]);
            markers += now.markers.size();
            lines += now.lines.size();
            likely += draw(sure, times[i]).markers.size();
            if (i + 1 < times.size()) {
                between += draw(all, (times[i] + times[i + 1]) / 2).markers.size();
                for (const pose_keypoint& one : keypoints) {
                    between_expected += std::isnan(one.positions(i, 0) + one.positions(i + 1, 0)) ? 0u : 1u;
                }
            }
        }
    }
    CHECK(markers == 52800 - 4337);
    CHECK(lines == 23661 + 22602);  // counted with another program
    CHECK(likely == 23863 + 21597); // "
    CHECK(between == between_expected);
}

TEST_CASE("a mouse: as many keypoints are drawn as are likely enough") {
    const string folder = data + "pose_mouse_openfield_dlc/";
    if (!std::filesystem::exists(folder)) {
        MESSAGE("skipped: no recorded mouse at " << folder);
        return;
    }
    std::vector<pose_keypoint> keypoints;
    for (const string name : {"snout", "leftear", "rightear", "tailbase"}) {
        keypoints.push_back({.name = name,
                             .positions = samples::open_npy(folder + "keypoint_" + name + ".npy"),
                             .likelihood = samples::open_npy(folder + "likelihood_" + name + ".npy")});
    }
    const skeleton bones = skeleton::from_edges({{"snout", "leftear"},
                                                 {"snout", "rightear"},
                                                 {"leftear", "rightear"},
                                                 {"leftear", "tailbase"},
                                                 {"rightear", "tailbase"}});
    const sample_times times(samples::open_npy(folder + "times.npy"));
    const auto count = [&](double min_likelihood) {
        const pose animal(times, keypoints, bones,
                          {.min_likelihood = min_likelihood, .to_environment = affine_xy::flip_y(480)});
        std::pair<std::size_t, std::size_t> out;
        for (std::size_t i = 0; i < times.size(); ++i) {
            const drawn now = draw(animal, times[i]);
            out.first += now.markers.size();
            out.second += now.lines.size();
            for (const point_xy& at : now.markers) {
                REQUIRE((at.x > 0 && at.x < 640 && at.y > 0 && at.y < 480));
            }
        }
        return out;
    };
    CHECK(count(0.77) == std::pair<std::size_t, std::size_t>(4 * 2330, 5 * 2330)); // none is below 0.777
    CHECK(count(0.9).first == 9309);                                               // these counted with another program
    CHECK(count(0.99).first == 8520);
    CHECK(count(0.999) == std::pair<std::size_t, std::size_t>(3924, 2620));
    CHECK(count(1).first < 3924);
}

} // namespace
