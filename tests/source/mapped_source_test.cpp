// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/source/select.hpp>
#include <fieldreel/source/timed.hpp>

#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::npy_file;
using support::npy_head;
using support::npy_words;
using support::sentence_of;
using support::temporary_directory;
using support::thrown_by;

namespace {

constexpr fr::access both[] = {fr::access::map, fr::access::pread};

template <class T>
std::vector<T> list(std::span<const T> values) {
    return {values.begin(), values.end()};
}

/// Frame i of size 3 is {i, i + 0.5, -i}.
std::vector<float> frames(std::size_t count) {
    std::vector<float> out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = static_cast<float>(i);
        out.insert(out.end(), {value, value + 0.5F, -value});
    }
    return out;
}

std::string npy_of_frames(const temporary_directory& folder, std::size_t count) {
    return folder.write("frames.npy", npy_file<float>("<f4", "(" + std::to_string(count) + ", 3)", frames(count)));
}

} // namespace

TEST_CASE("frames of a .npy file, mapped and read") {
    const temporary_directory folder;
    const auto path = npy_of_frames(folder, 50);
    for (const fr::access how : both) {
        const auto source = fr::open_npy<float>(path, {.access = how});
        CHECK(source.frame_count() == 50);
        CHECK(source.frame_size() == 3);
        CHECK(source.path() == path);
        CHECK(source.mapped() == (how == fr::access::map));
        CHECK_FALSE(source.frame_shape().has_value());
        std::vector<float> all(150);
        source.read(0, all);
        CHECK(all == frames(50));
        auto cursor = source.cursor();
        for (std::size_t k = 0; k < 50; ++k) {
            const std::size_t i = k * 17 % 50;
            const auto value = static_cast<float>(i);
            REQUIRE(list(cursor.frame(i)) == std::vector<float>{value, value + 0.5F, -value});
            REQUIRE(list(cursor.share(i).values) == std::vector<float>{value, value + 0.5F, -value});
        }
        CHECK(sentence_of<fr::frame_out_of_range>([&] { (void)cursor.frame(50); }) ==
              "frame 50 is past the end: the source has 50 frames (0-49); clamp the index or use subsample");
        CHECK(thrown_by<fr::frame_out_of_range>([&] { (void)cursor.frame(50); }).frame_count() == 50);
        CHECK_THROWS_AS(source.read(49, all), fr::frame_out_of_range);
    }
}

TEST_CASE("a mapped frame is a view of the file: resident, and shared without a copy") {
    const temporary_directory folder;
    const auto path = npy_of_frames(folder, 5);
    std::optional<fr::shared_frame<float>> kept;
    {
        const auto source = fr::open_npy<float>(path, {.access = fr::access::map});
        auto cursor = source.cursor();
        const auto first = cursor.frame(1);
        (void)cursor.frame(4);
        CHECK(first[2] == -1); // still there
        CHECK(cursor.try_frame(2).value().data() == first.data() + 3);
        CHECK(cursor.nearest(3).value().index == 3);
        kept = cursor.share(1);
        CHECK(kept->values.data() == first.data());
    }
    CHECK(kept->values[1] == 1.5F); // the source and its cursor are gone

    auto reading = fr::open_npy<float>(path, {.access = fr::access::pread}).cursor();
    CHECK_FALSE(reading.try_frame(2).has_value());
    CHECK_FALSE(reading.nearest(2).has_value());
    (void)reading.frame(2);
    CHECK(reading.try_frame(2).value()[1] == 2.5F);
    CHECK(reading.nearest(4).value().index == 2);
}

TEST_CASE("one value per frame, several, or pictures") {
    const temporary_directory folder;
    const std::vector<std::int32_t> six = {1, 2, 3, 4, 5, 6};
    const auto one = fr::open_npy<std::int32_t>(folder.write("1.npy", npy_file("<i4", "(6,)", six)));
    CHECK(one.frame_count() == 6);
    CHECK(one.frame_size() == 1);
    CHECK(one.cursor().frame(5)[0] == 6);
    const auto three = fr::open_npy<std::int32_t>(folder.write("3.npy", npy_file("<i4", "(2, 1, 3)", six)));
    CHECK(three.frame_count() == 2);
    CHECK(three.frame_size() == 3);
    CHECK(three.frame_shape().value() == fr::image_shape{1, 3});
    for (const std::string shape : {"()", "(1, 2, 3, 1)"}) {
        const auto path = folder.write("x.npy", npy_file("<i4", shape, six));
        CHECK(sentence_of<fr::file_error>([&] { (void)fr::open_npy<std::int32_t>(path); }) ==
              path + " has the shape " + (shape == "()" ? "()" : "1 x 2 x 3 x 1") +
                  "; allowed are (frames), (frames, bins) and (frames, rows, columns); use numpy.reshape");
    }
}

