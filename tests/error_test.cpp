// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/error.hpp>

#include "support/sentence.hpp"

namespace fr = fieldreel;
using support::sentence_of;
using support::thrown_by;

static_assert(std::is_base_of_v<std::runtime_error, fr::error>);
static_assert(std::is_base_of_v<fr::error, fr::file_error> && std::is_base_of_v<fr::error, fr::invalid_value>);
static_assert(std::is_base_of_v<fr::error, fr::data_error> && std::is_base_of_v<fr::error, fr::frame_out_of_range>);
static_assert(std::is_nothrow_copy_constructible_v<fr::error>);

TEST_CASE("each error carries its numbers as members, so that nobody parses a sentence") {
    const fr::file_error file("a/b.npy", "a/b.npy is cut");
    CHECK(file.path() == "a/b.npy");
    CHECK(std::string(file.what()) == "a/b.npy is cut");
    const fr::invalid_value value("chunk_size", "chunk_size is 0");
    CHECK(value.name() == "chunk_size");
    CHECK(std::string(value.what()) == "chunk_size is 0");
    const fr::data_error data("times must increase", 17);
    CHECK(data.index() == 17);
    const fr::frame_out_of_range frame(8, 5, "frame 8");
    CHECK(frame.frame() == 8);
    CHECK(frame.frame_count() == 5);
}

TEST_CASE("the sentence of a frame past the end") {
    CHECK(sentence_of<fr::frame_out_of_range>([] { fr::detail::throw_frame_out_of_range(120034, 120000); }) ==
          "frame 120034 is past the end: the source has 120000 frames (0-119999); clamp the index or use subsample");
    CHECK(sentence_of<fr::frame_out_of_range>([] { fr::detail::throw_frame_out_of_range(0, 0); }) ==
          "frame 0 was asked of a source that has no frames; check frame_count() first");
    const auto thrown = thrown_by<fr::frame_out_of_range>([] { fr::detail::throw_frame_out_of_range(7, 7); });
    CHECK(thrown.frame() == 7);
    CHECK(thrown.frame_count() == 7);
}

TEST_CASE("text joins words and numbers, numbers in their shortest exact form") {
    CHECK(fr::detail::text() == "");
    CHECK(fr::detail::text("a", 'b', std::string("c"), std::string_view("d")) == "abcd");
    CHECK(fr::detail::text(0.1, ' ', 1.0, ' ', -3, ' ', std::size_t{7}) == "0.1 1 -3 7");
    CHECK(fr::detail::text(std::uint8_t{65}, ' ', std::int8_t{-1}) == "65 -1");
    CHECK(fr::detail::text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(fr::detail::text(std::numeric_limits<double>::quiet_NaN(), ' ', -std::numeric_limits<double>::infinity()) ==
          "nan -inf");
    CHECK(fr::detail::text(std::numeric_limits<double>::lowest()) == "-1.7976931348623157e+308");
    CHECK(fr::detail::text(1.6e9 + 0.002) == "1600000000.002");
}

TEST_CASE("edit_distance counts insertions, deletions and replacements, and ignores case") {
    using fr::detail::edit_distance;
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("viridis", "VIRIDIS") == 0);
    CHECK(edit_distance("viridis", "virdis") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("jet", "hot") == 2);
}

TEST_CASE("edit_distance is a distance") {
    std::mt19937 engine(3);
    const auto word = [&] {
        std::string out(engine() % 6, 'a');
        for (char& c : out) {
            c = static_cast<char>('a' + engine() % 3);
        }
        return out;
    };
    using fr::detail::edit_distance;
    for (int k = 0; k < 2000; ++k) {
        const std::string a = word();
        const std::string b = word();
        const std::string c = word();
        CAPTURE(a);
        CAPTURE(b);
        CAPTURE(c);
        REQUIRE(edit_distance(a, b) == edit_distance(b, a));
        REQUIRE((edit_distance(a, b) == 0) == (a == b));
        REQUIRE(edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c));
    }
}

TEST_CASE("nearest_name suggests the name that was probably meant") {
    const std::vector<std::string> maps = {"viridis", "plasma", "inferno", "magma", "cividis", "hot", "RdBu_r"};
    using fr::detail::nearest_name;
    CHECK(std::string(nearest_name("virdis", maps)) == "viridis");
    CHECK(std::string(nearest_name("MAGMA", maps)) == "magma");
    CHECK(std::string(nearest_name("rdbu", maps)) == "RdBu_r");
    CHECK(std::string(nearest_name("infernal", maps)) == "inferno");
    CHECK(std::string(nearest_name("x", std::vector<std::string>{})) == "");
    CHECK(std::string(nearest_name("a", std::vector<std::string>{"b", "c"})) == "b"); // the first of equals
    static constexpr std::string_view views[] = {"pread", "map"};
    CHECK(std::string(nearest_name("prad", views)) == "pread");
}

TEST_CASE("join") {
    CHECK(fr::detail::join(std::vector<std::string>{}) == "");
    CHECK(fr::detail::join(std::vector<std::string>{"a"}) == "a");
    CHECK(fr::detail::join(std::vector<std::string_view>{"a", "b", "c"}) == "a, b, c");
}
