// SPDX-License-Identifier: MIT
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/import/pynapple.hpp>
#include <fieldreel/session/session.hpp>

#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"
#include "support/zip_bytes.hpp"

namespace fr = fieldreel;
using support::npy_file;
using support::sentence_of;
using support::temporary_directory;
using support::zip_entry;
using support::zip_file;

namespace {

zip_entry numbers(const std::string& name, const std::string& shape, const std::vector<double>& values) {
    return {name + ".npy", npy_file<double>("<f8", shape, values)};
}
zip_entry word(const std::string& name, const std::string& value) {
    return {name + ".npy", support::npy_head(support::npy_words("|S" + std::to_string(value.size()), "(1,)")) + value};
}
const std::vector<double> three = {0, 0.5, 1};

} // namespace

TEST_CASE("pynapple: its objects by their keys") {
    const temporary_directory at;
    fr::recording_import found;
    const auto take = [&](const std::string& name, const std::vector<zip_entry>& entries) {
        fr::import_npz(found, at.write(name, zip_file(entries)));
    };
    take("place.npz", {numbers("t", "(3,)", three),
                       numbers("d", "(3, 2)", {1, 2, 3, 4, 5, 6}),
                       {"columns.npy", support::npy_head(support::npy_words("|S1", "(2,)")) + "xy"},
                       word("type", "TsdFrame")});
    take("speed.npz", {numbers("t", "(3,)", three), numbers("d", "(3,)", {7, 8, 9}), word("type", "Tsd")});
    take("reward.npz", {numbers("t", "(2,)", {0.1, 0.9}), word("type", "Ts")});
    take("sleep.npz", {numbers("start", "(1,)", {0.2}), numbers("end", "(1,)", {0.4}), word("type", "IntervalSet")});
    take("cells.npz", {numbers("t", "(4,)", {0.1, 0.2, 0.3, 0.4}), numbers("index", "(4,)", {5, 2, 5, 2}),
                       numbers("keys", "(3,)", {2, 5, 8}), word("type", "TsGroup")});
    const fr::session session = fr::open_session(fr::files_of(found, {fr::npz_opener()}));
    CHECK((*session.positions)(2, 1) == 6);
    REQUIRE(session.spikes.size() == 3);
    CHECK(session.spikes[0].name == "cells 2");
    CHECK(session.spikes[0].times[1] == 0.4);
    CHECK(session.spikes[2].times.size() == 0);
    REQUIRE(session.overlays.size() == 3);
    CHECK(session.overlays[0].kind == "time_series");
    CHECK(session.overlays[1].kind == "event");
    CHECK(session.overlays[2].kind == "interval");
}

TEST_CASE("pynapple: arrays by their names, a movie where it lies") {
    const temporary_directory at;
    fr::recording_import found;
    fr::import_npz(
        found, at.write("a.npz", zip_file({numbers("t", "(3,)", three), numbers("pos", "(3, 2)", {1, 2, 3, 4, 5, 6}),
                                           numbers("movie", "(3, 1, 2)", {1, 2, 3, 4, 5, 6})})));
    const fr::session session = fr::open_session(fr::files_of(found, {fr::npz_opener()}));
    CHECK((*session.positions)(1, 0) == 3);
    REQUIRE(session.fields.size() == 1);
    auto cursor = session.fields[0].frames.cursor();
    CHECK(cursor.frame(2)[1] == 6);
    CHECK((*session.fields[0].times)[2] == 1);
}

TEST_CASE("pynapple: what is not known or does not fit is said") {
    const temporary_directory at;
    fr::recording_import found;
    const auto said = [&](const std::vector<zip_entry>& entries) {
        const std::string path = at.write("a.npz", zip_file(entries));
        const std::string sentence = sentence_of<fr::data_error>([&] { fr::import_npz(found, path); });
        REQUIRE(sentence.starts_with(path));
        return sentence.substr(path.size());
    };
    CHECK(said({word("type", "Strange")}) ==
          " holds a Strange; of pynapple Ts, Tsd, TsdFrame, TsdTensor, TsGroup and IntervalSet are read");
    CHECK(said({numbers("t", "(3,)", three), numbers("d", "(2,)", {1, 2}), word("type", "Tsd")}) ==
          ": 't' has 3 values and 'd' has 2; they must be as many; save it again with pynapple");
    CHECK(said({numbers("t", "(3,)", three), numbers("pos", "(2, 2)", {1, 2, 3, 4})}) ==
          ": 'pos' is 2 x 2 and 't' has 3 values; give 2 columns, and one time for each row");
    CHECK(said({numbers("what", "(3,)", three)}) ==
          " holds the arrays what, of which none is known; known are t and pos, head_direction, spikes..., movies of "
          "three axes, and what pynapple saves; name others in a session.json: " +
              at.file("a.npz") + "#NAME");
}
