// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/import/deeplabcut.hpp>
#include <fieldreel/source/samples.hpp>

#include "support/sentence.hpp"

namespace fr = fieldreel;
using support::sentence_of;

namespace {

fr::pose_tracks read(const std::string& bytes) {
    const auto* const first = reinterpret_cast<const std::byte*>(bytes.data());
    return fr::read_deeplabcut_csv(
        std::make_shared<const fr::read_only_file>("d.csv", std::vector<std::byte>(first, first + bytes.size())));
}

const std::string one_animal = "scorer,S,S,S,S.1,S.1,S.1\nbodyparts,nose,nose,nose,tail,tail,tail\n"
                               "coords,x,y,likelihood,x,y,likelihood\n0,1,2,0.5,0,0,0\n1,4,5,1,,,\n";
const std::string two_animals = "scorer,S,S.1,S.2,S.3,S.4,S.5\nindividuals,a,a,a,b,b,b\n"
                                "bodyparts,nose,nose,nose,nose,nose,nose\ncoords,x,y,likelihood,x,y,likelihood\n"
                                "0,1,2,0.5,0.0,0.0,0.0\n1,4,5,1,6,7,1\n";

std::string shared(const std::string& name) {
    return std::string(FIELDREEL_SHARED_DIR) + "/data/" + name;
}

} // namespace

TEST_CASE("deeplabcut: three header rows are one animal, whose zeros are places") {
    std::string crlf;
    for (const char c : one_animal) {
        crlf += c == '\n' ? "\r\n" : std::string(1, c);
    }
    for (const std::string& bytes : {one_animal, crlf}) {
        const fr::pose_tracks poses = read(bytes);
        REQUIRE(poses.animals.size() == 1);
        const fr::pose_track& mouse = poses.animals[0];
        CHECK(mouse.keypoints == std::vector<std::string>{"nose", "tail"});
        CHECK(mouse.has_likelihood);
        CHECK(poses.frames() == 2);
        CHECK(mouse.missing() == 1);
        CHECK(std::vector<double>(mouse.values.begin(), mouse.values.begin() + 9) ==
              std::vector<double>{1, 2, 0.5, 0, 0, 0, 4, 5, 1});
    }
}

TEST_CASE("deeplabcut: four header rows are several animals, whose zeros are missing") {
    const fr::pose_tracks poses = read(two_animals);
    REQUIRE(poses.animals.size() == 2);
    CHECK(poses.animals[0].name == "a");
    CHECK(poses.animals[1].name == "b");
    CHECK(poses.animals[0].missing() == 0);
    CHECK(poses.animals[1].missing() == 1);
    CHECK(std::isnan(poses.animals[1].values[0]));
    CHECK(poses.animals[1].values[4] == 7);
}

TEST_CASE("deeplabcut: what is wrong is said") {
    CHECK(sentence_of<fr::file_error>([] { read("time,x\n1,2\n"); }) ==
          "d.csv has 'time' where the header row 'scorer' belongs; a table of DeepLabCut starts with scorer, "
          "(individuals,) bodyparts and coords; export it again");
    CHECK(sentence_of<fr::file_error>([] { read("scorer,S\nbodyparts,nose\n"); }) ==
          "d.csv has '' where the header row 'coords' belongs; a table of DeepLabCut starts with scorer, "
          "(individuals,) bodyparts and coords; export it again");
    CHECK(sentence_of<fr::file_error>([] { read("scorer,S,S\nbodyparts,nose\ncoords,x,y\n0,1,2\n"); }) ==
          "d.csv has header rows of different lengths (1 bodyparts, 2 coords); export it again from DeepLabCut");
    CHECK(sentence_of<fr::file_error>([] { read("scorer,S\nbodyparts,nose\ncoords,z\n0,1\n"); }) ==
          "d.csv has a column of 'z'; the coords of DeepLabCut are x, y and likelihood");
    CHECK(sentence_of<fr::file_error>([] { read("scorer,S,S\nbodyparts,nose,nose\ncoords,x,x\n0,1,1\n"); }) ==
          "d.csv has two columns x of 'nose'; keep one of them");
    CHECK(sentence_of<fr::data_error>([] { read(one_animal + "2,1,2\n"); }) ==
          "d.csv, line 6: it has 3 columns and the header has 7; check the delimiter and the line");
    CHECK(sentence_of<fr::data_error>([] { read(one_animal + "2,1,2,3,4,5,6,7\n"); }) ==
          "d.csv, line 6: it has 8 columns and the header has 7; check the delimiter and the line");
    CHECK(sentence_of<fr::data_error>([] { read(one_animal + "2,1,oh,3,4,5,6\n"); }) ==
          "d.csv, line 6: column 3 is 'oh', which is no number; correct the cell");
    CHECK(sentence_of<fr::data_error>([] { read(one_animal.substr(0, one_animal.find("\n0,") + 1)); }) ==
          "d.csv has no rows of keypoints; it is cut, or was exported from an empty video");
}

