// SPDX-License-Identifier: MIT
#include <limits>
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/window/bookmarks.hpp>

#include "support/sentence.hpp"

namespace {

using namespace fieldreel;

std::string names(const bookmark_list& list) {
    std::string out;
    for (const bookmark& one : list.all()) {
        out += one.name;
    }
    return out;
}

TEST_CASE("bookmarks stay in order of time, equal ones in order of coming") {
    bookmark_list list;
    list.add({5, "a"});
    list.add({1, "b"});
    list.add({5, "c"});
    list.add({3, "d"});
    CHECK(names(list) == "bdac");
    CHECK(list.remove(1));
    CHECK(!list.remove(3));
    CHECK(names(list) == "bac");
    list.assign({{2, "x"}, {1, "y"}, {2, "z"}});
    CHECK(names(list) == "yxz");
}

TEST_CASE("the next and the previous one, not counting those at the time itself") {
    bookmark_list list;
    CHECK(!list.next(0));
    CHECK(!list.previous(0));
    list.assign({{1, ""}, {2, ""}, {2, ""}, {3, ""}});
    CHECK(list.next(0) == 0);
    CHECK(list.next(1) == 1);
    CHECK(list.next(2) == 3);
    CHECK(!list.next(3));
    CHECK(list.previous(9) == 3);
    CHECK(list.previous(2) == 0);
    CHECK(!list.previous(1));
}

TEST_CASE("a time that is not finite is refused, and nothing changes") {
    bookmark_list list;
    list.add({1, "kept"});
    CHECK(support::sentence_of<data_error>([&] {
              list.assign({{7, ""}, {std::numeric_limits<double>::infinity(), ""}});
          }) == "the time of bookmark 1 is inf; give finite seconds");
    CHECK(names(list) == "kept");
}

} // namespace
