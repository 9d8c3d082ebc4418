// SPDX-License-Identifier: MIT
// A recording as one HTML file that plays: fields, overlays and the player, for any browser, without a server.
#ifndef FIELDREEL_EXPORT_HTML_HPP
#define FIELDREEL_EXPORT_HTML_HPP

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/colormap/colormap.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/export/html_chunks.hpp>
#include <fieldreel/export/html_overlays.hpp>
#include <fieldreel/export/part_file.hpp>
#include <fieldreel/export/player_controls.hpp>
#include <fieldreel/export/player_data.hpp>
#include <fieldreel/export/player_layout.hpp>
#include <fieldreel/export/player_overlays.hpp>
#include <fieldreel/export/player_page.hpp>
#include <fieldreel/export/player_paint.hpp>
#include <fieldreel/export/player_picture.hpp>
#include <fieldreel/export/player_transport.hpp>
#include <fieldreel/export/player_worker.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/render/field_pixels.hpp>
#include <fieldreel/render/layout.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/version.hpp>

namespace fieldreel::inline v0 {

struct html_options {
    std::uint64_t max_bytes = 500'000'000;     ///< of the file; a larger one is refused: browsers hold little more
    std::size_t decoded_bytes = 256U << 20;    ///< what the page keeps of decoded frames, besides its own text
    std::size_t chunk_bytes = 512U << 10;      ///< of frames that are decoded together; a seek decodes one chunk
    std::optional<time_range> range = {};      ///< the part that the page plays; without: all
    double speed = 1;                          ///< at which it begins to play
    int level = 6;                             ///< of zlib, 1-9
    unsigned threads = 0;                      ///< that compress; 0: one per core
    std::function<void(double)> progress = {}; ///< is told the part that is done, 0-1
};

/// What was written.
struct html_report {
    std::uint64_t bytes = 0;         ///< of the file
    std::uint64_t field_bytes = 0;   ///< of the fields' values in it, as text
    std::uint64_t overlay_bytes = 0; ///< of the overlays' samples, films not counted
    std::size_t frames = 0;          ///< of all fields
    std::uint64_t values = 0;
    double entropy_bytes = 0; ///< what the quantised values carry by themselves: the entropy of zeroth order, by field
    std::vector<std::string> notes; ///< what the page cannot show, one sentence each
};

namespace detail {

/// The pieces of the player's program, in their order; each a raw string of at most 16 KB.
inline constexpr std::array player_program = {player_data,  player_layout,   player_overlays, player_kinds,
                                              player_paint, player_legend,   player_picture,  player_transport,
                                              player_zoom,  player_timeline, player_controls, player_start};

/// JSON that may stand in a script element: ASCII, and nothing that ends the element.
inline std::string script_json(const page_json& of) {
    const std::string plain = of.dump(-1, ' ', true, page_json::error_handler_t::replace);
    std::string out;
    for (const char c : plain) {
        c == '<' ? out += "\\u003c" : out += c;
    }
    return out;
}
inline std::string html_escaped(std::string_view words) {
    std::string out;
    for (const char c : words) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
        }
    }
    return out;
}
inline std::string rounded_bytes(double bytes) {
    return bytes < 999'500   ? text(std::lround(bytes / 1e3), " kB")
           : bytes < 9.95e6  ? text(rounded(std::round(bytes / 1e5) / 10), " MB")
           : bytes < 9.995e8 ? text(std::lround(bytes / 1e6), " MB")
                             : text(rounded(std::round(bytes / 1e8) / 10), " GB");
}

