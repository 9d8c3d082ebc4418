// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fieldreel/source/file.hpp>

#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::sentence_of;
using support::thrown_by;

namespace {

std::string read_text(const fr::read_only_file& file, std::uint64_t offset, std::size_t count) {
    std::string out(count, '?');
    file.read(offset, out.data(), count);
    return out;
}

} // namespace

TEST_CASE("a file is read the same mapped and piece by piece") {
    const support::temporary_directory folder;
    const auto path = folder.write("words", "one two three");
    for (const fr::access how : {fr::access::automatic, fr::access::map, fr::access::pread}) {
        const fr::read_only_file file(path, how);
        CHECK(file.path() == path);
        CHECK(file.size() == 13);
        CHECK(file.mapped() == (how != fr::access::pread));
        CHECK((file.data() != nullptr) == file.mapped());
        CHECK(read_text(file, 0, 13) == "one two three");
        CHECK(read_text(file, 4, 3) == "two");
        CHECK(read_text(file, 13, 0) == "");
        file.check_size();
    }
}

TEST_CASE("a file that cannot be opened says why and what to do") {
    const support::temporary_directory folder;
    const auto refused = [](const std::string& path) {
        return sentence_of<fr::file_error>([&] { fr::read_only_file file(path); });
    };
    const auto missing = folder.file("missing.npy");
    CHECK(refused(missing) == missing + " cannot be opened: No such file or directory; check the path");
    CHECK(thrown_by<fr::file_error>([&] { fr::read_only_file file(missing); }).path() == missing);
    CHECK(refused(folder.path()) == folder.path() + " cannot be opened: it is a directory; give a file inside it");
    CHECK(refused("") == " cannot be opened: No such file or directory; check the path");
    const auto below = folder.write("file", "x") + "/below";
    CHECK(refused(below) == below + " cannot be opened: Not a directory; check the path");
    if (::geteuid() != 0) { // root may read everything
        const auto secret = folder.write("secret", "x");
        CHECK(::chmod(secret.c_str(), 0) == 0);
        CHECK(refused(secret) == secret + " cannot be opened: Permission denied; check its permissions");
    }
}

TEST_CASE("what is neither a file nor a directory is refused, and opening it waits for nobody") {
    const support::temporary_directory folder;
    const auto pipe = folder.file("pipe");
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(sentence_of<fr::file_error>([&] { fr::read_only_file file(pipe); }) ==
          pipe + " cannot be opened: it is no regular file; save what it gives to a file first");
    CHECK(sentence_of<fr::file_error>([] { fr::read_only_file file("/dev/zero"); }) ==
          "/dev/zero cannot be opened: it is no regular file; save what it gives to a file first");
}

TEST_CASE("an empty file can be opened, there is nothing to read") {
    const support::temporary_directory folder;
    const auto path = folder.write("empty", "");
    for (const fr::access how : {fr::access::map, fr::access::pread}) {
        const fr::read_only_file file(path, how);
        CHECK(file.size() == 0);
        CHECK(read_text(file, 0, 0) == "");
        CHECK(sentence_of<fr::file_error>([&] { (void)read_text(file, 0, 1); }) ==
              path + " ends before byte 1 (it had 0 bytes when it was opened); open it again");
    }
}

TEST_CASE("reading past the end is an error, mapped too") {
    const support::temporary_directory folder;
    const auto path = folder.write("short", "0123456789");
    for (const fr::access how : {fr::access::map, fr::access::pread}) {
        const fr::read_only_file file(path, how);
        CHECK(sentence_of<fr::file_error>([&] { (void)read_text(file, 8, 3); }) ==
              path + " ends before byte 11 (it had 10 bytes when it was opened); open it again");
        CHECK(sentence_of<fr::file_error>([&] { (void)read_text(file, 20, 1); }) ==
              path + " ends before byte 21 (it had 10 bytes when it was opened); open it again");
        char byte = 0;
        CHECK_THROWS_AS(file.read(~std::uint64_t{0}, &byte, 1), fr::file_error);
    }
}

TEST_CASE("a file that shrinks while it is open is found out") {
    const support::temporary_directory folder;
    for (const fr::access how : {fr::access::map, fr::access::pread}) {
        const auto path = folder.write("shrinking", std::string(20'000, 'x'));
        const fr::read_only_file file(path, how);
        CHECK(read_text(file, 19'999, 1) == "x");
        support::temporary_directory::resize(path, 5000);
        const std::string shrunk = path + " has shrunk from 20000 to 5000 bytes while it was open; do not rewrite a "
                                          "recording that is being played; open it again";
        CHECK(sentence_of<fr::file_error>([&] { file.check_size(); }) == shrunk);
        CHECK(read_text(file, 4999, 1) == "x"); // what is left can still be read
        CHECK(sentence_of<fr::file_error>([&] { (void)read_text(file, 4999, 2); }) == shrunk);
        CHECK(sentence_of<fr::file_error>([&] { (void)read_text(file, 19'999, 1); }) == shrunk);
    }
}

TEST_CASE("a file that grows while it is open keeps its size") {
    const support::temporary_directory folder;
    const auto path = folder.write("growing", "0123");
    const fr::read_only_file file(path);
    support::temporary_directory::resize(path, 100'000);
    file.check_size();
    CHECK(file.size() == 4);
    CHECK(read_text(file, 0, 4) == "0123");
}

TEST_CASE("file: bytes in memory, and a part of another file, are files of their own") {
    const support::temporary_directory at;
    const std::string path = at.write("whole", "0123456789");
    for (const auto how : {fieldreel::access::map, fieldreel::access::pread}) {
        const auto whole = std::make_shared<const fieldreel::read_only_file>(path, how);
        const fieldreel::read_only_file part("whole#part", whole, 3, 4);
        CHECK(part.path() == "whole#part");
        CHECK(part.size() == 4);
        CHECK(part.mapped() == (how == fieldreel::access::map));
        char read[3] = {};
        part.read(1, read, 2);
        CHECK(std::string(read) == "45");
        CHECK(support::sentence_of<fieldreel::file_error>([&] { part.read(3, read, 2); }) ==
              "whole#part ends before byte 5 (it had 4 bytes when it was opened); open it again");
        CHECK(support::sentence_of<fieldreel::file_error>([&] {
                  fieldreel::read_only_file("whole#part", whole, 8, 3);
              }) == "whole#part lies outside its file, which has 10 bytes; copy or write it again");
        CHECK_THROWS_AS(fieldreel::read_only_file("whole#part", whole, static_cast<std::uint64_t>(-1), 3),
                        fieldreel::file_error);
    }
    const fieldreel::read_only_file bytes("memory", std::vector<std::byte>{std::byte{'a'}, std::byte{'b'}});
    CHECK(bytes.mapped());
    bytes.check_size();
    char read[2] = {};
    bytes.read(1, read, 1);
    CHECK(read[0] == 'b');
    const fieldreel::read_only_file empty("memory", std::vector<std::byte>());
    empty.check_size();
    empty.read(0, read, 0);
    CHECK(empty.size() == 0);
}
