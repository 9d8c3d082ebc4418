// SPDX-License-Identifier: MIT
// A scene as a file of lines, for papers: SVG and PDF.
#ifndef FIELDREEL_EXPORT_VECTOR_PICTURE_HPP
#define FIELDREEL_EXPORT_VECTOR_PICTURE_HPP

#include <cmath>
#include <cstdint>
#include <string>

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>

#include <fieldreel/error.hpp>
#include <fieldreel/export/part_file.hpp>
#include <fieldreel/render/cairo_drawing.hpp>
#include <fieldreel/render/cairo_scene.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/viewer/scene.hpp>

namespace fieldreel::inline v0 {

enum class vector_format : std::uint8_t { svg, pdf };

/// Writes a scene as SVG or PDF: shapes are paths, text is text, the field is a picture in it. `dpi`: how many pixels
/// of options.size an inch has; line widths and text grow with the size, as in a raster. Errors: invalid_value,
/// render_error; file_error when the file cannot be written, which then does not exist.
inline void write_vector_picture(const std::string& path, vector_format format, const scene& now,
                                 const render_options& options, double dpi = 96) {
    check(options);
    if (!(dpi > 0) || !std::isfinite(dpi)) {
        throw invalid_value("dpi", detail::text("a picture of ", dpi,
                                                " pixels per inch was asked for; give a positive number; 300 is usual "
                                                "for print"));
    }
    part_file file(path);
    const auto write = [](void* to, const unsigned char* bytes, unsigned int count) {
        return static_cast<part_file*>(to)->write(bytes, count) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
    };
    const double width = static_cast<double>(options.size.cols) * 72 / dpi;
    const double height = static_cast<double>(options.size.rows) * 72 / dpi;
    const detail::cairo_picture surface(format == vector_format::svg
                                            ? cairo_svg_surface_create_for_stream(write, &file, width, height)
                                            : cairo_pdf_surface_create_for_stream(write, &file, width, height));
    detail::check_status(cairo_surface_status(surface.get()), "making a picture");
    {
        const detail::cairo_context on(cairo_create(surface.get()));
        cairo_scale(on.get(), 72 / dpi, 72 / dpi);
        draw_scene(on.get(), now, options);
        cairo_show_page(on.get());
    }
    cairo_surface_finish(surface.get());
    if (cairo_surface_status(surface.get()) != CAIRO_STATUS_WRITE_ERROR) { // that one finish tells, with its reason
        detail::check_status(cairo_surface_status(surface.get()), "writing a picture");
    }
    file.finish();
}

} // namespace fieldreel::inline v0

#endif
