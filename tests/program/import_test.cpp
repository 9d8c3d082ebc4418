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
                   "holds bare numbers, which do not say what they are; state --shape FRAMES,ROWS,COLUMNS, --dtype"));
    CHECK(contains(run("info " + path + " --shape 20,6 --dtype int16").said,
                   "the shape '20,6' was given; it is FRAMES,ROWS,COLUMNS, such as 1000,512,512"));
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
