// SPDX-License-Identifier: MIT
// fieldreel export DIR out.html: a recording as one page that plays in any browser.
#include "export_html.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>

#include <CLI/CLI.hpp>

#include <fieldreel/error.hpp>
#ifdef FIELDREEL_PROGRAM_ZLIB
#include <fieldreel/export/html.hpp>
#endif

#include "commands.hpp"
#include "pictures.hpp"

namespace {

using fieldreel::detail::text;

} // namespace

void page_arguments::add_to(CLI::App& command) {
    command.add_option("--target-hz", target_hz, "Show the field at this rate: each frame is picked by its time")
        ->group(group);
    command.add_option("--max-mb", max_mb, "Refuse to write a larger page: browsers hold little more")
        ->capture_default_str()
        ->group(group);
}

bool is_page(const std::string& path) {
    return path.ends_with(".html") || path.ends_with(".htm") || path.ends_with(".HTML") || path.ends_with(".HTM");
}

#ifndef FIELDREEL_PROGRAM_ZLIB

int export_page(const page_arguments&, const part_arguments&, picture_arguments&, const std::string& path, bool) {
    throw fieldreel::invalid_value("output", text(path, " would be a page; this fieldreel was built without zlib; "
                                                        "install zlib1g-dev, and build it again"));
}

#else

int export_page(const page_arguments& page, const part_arguments& part, picture_arguments& pictures,
                const std::string& path, bool force) {
    if (!(page.max_mb >= 1 && page.max_mb <= 2000)) {
        throw fieldreel::invalid_value(
            "max_mb", text("a page of at most ", page.max_mb, " MB was asked for; give 1 to 2000; 500 is usual"));
    }
    check_output(path, pictures.recording, force);
    const auto begun = std::chrono::steady_clock::now();
    pictures.target_hz = page.target_hz;
    const drawn_recording from = open_to_draw(pictures);
    fieldreel::render_options look = from.options;
    if (const double start_s = from.made.playback.times().start_s; start_s >= 1e8) { // of a calendar
        look.start_s = start_s;
        std::printf("note: the recording's clock begins at %.3f s; the page counts from there\n", start_s);
    }
    fieldreel::html_options options;
    options.range = part.of(from.made.playback, pictures, true);
    options.speed = part.speed;
    options.max_bytes = static_cast<std::uint64_t>(page.max_mb * 1e6);
    fieldreel::html_report report;
    try {
        report = fieldreel::write_html(path, from.made.playback, look, options);
    } catch (const fieldreel::invalid_value& wrong) {
        if (wrong.name() != "max_bytes") {
            throw;
        }
        throw fieldreel::invalid_value(
            "max_mb", text(std::string_view(wrong.what()), "; here by --target-hz, --range, --overlay and --max-mb"));
    }
    for (const std::string& note : report.notes) {
        std::printf("note: %s\n", note.c_str());
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::printf("%s: %zu frames, %s in %.1f s; open it in a browser (values to 1/504 of the colours' range)\n",
                path.c_str(), report.frames,
                fieldreel::detail::rounded_bytes(static_cast<double>(report.bytes)).c_str(), took.count());
    return done;
}

#endif
