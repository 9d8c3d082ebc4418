// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/import/npz.hpp>

#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"
#include "support/zip_bytes.hpp"

namespace fr = fieldreel;
using support::npy_file;
using support::sentence_of;
using support::temporary_directory;
using support::zip_entry;
using support::zip_file;

namespace {

const std::vector<double> ramp = {0, 1, 2, 3, 4, 5};

std::string golden(const char* name) {
    return std::string(FIELDREEL_TEST_DIR) + "/golden/" + name;
}

fr::npz_archive in_memory(const std::string& bytes, const fr::npz_options& options = {}) {
    const auto* const first = reinterpret_cast<const std::byte*>(bytes.data());
    return fr::npz_archive(
        std::make_shared<const fr::read_only_file>("a.npz", std::vector<std::byte>(first, first + bytes.size())),
        options);
}

} // namespace

TEST_CASE("npz: arrays stored and deflated, with and without zip64, read the same") {
    const std::string array = npy_file<double>("<f8", "(3, 2)", ramp);
    for (const bool deflated : {false, true}) {
        for (const bool zip64 : {false, true}) {
            for (const bool zip64_end : {false, true}) {
                for (const auto how : {fr::access::map, fr::access::pread}) {
                    CAPTURE(deflated);
                    CAPTURE(zip64);
                    CAPTURE(zip64_end);
                    const temporary_directory folder;
                    const fr::npz_archive archive(
                        folder.write("a.npz", zip_file({{"first.npy", npy_file<float>("<f4", "(1,)", {7})},
                                                        {"positions.npy", array, deflated, zip64},
                                                        {"note.txt", "no array"}},
                                                       zip64_end)),
                        {.access = how});
                    CHECK(archive.names() == std::vector<std::string>{"first", "positions"});
                    CHECK(archive.has("positions"));
                    CHECK_FALSE(archive.has("note"));
                    const fr::samples table = archive.table("positions");
                    REQUIRE(table.size() == 3);
                    REQUIRE(table.columns() == 2);
                    CHECK(table(2, 1) == 5);
                    const fr::any_source frames = archive.frames("positions");
                    CHECK(frames.frame_count() == 3);
                    auto cursor = frames.cursor();
                    CHECK(cursor.frame(1)[0] == 2);
                    CHECK(archive.header("positions").shape == std::vector<std::size_t>{3, 2});
                }
            }
        }
    }
}

TEST_CASE("npz: a stored array that the file aligns is a view of the mapped file") {
    const temporary_directory folder;
    for (std::size_t length = 1; length <= 64; ++length) { // one of 8 names puts the array at a multiple of 8
        const std::string name(length, 'a');
        const auto file = std::make_shared<const fr::read_only_file>(
            folder.write("a.npz", zip_file({{name + ".npy", npy_file<double>("<f8", "(3, 2)", ramp)}})),
            fr::access::map);
        const fr::npz_archive archive(file);
        const auto part = archive.open(name);
        CHECK(part->data() >= file->data());
        CHECK(part->data() + part->size() <= file->data() + file->size());
        const auto frames = archive.frames(name).as<double>();
        auto cursor = fr::cursor_of(frames);
        for (std::size_t i = 0; i < 3; ++i) {
            const auto frame = cursor.frame(i);
            CHECK(frame[0] == ramp[2 * i]);
            const auto* const at = reinterpret_cast<const std::byte*>(frame.data());
            const bool view = at >= file->data() && at < file->data() + file->size();
            CHECK(view == ((30 + length + 4 + 128) % 8 == 0));
        }
    }
}

TEST_CASE("npz: files that numpy wrote") {
    for (const char* const name : {"npz_stored.npz", "npz_deflated.npz"}) {
        CAPTURE(std::string(name));
        const fr::npz_archive archive(golden(name));
        CHECK(archive.names() == std::vector<std::string>{"t", "d", "columns", "type", "whole"});
        CHECK(archive.table("t")[99] == doctest::Approx(0.99));
        CHECK(archive.table("d")(10, 1) == 21);
        CHECK(archive.words("columns") == std::vector<std::string>{"x", "größe"});
        CHECK(archive.words("type") == std::vector<std::string>{"TsdFrame"});
        CHECK(sentence_of<fr::file_error>([&] { archive.words("t"); }) ==
              golden(name) + "#t is of type '<f8' where a list of words is needed; save it with a.astype(str)");
    }
}

TEST_CASE("npz: objects are never unpickled") {
    const fr::npz_archive archive(golden("npz_objects.npz"));
    const std::string sentence = golden("npz_objects.npz") +
                                 "#a holds pickled Python objects, which are never read because they can run code; "
                                 "save numbers: numpy.save(path, numpy.asarray(a, dtype=float))";
    CHECK(sentence_of<fr::file_error>([&] { archive.table("a"); }) == sentence);
    CHECK(sentence_of<fr::file_error>([&] { archive.words("a"); }) == sentence);
}