TEST_CASE("deeplabcut: cut or changed anywhere, a table is read or refused") {
    std::mt19937 random(11);
    for (int k = 0; k < 20000; ++k) {
        std::string bytes = k % 2 == 0 ? one_animal : two_animals;
        bytes[random() % bytes.size()] = "0,\n\"xyl.\r-"[random() % 10];
        bytes.resize(random() % 4 == 0 ? random() % bytes.size() : bytes.size());
        try {
            const fr::pose_tracks poses = read(bytes);
            for (const fr::pose_track& one : poses.animals) {
                CHECK(one.values.size() == poses.frames() * one.keypoints.size() * 3);
            }
        } catch (const fr::error&) {
        }
    }
}

TEST_CASE("deeplabcut: the recorded ones") {
    const std::string single = shared("pose_csv_format_samples/testDLC_csv_table.csv");
    if (!std::filesystem::exists(single)) {
        MESSAGE("skipped: the shared data are not here");
        return;
    }
    const fr::pose_tracks one = fr::read_deeplabcut_csv(single);
    REQUIRE(one.animals.size() == 1);
    CHECK(one.animals[0].keypoints.size() == 14);
    CHECK(one.frames() == 97);
    CHECK(one.animals[0].missing() == 0);
    const fr::pose_tracks two = fr::read_deeplabcut_csv(shared("pose_csv_format_samples/testDLC_csv_table_madlc.csv"));
    REQUIRE(two.animals.size() == 2);
    CHECK(two.animals[0].name == "mouse_black_tail");
    CHECK(two.animals[0].keypoints.size() == 14);
    CHECK(two.animals[1].keypoints.size() == 14);
    CHECK(two.frames() == 97);
    CHECK(two.animals[0].missing() > 97); // of each frame some
    const std::string mouse = shared("pose_mouse_openfield_dlc/");
    const fr::pose_tracks film =
        fr::read_deeplabcut_csv(mouse + "m3v1mp4DLC_resnet50_openfieldAug20shuffle1_30000.csv");
    CHECK(film.frames() == 2330);
    REQUIRE(film.animals[0].keypoints == std::vector<std::string>{"snout", "leftear", "rightear", "tailbase"});
    double least = 1;
    double wrong = 0;
    for (std::size_t k = 0; k < 4; ++k) {
        const fr::samples places = fr::samples::open_npy(mouse + "keypoint_" + film.animals[0].keypoints[k] + ".npy");
        for (std::size_t i = 0; i < 2330; ++i) {
            const double* const at = &film.animals[0].values[(i * 4 + k) * 3];
            wrong = (std::max)({wrong, std::abs(at[0] - places(i, 0)), std::abs(at[1] - places(i, 1))});
            least = (std::min)(least, at[2]);
        }
    }
    CHECK(wrong == 0);
    CHECK(least == doctest::Approx(0.777).epsilon(0.001));
}
