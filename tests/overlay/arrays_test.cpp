// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/arrays.hpp>
#include <fieldreel/space/grid.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
using std::string;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// ---- golden ---------------------------------------------------------------------------------------------------------

string golden(const string& name) {
    return string(FIELDREEL_TEST_DIR) + "/golden/" + name + ".npy";
}
samples golden_samples(const string& name) {
    return samples::open_npy(golden(name));
}
/// The values of a golden array of type T, whatever its shape.
template <class T>
std::vector<T> golden_values(const string& name) {
    std::ifstream in(golden(name), std::ios::binary);
    const string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    REQUIRE(bytes.size() > 10);
    REQUIRE(bytes.find(sizeof(T) == 4 ? "'<f4'" : "'<f8'") != string::npos);
    const std::size_t data = 10 + static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
    std::vector<T> out((bytes.size() - data) / sizeof(T));
    std::memcpy(out.data(), bytes.data() + data, out.size() * sizeof(T));
    return out;
}

/// The forerunner's display: the grid's outer edges on the outer pixels' centres (ours puts bin centres there).
constexpr display_map forerunner{.row0 = 19,
                                 .y0 = -1.9702966711803382,
                                 .row_per_y = -0.24371388406895111,
                                 .col0 = 0,
                                 .x0 = -1.949086519524422,
                                 .col_per_x = 0.24013114229399893};

/// One rounding of a T apart, at the size of the golden numbers.
template <class T>
void check_equal(const std::vector<T>& got, const std::vector<T>& expected) {
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        CAPTURE(i);
        const T most = 4 * std::numeric_limits<T>::epsilon() * (std::max)(T{20}, std::abs(expected[i]));
        CHECK(std::abs(got[i] - expected[i]) <= most);
    }
}
template <class Rows>
auto values_of(const Rows& rows) {
    using value = std::remove_cvref_t<decltype(*rows.data())>;
    return std::vector<value>(rows.data(), rows.data() + rows.size());
}

const std::vector<string> parts{"nose", "ear_l", "ear_r", "neck", "body", "tail"};
const std::vector<named_edge> golden_edges{
    {"ear_l", "nose"}, {"ear_r", "nose"}, {"neck", "nose"}, {"body", "neck"}, {"body", "tail"}};

std::vector<samples> golden_parts() {
    std::vector<samples> out;
    for (const string& name : parts) {
        out.push_back(golden_samples("skel_part_" + name));
    }
    return out;
}
/// The forerunner's order: edge after edge. Ours is frame after frame.
template <class T>
std::vector<T> by_edge(const edge_rows<T>& from, std::size_t edge_count) {
    std::vector<T> out;
    for (std::size_t e = 0; e < edge_count; ++e) {
        for (std::size_t row = 0; row < from.edges.size(); ++row) {
            if (from.edges(row) == e) {
                out.insert(out.end(), from.rows.data() + 6 * row, from.rows.data() + 6 * row + 6);
            }
        }
    }
    return out;
}

TEST_CASE("golden: skeleton vectors in both precisions") {
    const skeleton bones(parts, golden_edges);
    const auto single = skeleton_vectors(golden_parts(), bones, forerunner);
    check_equal(by_edge(single, 5), golden_values<float>("skel_vectors_f32"));
    const auto twice = skeleton_vectors<double>(golden_parts(), bones, forerunner);
    check_equal(by_edge(twice, 5), golden_values<double>("skel_vectors_f64"));
    std::array<std::size_t, 5> runs{};
    for (std::size_t row = 0; row < single.edges.size(); ++row) {
        ++runs[single.edges(row)];
    }
    CHECK(runs == std::array<std::size_t, 5>{43, 46, 49, 51, 47});
    CHECK(single.rows.shape(1) == 2);
    CHECK(single.rows.shape(2) == 3);
}

TEST_CASE("golden: heading tracks of angles and vectors, from positions and from one place") {
    const samples angles = golden_samples("hd_angles");
    const samples vectors = golden_samples("hd_vectors");
    const samples positions = golden_samples("hd_positions");
    const point_xy centroid{48.54506128434159, 37.24791533525168};
    const auto check = [](const auto& got, const string& name) {
        check_equal(values_of(got.rows), golden_values<float>(name));
    };
    check(heading_tracks(angles, positions, 15, forerunner), "hd_out_ang_pos");
    check(heading_tracks(angles, centroid, 15, forerunner), "hd_out_ang_nopos");
    check(heading_tracks(vectors, positions, 7.5, forerunner), "hd_out_vec_pos");
    check(heading_tracks(vectors, centroid, 7.5, forerunner), "hd_out_vec_nopos");
    check_equal(values_of(heading_tracks<double>(angles, positions, 15, forerunner).rows),
                golden_values<double>("hd_out_ang_pos_f64"));
}

