// SPDX-License-Identifier: MIT
#include "pictures.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <span>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/overlay/time_series.hpp>
#include <fieldreel/render/field_pixels.hpp>
#include <fieldreel/session/time_selection.hpp>
#include <fieldreel/source/combine.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/source/timed.hpp>

#include "slow_source.hpp"

namespace {

using fieldreel::detail::text;

/// The overlays that the program adds to those of the session.
const std::vector<std::string> own_overlays = {"speed"};

bool wanted(const picture_arguments& given, const std::string& name) {
    return given.overlays.empty() ||
           std::find(given.overlays.begin(), given.overlays.end(), name) != given.overlays.end();
}
bool has_overlay(const fieldreel::playback& in, std::string_view name) {
    return std::any_of(in.overlays().begin(), in.overlays().end(), [&](const auto& one) { return one.name() == name; });
}

/// The speed over a quarter of a second, computed where it is looked at.
fieldreel::any_source speed_of(const fieldreel::sample_times& times, const fieldreel::samples& positions) {
    const double dt_s = times.median_dt_s();
    const auto half = static_cast<std::size_t>(std::max(1.0, dt_s > 0 ? std::round(0.125 / dt_s) : 1.0));
    const std::size_t count = times.size();
    return fieldreel::generate<float>(count, 1,
                                      [=](std::size_t i, std::span<float> out) {
                                          const std::size_t from = i < half ? 0 : i - half;
                                          const std::size_t to = std::min(count - 1, i + half);
                                          const double span_s = times[to] - times[from];
                                          const double way = std::hypot(positions(to, 0) - positions(from, 0),
                                                                        positions(to, 1) - positions(from, 1));
                                          // Across a gap nobody knows the way.
                                          out[0] = span_s > 0 && span_s < 0.5 + 4 * static_cast<double>(half) * dt_s
                                                       ? static_cast<float>(way / span_s)
                                                       : std::numeric_limits<float>::quiet_NaN();
                                      }) |
           fieldreel::timed(times);
}

void add_speed(const fieldreel::session& session, drawn_recording& to) {
    if (!session.times || !session.positions || session.times->size() < 3) {
        return;
    }
    fieldreel::series speed("speed", speed_of(*session.times, *session.positions),
                            {.unit = session.units + "/s", .color = {86, 160, 220, 255}});
    fieldreel::series_group group;
    group.signals.push_back(std::move(speed));
    fieldreel::time_series_options how;
    how.line.size_px = 1.6F;
    how.label.size_px = 13;
    how.window_s = to.options.dock_before_s + to.options.dock_after_s;
    how.now_at = to.options.dock_before_s / how.window_s;
    how.dock_low = to.made.room.low;
    how.dock_high = to.made.room.high;
    to.made.playback.add_overlay({"speed", fieldreel::time_series({std::move(group)}, how)});
}

/// A field without values, one bin around everything.
fieldreel::session_field blank_field(const fieldreel::sample_times& times, const fieldreel::box_xy& box) {
    const float nothing = std::numeric_limits<float>::quiet_NaN();
    fieldreel::session_field out{"arena",
                                 fieldreel::any_source(fieldreel::tile(std::vector<float>{nothing}, times.size()))};
    out.blank = true;
    out.order = fieldreel::field_order::active;
    out.times = times;
    out.space = fieldreel::grid::full(box.low, box.high, {1, 1});
    return out;
}

double number_of(const nlohmann::json& in, const char* key) {
    const auto found = in.find(key);
    return found != in.end() && found->is_number() ? found->get<double>() : 0;
}

/// A recording of nothing but poses, films and the like gets a blank field around what they show at some moments.
void add_arena(fieldreel::session& to) {
    if (!to.fields.empty() || to.positions || to.overlays.empty()) {
        return;
    }
    std::optional<fieldreel::sample_times> times = to.times;
    for (const fieldreel::session_overlay& one : to.overlays) {
        const auto own = one.description.find("times");
        if (!times && own != one.description.end() && own->is_string()) {
            times.emplace(to.storage.table(own->get<std::string>()));
        } else if (const double rate_hz = number_of(one.description, "rate_hz"); !times && rate_hz > 0) {
            const auto named = one.description.find("file");
            const auto names = one.description.find("names");
            if (named == one.description.end() || !named->is_string()) {
                continue;
            }
            std::string file = named->get<std::string>();
            if (const std::size_t at = file.find("{name}"); at != std::string::npos) { // one of each keypoint
                if (names == one.description.end() || !names->is_array() || names->empty() ||
                    !names->front().is_string()) {
                    continue;
                }
                file.replace(at, 6, names->front().get<std::string>());
            }
            const fieldreel::samples rows = to.storage.table(file, true);
            times.emplace(fieldreel::uniform_times{rate_hz, number_of(one.description, "start_s")}, rows.size());
        }
    }
    if (!times || times->size() == 0) {
        return; // what is missing is said by who needs it
    }
    fieldreel::session probe = to;
    probe.fields.push_back(blank_field(*times, {{0, 0}, {1, 1}}));
    fieldreel::playback all = std::move(playback_of(probe).playback);
    constexpr double none = std::numeric_limits<double>::infinity();
    fieldreel::box_xy box{{none, none}, {-none, -none}};
    const auto take = [&](fieldreel::point_xy at) {
        if (std::isfinite(at.x) && std::isfinite(at.y)) {
            box = {{std::min(box.low.x, at.x), std::min(box.low.y, at.y)},
                   {std::max(box.high.x, at.x), std::max(box.high.y, at.y)}};
        }
    };
    fieldreel::scene now;
    constexpr std::size_t moments = 64;
    for (std::size_t k = 0; k < moments; ++k) {
        all.fill((*times)[k * (times->size() - 1) / (moments - 1)], now);
        for (const fieldreel::shape& one : now.shapes.shapes()) {
            if (one.style.where != fieldreel::placement::environment) {
                continue;
            }
            if (one.kind == fieldreel::shape_kind::picture) {
                const fieldreel::picture_place& place = now.shapes.picture(one);
                const double right = static_cast<double>(place.size.cols) - 0.5;
                const double bottom = static_cast<double>(place.size.rows) - 0.5;
                for (const fieldreel::point_xy corner :
                     {fieldreel::point_xy{-0.5, -0.5}, {right, -0.5}, {-0.5, bottom}, {right, bottom}}) {
                    take(place.place(corner));
                }
            } else {
                for (const fieldreel::vertex& v : now.shapes.vertices(one)) {
                    take({v.x, v.y});
                }
            }
        }
    }
    if (!(box.high.x > box.low.x && box.high.y > box.low.y)) {
        throw fieldreel::data_error(text("there is no field and no position, and the overlays show nothing at ",
                                         moments, " moments from ", times->front(), " s to ", times->back(),
                                         " s; check their times and files with fieldreel info"));
    }
    to.fields.push_back(blank_field(*times, box));
    to.times = to.times ? to.times : times;
}

/// "P per 4 cm bin"; and whether any of a few hundred frames has values beyond the limits.
void look_at_fields(const fieldreel::session& session, drawn_recording& to) {
    fieldreel::playback& all = to.made.playback;
    fieldreel::clipped_limits clips;
    for (std::size_t f = 0; f < all.field_count(); ++f) {
        fieldreel::field_style style = all.style(f);
        if (!style.bar) {
            continue; // blank
        }
        const fieldreel::grid* const bins = all.space(f).as_grid();
        if (style.kind == fieldreel::field_kind::posterior && style.unit.empty() && bins != nullptr) {
            std::string width;
            fieldreel::append_number(width, bins->bin_width_x(), 3);
            style.label = "P per " + width + " " + session.units + " bin";
            all.set_style(f, style);
        }
        const fieldreel::any_source& source = all.source(f);
        fieldreel::any_cursor cursor = source.cursor();
        const std::size_t count = std::min<std::size_t>(to.made.place_field ? 1 : 200, source.frame_count());
        for (std::size_t k = 0; k < count; ++k) {
            const auto here = fieldreel::clipped(cursor.frame(k * source.frame_count() / count), style.range);
            clips.low = clips.low || here.low;
            clips.high = clips.high || here.high;
        }
    }
    if (all.field_count() == 1) { // several have bars of their own, which each shown frame decides
        to.options.clips_low = clips.low;
        to.options.clips_high = clips.high;
    }
}

/// Fields, layers and look as a view has them.
void show_as(const fieldreel::view_state& view, bool own_size, drawn_recording& to, bool say_notes) {
    fieldreel::playback& all = to.made.playback;
    for (std::size_t f = 0; f < all.field_count() && f < view.fields.size(); ++f) {
        all.set_style(f, fieldreel::with_view(all.style(f), view.fields[f]));
    }
    std::vector<std::string> warnings;
    const auto layers = fieldreel::matched_layers(view.layers, all.overlays(), warnings);
    all.set_overlays(fieldreel::dressed(all.overlays(), layers));
    const fieldreel::image_shape size = to.options.size;
    to.options = fieldreel::with_view(std::move(to.options), view);
    if (own_size) {
        to.options.size = size;
        to.options.text_px = std::min(view.picture.text_px, static_cast<double>(size.rows) / 12);
    }
    for (const std::string& one : warnings) {
        if (say_notes) {
            std::printf("note: %s\n", one.c_str());
        }
    }
}

std::string title_of(const fieldreel::session& session, const drawn_recording& from) {
    std::string out = session.name;
    const auto more = [&](const std::string& words) {
        if (!words.empty()) {
            out += (out.empty() ? "" : " · ") + words;
        }
    };
    if (from.made.cell.empty()) {
        const bool alone = from.made.playback.field_count() == 1 && from.made.playback.style(0).bar;
        more(alone ? from.made.playback.style(0).title : std::string());
        return out;
    }
    more(from.made.cell);
    if (from.made.place_field) {
        double peak = 0;
        for (const double rate : from.made.place_field->rate) {
            peak = rate > peak ? rate : peak; // NaN never is
        }
        std::string words = "peak ";
        fieldreel::append_number(words, peak, 3);
        more(words + " Hz");
    }
    return out;
}

std::optional<std::size_t> whole_number(std::string_view words) {
    std::size_t value = 0;
    const auto [end, problem] = std::from_chars(words.data(), words.data() + words.size(), value);
    return problem == std::errc{} && end == words.data() + words.size() && !words.empty() ? std::optional(value)
                                                                                          : std::nullopt;
}

} // namespace

