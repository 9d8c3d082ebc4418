// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/window/recent_list.hpp>

#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using paths = std::vector<std::string>;

TEST_CASE("the last opened comes first, each once, from one run to the next") {
    const support::temporary_directory at;
    const std::string file = at.file("state/fieldreel/recent");
    {
        fr::recent_list list(file);
        CHECK(list.all().empty());
        list.add("/data/a");
        list.add("/data/b/../b");
        list.add("/data/a");
        CHECK(list.all() == paths{"/data/a", "/data/b"});
    }
    fr::recent_list again(file);
    CHECK(again.all() == paths{"/data/a", "/data/b"});
    fr::recent_list other(file); // another window
    other.add("/data/c");
    again.add("/data/d");
    CHECK(again.all() == paths{"/data/d", "/data/c", "/data/a", "/data/b"});
    for (int i = 0; i < 40; ++i) {
        again.add("/many/" + std::to_string(i));
    }
    CHECK(again.all().size() == fr::recent_list::most);
    CHECK(again.all().front() == "/many/39");
    CHECK_FALSE(std::filesystem::exists(file + ".part"));
}

TEST_CASE("a list without a file, or with one that cannot be, is kept in memory") {
    fr::recent_list memory;
    memory.add("/x");
    memory.add("two\nlines");
    CHECK(memory.all() == paths{"/x"});
    const support::temporary_directory at;
    std::ofstream(at.file("wall")) << "no folder";
    fr::recent_list broken(at.file("wall/recent"));
    broken.add("/x");
    CHECK(broken.all() == paths{"/x"});
    std::ofstream(at.file("odd")) << "\n\n/a\n/a\n\n/b";
    CHECK(fr::recent_list(at.file("odd")).all() == paths{"/a", "/b"});
}

#ifndef _WIN32
TEST_CASE("the folder of states is where the system says") {
    const char* const old = std::getenv("XDG_STATE_HOME");
    const std::string before = old == nullptr ? "" : old;
    ::setenv("XDG_STATE_HOME", "/somewhere", 1);
    CHECK(fr::state_folder() == "/somewhere/fieldreel");
    ::setenv("XDG_STATE_HOME", "relative", 1); // is not to be used
    ::setenv("HOME", "/home/someone", 1);
    CHECK(fr::state_folder() == "/home/someone/.local/state/fieldreel");
    if (before.empty()) {
        ::unsetenv("XDG_STATE_HOME");
    } else {
        ::setenv("XDG_STATE_HOME", before.c_str(), 1);
    }
}
#endif