TEST_CASE("npz: what is wrong is said in a sentence") {
    const std::string array = npy_file<double>("<f8", "(6,)", ramp);
    const std::string good = zip_file({{"a.npy", array}});
    CHECK(sentence_of<fr::file_error>([&] { in_memory("hello"); }) ==
          "a.npz is no .npz file: it does not start as a zip archive; write it with numpy.savez");
    CHECK(sentence_of<fr::file_error>([&] { in_memory(""); }) ==
          "a.npz is no .npz file: it does not start as a zip archive; write it with numpy.savez");
    CHECK(sentence_of<fr::file_error>([&] { in_memory(good.substr(0, good.size() - 30)); }) ==
          "a.npz is cut: the zip archive's directory, at its end, is not there; copy or write it again");
    CHECK(sentence_of<fr::file_error>([&] { in_memory(good).open("b"); }) ==
          "a.npz has no array 'b'; it has a; did you mean 'a'?");
    CHECK(sentence_of<fr::file_error>([&] { in_memory(zip_file({})).open("b"); }) ==
          "a.npz has no array 'b': it is empty");
    CHECK(sentence_of<fr::file_error>([&] {
              in_memory(zip_file({{.name = "a.npy", .bytes = array, .flags = 1}})).open("a");
          }) == "a.npz#a is encrypted; write it again with numpy.savez");
    CHECK(
        sentence_of<fr::file_error>(
            [&] { in_memory(zip_file({{.name = "a.npy", .bytes = array, .method = 14}})).open("a"); }) ==
        "a.npz#a is packed by method 14; stored (0) and deflated (8) arrays are read; write it again with numpy.savez");
    CHECK(sentence_of<fr::file_error>([&] {
              in_memory(zip_file({{.name = "a.npy", .bytes = array, .claimed_size = 9}})).open("a");
          }) == "a.npz is a damaged zip archive: 'a' is stored and has two sizes; copy or write it again");
    CHECK(sentence_of<fr::file_error>([&] {
              in_memory(zip_file({{"a.npy", array}, {"a.npy", array}}));
          }) == "a.npz is a damaged zip archive: it has two arrays named 'a'; copy or write it again");
    CHECK(
        sentence_of<fr::file_error>(
            [&] { in_memory(zip_file({{.name = "a.npy", .bytes = array, .deflated = true, .crc = 5}})).open("a"); }) ==
        "a.npz#a is damaged: it cannot be unpacked to the 176 bytes that the archive promises; copy or write it again");
}

TEST_CASE("npz: a bomb is refused before memory is taken") {
    const std::string zeros(1 << 20, '\0');
    const zip_entry bomb{
        .name = "a.npy", .bytes = zeros, .deflated = true, .zip64 = true, .claimed_size = std::uint64_t{1} << 40};
    const std::string sentence = sentence_of<fr::file_error>([&] { in_memory(zip_file({bomb})).open("a"); });
    CHECK(sentence.ends_with(" to 1099511627776 bytes, which cannot be; do not trust this file"));
    const zip_entry large{.name = "a.npy", .bytes = zeros, .deflated = true};
    CHECK(sentence_of<fr::file_error>([&] { in_memory(zip_file({large}), {.max_unpacked_bytes = 1000}).open("a"); }) ==
          "a.npz#a is deflated and unpacks to 1048576 bytes of memory; allowed are 1000; save it with numpy.savez, "
          "whose arrays are mapped, or raise max_unpacked_bytes");
    // One that unpacks to more than it says: noticed at the first byte too many.
    const zip_entry liar{.name = "a.npy", .bytes = zeros, .deflated = true, .claimed_size = 1000};
    CHECK(sentence_of<fr::file_error>([&] { in_memory(zip_file({liar})).open("a"); }) ==
          "a.npz#a is damaged: it cannot be unpacked to the 1000 bytes that the archive promises; copy or write it "
          "again");
}

TEST_CASE("npz: cut or changed anywhere, an archive is refused or read, and nothing else happens") {
    const std::string good = zip_file({{"a.npy", npy_file<double>("<f8", "(6,)", ramp), true},
                                       {"b.npy", npy_file<double>("<f8", "(6,)", ramp), false, true}},
                                      true);
    const auto try_all = [](const std::string& bytes) {
        try {
            const fr::npz_archive archive = in_memory(bytes, {.max_unpacked_bytes = 1 << 20});
            for (const std::string& name : archive.names()) {
                try {
                    archive.table(name);
                } catch (const fr::error&) {
                }
                try {
                    archive.words(name);
                } catch (const fr::error&) {
                }
            }
        } catch (const fr::error&) {
        }
    };
    for (std::size_t length = 0; length < good.size(); ++length) {
        try_all(good.substr(0, length));
    }
    std::mt19937 random(7);
    for (int k = 0; k < 20000; ++k) {
        std::string changed = good;
        changed[random() % changed.size()] = static_cast<char>(random());
        changed[random() % changed.size()] = static_cast<char>(random() % 2 == 0 ? -1 : 0);
        try_all(changed);
    }
    CHECK(in_memory(good).table("b")[5] == 5);
}
