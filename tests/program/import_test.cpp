// SPDX-License-Identifier: MIT
// Files of other programs given to the program: as they are, and imported.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/wait.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/json_schema.hpp"
#include "support/temporary_directory.hpp"

namespace {

using nlohmann::json;
using support::temporary_directory;

struct outcome {
    int code = -1;
    std::string said; ///< to both streams
};
outcome run(const std::string& arguments) {
    // Fontconfig keeps what it allocates, which is no leak of the program.
    const std::string command =
        "ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\" '" FIELDREEL_PROGRAM "' " + arguments + " 2>&1";
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    outcome out;
    std::array<char, 4096> some = {};
    while (const std::size_t got = std::fread(some.data(), 1, some.size(), pipe)) {
        out.said.append(some.data(), got);
    }
    const int status = ::pclose(pipe);
    out.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return out;
}
bool contains(const std::string& all, const std::string& part) {
    return all.find(part) != std::string::npos;
}
std::string shared(const std::string& name) {
    return std::string(FIELDREEL_SHARED_DIR) + "/data/" + name;
}

} // namespace

TEST_CASE("import: tables in text become a session that obeys the schema, opens and is drawn") {
    const temporary_directory at;
    std::string path = "time,x,y\n";
    for (int i = 0; i < 200; ++i) {
        path += std::to_string(i * 40) + "," + std::to_string(10 + i % 50) + "," + std::to_string(20 + i % 30) + "\n";
    }
    const std::string positions = at.write("path.csv", path);
    const std::string licks = at.write("licks.csv", "time;label\n500;left\n900;right\n");
    const outcome wrong = run("info " + positions + " " + licks + " --time-unit ms");
    CHECK(wrong.code == 1);
    CHECK(contains(wrong.said, "it looks as if ';' does; state the delimiter (--delimiter)"));
    at.write("licks.csv", "time,label\n500,left\n900,right\n");
    const outcome info = run("info " + positions + " " + licks + " --time-unit ms");
    CAPTURE(info.said);
    CHECK(info.code == 0);
    CHECK(contains(info.said, "200, 0.000 to 7.960 s"));
    CHECK(contains(info.said, "licks (event): 2 events in 2 groups"));
    const outcome made = run("import " + positions + " " + licks + " --time-unit ms -o " + at.file("day"));
    CHECK(made.said == at.file("day/session.json") + ": 4 tables beside it, 0 large files left where it is\n");
    std::ifstream in(at.file("day/session.json"));
    std::ifstream schema_file(std::string(FIELDREEL_TEST_DIR) + "/../include/fieldreel/session/session.schema.json");
    const json schema = json::parse(schema_file);
    CHECK(support::against_schema(json::parse(in), schema, schema) == "");
    const outcome again = run("import " + positions + " --time-unit ms -o " + at.file("day"));
    CHECK(again.code == 1);
    CHECK(contains(again.said, "is there already"));
    CHECK(run("export " + at.file("day") + " " + at.file("a.png")).code == 0);
    CHECK(run("export " + positions + " " + licks + " --time-unit ms " + at.file("b.png") + " --time 1").code == 0);
    CHECK(std::filesystem::file_size(at.file("b.png")) > 1000);
    CHECK(run("export").code == 2); // no name of a file to write
    CHECK(run("export " + positions + " " + positions + " --time-unit ms --force").code != 0);
    CHECK(std::filesystem::file_size(positions) == path.size()); // nothing is written over what was given
}

TEST_CASE("import: raw movies are stated, and play") {
    const temporary_directory at;
    const std::string path = at.write("data.bin", std::string(std::size_t{2} * 20 * 6 * 8, '\1'));
    CHECK(contains(run("info " + path).said,
                   "holds bare numbers, which do not say what they are; state --shape FRAMES,ROWS,COLUMNS or "
                   "ROWS,COLUMNS (suite2p's Ly,Lx), --dtype (such as int16) and --data-fps"));
    CHECK(contains(run("info " + path + " --shape 20 --dtype int16").said,
                   "the shape '20' was given; it is FRAMES,ROWS,COLUMNS, such as 1000,512,512, or ROWS,COLUMNS"));
    CHECK(contains(run("info " + path + " --shape 6,8 --dtype int16 --data-fps 10").said, "20 frames of 48 int16"));
    CHECK(contains(run("info " + path + " --shape 7,8 --dtype int16").said,
                   "has 1920 bytes, which are no whole number of frames of 7 x 8 int16 values; check --shape, --dtype "
                   "and --offset-bytes"));
    CHECK(contains(run("info " + path + " --shape 5,6,8 --dtype int16 --data-fps 10").said,
                   "has 1440 bytes after the 5 frames that were stated; check --shape and --dtype, or state "
                   "ROWS,COLUMNS for all of it"));
    const std::string named =
        at.write("Yr_d1_6_d2_8_d3_1_order_F_frames_10.mmap", std::string(std::size_t{4} * 10 * 6 * 8, '\1'));
    CHECK(contains(run("info " + named + " --data-fps 10").said, "10 frames of 48 float32 values"));
    CHECK(contains(run("info " + path + " --shape 20,6,8 --dtype int16").said,
                   "has 20 frames and no times in seconds; state their rate (--data-fps)"));
    const std::string stated = path + " --shape 20,6,8 --dtype int16 --data-fps 10";
    const outcome info = run("info " + stated);
    CAPTURE(info.said);
    CHECK(info.code == 0);
    CHECK(contains(info.said, "20 frames of 48 int16 values"));
    CHECK(run("profile " + stated + " --playback-frames 20").code == 0);
    CHECK(run("import " + stated + " -o " + at.path()).code == 0);
    CHECK(contains(run("info " + at.path()).said, "20 frames of 48 int16 values"));
}

