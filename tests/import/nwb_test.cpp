// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/import/nwb.hpp>
#include <fieldreel/session/session.hpp>

#include "support/temporary_directory.hpp"

namespace fr = fieldreel;

namespace {

std::string golden(const char* name) {
    return std::string(FIELDREEL_TEST_DIR) + "/golden/" + name;
}
fr::session opened(fr::recording_import& found) {
    return fr::open_session(fr::files_of(found, {fr::hdf5_opener()}));
}

/// A film that needs no libav: three pictures of 4 x 6.
struct film_of_3 {
    using value_type = std::uint8_t;
    std::size_t frames = 3;
    std::size_t frame_count() const { return frames; }
    std::size_t frame_size() const { return 24; }
    fr::image_shape image_shape() const { return {4, 6}; }
    double time_s(std::size_t i) const { return 0.04 * static_cast<double>(i); }
    double duration_s(std::size_t) const { return 0.04; }
    std::optional<std::size_t> frame_at(double) const { return 0; }
    void read(std::size_t, std::span<std::uint8_t> out) const { std::fill(out.begin(), out.end(), std::uint8_t{0}); }
};
fr::import_options with_films(std::size_t frames, bool trusted = false) {
    fr::import_options out;
    out.trusted = trusted;
    out.openers = {
        {.endings = {".mp4"}, .frames = [=](const std::string&, const std::string&, const fr::open_options&) {
             return fr::any_source(film_of_3{frames});
         }}};
    return out;
}
/// The golden file in a folder of its own.
std::string copied(const support::temporary_directory& folder) {
    const std::string path = folder.file("import_film.nwb");
    std::filesystem::copy_file(golden("import_film.nwb"), path);
    return path;
}
fr::recording_import taken(const std::string& path, fr::import_options options) {
    fr::recording_import found(std::move(options));
    found.begin_file(path);
    fr::import_nwb(found, fr::hdf5_file(path));
    return found;
}

} // namespace

TEST_CASE("nwb: positions, directions, units and intervals, in their units") {
    fr::recording_import found;
    found.begin_file(golden("import_nwb.nwb"));
    fr::import_nwb(found, fr::hdf5_file(golden("import_nwb.nwb")));
    const fr::session session = opened(found);
    CHECK(found.warnings().empty());
    CHECK(session.units == "meters");
    REQUIRE(session.positions);
    CHECK((*session.positions)(3, 0) == doctest::Approx(0.03));
    CHECK((*session.positions)(3, 1) == doctest::Approx(0.97));
    CHECK((*session.times)[3] == doctest::Approx(10.12)); // starting_time and rate
    REQUIRE(session.spikes.size() == 3);
    CHECK(session.spikes[0].name == "unit 4");
    CHECK(session.spikes[0].times[0] == 10.1); // sorted
    CHECK(session.spikes[1].times.size() == 0);
    CHECK(session.spikes[2].times.size() == 2);
    REQUIRE(session.head_direction);
    CHECK((*session.head_direction)[7] == doctest::Approx(1.5707963));
    REQUIRE(session.overlays.size() == 1);
    CHECK(session.overlays[0].kind == "interval");
    CHECK(session.overlays[0].description["groups"][1]["name"] == "right");
}

TEST_CASE("nwb: a film in a file beside it, at the times of its series") {
    const support::temporary_directory folder;
    const std::string path = copied(folder);
    folder.write("film.mp4", "x");
    fr::recording_import found = taken(path, with_films(3));
    CHECK(found.warnings().empty());
    const nlohmann::json made = found.describe();
    const nlohmann::json& film = made["overlays"][0];
    CHECK(film["kind"] == "film");
    CHECK(std::filesystem::path(film["file"].get<std::string>()).filename() == "film.mp4");
    const fr::samples times = found.tables().at(film["times"].get<std::string>()).values;
    CHECK(times[2] == 7.3);
    CHECK(made["overlays"][1]["kind"] == "position"); // in the film's pixels
    const fr::samples places = found.tables().at(made["overlays"][1]["positions"].get<std::string>()).values;
    CHECK(places(1, 0) == 7); // 3 * conversion + offset

    fr::recording_import more = taken(path, with_films(5));
    REQUIRE(more.warnings().size() == 1);
    CHECK(more.warnings()[0] == path + "#/acquisition/video has 3 timestamps for 5 frames of its film; the film's own "
                                       "times are used, from 7 s on");
    const nlohmann::json own = more.describe();
    CHECK(more.tables().at(own["overlays"][0]["times"].get<std::string>()).values[4] == doctest::Approx(7.16));
}

TEST_CASE("nwb: films that are not there, lead out of the folder, or are none are said and left out") {
    const support::temporary_directory folder;
    const std::string path = copied(folder);
    const auto warning = [&](fr::import_options options) {
        const fr::recording_import found = taken(path, std::move(options));
        REQUIRE(found.warnings().size() == 1);
        return found.warnings()[0];
    };
    const std::string series = path + "#/acquisition/video";
    CHECK(warning(with_films(3)) == series + " names the film 'film.mp4', which is not there; give the film's file "
                                             "beside this one to see it");
#ifndef _WIN32
    const support::temporary_directory elsewhere;
    std::filesystem::create_symlink(elsewhere.write("film.mp4", "x"), folder.file("film.mp4"));
    CHECK(warning(with_films(3)).starts_with(path + " names the file 'film.mp4', a link that leads out of its folder"));
    CHECK(taken(path, with_films(3, true)).warnings().empty());
    std::filesystem::remove(folder.file("film.mp4"));
#endif
    folder.write("film.mp4", "x");
    CHECK(warning({}) == series + " names the film 'film.mp4', which is no film that this program reads; give one in "
                                  ".mp4, .avi, .mkv, .mov or .webm, in a program with libav");
}
