// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/import/hdf5_recording.hpp>
#include <fieldreel/session/session.hpp>

#include "support/made_hdf5.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::sentence_of;

namespace {

std::string golden(const char* name) {
    return std::string(FIELDREEL_TEST_DIR) + "/golden/" + name;
}
std::string shared(const std::string& name) {
    return std::string(FIELDREEL_SHARED_DIR) + "/data/" + name;
}
fr::session opened(fr::recording_import& found) {
    return fr::open_session(fr::files_of(found, {fr::hdf5_opener()}));
}

} // namespace

TEST_CASE("hdf5_recording: SLEAP without edges, and with a point that was not found") {
    const fr::pose_tracks poses = fr::read_sleap(fr::hdf5_file(golden("import_sleap.h5")));
    REQUIRE(poses.animals.size() == 2);
    CHECK(poses.animals[1].name == "b");
    CHECK(poses.animals[0].keypoints == std::vector<std::string>{"nose", "body", "tail"});
    CHECK_FALSE(poses.animals[0].has_likelihood);
    CHECK(poses.frames() == 5);
    CHECK(poses.edges.empty());
    CHECK(poses.animals[0].missing() == 0);
    CHECK(poses.animals[1].missing() == 1);
    const std::vector<double> stored = fr::hdf5_file(golden("import_sleap.h5")).numbers("/tracks");
    CHECK(poses.animals[1].values[(3 * 3 + 1) * 3 + 1] == stored[((1 * 2 + 1) * 3 + 1) * 5 + 3]); // animal 1, frame 3
}

TEST_CASE("hdf5_recording: MATLAB's arrays, with their axes turned and that said") {
    fr::recording_import found;
    fr::import_hdf5(found, golden("import_matlab.mat"));
    REQUIRE(found.warnings().size() == 1);
    CHECK(found.warnings()[0] == golden("import_matlab.mat") + "#/stack: MATLAB's axes are reversed in the file: it is "
                                                               "read as 4 frames of 2 rows and 3 columns");
    const fr::session session = opened(found);
    CHECK((*session.positions)(1, 0) == 2);
    CHECK((*session.positions)(1, 1) == 6);
    CHECK(session.spikes[0].times.size() == 2);
    REQUIRE(session.fields.size() == 1);
    auto cursor = session.fields[0].frames.cursor();
    CHECK(cursor.frame(1)[2] == 9);
}

TEST_CASE("hdf5_recording: a dataset that is named is a movie, other files say what they hold") {
    {
        fr::recording_import found({.fps = 20});
        fr::import_hdf5(found, golden("import_movie.h5"), {"stack/movie"});
        const fr::session session = opened(found);
        CHECK(session.fields[0].frames.frame_count() == 30);
        CHECK((*session.fields[0].times)[20] == 1);
    }
    fr::recording_import found;
    CHECK(sentence_of<fr::data_error>([&] { fr::import_hdf5(found, golden("import_movie.h5"), {"stack/movie"}); }) ==
          golden("import_movie.h5") + ": 'movie' has 30 frames and no times in seconds; state their rate (--data-fps)");
    CHECK(sentence_of<fr::file_error>([&] { fr::import_hdf5(found, golden("import_movie.h5")); }) ==
          golden("import_movie.h5") +
              " is of no program known here (SLEAP, DeepLabCut, NWB, xarray's netCDF, MATLAB); it holds /big (30 x 6 x "
              "8), /filled (30 x 6 x 8), /flat (30 x 48), /half (30 x 6 x 8), /scaled (30 x 6 x 8), /stack/movie (30 x "
              "6 x 8), /truth (30 x 6 x 8); name a movie (frames, rows, columns) with --dataset");
    CHECK(sentence_of<fr::file_error>([&] { fr::import_hdf5(found, "a.slp"); }) ==
          "a.slp is a SLEAP project, which is not read here; in SLEAP, export it: File, Export Analysis HDF5");
}

