// SPDX-License-Identifier: MIT
#include <fieldreel/session/json.hpp>

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/recording_folder.hpp"
#include "support/sentence.hpp"

using namespace fieldreel;
using detail::json_object;
using support::recording_folder;
using support::sentence_of;

TEST_CASE("members are taken by name and type, and absent ones have a value of their own") {
    const auto words = nlohmann::json::parse(R"({"a": "x", "n": 2.5, "yes": true, "none": null, "four": 4})");
    const json_object in(words, "s.json", "session");
    CHECK(in.string("a") == "x");
    CHECK(in.number("n", 0) == 2.5);
    CHECK(in.boolean("yes", false));
    CHECK(in.number("none", 7) == 7);
    CHECK(in.whole("four", 0) == 4);
    CHECK_FALSE(in.has("other"));
    CHECK(sentence_of<file_error>([&] { in.number("a", 0); }) == "s.json: session.a must be a number; it is \"x\"");
    CHECK(sentence_of<file_error>([&] { in.whole("n", 0); }) ==
          "s.json: session.n must be a whole number, 0 or positive; it is 2.5");
    CHECK(sentence_of<file_error>([&] { in.required("b"); }) == "s.json: session lacks 'b'; add it");
    CHECK(sentence_of<file_error>([&] {
              const auto list = nlohmann::json::array();
              json_object(list, "s.json", "session.pose");
          }) == "s.json: session.pose must be an object ({...}); it is array");
}

TEST_CASE("a word that is none of the choices is told the nearest") {
    const auto words = nlohmann::json::parse(R"({"keep": "pst"})");
    const json_object in(words, "s.json", "session");
    CHECK(sentence_of<file_error>([&] {
              in.choice("keep", 0, {{"none", 0}, {"past", 1}, {"all", 2}});
          }) == "s.json: session.keep is 'pst'; allowed are none, past, all; did you mean 'past'?");
    CHECK(in.choice("other", 5, {{"none", 0}}) == 5);
}

TEST_CASE("members that nobody asked for are told with the nearest that was") {
    const auto words = nlohmann::json::parse(R"({"length_s": 1, "lenght": 2})");
    const json_object in(words, "s.json", "session");
    in.number("length_s", 0);
    std::vector<std::string> warnings;
    in.warn_unasked(warnings);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0] ==
          "session.json: session has a member 'lenght' that is not known and is ignored; did you mean 'length_s'?");
}

TEST_CASE("broken JSON is told by line and column") {
    const recording_folder at;
    at.write("s.json", "{\"a\": 1,\n  oops}");
    const std::string sentence = sentence_of<file_error>([&] { detail::read_json(at.file("s.json")); });
    CHECK(sentence ==
          at.file("s.json") + " is no valid JSON at line 2, column 3; check commas, quotes and brackets there");
}
