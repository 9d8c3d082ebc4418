// SPDX-License-Identifier: MIT
#include <fieldreel/source/array_source.hpp> // first: it finds xtensor by itself

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#if __has_include(<xtensor/views/xview.hpp>)
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xview.hpp>
#endif

#include <fieldreel/source/any_source.hpp>

#include "support/sentence.hpp"

namespace fr = fieldreel;
using support::sentence_of;
using support::thrown_by;

namespace {

xt::xtensor<float, 2> table(std::size_t rows, std::size_t cols) {
    xt::xtensor<float, 2> out(std::array<std::size_t, 2>{rows, cols});
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t j = 0; j < cols; ++j) {
            out(i, j) = static_cast<float>(100 * i + j);
        }
    }
    return out;
}

static_assert(fr::contiguous_frame_source<fr::array_source<float>>);
static_assert(fr::concurrent_read<fr::array_source<float>>);

} // namespace

TEST_CASE("an owned array: moved in, shared by copies") {
    auto array = table(5, 3);
    const float* const memory = array.data();
    std::optional<fr::array_source<float>> source = fr::array_source(std::move(array));
    CHECK(source->view(0).data() == memory); // not copied
    CHECK(source->frame_count() == 5);
    CHECK(source->frame_size() == 3);
    auto cursor = fr::cursor_of(*source);
    const auto copy = *source;
    source.reset();
    CHECK(copy.view(0).data() == memory);
    CHECK(cursor.frame(4)[2] == 402);
    std::vector<float> room(6);
    copy.read(3, room);
    CHECK(room == std::vector<float>{300, 301, 302, 400, 401, 402});
    CHECK_THROWS_AS(copy.read(4, room), fr::frame_out_of_range);
    CHECK(fr::any_source(copy).cursor().frame(2)[1] == 201);
}

TEST_CASE("a shared frame keeps an owned array alive") {
    fr::shared_frame<float> kept;
    {
        auto cursor = fr::cursor_of(fr::array_source(table(5, 3)));
        kept = cursor.share(4);
    }
    CHECK(kept.values[0] == 400);
}

TEST_CASE("a column-major array is brought into order when it is taken") {
    xt::xtensor<float, 2, xt::layout_type::column_major> array = table(4, 3);
    const auto source = fr::array_source(array);
    CHECK(source.view(2)[1] == 201);
    CHECK(source.view(3)[0] == 300);
}

TEST_CASE("a borrowed array is looked at, not copied") {
    auto array = table(5, 3);
    const auto source = fr::array_source<float>::borrow(array);
    CHECK(source.view(0).data() == array.data());
    array(1, 1) = -7;
    CHECK(fr::cursor_of(source).frame(1)[1] == -7);

    std::vector<double> numbers = {1, 2, 3, 4, 5, 6};
    const auto adapted = xt::adapt(numbers, std::array<std::size_t, 2>{3, 2});
    CHECK(fr::array_source<double>::borrow(adapted).view(2).data() == numbers.data() + 4);
    CHECK(fr::array_source<double>::borrow(numbers.data(), 2, 3).view(1)[0] == 4);

    const auto rows = xt::view(array, xt::range(1, 4), xt::all());
    const auto some = fr::array_source<float>::borrow(rows);
    CHECK(some.frame_count() == 3);
    CHECK(some.view(0).data() == array.data() + 3);
    const auto one = xt::view(array, xt::range(2, 3), xt::all());
    CHECK(fr::array_source<float>::borrow(one).view(0)[2] == 202);
}

TEST_CASE("what is not dense and row-major cannot be borrowed") {
    const std::string refused = "borrow was given an array that is not two-dimensional, row-major and dense; copy it: "
                                "array_source(xt::eval(frames))";
    const auto array = table(6, 4);
    const auto said = [](const auto& view) {
        return sentence_of<fr::invalid_value>([&] { (void)fr::array_source<float>::borrow(view); });
    };
    CHECK(said(xt::view(array, xt::all(), xt::range(0, 2))) == refused);                       // some columns
    CHECK(said(xt::view(array, xt::range(0, 6, 2), xt::all())) == refused);                    // every second row
    CHECK(said(xt::view(array, xt::all(), xt::range(0, 4, 2))) == refused);                    // every second column
    CHECK(said(xt::view(array, xt::range(5, xt::placeholders::_, -1), xt::all())) == refused); // rows backwards
    CHECK(said(xt::view(array, xt::range(0, 1), xt::range(3, xt::placeholders::_, -1))) == refused); // a row backwards
    CHECK(said(xt::xtensor<float, 2, xt::layout_type::column_major>(array)) == refused);
    CHECK(said(xt::xtensor<float, 1>({1.0F, 2.0F})) == refused);
    CHECK(thrown_by<fr::invalid_value>([&] {
              (void)fr::array_source<float>::borrow(xt::view(array, xt::all(), xt::range(0, 2)));
          }).name() == "frames");
    // and the cure works
    const xt::xtensor<float, 2> copied = xt::eval(xt::view(array, xt::all(), xt::range(0, 2)));
    CHECK(fr::array_source(copied).view(5)[1] == 501);
}

TEST_CASE("an array without values is refused") {
    CHECK(sentence_of<fr::invalid_value>([] { (void)fr::array_source(table(0, 3)); }) ==
          "an array of 0 frames of 3 values was given; a source needs at least one frame of at least one value");
    CHECK(sentence_of<fr::invalid_value>([] { (void)fr::array_source(table(3, 0)); }) ==
          "an array of 3 frames of 0 values was given; a source needs at least one frame of at least one value");
}

TEST_CASE("subsample_frames copies the frames that subsample_indices names") {
    const auto array = table(50, 3);
    const auto kept = fr::subsample_frames(array, {.source_hz = 250, .target_hz = 30});
    const auto indices = fr::subsample_indices(50, 250, 30);
    REQUIRE(kept.shape(0) == indices.size());
    REQUIRE(kept.shape(1) == 3);
    for (std::size_t i = 0; i < indices.size(); ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
            REQUIRE(kept(i, j) == array(indices[i], j));
        }
    }
    CHECK(sentence_of<fr::invalid_value>(
              [&] { (void)fr::subsample_frames(array, {.source_hz = 30, .target_hz = 60}); }) ==
          "a target rate of 60 Hz was asked of a source of 30 Hz; frames cannot be invented; ask for at most 30 Hz");
}
