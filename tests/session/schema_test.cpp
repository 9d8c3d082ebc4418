// SPDX-License-Identifier: MIT
// include/fieldreel/session/session.schema.json and what reads session.json say the same.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <fieldreel/session/session.hpp>
#include <fieldreel/session/simulate.hpp>
#include <fieldreel/session/write_recording.hpp>

#include "support/json_schema.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using nlohmann::json;

namespace {

const json& schema() {
    static const json all = [] {
        std::ifstream in(std::string(FIELDREEL_TEST_DIR) + "/../include/fieldreel/session/session.schema.json");
        return json::parse(in);
    }();
    return all;
}
std::string wrong(const json& session) {
    return support::against_schema(session, schema(), schema());
}
json good() {
    return json::parse(R"({"fieldreel_session": 1, "name": "a", "units": "cm", "times": "t.npy", "positions": "p.npy",
        "spikes": [{"name": "c", "file": "t.npy"}],
        "fields": [{"name": "arena", "kind": "blank", "grid": {"edges_x": [0, 1], "edges_y": [0, 1]}}],
        "overlays": [{"kind": "film", "file": "f.npy", "layer": "below",
                      "to_environment": {"units_per_px": 1, "height": 4}}]})");
}
/// True when the reader takes it without a word.
bool taken(const json& session) {
    fr::session_files files;
    files.description = session;
    files.in_memory["t.npy"] = {fr::samples({0, 0.1, 0.2}), {3}};
    files.in_memory["p.npy"] = {fr::samples({1, 2, 3, 4, 5, 6}, 2), {3, 2}};
    try {
        return fr::open_session(files).warnings.empty();
    } catch (const fr::error&) {
        return false;
    }
}

} // namespace

TEST_CASE("schema: what the schema takes and refuses, the reader takes and refuses") {
    CHECK(wrong(good()) == "");
    CHECK(taken(good()));
    const std::vector<std::pair<const char*, const char*>> changes = {
        {"/fieldreel_session", "2"},
        {"/units", "3"},
        {"/max_gap_s", "0"},
        {"/simulated", "\"yes\""},
        {"/spikes/0", "{\"name\": \"c\"}"},
        {"/fields/0/kind", "\"blank field\""},
        {"/fields/0/grid", "{\"edges_x\": [0, 1]}"},
        {"/fields/0/states", "[\"a\"]"}, // of a blank one
        {"/overlays/0/kind", "\"movie\""},
        {"/wrong_name", "1"},
    };
    for (const auto& change : changes) {
        const std::string where = change.first;
        CAPTURE(where);
        json session = good();
        session[json::json_pointer(where)] = json::parse(change.second);
        CHECK_FALSE(taken(session));
        CHECK((wrong(session) != "" || where.ends_with("states")));
    }
}

TEST_CASE("schema: its members are those the reader knows, its kinds those there are") {
    for (const auto& [name, rule] : schema()["properties"].items()) {
        json session = good();
        session[name] = nullptr; // as if it were not there: a name that is not known is told of
        session["fieldreel_session"] = 1;
        fr::session_files files;
        files.description = session;
        files.in_memory["t.npy"] = {fr::samples({0, 0.1, 0.2}), {3}};
        files.in_memory["p.npy"] = {fr::samples({1, 2, 3, 4, 5, 6}, 2), {3, 2}};
        try {
            for (const std::string& warning : fr::open_session(files).warnings) {
                CHECK(warning.find("'" + name + "' that is not known") == std::string::npos);
            }
        } catch (const fr::error&) { // positions without times
        }
    }
    std::vector<std::string> kinds(fr::overlay_kinds.begin(), fr::overlay_kinds.end());
    CHECK(schema()["$defs"]["overlay"]["properties"]["kind"]["enum"] == json(kinds));
}

TEST_CASE("schema: a simulated recording's session.json obeys it") {
    const support::temporary_directory at;
    fr::simulation_options options;
    options.frames = 200;
    const auto made = fr::simulate(options);
    fr::write_recording(made, at.file("sim"));
    std::ifstream in(at.file("sim/session.json"));
    CHECK(wrong(json::parse(in)) == "");
}
