// SPDX-License-Identifier: MIT
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/skeleton.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;
using std::string;

std::vector<std::pair<std::size_t, std::size_t>> ends(const skeleton& bones) {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    for (const skeleton_edge& edge : bones.edges()) {
        out.emplace_back(edge.from, edge.to);
    }
    return out;
}
std::vector<string> names(const skeleton& bones) {
    return {bones.keypoints().begin(), bones.keypoints().end()};
}

TEST_CASE("edges by name, by number and from a list make the same skeleton") {
    const std::vector<std::pair<std::size_t, std::size_t>> expected{{0, 1}, {2, 1}};
    const skeleton named({"nose", "neck", "tail"}, {{"nose", "neck"}, {"tail", "neck"}});
    CHECK(ends(named) == expected);
    CHECK(ends(skeleton::numbered({"nose", "neck", "tail"}, {{.from = 0, .to = 1}, {.from = 2, .to = 1}})) == expected);
    const skeleton listed = skeleton::from_edges({{"nose", "neck"}, {"tail", "neck"}});
    CHECK(ends(listed) == expected);
    CHECK(names(listed) == names(named));
    CHECK(named.index_of("tail") == 2);
    CHECK(!named.find("ear"));
    CHECK(skeleton().empty());
}

TEST_CASE("colours and widths stay with their edges and keypoints") {
    const rgba8 red{255, 0, 0, 255};
    skeleton bones({"a", "b", "c"}, {{"a", "b", red, 4.0F}, {"b", "c"}});
    bones.color_keypoint("c", red);
    CHECK(bones.edges()[0].color == red);
    CHECK(bones.edges()[0].width_px == 4.0F);
    CHECK(!bones.edges()[1].color);
    CHECK(!bones.edges()[1].width_px);
    CHECK(bones.keypoint_color(2) == red);
    CHECK(!bones.keypoint_color(0));
    const skeleton fewer = bones.only({"c", "b"}); // keeps the skeleton's order, colours and what still has two ends
    CHECK(names(fewer) == std::vector<string>{"b", "c"});
    CHECK(ends(fewer) == std::vector<std::pair<std::size_t, std::size_t>>{{0, 1}});
    CHECK(fewer.keypoint_color(1) == red);
    const skeleton apart = bones.only({"a", "c"});
    CHECK(apart.edges().empty());
}

TEST_CASE("the ready skeletons hang together") {
    CHECK(skeleton::mouse().size() == 7);
    CHECK(skeleton::rat().size() == 12);
    CHECK(skeleton::simple().size() == 3);
    for (const string name : {"mouse", "rat", "simple"}) {
        CAPTURE(name);
        const skeleton bones = skeleton::named(name);
        CHECK(bones.edges().size() == (name == "mouse" ? 7 : name == "rat" ? 12 : 2));
        std::set<std::size_t> reached{0};
        for (std::size_t round = 0; round < bones.size(); ++round) {
            for (const skeleton_edge& edge : bones.edges()) {
                if (reached.contains(edge.from) || reached.contains(edge.to)) {
                    reached.insert({edge.from, edge.to});
                }
            }
        }
        CHECK(reached.size() == bones.size());
    }
}

TEST_CASE("a skeleton that makes no sense is refused, in a sentence") {
    const auto sentence = [](auto call) { return support::sentence_of<invalid_value>(call); };
    CHECK(sentence([] { skeleton(std::vector<string>{}); }) ==
          "a skeleton of no keypoints was asked for; it needs at least one; name the tracked points");
    CHECK(sentence([] { skeleton::from_edges(std::vector<named_edge>{}); }) ==
          "a skeleton of no keypoints was asked for; it needs at least one; name the tracked points");
    CHECK(sentence([] {
              skeleton({"nose", "tail"}, {{"nose", "tai"}});
          }) == "the edge 'nose'-'tai' names the keypoint 'tai'; the skeleton has nose, tail; did you mean 'tail'?");
    CHECK(sentence([] {
              skeleton({"nose", "tail"}, {{"nose", "nose"}});
          }) == "the edge 'nose'-'nose' joins a keypoint to itself; an edge needs two; remove it");
    CHECK(sentence([] {
              skeleton({"a", "b"}, {{"a", "b"}, {"a", "b"}});
          }) == "the edge 'a'-'b' is there twice (as 'a'-'b' before); either direction is the same; remove one");
    CHECK(sentence([] {
              skeleton({"a", "b"}, {{"a", "b"}, {"b", "a"}});
          }) == "the edge 'b'-'a' is there twice (as 'a'-'b' before); either direction is the same; remove one");
    CHECK(sentence([] {
              skeleton({"a", "b"}, {{"a", "b", {}, 0.0F}});
          }) == "the edge 'a'-'b' has the width 0 px; it must be positive; 2 is usual");
    CHECK(sentence([] {
              skeleton({"a", "b", "a"});
          }) == "keypoints 0 and 2 are both named 'a'; the names of keypoints must differ; rename one");
    CHECK(sentence([] { skeleton({"a", ""}); }) == "keypoint 1 has an empty name; each keypoint needs one; name it");
    CHECK(sentence([] {
              skeleton::numbered({"a", "b"}, {{.from = 0, .to = 2}});
          }) == "the edge 0-2 names keypoint 2; the skeleton has 2 keypoints (0-1); count from 0");
    CHECK(sentence([] { skeleton::named("mous"); }) ==
          "the skeleton 'mous' was asked for; there are mouse, rat, simple; did you mean 'mouse'?");
    CHECK(sentence([] { skeleton::simple().index_of("hed"); }) ==
          "the keypoint 'hed' was asked for; the skeleton has head, body, tail; did you mean 'head'?");
    CHECK(sentence([] { skeleton().index_of("head"); }) ==
          "the keypoint 'head' was asked of a skeleton that has none; give it keypoints first");
    CHECK(sentence([] { skeleton::simple().only({"paw"}); }) ==
          "a skeleton of no keypoints was asked for; it needs at least one; name the tracked points");
}

} // namespace