void picture_arguments::add_to(CLI::App& command) {
    recording.add_to(command);
    command.add_option("--cell", cell, "Name or number (default: the cell with most spikes, unless fields are stored)");
    command
        .add_option("--beside", beside,
                    "A cell whose place field is shown too, in a panel beside; may be given several times")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command.add_option("--bin-size", bin_size, "Of a grid made of the positions (default: 1/25 of the longer side)");
    place_field.add_to(command);
    command.add_option("--size", size, "Width x height in pixels (default 1280x720)")->group("Look");
    command.add_option("--style", style, "default, paper (white, no title) or talk (dark, large)")->group("Look");
    command.add_option("--width-mm", width_mm, "Width on paper, instead of --size")->group("Look");
    command.add_option("--height-mm", height_mm, "Height on paper (default: 3/4 of the width)")->group("Look");
    command.add_option("--dpi", dpi, "Pixels per inch, with --width-mm")->capture_default_str()->group("Look");
    command.add_option("--font", font, "A family of fonts (default DejaVu Sans; another where it is missing)")
        ->group("Look");
    command.add_option("--colormap", colormap, "viridis, magma, ... (default: what suits the field)")->group("Look");
    command.add_option("--vmin", vmin, "The value with the first colour (default: measured)")->group("Look");
    command.add_option("--vmax", vmax, "The value with the last colour")->group("Look");
    command
        .add_option("--overlay", overlays,
                    "Draw only this one: trail, heading, spikes, speed, ...; may be given several times; none: "
                    "nothing but the field")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group("Look");
}

