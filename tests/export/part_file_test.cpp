// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/export/part_file.hpp>

#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

using namespace fieldreel;
using support::temporary_directory;

TEST_CASE("a file appears under its name when it is finished, and replaces an older one then") {
    const temporary_directory at;
    const std::string path = at.write("a", "old");
    part_file file(path);
    REQUIRE(file.write("new", 3));
    CHECK(support::bytes_of(path) == "old");
    file.finish();
    CHECK(support::bytes_of(path) == "new");
    CHECK_FALSE(temporary_directory::exists(path + ".part"));
}

TEST_CASE("without finish nothing is left") {
    const temporary_directory at;
    {
        part_file file(at.file("a"));
        file.write("new", 3);
        CHECK(temporary_directory::exists(at.file("a.part")));
    }
    CHECK_FALSE(temporary_directory::exists(at.file("a")));
    CHECK_FALSE(temporary_directory::exists(at.file("a.part")));
}

TEST_CASE("a folder that is not there, a disk that is full, a name that is a folder") {
    const temporary_directory at;
    CHECK(support::sentence_of<file_error>([&] { part_file file(at.file("none/a")); }) ==
          at.file("none/a") +
              " cannot be created (No such file or directory); check that the folder exists and may be written");
    if (temporary_directory::exists("/dev/full")) {
        std::filesystem::create_symlink("/dev/full", at.file("full.part"));
        CHECK(support::sentence_of<file_error>([&] {
                  part_file file(at.file("full"));
                  file.write("x", 1);
                  file.finish();
              }) == at.file("full") + " cannot be written (No space left on device); check that the disk is not full");
        CHECK_FALSE(temporary_directory::exists(at.file("full.part")));
    }
    std::filesystem::create_directory(at.file("folder"));
    CHECK(support::sentence_of<file_error>([&] {
              part_file file(at.file("folder"));
              file.finish();
          }) == at.file("folder") +
                    " cannot be given its name (Is a directory); check that it is no folder and may be replaced");
    CHECK_FALSE(temporary_directory::exists(at.file("folder.part")));
}