/// The frames of a stream as bytes. One thread at a time.
class stream_reader {
public:
    stream_reader(const playback& from, std::size_t number, const page_stream& stream) : film_(stream.of) {
        if (film_ != nullptr) {
            channels_ = film_->channels() == 1 ? 1 : 3;
            return;
        }
        const field_style& style = from.style(number);
        codes_ = {style.range, style.paint.scaling};
        peaks_ = style.kind == field_kind::posterior;
        cursor_.emplace(from.source(number).cursor());
    }
    /// Of each frame: the bin with its largest value, where the page marks it.
    std::size_t tail_bytes() const noexcept { return peaks_ ? 4 : 0; }
    void read(std::size_t frame, std::uint8_t* out, std::uint8_t* tail) {
        if (film_ != nullptr) {
            read_picture(frame, out);
            return;
        }
        const values_view values = cursor_->frame(frame);
        codes_.encode(values, out);
        if (peaks_) {
            const auto best = largest(values);
            const auto bin = best ? static_cast<std::uint32_t>(*best) : 0xffffffffU;
            for (unsigned k = 0; k < 4; ++k) {
                tail[k] = static_cast<std::uint8_t>(bin >> (8 * k));
            }
        }
    }

private:
    void read_picture(std::size_t frame, std::uint8_t* out) {
        drawn_.clear();
        const any_source& frames = film_->frames();
        film_->build({.time_s = frames.time_s(frame), .frame = {}, .space = {}}, drawn_);
        for (const shape& one : drawn_.shapes()) {
            for (const rgba8& pixel : drawn_.pixels(one)) {
                *out++ = pixel.r;
                if (channels_ == 3) {
                    *out++ = pixel.g;
                    *out++ = pixel.b;
                }
            }
        }
    }

    const film* film_;
    value_codes codes_;
    bool peaks_ = false;
    std::size_t channels_ = 0;
    std::optional<any_cursor> cursor_;
    canvas drawn_;
};

/// Writes one page.
class page_writer {
public:
    page_writer(const std::string& path, const playback& from, const render_options& look, const html_options& options)
        : path_(path),
          from_(from),
          look_(look),
          options_(options),
          shown_(options.range.value_or(from.times())),
          file_(path),
          numbers_(file_, options.level, from.space(0), shown_, frames_shown(0),
                   [&from](std::size_t i) { return from.source(0).time_s(i); }) {
        for (std::size_t f = 0; f < from.field_count(); ++f) {
            const sample_part frames = frames_shown(f);
            numbers_.streams().push_back({nullptr, frames.first, frames.count, from.source(f).frame_size()});
            report_.frames += frames.count;
            report_.values += frames.count * from.source(f).frame_size();
        }
    }

    /// The order is that in which a browser needs it: it shows the first picture while the rest still comes.
    html_report write() {
        FIELDREEL_TRACE_SPAN("export.html");
        const std::string title = look_.title.empty() ? std::string("fieldreel") : look_.title;
        put(text("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>", html_escaped(title),
                 "</title>\n", player_head, "<style>\n", player_style, "</style>\n</head>\n<body>\n", player_body));
        const std::uint64_t before = numbers_.bytes();
        const page_json about = describe_all();
        report_.overlay_bytes = numbers_.bytes() - before;
        std::string program;
        for (const std::string_view piece : player_program) {
            program += piece;
        }
        const std::string told = script_json(about);
        refuse_too_much(static_cast<double>(report_.bytes + numbers_.bytes() + player_worker.size() + program.size() +
                                            told.size()));
        put_checked("worker", player_worker);
        put_checked("program", program);
        put_checked("about", told);
        put(text("<script>\n", player_boot, "</script>\n"));
        std::vector<std::size_t> counts;
        for (std::size_t number = 0; number < numbers_.streams().size(); ++number) {
            counts.push_back(write_stream(number));
        }
        put(text("<script type=\"text/plain\" id=\"end\">", page_json(counts).dump(), "</script>\n</body>\n</html>\n"));
        report_.bytes += numbers_.bytes();
        file_.finish();
        return report_;
    }

private:
    void put(std::string_view words) {
        report_.bytes += words.size();
        if (!file_.write(words.data(), words.size())) {
            file_.finish(); // throws, and says why
        }
    }
    /// The frames that are valid at some moment of what is shown; where there are none, the nearest before.
    sample_part frames_shown(std::size_t field) const {
        const any_source& source = from_.source(field);
        const auto first_from = [&](double time_s, bool stops) {
            std::size_t low = 0;
            for (std::size_t high = source.frame_count(); low < high;) {
                const std::size_t middle = low + (high - low) / 2;
                const double at_s = source.time_s(middle) + (stops ? source.duration_s(middle) : 0);
                at_s > time_s ? high = middle : low = middle + 1;
            }
            return low;
        };
        const std::size_t first = (std::min)(first_from(shown_.start_s, true), source.frame_count() - 1);
        return {first, (std::max)(std::size_t{1}, first_from(shown_.stop_s, false) - first)};
    }
    void put_checked(std::string_view id, std::string_view words) {
        put(text("<script type=\"text/plain\" id=\"", id, "\" data-check=\"", checksum(words), "\">", words,
                 "</script>\n"));
    }
    std::size_t frames_per_chunk(const page_stream& stream) const {
        return (std::max)(std::size_t{1}, options_.chunk_bytes / (std::max)(std::size_t{1}, stream.frame_size));
    }

