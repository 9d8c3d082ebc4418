// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/import/hdf5.hpp>

#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::sentence_of;

namespace {

std::string golden(const char* name) {
    return std::string(FIELDREEL_TEST_DIR) + "/golden/" + name;
}
/// Value k of frame i of the golden movie.
double movie(std::size_t i, std::size_t k) {
    return static_cast<double>((i * 48 + k) % 251);
}

} // namespace

TEST_CASE("hdf5: a chunked, packed dataset is a source of frames in any order, of its own type and shape") {
    const fr::hdf5_file file(golden("import_movie.h5"));
    CHECK(file.chunks("/stack/movie") == std::vector<std::size_t>{4, 6, 8});
    const fr::any_source frames = fr::open_hdf5(file, "/stack/movie");
    CHECK(frames.type() == fr::dtype::u16);
    CHECK(frames.frame_count() == 30);
    CHECK(*frames.frame_shape() == fr::image_shape{6, 8});
    auto cursor = frames.cursor();
    for (const std::size_t i : {0u, 1u, 2u, 29u, 3u, 28u, 4u, 0u}) {
        const fr::values_view frame = cursor.frame(i);
        for (std::size_t k = 0; k < 48; ++k) {
            CHECK(frame[k] == movie(i, k));
        }
    }
    std::vector<std::uint16_t> many(48 * 7);
    fr::hdf5_source<std::uint16_t>(file, "/stack/movie").read(5, many);
    CHECK(many[6 * 48 + 3] == movie(11, 3));
    CHECK(fr::hdf5_source<std::uint16_t>(file, "/stack/movie").chunk_frames() == 4);
}

TEST_CASE("hdf5: other byte orders, half precision, truth values, conversion and fill values") {
    const fr::hdf5_file file(golden("import_movie.h5"));
    struct expected {
        const char* name;
        fr::dtype type;
        double factor;
    };
    for (const expected& one : {expected{"/flat", fr::dtype::f32, 1}, expected{"/scaled", fr::dtype::f32, 0.5},
                                expected{"/half", fr::dtype::f32, 1}, expected{"/big", fr::dtype::i64, 1}}) {
        CAPTURE(std::string(one.name));
        const fr::any_source frames = fr::open_hdf5(file, one.name);
        CHECK(frames.type() == one.type);
        auto cursor = frames.cursor();
        CHECK(cursor.frame(3)[5] == movie(3, 5) * one.factor);
    }
    auto cursor = fr::open_hdf5(file, "/filled").cursor();
    CHECK(std::isnan(cursor.frame(0)[7]));
    CHECK(cursor.frame(0)[8] == 8);
    auto truth = fr::open_hdf5(file, "/truth").cursor();
    CHECK(truth.frame(0)[2] == 1);
    CHECK(truth.frame(0)[3] == 0);
    // MATLAB's frames are stored as their transposes.
    fr::hdf5_values turned;
    turned.rows_fastest = true;
    const fr::any_source frames = fr::open_hdf5(fr::hdf5_file(golden("import_matlab.mat")), "/stack", turned);
    CHECK(*frames.frame_shape() == fr::image_shape{2, 3});
    auto matlab = frames.cursor();
    for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t k = 0; k < 6; ++k) {
            CHECK(matlab.frame(i)[k] == static_cast<double>(k * 4 + i)); // a[row][col][frame], C order
        }
    }
}

TEST_CASE("hdf5: numbers, words and attributes") {
    const fr::hdf5_file file(golden("import_nwb.nwb"));
    CHECK(file.word_attribute("/", "nwb_version") == "2.6.0");
    CHECK(file.word_attribute("/", "nothing") == "");
    CHECK(file.number_attribute("/processing/behavior/Position/SpatialSeries/data", "conversion") == 0.01);
    CHECK_FALSE(file.number_attribute("/", "nwb_version"));
    CHECK(file.words("/intervals/trials/condition") == std::vector<std::string>{"left", "right"});
    CHECK(fr::hdf5_file(golden("import_sleap.h5")).words("/node_names") ==
          std::vector<std::string>{"nose", "body", "tail"});
    CHECK(file.numbers("/units/spike_times_index") == std::vector<double>{3, 3, 5});
    CHECK(fr::hdf5_file(golden("import_posterior.nc")).dimensions("/acausal_posterior") ==
          std::vector<std::string>{"time", "x_position", "y_position"});
}

TEST_CASE("hdf5: what is wrong is said in a sentence") {
    const support::temporary_directory at;
    const auto open = [](const std::string& path) { return sentence_of<fr::file_error>([&] { fr::hdf5_file{path}; }); };
    CHECK(open(at.write("a.h5", "hello")) == at.file("a.h5") + " is no HDF5 file; check what wrote it");
    CHECK(open(at.write("old.mat", "MATLAB 5.0 MAT-file, Platform: GLNXA64" + std::string(200, ' '))) ==
          at.file("old.mat") + " is a .mat file of the old kind; in MATLAB, convert it with: m = load('" +
              at.file("old.mat") + "'); save('" + at.file("old.mat") + "', '-struct', 'm', '-v7.3')");
    std::ifstream in(golden("import_movie.h5"), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    CHECK(open(at.write("cut.h5", bytes.substr(0, bytes.size() / 2))) ==
          at.file("cut.h5") + " is cut or damaged: libhdf5 cannot open it; copy or write it again");
    const fr::hdf5_file file(golden("import_movie.h5"));
    const std::string path = golden("import_movie.h5");
    CHECK(sentence_of<fr::file_error>([&] { file.numbers("/outside"); }) ==
          path +
              " has no dataset '/outside'; fieldreel reads no links to other files; list what is there with h5ls -r");
    CHECK(sentence_of<fr::file_error>([&] { file.numbers("/stack"); }) ==
          path + "#/stack is no dataset; name one inside it");
    CHECK(sentence_of<fr::file_error>([&] { file.words("/flat"); }) == path + "#/flat holds no words; name another");
    CHECK(sentence_of<fr::file_error>([&] { file.numbers("/flat", 100); }) ==
          path + "#/flat has more than 100 numbers, too many to be read at once; name it as a movie (--dataset)");
    const fr::hdf5_file sleap(golden("import_sleap.h5"));
    CHECK(sentence_of<fr::file_error>([&] { fr::open_hdf5(sleap, "/node_names"); }) ==
          golden("import_sleap.h5") + "#/node_names holds no numbers; name another dataset");
}

TEST_CASE("hdf5: cursors of several threads take turns and see the same") {
    const fr::any_source frames = fr::open_hdf5(fr::hdf5_file(golden("import_movie.h5")), "/stack/movie");
    std::vector<std::thread> all;
    std::vector<int> wrong(4, 0);
    for (std::size_t t = 0; t < 4; ++t) {
        all.emplace_back([&, t] {
            auto cursor = frames.cursor();
            std::mt19937 random(static_cast<unsigned>(t));
            for (int n = 0; n < 200; ++n) {
                const std::size_t i = random() % 30;
                wrong[t] += cursor.frame(i)[9] == movie(i, 9) ? 0 : 1;
            }
        });
    }
    for (std::thread& one : all) {
        one.join();
    }
    CHECK(wrong == std::vector<int>(4, 0));
}
