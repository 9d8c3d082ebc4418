// SPDX-License-Identifier: MIT
#include <fieldreel/session/write_recording.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fieldreel/session/session.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/samples.hpp>

using namespace fieldreel;
namespace fs = std::filesystem;

namespace {

/// A fresh place to write into, removed at the end.
struct scratch {
    scratch() {
        static int count = 0;
        do {
            path = fs::temp_directory_path() / detail::text("fieldreel_write_recording_", ++count);
        } while (!fs::create_directory(path));
    }
    ~scratch() { fs::remove_all(path); }
    std::string operator/(const std::string& name) const { return (path / name).string(); }
    fs::path path;
};

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void touch(const std::string& path) {
    std::ofstream(path) << "kept";
}

template <class T>
bool same(const samples& file, const std::vector<T>& memory) {
    return file.type() == dtype_of<T>() && file.values().size() == memory.size() &&
           (memory.empty() || std::memcmp(file.values().data(), memory.data(), memory.size() * sizeof(T)) == 0);
}

std::string sentence(const std::string& directory, const write_options& options = {}) {
    try {
        write_recording(simulation({.frames = 2, .cell_count = 2}), directory, options);
    } catch (const file_error& e) {
        return e.what();
    }
    return "written";
}

std::size_t entries(const fs::path& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

} // namespace

TEST_CASE("write_recording: what is written is read back to the bit") {
    const scratch at;
    const simulation made({.duration_s = 40, .rate_hz = 100, .task = simulation_task::linear_track, .start_s = 50});
    const auto r = simulated(made);
    const std::string d = at / "session";
    write_recording(made, d);
    CHECK(entries(at.path) == 1); // no hidden directory stays
    CHECK(same(samples::open_npy(d + "/times.npy"), r.times));
    CHECK(same(samples::open_npy(d + "/positions.npy"), r.positions));
    CHECK(samples::open_npy(d + "/positions.npy").columns() == 2);
    CHECK(same(samples::open_npy(d + "/true_positions.npy"), r.true_positions));
    CHECK(same(samples::open_npy(d + "/head_direction.npy"), r.head_direction));
    CHECK(same(samples::open_npy(d + "/keypoint_tail_tip.npy"),
               std::vector<float>(r.keypoints[6].begin(), r.keypoints[6].end())));
    CHECK(same(samples::open_npy(d + "/spikes_cell07.npy"), r.spikes[7]));
    CHECK(same(samples::open_npy(d + "/frame_times.npy"), r.frame_times));
    const auto ripples = samples::open_npy(d + "/ripples.npy");
    CHECK(ripples.shape(0) == r.ripples.size());
    CHECK(ripples.shape(1) == 2);
    const auto posterior = open_npy<float>(d + "/posterior.npy");
    REQUIRE(posterior.frame_count() == 2000);
    REQUIRE(posterior.frame_size() == r.posterior.space().bin_count());
    std::vector<float> file(posterior.frame_count() * posterior.frame_size());
    std::vector<float> memory(file.size());
    posterior.read(0, file);
    r.posterior.read(0, memory);
    CHECK(file == memory);

    SUBCASE("the recording in memory writes the same files") {
        const std::string e = at / "again";
        write_recording(r, e, {.name = "session"});
        CHECK(entries(d) == entries(e));
        for (const auto& entry : fs::directory_iterator(d)) {
            const std::string name = entry.path().filename().string();
            CAPTURE(name);
            CHECK(contents(d + "/" + name) == contents(e + "/" + name));
        }
    }
    SUBCASE("session.json names the files that are there") {
        const auto session = nlohmann::json::parse(contents(d + "/session.json"));
        CHECK(session["fieldreel_session"] == 1);
        CHECK(session["name"] == "session");
        CHECK(session["simulated"] == true);
        CHECK(session["units"] == "cm");
        CHECK(session["pose"]["keypoints"].size() == 7);
        CHECK(session["pose"]["skeleton"][6] == nlohmann::json({"tail_base", "tail_tip"}));
        CHECK(session["spikes"].size() == 60);
        CHECK(session["spikes"][59]["name"] == "cell59");
        CHECK(session["fields"][0]["order"] == "active");
        CHECK(session["fields"][0]["kind"] == "posterior");
        CHECK(!session["fields"][0].contains("grid"));
        CHECK(session["track"]["nodes"] == nlohmann::json({{0, 4}, {170, 4}}));
        CHECK(session["track"]["edges"] == nlohmann::json({{0, 1}}));
        CHECK(session["track"]["bin_size"] == 4);
        CHECK(session["track"]["width"] == 8);
        std::size_t files = 0;
        const auto check = [&](const nlohmann::json& name) {
            CHECK(fs::exists(d + "/" + name.get<std::string>()));
            ++files;
        };
        check(session["times"]);
        check(session["positions"]);
        check(session["head_direction"]);
        check(session["fields"][0]["file"]);
        check(session["fields"][0]["frame_times"]);
        check(session["intervals"][0]["file"]);
        check(session["pose"]["likelihood"]);
        check(session["overlays"][0]["times"]);
        check(session["overlays"][0]["positions"]);
        check(session["overlays"][1]["file"]);
        for (const auto& keypoint : session["pose"]["keypoints"]) {
            check(keypoint["file"]);
        }
        for (const auto& cell : session["spikes"]) {
            check(cell["file"]);
        }
        CHECK(entries(d) == files + 3); // and session.json, truth.json, true_positions.npy
    }
    SUBCASE("truth.json tells what was planted") {
        const auto truth = nlohmann::json::parse(contents(d + "/truth.json"));
        CHECK(truth["options"]["seed"] == 1);
        CHECK(truth["options"]["task"] == "linear-track");
        CHECK(truth["options"]["duration_s"] == 40);
        CHECK(truth["options"]["frames"] == 2000);
        REQUIRE(truth["cells"].size() == 60);
        CHECK(truth["cells"][0]["kind"] == "place");
        CHECK(truth["cells"][0]["fields"][0]["peak_hz"].get<double>() == r.cells[0].fields[0].peak_hz);
        REQUIRE(truth["flaws"].size() == r.flaws.size());
        CHECK(truth["flaws"][0]["first_sample"] == r.flaws[0].first_sample);
        CHECK(truth["replays"].size() == r.ripples.size());
    }
}

TEST_CASE("write_recording: open_session understands it, and its bins are the same") {
    const scratch at;
    for (const auto task : {simulation_task::open_field, simulation_task::linear_track}) {
        const simulation made({.duration_s = 12, .task = task});
        const std::string d = at / std::string(name_of(task));
        write_recording(made, d);
        const session opened = open_session(d);
        CHECK(opened.warnings.empty());
        CHECK(opened.simulated);
        CHECK(opened.units == "cm");
        CHECK(opened.spikes.size() == 60);
        REQUIRE(opened.positions.has_value());
        CHECK(opened.positions->size() == made.animal.sample_count());
        if (task == simulation_task::open_field) {
            REQUIRE(opened.regions.size() == 2);
            CHECK(opened.regions.named("middle").contains(50, 50));
            CHECK(opened.regions.named("corner").contains(24, 24));
            CHECK_FALSE(opened.regions.named("corner").contains(26, 24));
        } else {
            CHECK(opened.regions.empty());
        }
        REQUIRE(opened.fields.size() == 1);
        const auto& field = opened.fields[0];
        CHECK(field.order == field_order::active);
        CHECK(field.kind == field_kind::posterior);
        CHECK(field.times->size() == 600);
        CHECK(field.space.has_value() == (task == simulation_task::open_field));
        CHECK(opened.track.has_value() == (task == simulation_task::linear_track));
        const any_space bins = field.space ? *field.space : any_space(*opened.track);
        REQUIRE(bins.bin_count() == field.frames.frame_size());
        REQUIRE(bins.bin_count() == made.posterior.space().bin_count());
        for (std::size_t b = 0; b < bins.bin_count(); ++b) {
            const point_xy center = made.posterior.space().center(b);
            REQUIRE(bins.bin_at(center.x, center.y) == std::optional(b));
        }
    }
}

TEST_CASE("write_recording: parts can be left out, and progress reaches 1") {
    const scratch at;
    double before = -1;
    bool rising = true;
    write_recording(simulation({.duration_s = 12, .pose = false}), at / "small",
                    {.name = "a name", .posterior = false, .progress = [&](double done) {
                         rising = rising && done >= before;
                         before = done;
                     }});
    CHECK(rising);
    CHECK(before == 1);
    const auto session = nlohmann::json::parse(contents(at / "small/session.json"));
    CHECK(session["name"] == "a name");
    CHECK_FALSE(session.contains("pose"));
    CHECK_FALSE(session.contains("fields"));
    CHECK_FALSE(fs::exists(at / "small/posterior.npy"));
    CHECK_FALSE(fs::exists(at / "small/keypoint_nose.npy"));
}

TEST_CASE("write_recording: stopped half-way, it leaves nothing") {
    const scratch at;
    int calls = 0;
    CHECK_THROWS_WITH_AS(write_recording(simulation({.minutes = 1}), at / "stopped",
                                         {.progress =
                                              [&](double) {
                                                  if (++calls == 3) {
                                                      throw std::runtime_error("stop");
                                                  }
                                              }}),
                         "stop", std::runtime_error);
    CHECK(entries(at.path) == 0);
}

TEST_CASE("write_recording: a directory in use is refused, force replaces only a simulated recording") {
    const scratch at;
    const std::string d = at / "used";
    CHECK(sentence(d) == "written");
    CHECK(sentence(d) == d + " exists and is not empty; a recording is written into a new or empty directory; give "
                             "another name, or force (--force) to replace a simulated one");
    touch(d + "/notes.txt");
    touch(d + "/spikes_cell77.npy");
    CHECK(sentence(d, {.name = "second", .force = true}) == "written");
    CHECK(contents(d + "/notes.txt") == "kept");
    CHECK_FALSE(fs::exists(d + "/spikes_cell77.npy")); // the old recording's cells are gone
    CHECK(nlohmann::json::parse(contents(d + "/session.json"))["name"] == "second");
    CHECK(entries(at.path) == 1);

    const std::string real = at / "real";
    fs::create_directory(real);
    touch(real + "/positions.npy");
    CHECK(sentence(real, {.force = true}) == real + " holds a recording that was not simulated (it has no truth.json), "
                                                    "which is never replaced; give another name");
    CHECK(contents(real + "/positions.npy") == "kept");

    fs::create_directory(at / "empty");
    CHECK(sentence(at / "empty") == "written");
    CHECK(sentence(at / "deep/down/here/") == "written");
    CHECK(fs::exists(at / "deep/down/here/session.json"));
    CHECK(nlohmann::json::parse(contents(at / "deep/down/here/session.json"))["name"] == "here");
    touch(at / "file");
    CHECK(sentence(at / "file") == at / "file is a file; a recording is written into a directory; give another name");
    CHECK(sentence("") == "\"\" is no name for a recording's directory; give one that does not exist yet, e.g. "
                          "out/simulated");
    CHECK(sentence(at / "file/below").starts_with(at / "file"));
}