TEST_CASE("the wrong type is refused with both ways out") {
    const temporary_directory folder;
    const auto path = npy_of_frames(folder, 2);
    CHECK(sentence_of<fr::file_error>([&] { (void)fr::open_npy<double>(path); }) ==
          path + " holds float32 and float64 was asked for; open it without a type (open_npy(path)) or convert it with "
                 "a.astype('float64')");
    CHECK(thrown_by<fr::file_error>([&] { (void)fr::open_npy<double>(path); }).path() == path);
}

TEST_CASE("a recording without frames, or without bins, is refused") {
    const temporary_directory folder;
    const std::string rest = " values; a recording needs at least one frame of at least one value; check the file and "
                             "its shape";
    const auto none = folder.write("none.npy", npy_file<float>("<f4", "(0, 7)", {}));
    CHECK(sentence_of<fr::invalid_value>([&] { (void)fr::open_npy<float>(none); }) ==
          none + " has 0 frames of 7" + rest);
    CHECK(thrown_by<fr::invalid_value>([&] { (void)fr::open_npy<float>(none); }).name() == "frame_count");
    const auto empty = folder.write("empty.npy", npy_file<float>("<f4", "(7, 0)", {}));
    CHECK(sentence_of<fr::invalid_value>([&] { (void)fr::open_npy<float>(empty); }) ==
          empty + " has 7 frames of 0" + rest);
    CHECK(thrown_by<fr::invalid_value>([&] { (void)fr::open_npy<float>(empty); }).name() == "frame_size");
    CHECK(fr::open_npy<float>(folder.write("one.npy", npy_file<float>("<f4", "(1, 1)", {3}))).frame_count() == 1);
}

TEST_CASE("a missing file, a directory and a cut file are refused on opening") {
    const temporary_directory folder;
    CHECK(sentence_of<fr::file_error>([&] { (void)fr::open_npy<float>(folder.file("no.npy")); }) ==
          folder.file("no.npy") + " cannot be opened: No such file or directory; check the path");
    CHECK(sentence_of<fr::file_error>([&] {
              (void)fr::open_raw<float>(folder.path(), {.frame_count = 1, .frame_size = 1});
          }) == folder.path() + " cannot be opened: it is a directory; give a file inside it");
    const auto path = npy_of_frames(folder, 10);
    temporary_directory::resize(path, 200);
    CHECK(sentence_of<fr::file_error>([&] { (void)fr::open_npy<float>(path); }) ==
          path + " is cut: it has 200 bytes and its header promises 248; copy or write it again");
}

TEST_CASE("raw numbers from any byte on, where they lie askew they are read, not mapped") {
    const temporary_directory folder;
    const auto values = frames(4);
    for (std::size_t offset = 0; offset < 9; ++offset) {
        const auto path =
            folder.write("raw", std::string(offset, '#') + support::raw_bytes(std::span(values)) + "tail");
        for (const fr::access how : both) {
            const auto source =
                fr::open_raw<float>(path, {.frame_count = 4, .frame_size = 3, .offset_bytes = offset, .access = how});
            CHECK(source.mapped() == (how == fr::access::map && offset % 4 == 0));
            std::vector<float> all(12);
            source.read(0, all);
            CHECK(all == values);
            auto cursor = source.cursor();
            CHECK(list(cursor.frame(3)) == std::vector<float>{3, 3.5, -3});
            CHECK(list(cursor.frame(1)) == std::vector<float>{1, 1.5, -1});
        }
    }
}