    // ---- what the page must know

    page_json describe_all() {
        page_json fields = page_json::array();
        const picture_layout layout = lay_out_fields();
        for (std::size_t f = 0; f < from_.field_count(); ++f) {
            fields.push_back(describe_field(f, layout.panels[f]));
        }
        page_json overlays = page_json::array();
        for (const any_overlay& one : from_.overlays()) {
            if (auto made = describe(one, numbers_)) {
                (*made)["name"] = one.name();
                overlays.push_back(std::move(*made));
            } else {
                report_.notes.push_back(text("the overlay '", one.name(),
                                             "' is left out of the page: only the program that made it can draw it"));
            }
        }
        page_json maps = page_json::object();
        for (const std::string_view name : colormap_names().first(named_tables.size())) {
            maps[std::string(name)] = base64_colors(colormap::named(name), false);
        }
        page_json streams = page_json::array();
        for (const page_stream& stream : numbers_.streams()) {
            streams.push_back(
                {{"frames", stream.frame_count}, {"size", stream.frame_size}, {"per_chunk", frames_per_chunk(stream)}});
        }
        return {{"fields", fields},
                {"overlays", overlays},
                {"streams", streams},
                {"lists", numbers_.lists()},
                {"colormaps", maps},
                {"times", {shown_.start_s, shown_.stop_s}},
                {"decoded_bytes", options_.decoded_bytes},
                {"speed", options_.speed},
                {"version", FIELDREEL_VERSION_STRING},
                {"look", describe_look()}};
    }
    page_json describe_look() const {
        const auto maybe = [](const std::optional<bool>& of) { return of ? page_json(*of) : page_json(); };
        return {{"rows", look_.size.rows},
                {"cols", look_.size.cols},
                {"style", std::string(name_of(look_.style))},
                {"title", look_.title},
                {"note", look_.note},
                {"unit", look_.unit},
                {"start_s", look_.start_s},
                {"time", look_.time},
                {"zoom", look_.zoom},
                {"center", look_.center ? page_json({look_.center->x, look_.center->y}) : page_json()},
                {"color_bar", look_.color_bar},
                {"scale_bar", look_.scale_bar},
                {"outline", look_.outline},
                {"halo", look_.halo},
                {"peak", look_.peak},
                {"dock", maybe(look_.dock)},
                {"dock_before_s", look_.dock_before_s},
                {"dock_after_s", look_.dock_after_s},
                {"dock_part", look_.dock_part},
                {"text_px", look_.text_px},
                {"clips_low", maybe(look_.clips_low)},
                {"clips_high", maybe(look_.clips_high)},
                {"font", look_.font}};
    }
    page_json describe_field(std::size_t f, const panel_layout& panel) {
        const field_style& style = from_.style(f);
        const any_source& source = from_.source(f);
        const sample_part frames = frames_shown(f);
        constexpr const char* scales[] = {"linear", "log", "gamma"};
        return {{"title", style.title},
                {"label", style.label},
                {"unit", style.unit},
                {"bar", style.bar},
                {"posterior", style.kind == field_kind::posterior},
                {"vmin", style.range.vmin},
                {"vmax", style.range.vmax},
                {"scale", scales[static_cast<std::size_t>(style.paint.scaling.scale)]},
                {"gamma", style.paint.scaling.gamma},
                {"colormap", style.colors.name()},
                {"colors", base64_colors(style.colors, true)},
                {"nan_color", page_color(style.paint.nan_color)},
                {"inactive_color", page_color(style.paint.inactive_color)},
                {"nan_as_vmin", style.paint.nan_as_vmin},
                {"space", describe_space(from_.space(f), panel)},
                {"first", frames.first},
                {"times", numbers_.exact(frames.count, [&](std::size_t i) { return source.time_s(frames.first + i); })},
                {"durations",
                 numbers_.floats(frames.count, [&](std::size_t i) { return source.duration_s(frames.first + i); })}};
    }
    /// A picture of the bins' numbers, from which the page takes those of its pixels: a grid's own cells, or three by
    /// three for each pixel of the usual size, whose middle ones are then the renderer's.
    page_json describe_space(const any_space& space, const panel_layout& panel) {
        const grid* const cells = space.as_grid();
        image_shape shape = space.display_shape();
        if (cells == nullptr) {
            const auto rows = static_cast<std::size_t>(panel.picture.height());
            const auto cols = static_cast<std::size_t>(panel.picture.width());
            const std::size_t fine = rows * cols <= 1'000'000 ? 3 : 1;
            shape = {fine * rows, fine * cols};
        }
        std::vector<std::int32_t> bins = *space.index_image(shape);
        if (cells != nullptr) {
            const std::vector<std::uint8_t> enclosed = enclosed_cells(*cells);
            for (std::size_t i = 0; i < enclosed.size(); ++i) {
                if (enclosed[i] != 0) { // x slow and y fast, from below
                    bins[(shape.rows - 1 - i % shape.rows) * shape.cols + i / shape.rows] = field_pixels::hole;
                }
            }
        }
        const image_shape display = space.display_shape();
        const point_xy upper = space.from_display(-0.5, -0.5);
        const point_xy lower =
            space.from_display(static_cast<double>(display.rows) - 0.5, static_cast<double>(display.cols) - 0.5);
        const box_xy box = space.bounds();
        const std::size_t count = space.bin_count();
        return {{"rows", shape.rows},
                {"cols", shape.cols},
                {"bins", numbers_.whole(bins.size(), [&](std::size_t i) { return static_cast<double>(bins[i]); })},
                {"grid", cells != nullptr},
                {"count", count},
                {"display_cols", display.cols},
                {"left", upper.x},
                {"top", upper.y},
                {"right", lower.x},
                {"bottom", lower.y},
                {"bounds", {box.low.x, box.low.y, box.high.x, box.high.y}},
                {"x", numbers_.floats(count, [&](std::size_t b) { return space.center(b).x; })},
                {"y", numbers_.floats(count, [&](std::size_t b) { return space.center(b).y; })}};
    }
    static std::string base64_colors(const colormap& colors, bool with_alpha) {
        std::vector<std::uint8_t> bytes;
        for (const rgba8& c : colors.table()) {
            bytes.insert(bytes.end(), {c.r, c.g, c.b});
            if (with_alpha) {
                bytes.push_back(c.a);
            }
        }
        std::string out;
        append_base64(out, bytes);
        return out;
    }
    picture_layout lay_out_fields() const {
        scene blank;
        blank.fields.resize(from_.field_count());
        for (std::size_t f = 0; f < from_.field_count(); ++f) {
            blank.fields[f].set_look(from_.space(f), std::make_shared<const field_style>(from_.style(f)));
        }
        render_options with_dock = look_; // as it is when overlays draw there
        for (const any_overlay& one : from_.overlays()) {
            const auto* const band = one.as<fieldreel::interval>();
            if (!look_.dock && (one.as<time_series>() != nullptr || one.as<raster_plot>() != nullptr ||
                                (band != nullptr && band->options().band))) {
                with_dock.dock = true;
            }
        }
        return lay_out(blank, with_dock);
    }