void part_arguments::add_to(CLI::App& command) {
    auto* part = command
                     .add_option("--range", range,
                                 "What to show: 120s:135s, 2:00:2:15, frames of the field as #3600:#4050, or NAME:k, "
                                 "an interval (default: all)")
                     ->group(group);
    command.add_option("--pad", pad_s, "With --range NAME:k: seconds more at both ends")->needs(part)->group(group);
    command.add_option("--speed", speed, "Recording seconds per second: 0.5 is slow motion (a page can change it)")
        ->capture_default_str()
        ->group(group);
}

fieldreel::time_range part_arguments::of(const fieldreel::playback& from, const picture_arguments& pictures,
                                         bool say_notes) const {
    if (range.empty()) {
        fieldreel::time_range out = from.times();
        if (pictures.view) {
            out.start_s = std::max(out.start_s, pictures.view->in_s.value_or(out.start_s));
            out.stop_s = std::min(out.stop_s, pictures.view->out_s.value_or(out.stop_s));
        }
        return out;
    }
    const auto intervals = [&] { return intervals_in(recording_arguments(pictures.recording).open()); };
    const fieldreel::time_selection found = fieldreel::select_times(range, from.source(0), intervals, pad_s);
    if (say_notes && !found.note.empty()) {
        std::printf("note: %s\n", found.note.c_str());
    }
    return found.times;
}