TEST_CASE("a raw file that is too short says what it holds") {
    const temporary_directory folder;
    const auto path = folder.write("raw", std::string(100, '\0'));
    const auto refused = [&](const fr::raw_layout& layout) {
        return sentence_of<fr::file_error>([&] { (void)fr::open_raw<double>(path, layout); });
    };
    const std::string check = "; check frame_count, frame_size and offset_bytes";
    CHECK(fr::open_raw<double>(path, {.frame_count = 4, .frame_size = 3}).frame_count() == 4);
    CHECK(refused({.frame_count = 5, .frame_size = 3}) ==
          path + " is too short: 5 frames of 3 float64 values were asked for and it holds 4 after byte 0" + check);
    CHECK(refused({.frame_count = 4, .frame_size = 3, .offset_bytes = 5}) ==
          path + " is too short: 4 frames of 3 float64 values were asked for and it holds 3 after byte 5" + check);
    CHECK(refused({.frame_count = 1, .frame_size = 1, .offset_bytes = 1000}) ==
          path + " is too short: 1 frames of 1 float64 values were asked for and it holds 0 after byte 1000" + check);
    const std::size_t huge = ~std::size_t{0};
    CHECK(refused({.frame_count = huge, .frame_size = huge}).starts_with(path + " is too short"));
    CHECK(refused({.frame_count = huge / 8 + 2, .frame_size = 1}).starts_with(path + " is too short"));
    CHECK(sentence_of<fr::invalid_value>([&] { (void)fr::open_raw<double>(path, {.frame_size = 3}); }) ==
          path +
              " has 0 frames of 3 values; a recording needs at least one frame of at least one value; check the file "
              "and its shape");
}

TEST_CASE("a file that is cut while it is open: cursors and reads throw, and do not fault") {
    const temporary_directory folder;
    for (const fr::access how : both) {
        const auto path = npy_of_frames(folder, 5000); // several pages
        const auto source = fr::open_npy<float>(path, {.access = how});
        auto cursor = source.cursor();
        CHECK(cursor.frame(4999)[0] == 4999);
        temporary_directory::resize(path, 1000);
        std::vector<float> one(3);
        const std::string shrunk = path + " has shrunk from 60128 to 1000 bytes while it was open; do not rewrite a "
                                          "recording that is being played; open it again";
        CHECK(sentence_of<fr::file_error>([&] { (void)cursor.frame(4998); }) == shrunk);
        CHECK(sentence_of<fr::file_error>([&] { (void)cursor.share(4998); }) == shrunk);
        CHECK(sentence_of<fr::file_error>([&] { source.read(4998, one); }) == shrunk);
        if (how == fr::access::map) {
            CHECK(sentence_of<fr::file_error>([&] { (void)cursor.try_frame(4998); }) == shrunk);
            CHECK(sentence_of<fr::file_error>([&] { (void)cursor.nearest(4998); }) == shrunk);
        } else {
            CHECK(cursor.frame(3)[0] == 3); // what is left can still be read
        }
    }
}

TEST_CASE("opening does not depend on the length: ten million frames of 40 kB that take no room") {
    // 400 GB: had opening read, listed or copied anything per frame, this would not end.
    const temporary_directory folder;
    const auto path = folder.write("long.npy", npy_head(npy_words("<f4", "(10000000, 100, 100)")));
    try {
        temporary_directory::resize(path, 128 + std::uint64_t{10'000'000} * 40'000);
    } catch (const std::exception& refused) {
        MESSAGE("skipped: this file system holds no sparse file of 400 GB: " << std::string(refused.what()));
        return;
    }
    for (const fr::access how : both) {
        const auto source = fr::open_npy<float>(path, {.access = how});
        CHECK(source.frame_count() == 10'000'000);
        CHECK(source.frame_size() == 10'000);
        const auto chain =
            source | fr::timed({.rate_hz = 500}) | fr::slice({1}) | fr::subsample({.source_hz = 500, .target_hz = 30});
        auto cursor = fr::cursor_of(chain);
        const auto last = cursor.frame(chain.frame_count() - 1);
        CHECK(last.size() == 10'000);
        CHECK(last[9999] == 0);
        CHECK(cursor.frame(0)[0] == 0);
        CHECK(source.cursor().frame(9'999'999)[9999] == 0);
        CHECK(chain.frame_at(1000).has_value());
    }
}
