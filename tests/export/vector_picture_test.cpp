// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>

#include <fieldreel/export/vector_picture.hpp>

#include "render/scenes.hpp"
#include "support/font_leaks.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

using namespace fieldreel;
using support::sentence_of;
using support::temporary_directory;

namespace {
bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}
} // namespace

TEST_CASE("SVG and PDF have their sizes, and shapes as paths") {
    const temporary_directory at;
    scene now = scenes::hot_scene();
    now.shapes.arrow({5, 5}, {20, 20}, {.size_px = 3});
    render_options options;
    options.size = {600, 800};
    write_vector_picture(at.file("a.svg"), vector_format::svg, now, options);
    const std::string svg = support::bytes_of(at.file("a.svg"));
    CHECK(contains(svg, "viewBox=\"0 0 600 450\"")); // points: 800 x 600 at 96 per inch
    CHECK(contains(svg, "<path"));
    CHECK(contains(svg, "</svg>"));
    write_vector_picture(at.file("a.pdf"), vector_format::pdf, now, options, 300);
    const std::string pdf = support::bytes_of(at.file("a.pdf"));
    CHECK(pdf.starts_with("%PDF"));
    CHECK(contains(pdf, "/MediaBox [ 0 0 192 144 ]"));
    CHECK(contains(pdf, "%%EOF"));
    CHECK_FALSE(temporary_directory::exists(at.file("a.pdf.part")));
}

TEST_CASE("what cannot be written is refused with a sentence, and leaves no file") {
    const temporary_directory at;
    const std::string path = at.file("a.svg");
    CHECK(sentence_of<invalid_value>([&] { write_vector_picture(path, vector_format::svg, scene(), {}, 0); }) ==
          "a picture of 0 pixels per inch was asked for; give a positive number; 300 is usual for print");
    CHECK(sentence_of<file_error>([&] {
              write_vector_picture(at.file("none/a.svg"), vector_format::svg, scene(), {});
          }) == at.file("none/a.svg") +
                    " cannot be created (No such file or directory); check that the folder exists and may be written");
    CHECK_FALSE(temporary_directory::exists(path));
    if (temporary_directory::exists("/dev/full")) {
        for (const vector_format format : {vector_format::svg, vector_format::pdf}) {
            std::filesystem::create_symlink("/dev/full", path + ".part");
            CHECK(sentence_of<file_error>([&] { write_vector_picture(path, format, scenes::hot_scene(), {}); }) ==
                  path + " cannot be written (No space left on device); check that the disk is not full");
            CHECK_FALSE(temporary_directory::exists(path));
        }
    }
}
