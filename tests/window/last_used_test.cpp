// SPDX-License-Identifier: MIT
#include <memory>
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/window/last_used.hpp>

#include "support/sentence.hpp"

namespace fr = fieldreel;

TEST_CASE("what was not used for longest goes first") {
    fr::last_used<std::unique_ptr<int>> kept(3);
    for (int i = 0; i < 3; ++i) {
        CHECK(*kept.put("cell" + std::to_string(i), std::make_unique<int>(i)) == i);
    }
    REQUIRE(kept.find("cell0") != nullptr); // used again
    kept.put("cell3", std::make_unique<int>(3));
    CHECK(kept.size() == 3);
    CHECK(kept.find("cell1") == nullptr);
    CHECK(**kept.find("cell0") == 0);
    CHECK(**kept.find("cell2") == 2);
    kept.put("cell2", std::make_unique<int>(22)); // instead of the old one
    CHECK(kept.size() == 3);
    CHECK(**kept.find("cell2") == 22);
    CHECK(kept.find("") == nullptr);
}

TEST_CASE("keeping nothing is refused") {
    CHECK(support::sentence_of<fr::invalid_value>([] { fr::last_used<int>(0); }) ==
          "the last 0 results were to be kept; keep at least 1");
}
