// SPDX-License-Identifier: MIT
// fieldreel export DIR out.png: a moment of a recording as a picture; out.mp4: as a film (export_video.cpp); out.html:
// as a page (export_html.cpp).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/export/png.hpp>
#include <fieldreel/export/vector_picture.hpp>
#include <fieldreel/overlay/ticks.hpp>
#include <fieldreel/render/raster.hpp>

#include "commands.hpp"
#include "export_html.hpp"
#include "export_video.hpp"
#include "pictures.hpp"

namespace {

using fieldreel::detail::text;

struct arguments {
    picture_arguments picture;
    part_arguments part;
    film_arguments film;
    page_arguments page;
    std::string output;
    std::optional<std::size_t> frame;
    std::string time;
    std::string view;
    std::optional<std::size_t> contact_sheet;
    bool force = false;
};

const std::vector<std::string> endings = {".png", ".svg", ".pdf"};

std::string ending_of(const std::string& path) {
    std::string out = std::filesystem::path(path).extension().string();
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (std::find(endings.begin(), endings.end(), out) == endings.end()) {
        throw fieldreel::invalid_value(
            "output", text(path, out.empty() ? std::string(" has no ending") : text(" ends in '", out, "'"),
                           "; pictures are written as ", fieldreel::detail::join(endings),
                           ", films as .mp4, .mkv, .webm, pages as .html; name one of these"));
    }
    return out;
}

/// What was asked for; without a word about it, the middle of the recording.
double moment_of(const arguments& given, const fieldreel::playback& from) {
    if (given.frame) {
        return time_of_frame(from, *given.frame);
    }
    if (!given.time.empty()) {
        const double time_s = time_of(given.time);
        check_time(from, time_s);
        return time_s;
    }
    if (given.picture.view) {
        const fieldreel::time_range all = from.times();
        return std::clamp(given.picture.view->time_s, all.start_s, all.stop_s);
    }
    const fieldreel::any_source& source = from.source(0);
    return source.time_s(source.frame_count() / 2);
}

/// Moments at equal distances over the recording, each a picture with its time.
void write_contact_sheet(const arguments& given, drawn_recording& from, const fieldreel::png_options& png) {
    const std::size_t count = *given.contact_sheet;
    fieldreel::render_options whole = from.options;
    whole.time = false;
    for (std::size_t f = 0; f < from.made.playback.field_count(); ++f) { // instead of a bar beside each
        const fieldreel::field_style& style = from.made.playback.style(f);
        if (!style.bar) {
            continue;
        }
        whole.title += " · " + style.label + " ";
        fieldreel::append_number(whole.title, style.range.vmin, 3);
        whole.title += "–";
        fieldreel::append_number(whole.title, style.range.vmax, 3);
        whole.title += (style.unit.empty() ? "" : " ") + style.unit;
    }
    fieldreel::scene now;
    fieldreel::raster page(whole);
    page.present(now); // the title alone
    const double top = page.layout().header_y > 0 ? page.layout().header_y + page.layout().text_px : 0;
    const double width = static_cast<double>(whole.size.cols);
    const double height = static_cast<double>(whole.size.rows) - top;
    const double text_px = page.layout().text_px;
    const double margins = 2 * page.layout().margin;
    const std::size_t fields = from.made.playback.field_count();
    std::size_t columns = 1;
    int best = -1;
    for (std::size_t c = 1; c <= count; ++c) { // as few as make the pictures largest
        const double across = static_cast<double>(c * fields);
        const double down = std::ceil(static_cast<double>(count) / static_cast<double>(c));
        const int wide = fieldreel::detail::fitted(from.made.playback.space(0), width / across - margins - text_px,
                                                   height / down - margins - 2.2 * text_px)
                             .first;
        const bool wide_enough = width / static_cast<double>(c) >= std::max(160.0, 6 * text_px); // for the time
        if (wide > best && (wide_enough || c == 1)) {
            best = wide;
            columns = c;
        }
    }
    const std::size_t lines = (count + columns - 1) / columns;
    fieldreel::render_options cell = from.options;
    cell.title.clear();
    cell.note.clear();
    cell.dock = false;
    cell.color_bar = false;
    cell.scale_bar = false;
    cell.size = {static_cast<std::size_t>(height) / lines, whole.size.cols / columns};
    if (cell.size.rows < 120 || cell.size.cols < 160) {
        throw fieldreel::invalid_value(
            "contact_sheet", text(count, " pictures on a sheet of ", whole.size.cols, " x ", whole.size.rows,
                                  " pixels were asked for; each needs 160 x 120 and would have ", cell.size.cols, " x ",
                                  cell.size.rows, "; ask for fewer, or a larger --size"));
    }
    cell.text_px = std::min(page.layout().text_px, static_cast<double>(cell.size.rows) / 12);
    fieldreel::raster one(cell);
    const fieldreel::bgra_view sheet = page.pixels();
    const fieldreel::time_range all = from.made.playback.times();
    for (std::size_t i = 0; i < count; ++i) {
        from.made.playback.fill(all.start_s + (all.stop_s - all.start_s) * (static_cast<double>(i) + 0.5) /
                                                  static_cast<double>(count),
                                now);
        one.present(now);
        const fieldreel::bgra_view drawn = one.pixels();
        const auto left = static_cast<int>(i % columns * cell.size.cols);
        const auto upper = static_cast<int>(top) + static_cast<int>(i / columns * cell.size.rows);
        for (int y = 0; y < drawn.height; ++y) {
            std::memcpy(sheet.row(upper + y) + left, drawn.row(y), static_cast<std::size_t>(drawn.width) * 4);
        }
    }
    fieldreel::write_png(given.output, sheet, png);
    std::printf("%s: %zu moments, %zu x %zu pixels\n", given.output.c_str(), count, whole.size.cols, whole.size.rows);
}

int run(arguments& given, const CLI::App& command) {
    if (is_page(given.output)) {
        std::string other = option_given(command, film_arguments::group);
        for (const char* name : {"--frame", "--time", "--contact-sheet", "--width-mm", "--height-mm", "--dpi"}) {
            other = command.get_option(name)->count() > 0 ? name : other;
        }
        if (!other.empty()) {
            throw fieldreel::invalid_value("output", text(other, " was given for the page ", given.output,
                                                          "; it is for pictures and films; a page has --range, "
                                                          "--speed, --target-hz, --max-mb and --size, that of its "
                                                          "screenshots"));
        }
        if (!given.view.empty()) {
            take_view(given.picture, given.view);
        }
        return export_page(given.page, given.part, given.picture, given.output, given.force);
    }
    if (const std::string name = option_given(command, page_arguments::group); !name.empty()) {
        throw fieldreel::invalid_value(
            "output", text(name, " was given for ", given.output, "; it is for pages, which end with .html"));
    }
    if (!given.view.empty()) {
        take_view(given.picture, given.view);
    }
    if (is_film(given.output)) {
        for (const char* name : {"--frame", "--time", "--contact-sheet", "--width-mm", "--height-mm", "--dpi"}) {
            if (command.get_option(name)->count() > 0) {
                throw fieldreel::invalid_value("output", text(name, " was given for the film ", given.output,
                                                              "; it is for pictures; a film has --range and --size"));
            }
        }
        return export_film(given.film, given.part, given.picture, given.output, given.force, command);
    }
    const std::string ending = ending_of(given.output);
    if (const std::string name = option_given(command, film_arguments::group); !name.empty()) {
        throw fieldreel::invalid_value("output", text(name, " was given for the picture ", given.output,
                                                      "; it is for films, which end with .mp4, .mkv or .webm"));
    }
    if (const std::string name = option_given(command, part_arguments::group); !name.empty()) {
        throw fieldreel::invalid_value(
            "output", text(name, " was given for the picture ", given.output,
                           "; it is for films (.mp4, .mkv, .webm) and pages (.html); a picture has --time"));
    }
    if (given.frame.has_value() + !given.time.empty() + given.contact_sheet.has_value() > 1) {
        throw fieldreel::invalid_value("frame",
                                       "more than one of --frame, --time and --contact-sheet was given; give one");
    }
    if (given.contact_sheet && (ending != ".png" || *given.contact_sheet == 0)) {
        throw fieldreel::invalid_value("contact_sheet",
                                       text("a contact sheet of ", *given.contact_sheet, " as ", ending,
                                            " was asked for; it has 1 or more pictures and is written "
                                            "as .png"));
    }
    if (given.contact_sheet.value_or(0) > 10'000) {
        throw fieldreel::invalid_value("contact_sheet", text("a contact sheet of ", *given.contact_sheet,
                                                             " was asked for; it has at most 10000 pictures; 12 is "
                                                             "usual"));
    }
    check_output(given.output, given.picture.recording, given.force);
    drawn_recording from = open_to_draw(given.picture);
    const bool on_paper = given.picture.width_mm.has_value();
    const fieldreel::png_options png{.dpi = on_paper ? given.picture.dpi : 0};
    if (given.contact_sheet) {
        write_contact_sheet(given, from, png);
        return done;
    }
    const double time_s = moment_of(given, from.made.playback);
    fieldreel::scene now;
    from.made.playback.fill(time_s, now);
    if (ending == ".png") {
        fieldreel::raster picture(from.options);
        picture.present(now);
        fieldreel::write_png(given.output, picture.pixels(), png);
    } else {
        fieldreel::write_vector_picture(
            given.output, ending == ".svg" ? fieldreel::vector_format::svg : fieldreel::vector_format::pdf, now,
            from.options, on_paper ? given.picture.dpi : 96);
    }
    const auto frame = now.fields[0].frame();
    std::printf("%s: %s at %.3f s, %zu x %zu pixels\n", given.output.c_str(),
                frame ? text("frame ", *frame).c_str() : "no frame", time_s, from.options.size.cols,
                from.options.size.rows);
    return done;
}

} // namespace