std::string option_given(const CLI::App& command, const char* group) {
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_group() == group && option->count() > 0) {
            return option->get_name();
        }
    }
    return {};
}

fieldreel::render_options picture_arguments::look() const {
    fieldreel::render_options out;
    out.style = fieldreel::render_style_named(style);
    out.font = font.empty() ? out.font : font;
    if (!size.empty()) {
        const std::size_t cross = size.find_first_of("xX");
        const auto columns = whole_number(std::string_view(size).substr(0, cross));
        const auto rows =
            cross == std::string::npos ? std::nullopt : whole_number(std::string_view(size).substr(cross + 1));
        if (!columns || !rows) {
            throw fieldreel::invalid_value(
                "size", text("the size '", size, "' was asked for; give width x height in pixels, as 1280x720"));
        }
        if (width_mm || height_mm) {
            throw fieldreel::invalid_value(
                "size", "a size in pixels and one in millimetres were given; give --size or --width-mm");
        }
        out.size = {*rows, *columns};
    } else if (width_mm || height_mm) {
        if (!width_mm || !(*width_mm > 0 && *width_mm <= 2000) ||
            !(height_mm.value_or(1) > 0 && height_mm.value_or(1) <= 2000)) {
            throw fieldreel::invalid_value(
                "width_mm", text("a picture of ", width_mm ? text(*width_mm) : std::string("unknown"), " x ",
                                 height_mm ? text(*height_mm) : std::string("unknown"),
                                 " mm was asked for; give a width (and a height, if 3/4 of it is wrong) of up to 2000; "
                                 "89 is one column of a journal"));
        }
        if (!(dpi >= 1 && dpi <= 10000)) {
            throw fieldreel::invalid_value(
                "dpi", text(dpi, " pixels per inch were asked for; give 1 to 10000; 300 is usual for print"));
        }
        const auto pixels = [&](double mm) { return static_cast<std::size_t>(std::lround(mm / 25.4 * dpi)); };
        out.size = {pixels(height_mm.value_or(0.75 * *width_mm)), pixels(*width_mm)};
        out.text_px = std::min(7.0 / 72 * dpi, static_cast<double>(out.size.rows) / 6); // 7 points
    }
    fieldreel::check(out);
    return out;
}

void take_view(picture_arguments& to, const std::string& path) {
    std::vector<std::string> warnings;
    to.view = fieldreel::read_view(path, warnings);
    for (const std::string& one : warnings) {
        std::printf("note: %s\n", one.c_str());
    }
}

