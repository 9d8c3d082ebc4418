// SPDX-License-Identifier: MIT
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/session/storage.hpp>

#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::npy_file;
using support::sentence_of;
using support::temporary_directory;

namespace {

const std::string rest = "; files of a session must lie in its folder, so that a session from elsewhere reads nothing "
                         "else; move the file there, or say --trust (in C++ .trusted = true) if you know this session";

} // namespace

TEST_CASE("storage: .npy files, what openers know by their endings, and what is in memory") {
    const temporary_directory at;
    at.write("a.npy", npy_file<double>("<f8", "(3, 2)", {1, 2, 3, 4, 5, 6}));
    fr::session_storage files{.folder = at.path()};
    CHECK(files.table("a.npy")(2, 1) == 6);
    CHECK(files.shape("a.npy") == std::vector<std::size_t>{3, 2});
    CHECK(files.frames("a.npy").frame_size() == 2);
    std::string asked;
    files.openers.push_back(
        {.endings = {".box"}, .table = [&](const std::string& path, const std::string& part, const fr::open_options&) {
             asked = path + "|" + part;
             return fr::stored_table{fr::samples({7, 8}), {2}};
         }});
    CHECK(files.table("things.BOX#one#two")[1] == 8);
    CHECK(asked == at.file("things.BOX") + "|one#two");
    CHECK(files.table("Mouse #3/a#b.box#one")[0] == 7); // a '#' of a folder or a file
    CHECK(asked == at.file("Mouse #3/a#b.box") + "|one");
    CHECK(files.opener_of("a#b.box") != nullptr);
    CHECK(files.opener_of("a.box/b#c") == nullptr);
    CHECK(files.shape("things.box") == std::vector<std::size_t>{2});
    CHECK(sentence_of<fr::file_error>([&] { files.frames("things.box"); }) ==
          at.file("things.box") + " holds no frames; name another file");
    files.in_memory.emplace("a.npy", fr::stored_table{fr::samples({9}), {1}});
    CHECK(files.table("a.npy")[0] == 9); // asked first
}

TEST_CASE("storage: names lead out of the folder only when they are trusted") {
    const temporary_directory outer;
    std::filesystem::create_directory(outer.file("inside"));
    outer.write("a.npy", npy_file<double>("<f8", "(1,)", {1}));
    outer.write("inside/b.npy", npy_file<double>("<f8", "(1,)", {2}));
    fr::session_storage files{.folder = outer.file("inside")};
    CHECK(files.table("b.npy")[0] == 2);
    CHECK(files.table("./b.npy")[0] == 2);
    CHECK(sentence_of<fr::file_error>([&] { files.table("../a.npy"); }) ==
          "session.json names the file '../a.npy', which leads out of its folder" + rest);
    CHECK(sentence_of<fr::file_error>([&] { files.table("x/../../a.npy"); }) ==
          "session.json names the file 'x/../../a.npy', which leads out of its folder" + rest);
    CHECK(sentence_of<fr::file_error>([&] { files.table(outer.file("a.npy")); }) ==
          "session.json names the file '" + outer.file("a.npy") + "', an absolute path" + rest);
    std::filesystem::create_symlink(outer.file("a.npy"), outer.file("inside/out.npy"));
    std::filesystem::create_symlink("b.npy", outer.file("inside/in.npy"));
    CHECK(files.table("in.npy")[0] == 2);
    CHECK(sentence_of<fr::file_error>([&] { files.frames("out.npy"); }) ==
          "session.json names the file 'out.npy', a link that leads out of its folder" + rest);
    std::filesystem::create_directory_symlink(outer.file("inside"), outer.file("way"));
    CHECK(fr::session_storage{.folder = outer.file("way")}.table("b.npy")[0] == 2); // the folder itself may be a link
    files.trusted = true;
    CHECK(files.table("../a.npy")[0] == 1);
    CHECK(files.table("out.npy")[0] == 1);
    CHECK(files.table(outer.file("a.npy"))[0] == 1);
}