void add_export(CLI::App& app, int& result) {
    auto given = std::make_shared<arguments>();
    CLI::App* command = app.add_subcommand(
        "export",
        "Write a recording as a film (.mp4, .mkv, .webm) or as a page that plays (.html), or a moment of it as a "
        "picture (.png, .svg, .pdf)");
    given->picture.add_to(*command);
    command->add_option("-o,--output,output", given->output,
                        "File to write: .mp4, .mkv, .webm; .html; .png, .svg or .pdf");
    command->add_option("--frame", given->frame, "The moment of a frame of the field")->group("What");
    command->add_option("--time", given->time, "The moment at a time: 12.5 or 1:02.5 (default: the middle)")
        ->group("What");
    command->add_option("--contact-sheet", given->contact_sheet, "So many moments on one page (default 12)")
        ->expected(0, 1)
        ->default_str("12")
        ->group("What");
    command
        ->add_option("--view", given->view,
                     "Draw what a window showed when it saved this view: its moment, zoom, colours, layers, size")
        ->group("What");
    given->part.add_to(*command);
    given->film.add_to(*command);
    given->page.add_to(*command);
    command->add_flag("--force", given->force, "Write over a file that is there");
    command->callback([given, command, &result] {
        if (std::vector<std::string>& paths = given->picture.recording.paths; given->output.empty()) {
            if (paths.empty()) {
                throw CLI::RequiredError("output");
            }
            given->output = paths.back(); // the last of all names is that of the file to write
            paths.pop_back();
        }
        result = run(*given, *command);
    });
}