    // ---- how large it will be

    /// Of a stream, from three places of it. Units: bytes of text.
    double estimate_of(std::size_t number) {
        const page_stream& stream = numbers_.streams()[number];
        const double raw = static_cast<double>(stream.frame_count) * static_cast<double>(stream.frame_size);
        if (1.4 * raw < 0.1 * static_cast<double>(options_.max_bytes)) {
            return 1.4 * raw; // however badly it compresses
        }
        constexpr std::size_t places = 3;
        const std::size_t some = (std::min)((std::min)(frames_per_chunk(stream), std::size_t{200}), stream.frame_count);
        stream_reader reader(from_, number, stream);
        chunk_packer& packer = packer_at(0);
        double bytes = 0;
        for (std::size_t place = 0; place < places; ++place) {
            read(reader, stream, (stream.frame_count - some) * place / (places - 1), some, packer);
            packer.pack();
            bytes += 4.0 / 3 * static_cast<double>(packer.packed_bytes()) + 80; // as text, with its element
        }
        return bytes / static_cast<double>(places * some) * static_cast<double>(stream.frame_count);
    }
    /// `besides`: the bytes of all but fields and films. Says what would fit.
    void refuse_too_much(double besides) {
        double fields = 0;
        double films = 0;
        std::string what;
        for (std::size_t number = 0; number < numbers_.streams().size(); ++number) {
            const page_stream& stream = numbers_.streams()[number];
            (stream.of == nullptr ? fields : films) += estimate_of(number);
            if (stream.of == nullptr) {
                what +=
                    text(number == 0 ? "" : " and ", stream.frame_count, " frames of ", stream.frame_size, " values");
            }
        }
        const double all = fields + films + besides;
        const auto most = static_cast<double>(options_.max_bytes);
        if (all <= most) {
            return;
        }
        std::string sentence = text("a page of ", what, " would have some ", rounded_bytes(all), ": ",
                                    rounded_bytes(fields), " of fields, ");
        if (films > 0) {
            sentence += text(rounded_bytes(films), " of films, ");
        }
        sentence +=
            text(rounded_bytes(besides), " of overlays and the player; at most ", rounded_bytes(most), " are allowed",
                 options_.max_bytes >= html_options().max_bytes ? ", for browsers hold little more" : "", "; ");
        const any_source& source = from_.source(0);
        const sample_part frames = frames_shown(0);
        const double room = 0.95 * most - films - besides;
        const double every = std::ceil(fields / room);
        if (fields > films + besides && room > 0 && every < static_cast<double>(frames.count)) {
            const std::size_t last = frames.first + frames.count - 1;
            const double rate_hz =
                static_cast<double>(frames.count - 1) / (source.time_s(last) - source.time_s(frames.first)) / every;
            char hz[32];
            const auto end = std::to_chars(hz, hz + sizeof hz, rate_hz, std::chars_format::general, 3).ptr;
            sentence += text("show one frame in ", every, " (some ", rounded_bytes(fields / every + films + besides),
                             ") by subsampling to ", std::string_view(hz, static_cast<std::size_t>(end - hz)), " Hz");
        } else {
            sentence += "leave overlays or films out";
        }
        throw invalid_value("max_bytes", sentence + ", or allow more (max_bytes)");
    }