TEST_CASE("hdf5_recording: the recorded ones") {
    const std::string stem = shared("pose_mouse_openfield_dlc/m3v1mp4DLC_resnet50_openfieldAug20shuffle1_30000");
    if (!std::filesystem::exists(stem + ".h5")) {
        MESSAGE("skipped: the shared data are not here");
        return;
    }
    const fr::pose_tracks sleap =
        fr::read_sleap(fr::hdf5_file(shared("pose_csv_format_samples/testDLC_sleap.analysis.h5")));
    CHECK(sleap.animals.size() == 1);
    CHECK(sleap.animals[0].keypoints.size() == 14);
    CHECK(sleap.frames() == 101);
    CHECK(sleap.animals[0].missing() == 0);
    CHECK(sleap.edges.size() == 13);

    const fr::pose_tracks text = fr::read_deeplabcut_csv(stem + ".csv");
    const fr::pose_tracks table = *fr::read_deeplabcut_hdf5(fr::hdf5_file(stem + ".h5"));
    REQUIRE(table.animals.size() == 1);
    CHECK(table.warnings.empty()); // the csv beside it has the names
    CHECK(table.animals[0].keypoints == text.animals[0].keypoints);
    CHECK(table.animals[0].values == text.animals[0].values);
    {
        const support::temporary_directory alone;
        std::filesystem::copy_file(stem + ".h5", alone.file("a.h5"));
        const fr::pose_tracks numbered = *fr::read_deeplabcut_hdf5(fr::hdf5_file(alone.file("a.h5")));
        CHECK(numbered.animals[0].keypoints == std::vector<std::string>{"0", "1", "2", "3"});
        REQUIRE(numbered.warnings.size() == 1);
        CHECK(numbered.animals[0].values == text.animals[0].values);
    }

    fr::recording_import none;
    fr::import_hdf5(none, stem + ".nwb");
    REQUIRE(none.warnings().size() == 2);
    CHECK(none.warnings()[0].ends_with("timestamps are frame numbers (0, 1, 2, ...) where seconds belong; they are not "
                                       "used; the rate is that of the film, or what --data-fps states"));
    CHECK(none.warnings()[1] ==
          stem + ".nwb names the film 'fake_path', which is not there; give the film's file beside this one to see it");
    CHECK(sentence_of<fr::data_error>([&] { none.describe(); }) ==
          stem + ".nwb has 2330 frames and no times in seconds; give its film too, or state the rate (--data-fps)");
    fr::recording_import found({.fps = 30});
    fr::import_hdf5(found, stem + ".nwb");
    const nlohmann::json made = found.describe();
    const nlohmann::json& pose = made["overlays"][0];
    std::vector<std::string> names = pose["animals"][0]["names"].get<std::vector<std::string>>();
    CHECK(names == std::vector<std::string>{"leftear", "rightear", "snout", "tailbase"});
    const fr::samples places = found.tables().at(pose["animals"][0]["file"].get<std::string>()).values;
    const std::size_t snout = 2;
    const std::size_t in_text = 0;
    double wrong = 0;
    for (std::size_t i = 0; i < 2330; ++i) {
        for (std::size_t c = 0; c < 3; ++c) {
            wrong = (std::max)(wrong,
                               std::abs(places(i, 3 * snout + c) - text.animals[0].values[(i * 4 + in_text) * 3 + c]));
        }
    }
    CHECK(wrong < 1e-9);
}

TEST_CASE("hdf5: what a file promises and does not hold") {
    const support::temporary_directory folder;
    const std::string path = folder.file("promises.h5");
    const hsize_t many = hsize_t{1} << 40; // animals
    const auto refused = [&] {
        return sentence_of<fr::error>([&] {
            fr::recording_import into({.fps = 30});
            fr::import_hdf5(into, path);
        });
    };
    {
        support::made_hdf5 file(path);
        file.numbers("/tracks", {many, 2, 1, 0}, {});
        file.words("/node_names", {"nose"});
    }
    CHECK(refused() == path + "#/tracks has the shape 1099511627776 x 2 x 1 x 0 and there are 1 node names; SLEAP's is "
                              "animals x 2 x keypoints x frames; export an Analysis HDF5 from SLEAP again");
    {
        support::made_hdf5 file(path);
        file.attribute("/", "nwb_version", "2.6.0");
        file.numbers("/hd/data", {4}, {0, 1, 2, 3});
        file.attribute("/hd", "neurodata_type", "SpatialSeries");
        file.numbers("/hd/starting_time", {0}, {});
    }
    CHECK(refused() == path +
                           "#/hd has a starting_time of nan s and a rate of 0 Hz; the rate must be positive; correct "
                           "it where the file was written");
    {
        support::made_hdf5 file(path);
        file.attribute("/", "nwb_version", "2.6.0");
        file.numbers("/film/data", {hsize_t{1} << 30, 2, 2}, {});
        file.attribute("/film", "neurodata_type", "TwoPhotonSeries");
        file.numbers("/film/starting_time", {1}, {0});
        file.attribute("/film/starting_time", "rate", 30);
    }
    CHECK(refused() == path + "#/film has 1073741824 samples; at most 536870912 are read; cut it");
    {
        support::made_hdf5 file(path);
        file.numbers("/movie", {4, hsize_t{1} << 20, hsize_t{1} << 20}, {});
    }
    CHECK(sentence_of<fr::file_error>([&] { fr::open_hdf5(fr::hdf5_file(path), "/movie"); }) ==
          path + "#/movie has the shape 4 x 1048576 x 1048576; a frame has at most 268435456 values; is the first "
                 "axis that of time?");
    {
        support::made_hdf5 file(path);
        file.group("/a");
        for (const char* const name : {"/a/b", "/a/c", "/a/d"}) { // a group that holds itself, three times
            H5Lcreate_hard(file.file(), "/a", file.file(), name, H5P_DEFAULT, H5P_DEFAULT);
        }
    }
    CHECK(refused().find("is of no program known here") != std::string::npos);
}

TEST_CASE("hdf5: spikes at no time are left out, and the others sorted") {
    const support::temporary_directory folder;
    const std::string path = folder.file("units.nwb");
    const double none = std::nan("");
    std::vector<double> times_s(40, none);
    times_s[7] = 3;
    times_s[20] = 1;
    {
        support::made_hdf5 file(path);
        file.attribute("/", "nwb_version", "2.6.0");
        file.numbers("/units/spike_times", {40}, times_s);
        file.numbers("/units/spike_times_index", {1}, {40});
    }
    fr::recording_import into;
    fr::import_hdf5(into, path);
    CHECK(into.warnings() ==
          std::vector<std::string>{path + ": 38 spikes of 'unit 0' are at no time (NaN); they are left out"});
    const fr::samples spikes = into.tables().at("spikes_unit_0.npy").values;
    REQUIRE(spikes.size() == 2);
    CHECK(spikes[0] == 1);
    CHECK(spikes[1] == 3);
}
