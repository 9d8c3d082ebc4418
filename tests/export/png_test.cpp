// SPDX-License-Identifier: MIT
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <png.h>

#include <fieldreel/export/png.hpp>
#include <fieldreel/render/raster.hpp>

#include "render/scenes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

using namespace fieldreel;
using support::sentence_of;
using support::temporary_directory;

namespace {

/// What libpng's own reader makes of a file.
image read_back(const std::string& path) {
    png_image in{};
    in.version = PNG_IMAGE_VERSION;
    REQUIRE(png_image_begin_read_from_file(&in, path.c_str()) != 0);
    in.format = PNG_FORMAT_RGBA;
    image out({in.height, in.width});
    REQUIRE(png_image_finish_read(&in, nullptr, out.view().pixels, 0, nullptr) != 0);
    return out;
}
/// The bytes of a chunk; empty when there is none.
std::string chunk(const std::string& file, const std::string& name) {
    std::size_t at = 8;
    while (at + 12 <= file.size()) {
        std::size_t size = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            size = size * 256 + static_cast<unsigned char>(file[at + k]);
        }
        if (file.compare(at + 4, 4, name) == 0) {
            return file.substr(at + 8, size);
        }
        at += 12 + size;
    }
    return {};
}

} // namespace

TEST_CASE("a raster's pixels come back from the file") {
    const temporary_directory at;
    raster picture;
    picture.present(scenes::hot_scene());
    write_png(at.file("a.png"), picture.pixels());
    const image back = read_back(at.file("a.png"));
    image wanted;
    picture.copy_to(wanted);
    CHECK(back.shape() == wanted.shape());
    CHECK(std::vector(back.pixels().begin(), back.pixels().end()) ==
          std::vector(wanted.pixels().begin(), wanted.pixels().end()));
    CHECK_FALSE(temporary_directory::exists(at.file("a.png.part")));
}

TEST_CASE("the file says its colours are sRGB, and how many pixels an inch has") {
    const temporary_directory at;
    image picture({2, 3});
    std::fill_n(picture.view().pixels, 6, rgba8{1, 2, 3, 255});
    write_png(at.file("plain.png"), picture);
    const std::string plain = support::bytes_of(at.file("plain.png"));
    CHECK(chunk(plain, "sRGB").size() == 1);
    CHECK(chunk(plain, "pHYs").empty());
    CHECK(static_cast<int>(chunk(plain, "IHDR")[9]) == 2); // RGB
    write_png(at.file("dpi.png"), picture, {.dpi = 300});
    const std::string physical = chunk(support::bytes_of(at.file("dpi.png")), "pHYs");
    REQUIRE(physical.size() == 9);
    CHECK(static_cast<unsigned char>(physical[2]) * 256 + static_cast<unsigned char>(physical[3]) == 11811);
}

TEST_CASE("transparency is kept where there is any") {
    const temporary_directory at;
    image picture({1, 2});
    picture.view().at(0, 0) = {10, 20, 30, 255};
    picture.view().at(0, 1) = {40, 50, 60, 70};
    write_png(at.file("a.png"), picture);
    const image back = read_back(at.file("a.png"));
    CHECK(back.at(0, 0) == rgba8{10, 20, 30, 255});
    CHECK(back.at(0, 1) == rgba8{40, 50, 60, 70});
}

TEST_CASE("the same pixels give the same file") {
    const temporary_directory at;
    raster picture;
    picture.present(scenes::hot_scene());
    write_png(at.file("a.png"), picture.pixels());
    write_png(at.file("b.png"), picture.pixels());
    CHECK(support::bytes_of(at.file("a.png")) == support::bytes_of(at.file("b.png")));
}

TEST_CASE("what cannot be written is refused with a sentence, and leaves no file") {
    const temporary_directory at;
    const std::string path = at.file("a.png");
    CHECK(sentence_of<invalid_value>([&] { write_png(path, image()); }) ==
          "a picture of 0 x 0 pixels was to be written to " + path +
              "; it must have at least one; draw something first");
    const image one({1, 1});
    CHECK(sentence_of<invalid_value>([&] { write_png(path, one, {.dpi = -1}); }) ==
          "a picture of -1 pixels per inch was asked for; give 0 to 1000000; 300 is usual for print, 0 says nothing");
    CHECK(sentence_of<invalid_value>([&] { write_png(path, one, {.level = 10}); }) ==
          "a compression of level 10 was asked for; it must be 0 to 9; 1 is fast, 9 is small");
    CHECK(sentence_of<file_error>([&] { write_png(at.file("none/a.png"), one); }) ==
          at.file("none/a.png") +
              " cannot be created (No such file or directory); check that the folder exists and may be written");
    CHECK_FALSE(temporary_directory::exists(path));
    if (temporary_directory::exists("/dev/full")) {
        std::filesystem::create_symlink("/dev/full", path + ".part");
        const image large({500, 500});
        CHECK(sentence_of<file_error>([&] { write_png(path, large); }) ==
              path + " cannot be written (No space left on device); check that the disk is not full");
        CHECK_FALSE(temporary_directory::exists(path));
        CHECK_FALSE(temporary_directory::exists(path + ".part"));
    }
}