TEST_CASE("golden: position tracks and points") {
    const samples positions = golden_samples("hd_positions");
    check_equal(values_of(position_tracks(positions, forerunner).rows), golden_values<double>("pos_tracks"));
    check_equal(values_of(position_points(positions, forerunner).rows), golden_values<double>("pos_points"));
}

// ---- by hand --------------------------------------------------------------------------------------------------------

constexpr display_map plain{.row0 = 100, .y0 = 0, .row_per_y = -1, .col0 = 0, .x0 = 0, .col_per_x = 1};

TEST_CASE("the rows of a frame are found by its offsets") {
    const samples positions(std::vector<double>{1, 2, nan, 3, infinity, 4, 5, 6}, 2);
    const auto tracks = position_tracks(positions, plain);
    CHECK(tracks.frame_count() == 4);
    CHECK(values_of(tracks.offsets) == std::vector<std::size_t>{0, 1, 1, 1, 2});
    CHECK(tracks.of_frame(1).empty());
    CHECK(tracks.row_count(2) == 0);
    const auto last = tracks.of_frame(3);
    CHECK(std::vector<double>(last.begin(), last.end()) == std::vector<double>{0, 3, 94, 5});
    const auto points = position_points<float>(positions, plain);
    const auto first = points.of_frame(0);
    CHECK(std::vector<float>(first.begin(), first.end()) == std::vector<float>{0, 98, 1});
}

TEST_CASE("an infinite end keeps its vector, one that is NaN takes it away") {
    const std::vector<samples> ends{samples(std::vector<double>{0, 0, infinity, 0, nan, 0, 3, 3}, 2),
                                    samples(std::vector<double>{1, 2, 1, 2, 1, 2, 3, nan}, 2)};
    const auto vectors = skeleton_vectors(ends, skeleton({"a", "b"}, {{"a", "b"}}), plain);
    CHECK(values_of(vectors.offsets) == std::vector<std::size_t>{0, 1, 2, 2, 2});
    const auto first = vectors.of_frame(0);
    CHECK(std::vector<float>(first.begin(), first.end()) == std::vector<float>{0, 100, 0, 0, -2, 1});
    CHECK(vectors.rows(1, 0, 2) == std::numeric_limits<float>::infinity());
    CHECK(vectors.edges.size() == 2);
}

TEST_CASE("random keypoints: every vector equals the one made on its own") {
    std::mt19937_64 engine(11);
    std::uniform_real_distribution<double> some(0, 90);
    for (const double lost : {0.0, 0.001, 0.3, 1.0}) {
        CAPTURE(lost);
        const std::size_t frames = 777; // several blocks, the last one not full
        std::vector<std::vector<double>> xy(4);
        std::vector<samples> keypoints;
        for (auto& one : xy) {
            for (std::size_t i = 0; i < 2 * frames; ++i) {
                one.push_back(some(engine) < 90 * lost ? nan : some(engine));
            }
            keypoints.emplace_back(one, 2);
        }
        const skeleton bones = skeleton::numbered({"a", "b", "c", "d"},
                                                  {{.from = 0, .to = 1}, {.from = 3, .to = 1}, {.from = 2, .to = 3}});
        const auto got = skeleton_vectors<double>(keypoints, bones, plain);
        std::size_t row = 0;
        for (std::size_t i = 0; i < frames; ++i) {
            REQUIRE(got.offsets(i) == row);
            for (std::size_t e = 0; e < 3; ++e) {
                const auto& from = xy[bones.edges()[e].from];
                const auto& to = xy[bones.edges()[e].to];
                if (std::isnan(from[2 * i] + from[2 * i + 1] + to[2 * i] + to[2 * i + 1])) {
                    continue;
                }
                REQUIRE(row < got.edges.size());
                REQUIRE(got.edges(row) == e);
                REQUIRE(got.rows(row, 0, 0) == static_cast<double>(i));
                REQUIRE(got.rows(row, 0, 1) == 100 - from[2 * i + 1]);
                REQUIRE(got.rows(row, 0, 2) == from[2 * i]);
                REQUIRE(got.rows(row, 1, 0) == 0);
                REQUIRE(got.rows(row, 1, 1) == (100 - to[2 * i + 1]) - (100 - from[2 * i + 1]));
                REQUIRE(got.rows(row, 1, 2) == to[2 * i] - from[2 * i]);
                ++row;
            }
        }
        CHECK(got.rows.shape(0) == row);
        const auto fill = [&](std::size_t k, std::size_t first, std::size_t, double*) { return &xy[k][2 * first]; };
        CHECK(detail::count_vectors(frames, 4, bones.edges(), fill) == row); // no more room is taken than is needed
        CHECK(got.edges.size() == row);
        CHECK(got.offsets(frames) == row);
    }
}

