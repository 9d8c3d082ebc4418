// SPDX-License-Identifier: MIT
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/raw_movie.hpp>

#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::sentence_of;

TEST_CASE("raw_movie: columns or rows are fastest, after some bytes") {
    const support::temporary_directory at;
    std::vector<std::int16_t> numbers = {-1};
    for (std::int16_t i = 0; i < 24; ++i) {
        numbers.push_back(i);
    }
    const std::string path = at.write_values("movie.bin", std::span<const std::int16_t>(numbers));
    const fr::any_source c =
        fr::open_raw_movie(path, {.type = fr::dtype::i16, .frames = 4, .shape = {2, 3}, .offset_bytes = 2});
    CHECK(c.type() == fr::dtype::i16);
    CHECK(*c.frame_shape() == fr::image_shape{2, 3});
    auto cursor = c.cursor();
    CHECK(cursor.frame(3)[0] == 18);
    CHECK(cursor.frame(3)[3] == 21); // row 1, column 0
    const fr::any_source f = fr::open_raw_movie(
        path, {.type = fr::dtype::i16, .frames = 4, .shape = {2, 3}, .rows_fastest = true, .offset_bytes = 2});
    CHECK(*f.frame_shape() == fr::image_shape{2, 3});
    auto turned = f.cursor();
    CHECK(turned.frame(3)[0] == 18);
    CHECK(turned.frame(3)[3] == 19);
    CHECK(turned.frame(3)[1] == 20);
}

TEST_CASE("raw_movie: what is stated must be possible") {
    const support::temporary_directory at;
    const std::string path = at.write("movie.bin", std::string(48, 'a'));
    CHECK(sentence_of<fr::invalid_value>([&] {
              fr::open_raw_movie(path, {.frames = 0, .shape = {2, 3}});
          }) ==
          path +
              ": a movie of 0 frames of 2 x 3 was stated; each must be at least 1, and all of it less than a file can "
              "hold");
    const std::size_t huge = std::size_t{1} << 33;
    CHECK(sentence_of<fr::invalid_value>([&] {
              fr::open_raw_movie(path, {.frames = huge, .shape = {huge, huge}});
          }).starts_with(path + ": a movie of 8589934592 frames of 8589934592 x 8589934592 was stated"));
    CHECK(sentence_of<fr::file_error>([&] {
              fr::open_raw_movie(path, {.frames = 3, .shape = {2, 3}});
          }) == path + " is too short: 3 frames of 2 x 3 float32 values were stated, and it holds 2 of them; check the "
                       "shape, the number type and the offset");
    CHECK(fr::dtype_named("uint16") == fr::dtype::u16);
    CHECK(sentence_of<fr::invalid_value>([] { fr::dtype_named("int15"); }) ==
          "the number type 'int15' was given; there are int8, uint8, int16, uint16, int32, uint32, int64, uint64, "
          "float32, float64; did you mean 'int16'?");
}

TEST_CASE("raw_movie: the names of CaImAn's files say what is in them") {
    const auto named = fr::caiman_layout("mouse_d1_rig_d1_60_d2_80_d3_1_order_F_frames_1000_.mmap");
    REQUIRE(named);
    CHECK(named->type == fr::dtype::f32);
    CHECK(named->frames == 1000);
    CHECK(named->shape == fr::image_shape{60, 80});
    CHECK(named->rows_fastest);
    CHECK(named->offset_bytes == 0);
    CHECK(fr::caiman_layout("Yr_d1_60_d2_80_d3_1_order_F_frames_7.mmap")->frames == 7);
    for (const char* const other :
         {"movie.mmap", "Yr_d1_60_d2_80_d3_1_order_F_.mmap", "", "_d1__d2__order_F_frames_",
          "Yr_d1_60_d2_x_d3_1_order_F_frames_7.mmap", "Yr_d1_60_d2_80_d3_1_order_K_frames_7.mmap",
          "Yr_d1_99999999999999999999_d2_80_d3_1_order_F_frames_7.mmap"}) {
        CAPTURE(std::string(other));
        CHECK_FALSE(fr::caiman_layout(other));
    }
    CHECK(
        sentence_of<fr::file_error>([] { fr::caiman_layout("Yr_d1_60_d2_80_d3_1_order_C_frames_7.mmap"); }) ==
        "Yr_d1_60_d2_80_d3_1_order_C_frames_7.mmap is stored pixel after pixel by its name (order C), so that a frame "
        "is scattered over the whole file; save it frame after frame in CaImAn: caiman.save_memmap([...], order='F')");
    CHECK(sentence_of<fr::file_error>([] { fr::caiman_layout("Yr_d1_60_d2_80_d3_5_order_F_frames_7.mmap"); }) ==
          "Yr_d1_60_d2_80_d3_5_order_F_frames_7.mmap holds volumes of 5 planes by its name; save one plane of it");
}
