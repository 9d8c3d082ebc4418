// SPDX-License-Identifier: MIT
#include <fieldreel/session/dock_reader.hpp>

#include <limits>
#include <optional>
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

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

class dock_folder : public recording_folder {
public:
    dock_folder() {
        npy<double>("speed.npy", {1, nan, 3, 4});
        npy<double>("legs.npy", {1, 2, 3, nan, 5, nan}, {2});
        npy<double>("lost.npy", {nan, nan});
        npy<double>("ripples.npy", {10, 10.5, 20, 20.2}, {2});
        npy<double>("starts.npy", {1, 3});
        npy<double>("stops.npy", {2, 4});
        from.folder = path();
        from.storage.folder = path();
    }
    shown_overlay series_of(const std::string& members) {
        describe(members);
        return detail::read_time_series(of, reader(), {0.2, 0.8});
    }
    shown_overlay intervals_of(const std::string& members) {
        describe(members);
        return detail::read_interval(of, reader(), {0, 1});
    }
    session from;
    std::vector<std::string> notes;

private:
    void describe(const std::string& members) {
        of = {"dock", "time_series", nlohmann::json::parse("{" + members + "}"), "overlays[0]"};
    }
    detail::overlay_reader reader() {
        return {detail::json_object(of.description, "session.json", of.where), from, notes};
    }
    session_overlay of;
};

} // namespace

TEST_CASE("a signal, the columns of one and groups: what is missing is counted") {
    dock_folder at;
    const shown_overlay one = at.series_of(R"("file": "speed.npy", "rate_hz": 10, "start_s": 5, "window_s": 4)");
    CHECK(one.examine().counts == "dock (4 samples, 1 missing)");
    REQUIRE(one.times.has_value());
    CHECK(one.times->start_s == 5);
    CHECK(one.times->stop_s == doctest::Approx(5.3));
    REQUIRE(one.dock.has_value());
    CHECK(one.dock->stop_s - one.dock->start_s == doctest::Approx(4));
    CHECK(at.series_of(R"("file": "legs.npy", "rate_hz": 10, "names": ["left", "right"])").examine().counts ==
          "left (3 samples, 0 missing), right (3 samples, 2 missing)");
    CHECK(at.series_of(R"("rate_hz": 10, "groups": [{"signals": [{"file": "speed.npy"}]},
                          {"signals": [{"file": "legs.npy", "column": 1}], "low": 0, "high": 9}])")
              .examine()
              .counts == "speed (4 samples, 1 missing), legs (3 samples, 2 missing)");
    CHECK(at.notes.empty());
    const overlay_facts lost = at.series_of(R"("file": "lost.npy", "rate_hz": 10)").examine();
    REQUIRE(lost.problems.size() == 1);
    CHECK(lost.problems[0] == "the series 'dock' holds no finite value");
}

TEST_CASE("intervals from one file, from groups, and from starts and stops with names") {
    dock_folder at;
    const shown_overlay one = at.intervals_of(R"("file": "ripples.npy", "label": "ripple", "offset_s": 100)");
    CHECK(one.examine().counts == "2 ripple");
    REQUIRE(one.times.has_value());
    CHECK(one.times->start_s == 110);
    CHECK(one.times->stop_s == doctest::Approx(120.2));
    CHECK(one.intervals.has_value());
    CHECK(at.intervals_of(R"("groups": [{"file": "ripples.npy"}, {"name": "run", "file": "ripples.npy"}])")
              .examine()
              .counts == "2 ripples, 2 run");
    CHECK(
        at.intervals_of(R"("starts": "starts.npy", "stops": "stops.npy", "names": ["run", "rest"])").examine().counts ==
        "1 run, 1 rest");
    CHECK(at.notes.empty());
}

TEST_CASE("a stretch of time grows by what is shown") {
    std::optional<time_range> all;
    detail::stretch(all, std::vector<double>{});
    CHECK_FALSE(all.has_value());
    detail::stretch(all, std::vector<double>{3, 5});
    detail::stretch(all, std::vector<double>{4, 9});
    REQUIRE(all.has_value());
    CHECK(all->start_s == 3);
    CHECK(all->stop_s == 9);
}
