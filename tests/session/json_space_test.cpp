// SPDX-License-Identifier: MIT
#include <fieldreel/session/json_space.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/recording_folder.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;
using support::hot_l_shape;
using support::sentence_of;

TEST_CASE("a grid is read with its mask, or is full without one") {
    const auto words = nlohmann::json::parse(hot_l_shape::grid_json);
    const grid bins = detail::json_grid({words, "s.json", "session.grid"}, {});
    CHECK(bins.bin_count() == 12);
    CHECK(bins.bin_at(hot_l_shape::x, hot_l_shape::y) == hot_l_shape::in_active);
    auto unmasked = words;
    unmasked.erase("mask");
    CHECK(detail::json_grid({unmasked, "s.json", "session.grid"}, {}).bin_count() == 16);
    unmasked.erase("edges_y");
    CHECK(sentence_of<file_error>([&] {
              detail::json_grid({unmasked, "s.json", "session.grid"}, {});
          }) == "s.json: session.grid lacks 'edges_y'; add it");
}

TEST_CASE("a track is read from its nodes and edges") {
    const auto words = nlohmann::json::parse(
        R"({"nodes": [[0, 0], [10, 0], [10, 6]], "edges": [[0, 1], [1, 2]], "bin_size": 2, "width": 4})");
    std::vector<std::string> warnings;
    const track made = detail::json_track({words, "s.json", "session.track"}, {}, warnings);
    CHECK(made.bin_count() == 8);
    CHECK(made.linear_length() == doctest::Approx(16));
    CHECK(warnings.empty());
    auto wrong = words;
    wrong["edges"] = {{0, 1.5}};
    CHECK(sentence_of<data_error>([&] {
              detail::json_track({wrong, "s.json", "session.track"}, {}, warnings);
          }) == "the track's edges name a node 1.5; nodes are whole numbers counted from 0; correct the pair");
}