TEST_CASE("single precision samples give the same arrays") {
    std::vector<float> xy;
    std::vector<double> same;
    std::vector<float> angles;
    std::vector<double> same_angles;
    for (int i = 0; i < 500; ++i) {
        xy.push_back(static_cast<float>(std::sin(i)) * 50);
        same.push_back(static_cast<double>(xy.back()));
        if (i % 2 == 0) {
            angles.push_back(static_cast<float>(i) * 0.1F);
            same_angles.push_back(static_cast<double>(angles.back()));
        }
    }
    const samples single = samples::borrow(std::span<const float>(xy), 2);
    const samples twice(same, 2);
    CHECK(values_of(position_tracks(single, plain).rows) == values_of(position_tracks(twice, plain).rows));
    CHECK(values_of(heading_tracks(samples::borrow(std::span<const float>(angles)), single, 3, plain).rows) ==
          values_of(heading_tracks(samples(same_angles), twice, 3, plain).rows));
    const skeleton bones({"a", "b"}, {{"a", "b"}});
    CHECK(values_of(skeleton_vectors({single, single}, bones, plain).rows) ==
          values_of(skeleton_vectors({twice, twice}, bones, plain).rows));
}

TEST_CASE("cosines and sines, several at once, are those of the standard library") {
    std::vector<double> angles{0, -0.0, 1e-300, 99999.9, -99999.9, 1e5, 1e6, -1e15, nan, infinity};
    std::mt19937_64 engine(2);
    for (const double most : {1.0, 4.0, 100.0, 1e5}) {
        std::uniform_real_distribution<double> some(-most, most);
        for (int i = 0; i < 20000; ++i) {
            angles.push_back(some(engine));
        }
    }
    for (int k = -40; k <= 40; ++k) { // where quarters meet
        for (const double by : {-1e-9, 0.0, 1e-9}) {
            angles.push_back(k * 0.78539816339744830962 + by);
        }
    }
    std::vector<double> got(2 * angles.size());
    detail::cos_sin(angles.data(), angles.size(), got.data());
    std::vector<double> narrow(got.size()); // where the processor has no wider registers
    detail::small_cos_sin(angles.data(), angles.size(), narrow.data());
    double worst = 0;
    for (std::size_t i = 0; i < angles.size(); ++i) {
        if (std::abs(angles[i]) < 1e5) {
            worst = (std::max)({worst, std::abs(narrow[2 * i] - std::cos(angles[i])),
                                std::abs(narrow[2 * i + 1] - std::sin(angles[i]))});
        }
        if (std::isfinite(angles[i])) {
            worst = (std::max)(
                {worst, std::abs(got[2 * i] - std::cos(angles[i])), std::abs(got[2 * i + 1] - std::sin(angles[i]))});
        } else {
            CHECK((std::isnan(got[2 * i]) && std::isnan(got[2 * i + 1])));
        }
    }
    CHECK(worst < 4e-16);
}

TEST_CASE("positions that change while they are read do no harm") {
    // As if two vectors had been counted, and there were six when they were written.
    const std::vector<double> places(6, 1);
    const auto fill = [&](std::size_t, std::size_t first, std::size_t, double*) { return places.data() + 2 * first; };
    const std::vector<skeleton_edge> edges{{.from = 0, .to = 1}, {.from = 1, .to = 0}};
    const volatile std::size_t counted = 2; // or g++ sees the mistake, which is the point, and warns
    CHECK(support::sentence_of<data_error>([&] { detail::skeleton_rows<float>(3, 2, edges, plain, fill, counted); }) ==
          "the positions of frame 1 changed while they were read; ask again when nothing writes to the file");
}

// ---- looked up at the frames' times
// -----------------------------------------------------------------------------------