    // ---- fields and films

    chunk_packer& packer_at(std::size_t number) {
        while (packers_.size() <= number) {
            packers_.push_back(std::make_unique<chunk_packer>(options_.level));
        }
        return *packers_[number];
    }
    static void read(stream_reader& reader, const page_stream& stream, std::size_t first, std::size_t some,
                     chunk_packer& to) {
        const auto out = to.begin(some, stream.frame_size, reader.tail_bytes() * some);
        for (std::size_t i = 0; i < some; ++i) {
            reader.read(stream.first_frame + first + i, out.data() + i * stream.frame_size,
                        out.data() + some * stream.frame_size + reader.tail_bytes() * i);
        }
    }
    /// Reads on this thread, in order; compresses on others; writes in order. Gives the number of chunks.
    std::size_t write_stream(std::size_t number) {
        const page_stream& stream = numbers_.streams()[number];
        const std::size_t per_chunk = frames_per_chunk(stream);
        stream_reader reader(from_, number, stream);
        const unsigned cores = (std::max)(1U, std::thread::hardware_concurrency());
        const std::size_t most = (options_.threads == 0 ? cores : options_.threads) + 1;
        std::deque<std::future<void>> waiting; // of the chunks before `chunk`, each in packer chunk % most
        code_counts counts;
        std::size_t chunk = 0;
        const auto take = [&] {
            const std::size_t done = chunk - waiting.size();
            waiting.front().get();
            waiting.pop_front();
            const std::uint64_t bytes =
                packer_at(done % most).write(text("s", number, ".", done), [this](auto words) { put(words); });
            report_.field_bytes += stream.of == nullptr ? bytes : 0;
        };
        for (std::size_t first = 0; first < stream.frame_count; first += per_chunk, ++chunk) {
            const std::size_t some = (std::min)(per_chunk, stream.frame_count - first);
            if (waiting.size() == most) {
                take();
            }
            chunk_packer& packer = packer_at(chunk % most);
            read(reader, stream, first, some, packer);
            if (stream.of == nullptr) {
                counts.add(packer.codes());
            }
            waiting.push_back(std::async(std::launch::async, [&packer] { packer.pack(); }));
            if (options_.progress && number == 0) {
                options_.progress(static_cast<double>(first + some) / static_cast<double>(stream.frame_count));
            }
        }
        while (!waiting.empty()) {
            take();
        }
        report_.entropy_bytes += counts.entropy_bytes();
        return chunk;
    }

