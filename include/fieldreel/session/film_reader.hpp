// SPDX-License-Identifier: MIT
// Films of a session: their pictures, place and times from their description in session.json.
#ifndef FIELDREEL_SESSION_FILM_READER_HPP
#define FIELDREEL_SESSION_FILM_READER_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/overlay/align.hpp>
#include <fieldreel/overlay/film.hpp>
#include <fieldreel/overlay/overlap.hpp>
#include <fieldreel/session/overlay_facts.hpp>
#include <fieldreel/session/overlay_reader.hpp>
#include <fieldreel/session/session_content.hpp>
#include <fieldreel/session/session_options.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {
namespace detail {

/// A film's pictures, and their rows and columns apart from channels.
struct film_frames {
    any_source frames;
    image_shape shape;
};

inline film_frames open_film(const overlay_reader& in, const std::string& file) {
    const session_storage& storage = in.from().storage;
    if (storage.opener_of(file) != nullptr) {
        const any_source frames = storage.frames(file);
        const auto shape = frames.frame_shape();
        if (!shape) {
            in.in.refuse("file", text("is '", file, "', whose frames have no rows and columns; a film has them"));
        }
        return {frames, *shape};
    }
    if (std::filesystem::path(file).extension() != ".npy") {
        in.in.refuse("file", text("is '", file,
                                  "', which nothing here reads; films are .npy files (frames, rows, columns), and "
                                  "in programs built with libav those that it reads (.mp4, .avi, .mkv, .mov)"));
    }
    const std::vector<std::size_t> shape = in.shape_of(file);
    if (shape.size() != 3 && shape.size() != 4) {
        in.in.refuse("file", text("is '", file, "' of shape ", shape_text(shape),
                                  "; a film is (frames, rows, columns) or (frames, rows, columns, channels)"));
    }
    const image_shape picture{shape[1], shape[2]};
    if (shape.size() == 3) {
        return {storage.frames(file), picture};
    }
    const read_only_file opened(in.file(file), storage.access);
    const npy_header header = read_npy_header(opened);
    if (header.type != dtype::u8) {
        in.in.refuse("file", text("is '", file, "' of ", name_of(header.type), "; colours must be uint8"));
    }
    return {open_raw<std::uint8_t>(in.file(file), {.frame_count = shape[0],
                                                   .frame_size = shape[1] * shape[2] * shape[3],
                                                   .offset_bytes = header.data_offset}),
            picture};
}

/// The times that a film has of itself.
inline sample_times own_times(const any_source& frames, double offset_s) {
    std::vector<double> out(frames.frame_count());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = frames.time_s(i);
    }
    return sample_times(std::move(out), offset_s);
}

/// "file": FILE (n, rows, columns) or (n, rows, columns, 3), "times" or "rate_hz"; "to_environment"; "crop":
/// {"row", "col", "rows", "cols"}; film_options; over a field without "layer" and "opacity": above it, half clear.
inline shown_overlay read_film(const session_overlay& of, const overlay_reader& in, const any_space& space) {
    const json_object& o = in.in;
    film_options how;
    const std::string file = o.required("file");
    const film_frames film_of = open_film(in, file);
    const any_source& frames = film_of.frames;
    how.shape = film_of.shape;
    if (o.has("crop")) {
        const json_object crop = o.object("crop");
        how.crop = {crop.whole("row", 0), crop.whole("col", 0), crop.whole("rows", 0), crop.whole("cols", 0)};
        in.part(crop).finish();
    }
    how.downsample = o.whole("downsample", how.downsample);
    if (space && !o.has("layer")) { // below the field it would be seen through its holes alone
        how.layer = layer::above;
        how.opacity = 0.5;
    }
    how.opacity = o.number("opacity", how.opacity);
    how.black = o.number("black", how.black);
    how.white = o.number("white", how.white);
    how.layer = in.layer(how.layer);
    how.outline = in.style("outline", how.outline);
    o.required_member("to_environment");
    const affine_xy where = in.to_environment();
    const sample_times times =
        !in.has_clock() && frames.timed() ? own_times(frames, o.number("offset_s", 0)) : in.times(frames.frame_count());
    if (frames.type() != dtype::u8 && !o.has("white") && frames.frame_count() > 0) {
        const auto [low, high] = frames.visit([](const auto& pixels) {
            std::vector<typename std::remove_cvref_t<decltype(pixels)>::value_type> first(pixels.frame_size());
            pixels.read(0, first);
            const auto ends = std::minmax_element(first.begin(), first.end());
            return std::pair(static_cast<double>(*ends.first), static_cast<double>(*ends.second));
        });
        o.refuse("white",
                 text("is missing: the pixels are ", name_of(frames.type()), ", ", rounded(low), " to ", rounded(high),
                      " in the first frame; give the value that is drawn white, and \"black\" if it is "
                      "not ",
                      how.black));
    }
    in.finish();
    return {{of.name, film(frames, times, where, how)}, of.kind, time_span(times), [=, name = of.name] {
                overlay_facts out;
                out.counts = text(times.size(), " frames of ", how.shape.rows, " x ", how.shape.cols, " pixels");
                examine_times(times, out);
                const double bottom =
                    static_cast<double>(how.shape.rows) - 0.5; // whole numbers are the pixels' middles
                const double right = static_cast<double>(how.shape.cols) - 0.5;
                std::vector<double> corners;
                for (const point_xy pixel : {point_xy{-0.5, -0.5}, {right, -0.5}, {-0.5, bottom}, {right, bottom}}) {
                    const point_xy at = where(pixel);
                    corners.insert(corners.end(), {at.x, at.y});
                }
                if (space) { // all of the space beside the picture
                    const box_xy box = space.bounds();
                    const auto ends = [&](std::size_t axis) {
                        return std::minmax({corners[axis], corners[2 + axis], corners[4 + axis], corners[6 + axis]});
                    };
                    const auto x = ends(0);
                    const auto y = ends(1);
                    if (x.second < box.low.x || x.first > box.high.x || y.second < box.low.y || y.first > box.high.y) {
                        out.problems.push_back(
                            text("the film '", name, "' (x ", rounded(x.first), " to ", rounded(x.second), ", y ",
                                 rounded(y.first), " to ", rounded(y.second), ") lies beside the space (x ",
                                 rounded(box.low.x), " to ", rounded(box.high.x), ", y ", rounded(box.low.y), " to ",
                                 rounded(box.high.y), "); check \"to_environment\""));
                    }
                }
                return out;
            }};
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