TEST_CASE("overlays looked up at their own times give the arrays of their samples") {
    const samples positions = golden_samples("hd_positions");
    const samples angles = golden_samples("hd_angles");
    const sample_times times(uniform_times{.rate_hz = 25, .start_s = 3}, positions.size());
    const trajectory path(times, positions);
    CHECK(values_of(position_points(path, times, forerunner).rows) ==
          values_of(position_points(positions, forerunner).rows));
    CHECK(values_of(position_tracks(path, times, forerunner).offsets) ==
          values_of(position_tracks(positions, forerunner).offsets));
    const auto looked_up = heading_tracks(heading(times, angles, path, {.length = 15}), times, forerunner);
    check_equal(values_of(looked_up.rows), golden_values<float>("hd_out_ang_pos"));

    std::vector<pose_keypoint> keypoints;
    for (const string& name : parts) {
        keypoints.push_back({.name = name, .positions = golden_samples("skel_part_" + name)});
    }
    const skeleton bones(parts, golden_edges);
    const auto of_pose = skeleton_vectors(pose(times, keypoints, bones), times, forerunner);
    const auto of_samples = skeleton_vectors(golden_parts(), bones, forerunner);
    CHECK(values_of(of_pose.rows) == values_of(of_samples.rows));
    CHECK(values_of(of_pose.edges) == values_of(of_samples.edges));
    CHECK(values_of(of_pose.offsets) == values_of(of_samples.offsets));
}

TEST_CASE("long recordings looked up at their own times give the arrays of their samples") {
    const std::size_t frames = 1000; // several blocks
    std::vector<double> xy;
    std::vector<double> later;
    for (std::size_t i = 0; i < frames; ++i) {
        const auto x = static_cast<double>(i);
        xy.insert(xy.end(), {x, i % 50 == 3 ? nan : 2 * x});
        later.insert(later.end(), {x + 1, 2 * x - 1});
    }
    const std::vector<samples> both{samples(xy, 2), samples(later, 2)};
    const sample_times times(uniform_times{.rate_hz = 64, .start_s = 0}, frames);
    const skeleton bones({"a", "b"}, {{"a", "b"}});
    const pose animal(times, {{.name = "a", .positions = both[0]}, {.name = "b", .positions = both[1]}}, bones);
    const auto looked_up = skeleton_vectors(animal, times, plain);
    const auto direct = skeleton_vectors(both, bones, plain);
    CHECK(looked_up.edges.size() == 980);
    CHECK(values_of(looked_up.rows) == values_of(direct.rows));
    CHECK(values_of(looked_up.offsets) == values_of(direct.offsets));
    CHECK(values_of(position_tracks(trajectory(times, both[0]), times, plain).rows) ==
          values_of(position_tracks(both[0], plain).rows));
}

TEST_CASE("frames between samples, in gaps and outside") {
    const sample_times times(std::vector<double>{0, 0.125, 1});
    const trajectory path(times, samples(std::vector<double>{0, 0, 8, 8, 9, 9}, 2));
    const sample_times frames(std::vector<double>{-1, 0.0625, 0.5, 1, 2});
    const auto points = position_points(path, frames, plain);
    CHECK(values_of(points.offsets) == std::vector<std::size_t>{0, 0, 1, 1, 2, 2});
    CHECK(values_of(points.rows) == std::vector<double>{1, 96, 4, 3, 91, 9});
}

// ---- the display ----------------------------------------------------------------------------------------------------

TEST_CASE("the display of a grid: bin centres are whole rows and columns") {
    std::vector<double> xy;
    for (int i = 0; i < 400; ++i) {
        xy.push_back(0.5 + i % 20);
        xy.push_back(10.25 + i / 20);
    }
    const samples positions(xy, 2);
    const any_space bins(grid::from_samples(positions, {.bin_size = 2.0}));
    const display_map map = display_map::of(bins);
    for (std::size_t b = 0; b < bins.bin_count(); ++b) {
        const point_rc ours = map(bins.center(b));
        const point_rc asked = bins.to_display(bins.center(b));
        CHECK(ours.row == doctest::Approx(asked.row));
        CHECK(ours.col == doctest::Approx(asked.col));
        CHECK(std::abs(ours.row - std::round(ours.row)) < 1e-9);
    }
}

/// A space whose display is turned by a quarter.
struct turned {
    std::size_t bin_count() const { return 1; }
    std::optional<std::size_t> bin_at(double, double) const { return 0; }
    box_xy bounds() const { return {{0, 0}, {10, 10}}; }
    point_xy center(std::size_t) const { return {5, 5}; }
    point_rc to_display(point_xy at) const { return {at.x, at.y}; }
    point_xy from_display(double row, double col) const { return {row, col}; }
    image_shape display_shape() const { return {10, 10}; }
};

TEST_CASE("a space that is turned on its display has no such rows and columns") {
    CHECK(support::sentence_of<invalid_value>([] { display_map::of(any_space(turned{})); }) ==
          "the space turns or bends on its display; whole-range arrays need rows that follow y alone and columns that "
          "follow x alone; draw its overlays instead");
}

