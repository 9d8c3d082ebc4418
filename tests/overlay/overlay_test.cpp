// SPDX-License-Identifier: MIT
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/overlay/overlay.hpp>
#include <fieldreel/space/grid.hpp>

#include "support/playback_archetypes.hpp"

namespace {

using namespace fieldreel;

/// Writes the moment down.
struct note {
    void build(const moment& now, canvas& out) const {
        out.label({now.time_s, now.frame ? static_cast<double>(*now.frame) : -1}, now.space ? "space" : "none", {});
    }
};

TEST_CASE("an erased overlay gets the moment, and has a name") {
    const any_overlay drawing("note", note{});
    CHECK(drawing.name() == "note");
    canvas out;
    drawing.build({.time_s = 2.5, .frame = 7, .space = grid::full({0, 0}, {1, 1}, {1, 1})}, out);
    drawing.build({.time_s = 3}, out);
    REQUIRE(out.shapes().size() == 2);
    CHECK(out.vertices(out.shapes()[0])[0].x == 2.5);
    CHECK(out.vertices(out.shapes()[0])[0].y == 7);
    CHECK(out.text(out.shapes()[0]) == "space");
    CHECK(out.vertices(out.shapes()[1])[0].y == -1);
    CHECK(out.text(out.shapes()[1]) == "none");
}

TEST_CASE("an erased overlay gives back what it holds, as what it is and as nothing else") {
    struct other {
        void build(const moment&, canvas&) const {}
    };
    const any_overlay drawing("note", note{});
    REQUIRE(drawing.as<note>() != nullptr);
    CHECK(drawing.as<note>() == any_overlay(drawing).as<note>());
    CHECK(drawing.as<other>() == nullptr);
}

TEST_CASE("copies of an erased overlay share it") {
    struct counting {
        std::shared_ptr<int> alive;
        void build(const moment&, canvas&) const {}
    };
    const auto alive = std::make_shared<int>(0);
    const any_overlay drawing("counting", counting{alive});
    const long users = alive.use_count();
    const std::vector<any_overlay> copies(10, drawing);
    CHECK(alive.use_count() == users);
}

TEST_CASE("the smallest overlay works") {
    canvas out;
    any_overlay("minimal", support::minimal_overlay{}).build({}, out);
    CHECK(out.shapes().empty());
}

TEST_CASE("an erased overlay tells what it is") {
    const any_overlay drawing("note", note{});
    CHECK(drawing.as<note>() != nullptr);
    CHECK(drawing.as<support::minimal_overlay>() == nullptr);
    const any_overlay copy = drawing;
    CHECK(copy.as<note>() == drawing.as<note>());
}

} // namespace