drawn_recording open_to_draw(picture_arguments& given, bool say_notes) {
    const fieldreel::render_options look = given.look(); // before anything that takes time
    fieldreel::session session = given.recording.open();
    add_arena(session);
    fieldreel::session_options options;
    options.cell = given.cell;
    if (options.cell.empty() && given.view && !given.view->fields.empty()) {
        options.cell = given.view->fields.front().cell;
    }
    options.beside = given.beside;
    options.bin_size = given.bin_size;
    options.colormap = given.colormap;
    options.vmin = given.vmin.value_or(options.vmin);
    options.vmax = given.vmax.value_or(options.vmax);
    options.target_hz = given.target_hz;
    given.place_field.put_into(options);
    if (!given.overlays.empty()) {
        options.overlays.emplace();
        for (const std::string& name : given.overlays) {
            const auto same = [&](const auto& one) { return one.name == name; };
            if (std::find(own_overlays.begin(), own_overlays.end(), name) == own_overlays.end() ||
                std::any_of(session.overlays.begin(), session.overlays.end(), same)) {
                options.overlays->push_back(name);
            }
        }
    }
    if (given.latency_ms > 0) {
        options.cache.emplace();
        options.before_cache = [seconds = given.latency_ms / 1000](const fieldreel::any_source& frames) {
            return frames | slowed(seconds);
        };
    }
    const bool has_speed = std::any_of(session.overlays.begin(), session.overlays.end(),
                                       [](const auto& one) { return one.name == "speed"; });
    options.room_for_series = session.positions && session.times && wanted(given, "speed") && !has_speed;
    drawn_recording out{session, playback_of(session, options), look};
    out.options.dock_before_s = -out.made.dock.start_s;
    out.options.dock_after_s = out.made.dock.stop_s;
    const auto is_raster = [](const fieldreel::shown_overlay& one) { return one.kind == "raster"; };
    if (std::any_of(out.made.overlays.begin(), out.made.overlays.end(), is_raster)) {
        out.options.dock_part = 0.3; // rows of spikes need their height
    }
    if (say_notes) {
        for (const std::string& note : out.made.notes) {
            std::printf("note: %s\n", note.c_str());
        }
    }
    if (wanted(given, "speed") && !has_overlay(out.made.playback, "speed")) {
        add_speed(session, out);
    }
    look_at_fields(session, out);
    out.options.title = title_of(session, out);
    out.options.note = session.simulated ? "simulated" : "";
    out.options.unit = session.units;
    if (given.view) {
        show_as(*given.view, !given.size.empty(), out, say_notes);
    }
    return out;
}

double time_of(const std::string& words) {
    std::string_view rest = words;
    if (rest.ends_with('s')) {
        rest.remove_suffix(1);
    }
    double seconds = 0;
    bool good = !rest.empty();
    for (int part = 0; good; ++part) {
        const std::size_t colon = rest.find(':');
        const std::string_view one = rest.substr(0, colon);
        double value = 0;
        const auto [end, problem] = std::from_chars(one.data(), one.data() + one.size(), value);
        good = part < 3 && problem == std::errc{} && end == one.data() + one.size() && std::isfinite(value);
        seconds = seconds * 60 + value;
        if (colon == std::string_view::npos) {
            break;
        }
        good = good && value >= 0;
        rest.remove_prefix(colon + 1);
    }
    if (!good) {
        throw fieldreel::invalid_value(
            "time", text("the time '", words, "' was asked for; give seconds (12.5) or minutes and seconds (1:02.5)"));
    }
    return seconds;
}

double time_of_frame(const fieldreel::playback& from, std::size_t frame) {
    const fieldreel::any_source& source = from.source(0);
    if (frame >= source.frame_count()) {
        throw fieldreel::frame_out_of_range(frame, source.frame_count(),
                                            text("frame ", frame, " was asked for; the recording has ",
                                                 source.frame_count(), " frames (0-", source.frame_count() - 1,
                                                 "); give one of them with --frame, or a --time"));
    }
    return source.time_s(frame);
}

void check_time(const fieldreel::playback& from, double time_s) {
    const fieldreel::time_range all = from.times();
    if (!(time_s >= all.start_s && time_s <= all.stop_s)) {
        throw fieldreel::invalid_value("time",
                                       text("the moment at ", time_s, " s was asked for; the recording goes from ",
                                            all.start_s, " to ", all.stop_s, " s; give a --time between"));
    }
}

void check_output(const std::string& path, const recording_arguments& inputs, bool force) {
    namespace fs = std::filesystem;
    std::error_code none;
    if (!fs::exists(path, none)) {
        if (const fs::path folder = fs::path(path).parent_path(); !folder.empty() && !fs::is_directory(folder, none)) {
            throw fieldreel::file_error(
                path, text(path, " cannot be written: there is no folder ", folder.string(), "; make it first"));
        }
        return;
    }
    if (fs::is_directory(path, none)) {
        throw fieldreel::file_error(path, path + " is a folder; give the name of a file to write");
    }
    if (inputs.reads(path)) {
        throw fieldreel::file_error(path, path + " is a file of the recording; give another name to write to");
    }
    if (!force) {
        throw fieldreel::file_error(path, path + " exists; give another name, or --force to write over it");
    }
}