// ---- misuse ---------------------------------------------------------------------------------------------------------

TEST_CASE("no frames, one frame and no edges give arrays of their shapes") {
    const samples none(std::vector<double>{}, 2);
    CHECK(position_tracks(none, plain).rows.shape(0) == 0);
    CHECK(position_tracks(none, plain).frame_count() == 0);
    CHECK(heading_tracks(samples(), none, 3, plain).rows.shape(1) == 4);
    const samples one(std::vector<double>{1, 2}, 2);
    CHECK(heading_tracks(one, one, 3, plain).rows.shape(0) == 2);
    const auto empty = skeleton_vectors({one, one}, skeleton({"a", "b"}), plain);
    CHECK(empty.rows.shape(0) == 0);
    CHECK(empty.rows.shape(2) == 3);
    CHECK(empty.frame_count() == 1);
    CHECK(empty.of_frame(0).empty());
    const samples lost(std::vector<double>{nan, nan}, 2); // golden: (0, 2, 3)
    CHECK(skeleton_vectors({lost, lost}, skeleton({"a", "b"}, {{"a", "b"}}), plain).rows.shape(0) == 0);
}

TEST_CASE("arrays of what does not fit are refused, in a sentence") {
    const samples two(std::vector<double>{1, 2, 3, 4}, 2);
    const samples one(std::vector<double>{1, 2}, 2);
    const samples three_columns(std::vector<double>{1, 2, 3}, 3);
    CHECK(support::sentence_of<data_error>([&] { position_tracks(three_columns, plain); }) ==
          "positions have 3 columns; give two, x and y");
    CHECK(support::sentence_of<data_error>([&] { heading_tracks(three_columns, one, 3, plain); }) ==
          "headings have 3 columns; give one angle in radians, or one vector of x and y, per frame");
    CHECK(support::sentence_of<data_error>([&] { heading_tracks(one, two, 3, plain); }) ==
          "there are 1 headings for 2 origins; give one of each per frame");
    CHECK(support::sentence_of<invalid_value>([&] { heading_tracks(one, one, 0, plain); }) ==
          "a heading arrow of length 0 was asked for; it must be positive and finite; 8 is usual");
    CHECK(support::sentence_of<data_error>([&] { skeleton_vectors({one}, skeleton::simple(), plain); }) ==
          "there are 1 tables of positions for a skeleton of 3 keypoints; give one per keypoint, in its order");
    CHECK(support::sentence_of<data_error>([&] {
              skeleton_vectors({one, two, one}, skeleton::simple(), plain);
          }) == "the keypoint 'body' has 2 positions and 'head' 1; give one per frame for each");
    CHECK(support::sentence_of<data_error>([] { detail::check_frame_numbers<float>(8388609); }) ==
          "arrays for 8388609 frames were asked for; up to 8388608 the frame numbers are exact in this type; ask for "
          "double");
    CHECK_NOTHROW(detail::check_frame_numbers<float>(8388608));
    CHECK_NOTHROW(detail::check_frame_numbers<double>(8388609));
    CHECK(support::sentence_of<invalid_value>([] { detail::check_edge_count(65536); }) ==
          "a skeleton of 65536 edges was given; at most 65535 have a number in these arrays; give fewer");
}

TEST_CASE("large arrays begin on a large page, small ones anywhere, and any of them is an xtensor") {
    using allocator = detail::large_page_allocator<double>;
    static_assert(std::allocator_traits<allocator>::is_always_equal::value);
    const std::size_t frame_count = allocator::least_bytes / sizeof(std::size_t) + 1;
    const samples still(std::vector<double>(2 * frame_count, 3.0), 2);
    const auto large = position_tracks(still, display_map{});
    CHECK(large.frame_count() == frame_count);
    const auto aligned = [](const void* at) {
        return reinterpret_cast<std::uintptr_t>(at) % allocator::page_bytes == 0;
    };
    CHECK(aligned(large.rows.data()));
    CHECK(aligned(large.offsets.data()));
    const xt::xtensor<double, 2> usual = large.rows;
    CHECK(usual == large.rows);
    CHECK(usual(frame_count - 1, 1) == static_cast<double>(frame_count - 1));
    const frame_rows<double, 2> copy = large;
    CHECK(copy.rows == large.rows);
    CHECK_THROWS_AS(static_cast<void>(allocator().allocate(static_cast<std::size_t>(-1) / 8)), std::bad_alloc);
}

} // namespace
