// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/window/key_bindings.hpp>

namespace {

using namespace fieldreel;

constexpr auto action_count = static_cast<std::size_t>(action::quit) + 1;

constexpr bool no_key_twice() {
    for (std::size_t i = 0; i < default_keys.size(); ++i) {
        if (binding_of_words(default_keys[i].key) != &default_keys[i]) { // also hidden by an earlier row
            return false;
        }
    }
    return true;
}
static_assert(no_key_twice());

TEST_CASE("no key is bound twice, and modifiers are written in one order") {
    std::set<std::string> keys;
    for (const key_binding& row : default_keys) {
        CAPTURE(std::string(row.key));
        CHECK(keys.insert(std::string(row.key)).second);
        const auto parsed = detail::parse_key(row.key);
        CHECK((parsed.key.size() == 1 || parsed.key.find('+') == std::string_view::npos));
        CHECK(!(parsed.key.size() == 1 && parsed.key[0] >= 'a' && parsed.key[0] <= 'z'));
    }
}

TEST_CASE("each action has a key and help, the same for all its keys, and groups are not torn apart") {
    std::set<action> bound;
    std::vector<std::string_view> groups;
    for (const key_binding& row : default_keys) {
        CAPTURE(std::string(row.key));
        bound.insert(row.action);
        CHECK(row.help.size() >= 2);
        CHECK(row.help.size() < 60);
        for (const key_binding& other : default_keys) {
            if (other.action == row.action) {
                CHECK(other.help == row.help);
                CHECK(other.group == row.group);
                CHECK(other.repeats == row.repeats);
            }
        }
        if (groups.empty() || groups.back() != row.group) {
            CHECK(std::find(groups.begin(), groups.end(), row.group) == groups.end());
            groups.push_back(row.group);
        }
    }
    CHECK(bound.size() == action_count);
    CHECK(key_help().size() == action_count);
}

TEST_CASE("a key with its modifiers finds its action, and no other does") {
    CHECK(action_for("Space", {}, action::quit) == action::play_pause);
    CHECK(action_for("Left", {}, action::quit) == action::frame_back);
    CHECK(action_for("Left", {.shift = true}, action::quit) == action::second_back);
    CHECK(action_for("Left", {.ctrl = true}, action::quit) == action::ten_seconds_back);
    CHECK(action_for("Left", {.alt = true}, action::quit) == action::previous_bookmark);
    CHECK(binding_of("Left", {.ctrl = true, .shift = true}) == nullptr);
    CHECK(action_for("L", {}, action::quit) == action::play_forward);
    CHECK(action_for("L", {.shift = true}, action::quit) == action::next_mode);
    CHECK(action_for("O", {.ctrl = true, .shift = true}, action::quit) == action::open_recent);
    CHECK(binding_of("O", {.alt = true}) == nullptr);
    CHECK(binding_of("l") == nullptr);
    CHECK(binding_of("") == nullptr);
    CHECK(binding_of("Menu") == nullptr);
    CHECK(action_for("Menu", {}, action::cancel) == action::cancel);
    for (int n = 1; n <= 9; ++n) {
        const key_binding* const row = binding_of(std::string(1, static_cast<char>('0' + n)));
        REQUIRE(row != nullptr);
        CHECK(row->action == action::toggle_layer);
        CHECK(row->number == n);
    }
    CHECK(binding_of("1", {.shift = true}) == nullptr);
    CHECK(binding_of("Left")->repeats);
    CHECK(!binding_of("Space")->repeats);
}

TEST_CASE("characters go by what they type, with Shift or without") {
    for (const bool shift : {false, true}) {
        CHECK(action_for("?", {.shift = shift}, action::quit) == action::help);
        CHECK(action_for("[", {.shift = shift}, action::quit) == action::slower);
        CHECK(action_for("\\", {.shift = shift}, action::quit) == action::clear_in_out);
        CHECK(action_for("+", {.shift = shift}, action::quit) == action::zoom_in_timeline);
    }
    CHECK(binding_of("[", {.ctrl = true}) == nullptr);
}

TEST_CASE("the help lists all keys of an action together, in groups and columns") {
    CHECK(keys_of(action::frame_back) == "Left or ,");
    CHECK(keys_of(action::toggle_layer) == "1-9");
    CHECK(keys_of(action::quit) == "Ctrl+Q");
    const std::string help = key_help_text();
    CHECK(help.substr(0, help.find('\n')) == "Play");
    CHECK(help.find("\n  Left or ,     one frame back\n") != std::string::npos);
    CHECK(help.find("\n  1-9           show or hide a layer\n") != std::string::npos);
    CHECK(help.find("\n\nWindow\n  T ") != std::string::npos);
    CHECK(help.find("\n  ? or F1       these keys\n") != std::string::npos);
    std::size_t longest = 0;
    for (std::size_t from = 0, to = 0; (to = help.find('\n', from)) != std::string::npos; from = to + 1) {
        longest = (std::max)(longest, to - from);
    }
    CHECK(longest <= 80);
}

} // namespace