TEST_CASE("import: files that are not what their names say, or empty, are told what they are") {
    const temporary_directory at;
    const auto said = [&](const std::string& name, const std::string& bytes) {
        const outcome got = run("info " + at.write(name, bytes));
        CHECK(got.code == 1);
        return got.said;
    };
    const auto is = [&](const std::string& name, const std::string& rest) {
        return "fieldreel: " + at.file(name) + " " + rest + "\n";
    };
    CHECK(said("a.npz", "") == is("a.npz", "is empty; copy or write it again"));
    CHECK(said("a.npy", "\x89HDF\r\n\x1a\n") ==
          is("a.npy", "is an HDF5 file by its first bytes, and not what its name says; rename it to end with .h5"));
    CHECK(said("a.csv", "PK\3\4 and so on") ==
          is("a.csv",
             "is a zip archive (as numpy.savez and Excel write) by its first bytes, and not what its name says; "
             "rename it to end with .npz, or save it as text"));
    CHECK(said("a.h5", "\x93NUMPY\1") ==
          is("a.h5", "is an array of numpy.save by its first bytes, and not what its name says; rename it to end with "
                     ".npy"));
    CHECK(contains(said("a.pkl", "x"), "holds pickled Python objects, which are never read because they can run code"));
    CHECK(contains(said("a.xlsx", "PK\3\4"), "is a spreadsheet, which is not read here; save it as a .csv table"));
}

TEST_CASE("import: a session.json itself, and a folder of a film, a pose and their times") {
    const temporary_directory at;
    const std::string csv = at.write("walk.csv", "time,x,y\n0,1,1\n0.1,2,2\n0.2,3,1\n");
    CHECK(run("import " + csv + " -o " + at.file("day")).code == 0);
    CHECK(contains(run("info " + at.file("day/session.json")).said, "positions        3, x 1.00 to 3.00"));
    std::filesystem::create_directory(at.file("lab"));
    std::filesystem::copy_file(csv, at.file("lab/walk.csv"));
    at.write("lab/times.npy", "not asked");
    CHECK(contains(run("info " + at.file("lab")).said, "positions        3, x 1.00 to 3.00"));
}

TEST_CASE("import: a session names nothing outside its folder unless it is trusted") {
    const temporary_directory at;
    const std::string path = at.write("data.bin", std::string(std::size_t{2} * 20 * 6 * 8, '\1'));
    const outcome made = run("import " + path + " --shape 20,6,8 --dtype int16 --data-fps 10 -o " + at.file("day"));
    CHECK(contains(made.said, "lies outside the folder: open the session with --trust"));
    const outcome refused = run("info " + at.file("day"));
    CHECK(refused.code == 1);
    CHECK(contains(refused.said, "session.json names the file '../data.bin', which leads out of its folder"));
    CHECK(run("info --trust " + at.file("day")).code == 0);
}

TEST_CASE("import: every recorded file opens, with the counts that its description has, and is drawn") {
    if (!std::filesystem::exists(shared("pose_csv_format_samples"))) {
        MESSAGE("skipped: the shared data are not here");
        return;
    }
    const temporary_directory at;
    const std::string mouse = shared("pose_mouse_openfield_dlc/m3v1mp4");
    const std::string pose = mouse + "DLC_resnet50_openfieldAug20shuffle1_30000";
    const std::string flies = shared("pose_flies_sleap_centered_pair/centered_pair_small.mp4");
    struct recorded {
        std::string files, counts;
    };
    const std::string samples = shared("pose_csv_format_samples/");
    for (const recorded& one :
         {recorded{samples + "testDLC_csv_table.csv --data-fps 25", "14 keypoints and 0 edges at 97 times, 0 of"},
          recorded{samples + "testDLC_csv_table_madlc.csv --data-fps 25",
                   "2 animals of 14 keypoints and 0 edges at 97"},
          recorded{samples + "testDLC_sleap.analysis.h5 --data-fps 25", "14 keypoints and 13 edges at 101 times, 0 of"},
          recorded{mouse + ".mp4 " + pose + ".csv", "4 keypoints and 0 edges at 2330 times, 0 of 9320 points"},
          recorded{mouse + ".mp4 " + pose + ".h5", "4 keypoints and 0 edges at 2330 times, 0 of 9320 points"},
          recorded{mouse + ".mp4 " + pose + ".nwb", "4 keypoints and 0 edges at 2330 times, 0 of 9320 points"},
          recorded{flies, "1100 frames of 384 x 384 pixels, 0.000 to 73.267 s"}}) {
        const outcome info = run("info " + one.files);
        CAPTURE(info.said);
        CHECK(info.code == 0);
        CHECK(contains(info.said, one.counts));
        CHECK(run("export " + at.file("a.png") + " --force").code != 0);
        const std::size_t option = one.files.find(" --");
        const std::string options = option == std::string::npos ? "" : one.files.substr(option);
        const outcome drawn =
            run("export " + one.files.substr(0, option) + " " + at.file("a.png") + " --force" + options);
        CAPTURE(drawn.said);
        CHECK(drawn.code == 0);
    }
    const outcome project = run("info " + shared("pose_flies_sleap_centered_pair/centered_pair_predictions.slp"));
    CHECK(project.code == 1);
    CHECK(contains(project.said, "is a SLEAP project, which is not read here"));
}