    std::string path_;
    const playback& from_;
    const render_options& look_;
    const html_options& options_;
    time_range shown_;
    part_file file_;
    page_numbers numbers_;
    html_report report_;
    std::vector<std::unique_ptr<chunk_packer>> packers_; ///< used again and again: memory is the same for any length
};

} // namespace detail

/// Writes a recording as one page that plays in a browser, from disk: fields as 8-bit codes (see value_codes), overlays
/// as samples that the page looks up at the shown time. It asks nothing of any network.
///
/// `look`: as of pictures; its size is that of the page's screenshots. The file appears under its name when it is
/// complete. Errors: invalid_value for options that make no sense, no field, a look that cannot be drawn, and a page
/// larger than max_bytes (it says what would fit); data_error and file_error as the sources and overlays; file_error
/// when the file cannot be written. Cost: one pass over all frames and samples; memory for some chunks, whatever the
/// length.
inline html_report write_html(const std::string& path, const playback& from, const render_options& look = {},
                              const html_options& options = {}) {
    check(look);
    if (from.field_count() == 0) {
        throw invalid_value("playback", "a page of no field was asked for; add one with add_field");
    }
    if (options.level < 1 || options.level > 9) {
        throw invalid_value("level", detail::text("the compression level ", options.level,
                                                  " was asked for; it must be from 1 to 9; 6 is usual"));
    }
    if (options.chunk_bytes < 4096 || options.chunk_bytes > (64U << 20)) {
        throw invalid_value("chunk_bytes", detail::text("chunks of ", options.chunk_bytes,
                                                        " bytes were asked for; they must have 4096 to 67108864; "
                                                        "524288 is usual"));
    }
    if (!(options.speed > 0 && options.speed <= 1e6)) {
        throw invalid_value("speed", detail::text("the speed is ", options.speed,
                                                  "; it must be above 0 and at most 1000000 (1 is true speed, 0.1 ten "
                                                  "times slower)"));
    }
    const time_range all = from.times();
    if (const auto& part = options.range;
        part && !(part->start_s <= part->stop_s && part->start_s >= all.start_s && part->stop_s <= all.stop_s)) {
        throw invalid_value("range", detail::text("a page from ", part->start_s, " to ", part->stop_s,
                                                  " s was asked for; the recording goes from ", all.start_s, " to ",
                                                  all.stop_s, " s; give a range within it"));
    }
    return detail::page_writer(path, from, look, options).write();
}
} // namespace fieldreel::inline v0

#endif
