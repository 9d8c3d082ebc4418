// SPDX-License-Identifier: MIT
#include <fieldreel/session/pose_reader.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/recording_folder.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;
using support::recording_folder;
using support::sentence_of;

namespace {

/// Two keypoints at four times, in the three forms in which they are written.
class pose_folder : public recording_folder {
public:
    pose_folder() {
        npy<double>("nose.npy", {0, 0, 1, 1, 2, 2, 3, 3}, {2});
        npy<double>("tail.npy", {0, 5, 1, 6, 2, 7, 3, 8}, {2});
        npy<double>("both.npy", {0, 0, 0, 5, 1, 1, 1, 6, 2, 2, 2, 7, 3, 3, 3, 8}, {2, 2});
        npy<double>("sure.npy", {0, 0, 1, 0, 5, 1, 1, 1, .5, 1, 6, 1, 2, 2, 1, 2, 7, .2, 3, 3, 1, 3, 8, 1}, {2, 3});
        npy<double>("likelihood.npy", {1, 1, .5, 1, 1, .2, 1, 1}, {2});
        npy<double>("times.npy", {0, .1, .2, .3});
        from.folder = path();
        from.storage.folder = path();
    }
    std::vector<pose> read(const std::string& words) {
        description = nlohmann::json::parse(words);
        return detail::read_poses({detail::json_object(description, "session.json", "pose"), from, notes});
    }
    std::string refused(const std::string& words) {
        return sentence_of<error>([&] { read(words); });
    }
    session from;
    nlohmann::json description;
    std::vector<std::string> notes;
};

} // namespace

TEST_CASE("a pose is the same from a file of each keypoint, and from one of all") {
    pose_folder at;
    for (
        const char* words :
        {R"({"times": "times.npy", "keypoints": [{"name": "nose", "file": "nose.npy"}, {"name": "tail", "file": "tail.npy"}]})",
         R"({"times": "times.npy", "file": "{name}.npy", "names": ["nose", "tail"]})",
         R"({"times": "times.npy", "file": "both.npy", "names": ["nose", "tail"]})",
         R"({"rate_hz": 10, "file": "sure.npy", "names": ["nose", "tail"]})"}) {
        CAPTURE(std::string(words));
        const std::vector<pose> read = at.read(words);
        REQUIRE(read.size() == 1);
        CHECK(read[0].keypoint_name(1) == "tail");
        CHECK(read[0].sample(1, 2) == point_xy{2, 7});
        CHECK(at.notes.empty());
    }
}

TEST_CASE("what is unlikely is missing, wherever the likelihoods stand") {
    pose_folder at;
    for (
        const char* words :
        {R"({"times": "times.npy", "file": "sure.npy", "names": ["nose", "tail"], "min_likelihood": 0.6})",
         R"({"times": "times.npy", "file": "both.npy", "names": ["nose", "tail"], "likelihood": "likelihood.npy", "min_likelihood": 0.6})"}) {
        CAPTURE(std::string(words));
        const overlay_facts found = detail::pose_facts("body", at.read(words), {});
        CHECK(found.counts ==
              "2 keypoints and 0 edges at 4 times, 2 of 8 points missing (or of a likelihood below 0.6)");
    }
    CHECK(
        at.refused(R"({"times": "times.npy", "file": "both.npy", "min_likelihood": 0.6})") ==
        "session.json: pose.min_likelihood is 0.6 and there are no likelihoods; give \"likelihood\", or leave it out");
    CHECK(at.refused(R"({"times": "times.npy", "file": "sure.npy", "min_likelihood": 60})") ==
          "a minimum likelihood of 60 was given; it must be from 0 to 1; 0.6 is usual");
}

TEST_CASE("edges: ready, listed, or in a file with or without a heading") {
    pose_folder at;
    const std::string begin = R"({"times": "times.npy", "file": "both.npy", "names": ["nose", "tail"], "skeleton": )";
    CHECK(at.read(begin + R"([["nose", "tail"]]})")[0].edges().size() == 1);
    at.write("edges.csv", "source,target\nnose, tail\n");
    CHECK(at.read(begin + R"("edges.csv"})")[0].edges().size() == 1);
    at.write("edges.csv", "nose,tail\n");
    CHECK(at.read(begin + R"("edges.csv"})")[0].edges().size() == 1);
    at.write("edges.csv", "nos,tial\n"); // no heading: a misspelt edge
    CHECK(at.refused(begin + R"("edges.csv"})").find("did you mean 'nose'?") != std::string::npos);
    CHECK(at.refused(begin + "[[0, 1]]}") ==
          "session.json: pose.skeleton must be a ready skeleton (mouse, rat, simple), a list of edges [from, to], or a "
          "text file of them; it is [0,1]");
}

TEST_CASE("colours of keypoints need no skeleton, and a name that is not there is refused") {
    pose_folder at;
    const std::string begin =
        R"({"times": "times.npy", "file": "both.npy", "names": ["nose", "tail"], "keypoint_colors": )";
    CHECK(at.read(begin + R"({"tail": "red"}})").size() == 1);
    CHECK(at.refused(begin + R"({"tial": "red"}})") ==
          "session.json: pose.keypoint_colors names 'tial'; the pose has nose, tail; did you mean 'tail'?");
    CHECK(at.refused(begin + R"({"tail": 3}})") == "session.json: pose.keypoint_colors.tail must be text; it is 3");
}

TEST_CASE("samples that are farther apart than what is drawn through are told") {
    pose_folder at;
    at.read(R"({"rate_hz": 2, "file": "both.npy"})");
    REQUIRE(at.notes.size() == 1);
    CHECK(at.notes[0] ==
          "session.json: pose: the samples are 0.5 s apart, more than the longest gap that is drawn "
          "through, 0.25 s, so that hardly any is seen; set \"max_gap_s\", here or for the whole recording");
    at.notes.clear();
    CHECK(at.read(R"({"rate_hz": 2, "file": "both.npy", "max_gap_s": 1})")[0].options().max_gap_s == 1);
    CHECK(at.notes.empty());
}
