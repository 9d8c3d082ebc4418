// SPDX-License-Identifier: MIT
// Pictures as PNG files.
#ifndef FIELDREEL_EXPORT_PNG_HPP
#define FIELDREEL_EXPORT_PNG_HPP

#if !__has_include(<png.h>)
#error "fieldreel/export/png.hpp needs libpng: link fieldreel::png, or install libpng-dev and link png"
#endif

#include <cmath>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include <png.h>

#include <fieldreel/error.hpp>
#include <fieldreel/export/part_file.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/render/coverage.hpp>

namespace fieldreel::inline v0 {

struct png_options {
    double dpi = 0; ///< pixels per inch, for programs that print; 0: not said
    int level = 1;  ///< of compression, 0-9: 1 is several times as fast as 6, for files a fifth larger
};

namespace detail {

/// Pixels of four bytes; `step` bytes from row to row.
struct png_rows {
    const std::uint8_t* first = nullptr;
    std::size_t step = 0;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    bool blue_first = false;
    bool alpha = false;
};

/// libpng leaves its functions by a jump when anything goes wrong: nothing in here needs a destructor. Gives what went
/// wrong, or an empty text in `problem`.
inline void encode_png(std::FILE* out, const png_rows& rows, const png_options& options, char (&problem)[128]) {
    problem[0] = '\0';
    png_structp png = png_create_write_struct(
        PNG_LIBPNG_VER_STRING, problem,
        [](png_structp self, png_const_charp words) {
            std::snprintf(static_cast<char*>(png_get_error_ptr(self)), sizeof problem, "%s", words);
            png_longjmp(self, 1);
        },
        [](png_structp, png_const_charp) {});
    png_infop info = png == nullptr ? nullptr : png_create_info_struct(png);
    if (info == nullptr) {
        png_destroy_write_struct(&png, nullptr);
        std::snprintf(problem, sizeof problem, "no memory");
        return;
    }
    if (setjmp(png_jmpbuf(png)) != 0) {
        png_destroy_write_struct(&png, &info);
        return;
    }
    png_init_io(png, out);
    png_set_compression_level(png, options.level);
    png_set_filter(png, 0, PNG_FILTER_UP);
    png_set_IHDR(png, info, rows.width, rows.height, 8, rows.alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB_gAMA_and_cHRM(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    if (options.dpi > 0) {
        const auto per_metre = static_cast<png_uint_32>(options.dpi / 0.0254 + 0.5);
        png_set_pHYs(png, info, per_metre, per_metre, PNG_RESOLUTION_METER);
    }
    png_write_info(png, info);
    if (rows.blue_first) {
        png_set_bgr(png);
    }
    if (!rows.alpha) {
        png_set_filler(png, 0, PNG_FILLER_AFTER);
    }
    for (std::uint32_t y = 0; y < rows.height; ++y) {
        png_write_row(png, rows.first + y * rows.step);
    }
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
}

inline void write_png(const std::string& path, const png_rows& rows, const png_options& options) {
    if (rows.width == 0 || rows.height == 0) {
        throw invalid_value("image",
                            text("a picture of ", rows.width, " x ", rows.height, " pixels was to be written to ", path,
                                 "; it must have at least one; draw something first"));
    }
    if (!(options.dpi >= 0 && options.dpi <= 1e6)) {
        throw invalid_value("dpi", text("a picture of ", options.dpi,
                                        " pixels per inch was asked for; give 0 to 1000000; 300 is usual for print, 0 "
                                        "says nothing"));
    }
    if (options.level < 0 || options.level > 9) {
        throw invalid_value("level", text("a compression of level ", options.level,
                                          " was asked for; it must be 0 to 9; 1 is fast, 9 is small"));
    }
    part_file file(path);
    char problem[128];
    encode_png(file.stream(), rows, options, problem);
    if (problem[0] != '\0' && std::ferror(file.stream()) == 0) { // a full disk is told by finish, with its reason
        throw file_error(path, text(path, " cannot be written (", std::string_view(problem), ")"));
    }
    file.finish();
}

} // namespace detail

/// Writes opaque pixels, as a raster has them. The file appears under its name when it is complete.
/// Errors: invalid_value for no pixels and for options outside their range; file_error when the file cannot be made or
/// the disk is full; then no file is left.
inline void write_png(const std::string& path, const bgra_view& pixels, const png_options& options = {}) {
    detail::write_png(path,
                      {reinterpret_cast<const std::uint8_t*>(pixels.pixels),
                       static_cast<std::size_t>(pixels.stride) * 4, static_cast<std::uint32_t>(pixels.width),
                       static_cast<std::uint32_t>(pixels.height), true, false},
                      options);
}

/// Writes an image, with its transparency where it has any. Errors: as above.
inline void write_png(const std::string& path, const image& pixels, const png_options& options = {}) {
    bool alpha = false;
    for (const rgba8& pixel : pixels.pixels()) {
        alpha = alpha || pixel.a != 255;
    }
    detail::write_png(path,
                      {reinterpret_cast<const std::uint8_t*>(pixels.pixels().data()), pixels.shape().cols * 4,
                       static_cast<std::uint32_t>(pixels.shape().cols), static_cast<std::uint32_t>(pixels.shape().rows),
                       false, alpha},
                      options);
}

} // namespace fieldreel::inline v0

#endif
