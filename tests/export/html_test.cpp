// SPDX-License-Identifier: MIT
// The page as a file; player.mjs looks at it in a browser, with the pages that the last test writes.
#include <fieldreel/export/html.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <fieldreel/export/png.hpp>
#include <fieldreel/render/placed_shapes.hpp>
#include <fieldreel/render/raster.hpp>

#include "export/page_recordings.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

using namespace fieldreel;

namespace {

std::string file_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
nlohmann::json about_of(const std::string& page) {
    const std::size_t at = page.find('>', page.find("id=\"about\"")) + 1;
    return nlohmann::json::parse(page.substr(at, page.find("</script>", at) - at));
}
std::size_t count_of(const std::string& in, const std::string& words) {
    std::size_t count = 0;
    for (std::size_t at = in.find(words); at != std::string::npos; at = in.find(words, at + 1)) {
        ++count;
    }
    return count;
}

const render_options look{.title = "a rat", .unit = "cm"};

/// A field of `frames` frames that is the same function of time for any number of them.
playback noisy(std::size_t frames, std::size_t side = 20) {
    const auto bins = grid::full({0, 0}, {80, 60}, {side, side});
    playback out;
    out.add_field(generate<float>(frames, bins.bin_count(),
                                  [](std::size_t i, std::span<float> to) {
                                      std::uint32_t state = static_cast<std::uint32_t>(i) * 2654435761U + 1;
                                      for (float& value : to) {
                                          state += 0x9e3779b9U;
                                          std::uint32_t mixed = (state ^ state >> 16) * 0x85ebca6bU;
                                          mixed = (mixed ^ mixed >> 13) * 0xc2b2ae35U;
                                          value = static_cast<float>(mixed >> 8) / static_cast<float>(1 << 24);
                                      }
                                  }) |
                      timed({.rate_hz = 50, .start_s = 0}),
                  bins, {.range = {0, 1}, .title = "noise"});
    return out;
}

playback one_frame_of_nan() {
    const auto bins = grid::full({0, 0}, {80, 60}, {8, 6});
    playback one;
    one.add_field(tile(std::vector<double>(48, std::numeric_limits<double>::quiet_NaN()), 1) |
                      timed({.rate_hz = 1, .start_s = 1.6e9}),
                  bins, {.range = {0, 1}});
    return one;
}

// ---- what the browser's pages are compared with

nlohmann::json rect_of(const pixel_rect& r) {
    return {r.left, r.top, r.right, r.bottom};
}
nlohmann::json shapes_of(const scene& now, const picture_layout& layout, const render_options& options) {
    constexpr const char* kinds[] = {"line",  "marker",       "arrow",     "polygon",
                                     "label", "kept_markers", "kept_line", "picture"};
    nlohmann::json out = nlohmann::json::array();
    for (const shape& one : now.shapes.shapes()) {
        const detail::place_map map(layout, options, one.style.where, &layout.panels[0], &now.fields[0].space());
        nlohmann::json points = nlohmann::json::array();
        const auto add = [&](const vertex& v) {
            const point_xy at = map(v.x, v.y);
            points.insert(points.end(), {at.x, at.y, v.alpha});
        };
        for (const vertex& v : now.shapes.vertices(one)) {
            add(v);
        }
        for (std::size_t i = 0; one.is_kept() && i < one.vertex_count; ++i) {
            add((*now.shapes.kept(one))[i]);
        }
        out.push_back({{"kind", kinds[static_cast<std::size_t>(one.kind)]},
                       {"text", std::string(now.shapes.text(one))},
                       {"points", points}});
    }
    return out;
}
/// A page, and pictures and shapes of some moments of it.
nlohmann::json reference(const std::string& folder, const std::string& name, playback& from, render_options options,
                         const std::vector<double>& times, std::optional<time_range> part = {}) {
    write_html(folder + "/" + name + ".html", from, options, {.chunk_bytes = 20000, .range = part});
    nlohmann::json moments = nlohmann::json::array();
    scene now;
    for (const double time_s : times) {
        from.fill(time_s, now);
        raster drawn(options);
        drawn.present(now);
        const std::string whole = detail::text(name, "_", moments.size(), ".png");
        write_png(folder + "/" + whole, drawn.pixels());
        const picture_layout layout = drawn.layout();
        nlohmann::json panels = nlohmann::json::array();
        for (const panel_layout& panel : layout.panels) {
            panels.push_back(rect_of(panel.picture));
        }
        nlohmann::json frames = nlohmann::json::array();
        for (const scene_field& field : now.fields) {
            frames.push_back(field.frame() ? nlohmann::json(*field.frame()) : nlohmann::json());
        }
        const auto frame = now.fields[0].frame();
        nlohmann::json one = {{"time", time_s},
                              {"exact", frame && from.source(0).time_s(*frame) == time_s},
                              {"png", whole},
                              {"panels", panels},
                              {"frames", frames},
                              {"dock", layout.dock.empty() ? nlohmann::json() : rect_of(layout.dock)},
                              {"shapes", shapes_of(now, layout, options)}};
        render_options bare = options; // the fields alone
        bare.dock = !layout.dock.empty();
        bare.peak = false;
        now.shapes.clear();
        raster fields(bare);
        fields.present(now);
        one["fields"] = detail::text(name, "_", moments.size(), "_fields.png");
        write_png(folder + "/" + one["fields"].get<std::string>(), fields.pixels());
        moments.push_back(one);
    }
    return {{"page", name + ".html"},
            {"rows", options.size.rows},
            {"cols", options.size.cols},
            {"overlays", from.overlays().size()},
            {"moments", moments}};
}

} // namespace

TEST_CASE("html: the pieces of the player are short enough for every compiler") {
    for (const std::string_view piece : detail::player_program) {
        CHECK(piece.size() <= 16000);
    }
    for (const std::string_view piece :
         {detail::player_worker, detail::player_boot, detail::player_style, detail::player_body, detail::player_head}) {
        CHECK(piece.size() <= 16000);
        CHECK(piece.find("://") == std::string_view::npos); // no outside address
    }
}

TEST_CASE("html: a page is one whole file that names no other, and says what it holds") {
    const support::temporary_directory folder;
    const std::string path = folder.file("page.html");
    const html_report report = write_html(path, page_recordings::everything(), look);
    const std::string page = file_text(path);
    CHECK(page.size() == report.bytes);
    CHECK_FALSE(std::filesystem::exists(path + ".part"));
    CHECK(page.starts_with("<!doctype html>\n"));
    CHECK(page.ends_with("</body>\n</html>\n"));
    CHECK(page.find("http://") == std::string::npos);
    CHECK(page.find("https://") == std::string::npos);
    CHECK(report.frames == 600);
    CHECK(report.values == 600 * 295);
    CHECK(report.notes.empty());
    const nlohmann::json about = about_of(page);
    CHECK(about["overlays"].size() == 17);
    CHECK(about["streams"].size() == 2); // the field and the film
    CHECK(about["fields"][0]["posterior"] == true);
    CHECK(count_of(page, "<script type=\"text/plain\" id=\"s0.") == 1);
    CHECK(count_of(page, "id=\"end\">[1,1]<") == 1);
}

TEST_CASE("html: words that are code, quotes, lines and right-to-left text stay words") {
    const support::temporary_directory folder;
    playback from = page_recordings::two_fields();
    field_style style = from.style(0);
    style.title = "</script><script>alert(1)</script>";
    style.label = "\"'\n<!--";
    from.set_style(0, style);
    render_options odd = look;
    odd.title = "a</title><script>alert(2)</script> \"q\" 'r' \u05d0\u05d1\u05d2 \xff end";
    odd.unit = "<b>&amp;";
    write_html(folder.file("odd.html"), from, odd);
    const std::string page = file_text(folder.file("odd.html"));
    CHECK(page.find("alert(1)</script>") == std::string::npos);
    CHECK(page.find("<script>alert") == std::string::npos);
    CHECK(page.find("<title>a&lt;/title&gt;&lt;script&gt;") != std::string::npos);
    const nlohmann::json about = about_of(page);
    CHECK(about["fields"][0]["title"] == "</script><script>alert(1)</script>");
    CHECK(about["fields"][0]["label"] == "\"'\n<!--");
    CHECK(about["look"]["unit"] == "<b>&amp;");
}

TEST_CASE("html: one frame, NaN everywhere, and a start at 1.6e9 s") {
    const support::temporary_directory folder;
    const playback one = one_frame_of_nan();
    const html_report report = write_html(folder.file("one.html"), one);
    CHECK(report.frames == 1);
    CHECK(report.entropy_bytes == 0);
    const nlohmann::json about = about_of(file_text(folder.file("one.html")));
    CHECK(about["times"] == nlohmann::json({1.6e9, 1.6e9 + 1}));
}

TEST_CASE("html: what a browser cannot hold is refused, with what would fit, and nothing is left") {
    const support::temporary_directory folder;
    const std::string path = folder.file("page.html");
    const std::string sentence =
        support::sentence_of<invalid_value>([&] { write_html(path, noisy(20000), look, {.max_bytes = 4'000'000}); });
    CHECK(
        sentence ==
        "a page of 20000 frames of 400 values would have some 11 MB: 11 MB of fields, 148 kB of overlays and the "
        "player; at most 4 MB are allowed; show one frame in 3 (some 3.7 MB) by subsampling to 16.7 Hz, or allow more "
        "(max_bytes)");
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK_FALSE(std::filesystem::exists(path + ".part"));
    write_html(path, noisy(6667), look, {.max_bytes = 4'000'000}); // as it says
    CHECK(std::filesystem::file_size(path) <= 4'000'000);
}

TEST_CASE("html: a page whose overlays are too much is refused with their size") {
    const support::temporary_directory folder;
    const std::string path = folder.file("page.html");
    playback from = noisy(10);
    from.add_overlay({"spikes", event(event_times(page_recordings::every(0, 0.01, 300000, 1e-8)),
                                      samples(std::vector<double>(600000, 3), 2), {.keep = kept_events::all})});
    const std::string sentence =
        support::sentence_of<invalid_value>([&] { write_html(path, from, look, {.max_bytes = 1'000'000}); });
    CHECK(sentence.starts_with("a page of 10 frames of 400 values would have some "));
    CHECK(
        sentence.ends_with(" MB of overlays and the player; at most 1 MB are allowed; leave overlays or films out, or "
                           "allow more (max_bytes)"));
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("html: a part of a recording holds no more than what it shows") {
    const support::temporary_directory folder;
    const html_report part =
        write_html(folder.file("part.html"), page_recordings::everything(100), look, {.range = time_range{105, 106}});
    CHECK(part.frames == 31); // those at 105.0 to 106.0
    const html_report all = write_html(folder.file("all.html"), page_recordings::everything(100), look);
    CHECK(part.overlay_bytes < all.overlay_bytes * 3 / 4); // what has happened is drawn, so it is there
    const nlohmann::json about = about_of(file_text(folder.file("part.html")));
    CHECK(about["times"] == nlohmann::json({105.0, 106.0}));
    CHECK(about["fields"][0]["first"] == 150);
    CHECK(about["streams"][0]["frames"] == 31);
    playback steps = noisy(100); // 0.02 s each
    CHECK(write_html(folder.file("a.html"), steps, look, {.range = time_range{1, 1}}).frames == 1);
    CHECK(write_html(folder.file("b.html"), steps, look, {.range = time_range{0.03, 0.05}}).frames == 2);
}

TEST_CASE("html: options that make no sense") {
    const support::temporary_directory folder;
    const std::string path = folder.file("page.html");
    const auto refused = [&](const playback& from, const html_options& options) {
        return support::sentence_of<invalid_value>([&] { write_html(path, from, look, options); });
    };
    CHECK(refused(playback(), {}) == "a page of no field was asked for; add one with add_field");
    CHECK(refused(noisy(2), {.level = 0}) ==
          "the compression level 0 was asked for; it must be from 1 to 9; 6 is usual");
    CHECK(refused(noisy(2), {.chunk_bytes = 10}) ==
          "chunks of 10 bytes were asked for; they must have 4096 to 67108864; "
          "524288 is usual");
    CHECK(refused(noisy(2), {.range = time_range{0, 3}}) ==
          "a page from 0 to 3 s was asked for; the recording goes from 0 to 0.04 s; give a range within it");
    CHECK(refused(noisy(2), {.speed = -1}) ==
          "the speed is -1; it must be above 0 and at most 1000000 (1 is true speed, 0.1 ten times slower)");
    CHECK(support::sentence_of<file_error>([&] {
              write_html(folder.file("none/page.html"), noisy(2));
          }).find("cannot be created") != std::string::npos);
}

TEST_CASE("html: the same page from one thread and from several, in many chunks") {
    const support::temporary_directory folder;
    double told = 0;
    const html_report report =
        write_html(folder.file("one.html"), noisy(3000), look,
                   {.chunk_bytes = 40000, .threads = 1, .progress = [&](double part) { told = part; }});
    write_html(folder.file("four.html"), noisy(3000), look, {.chunk_bytes = 40000, .threads = 4});
    CHECK(file_text(folder.file("one.html")) == file_text(folder.file("four.html")));
    CHECK(told == 1);
    CHECK(count_of(file_text(folder.file("one.html")), "id=\"s0.") == 30);
    CHECK(report.entropy_bytes > 0.99 * 3000 * 400); // noise: 8 bits, all of them
    CHECK(report.field_bytes < 1.4 * 3000 * 400);
}

TEST_CASE("html: the pages that the browser is shown") {
    const char* const folder = std::getenv("FIELDREEL_PAGES");
    if (folder == nullptr) {
        MESSAGE("skipped: export/player.cmake runs this with FIELDREEL_PAGES set");
        return;
    }
    nlohmann::json all = nlohmann::json::array();
    playback everything = page_recordings::everything();
    all.push_back(reference(folder, "everything", everything,
                            {.title = "everything · a rat",
                             .note = "simulated",
                             .unit = "cm",
                             .dock_part = 0.4,
                             .clips_low = false,
                             .clips_high = true},
                            {0, 2.01, 3.49, 4.2, 6.6, 6.8, 7.1, 12.345, 20.3})); // at 3.49 the heading passes west
    playback late = page_recordings::everything(1.6e9);
    all.push_back(
        reference(folder, "late", late, {.size = {540, 960}, .start_s = 1.6e9, .dock_part = 0.4}, {1.6e9 + 3.21}));
    playback part = page_recordings::everything(100);
    all.push_back(reference(folder, "part", part, {.start_s = 100, .dock_part = 0.4}, {105, 106.6, 106.8, 107.1, 109},
                            time_range{105, 109}));
    playback zoomed = page_recordings::everything();
    all.push_back(reference(folder, "zoomed", zoomed,
                            {.title = "zoomed",
                             .unit = "cm",
                             .clips_low = false,
                             .clips_high = true,
                             .zoom = 3.3,
                             .center = point_xy{30, 36}},
                            {0, 6.6, 12.345}));
    playback two = page_recordings::two_fields();
    all.push_back(reference(folder, "two_zoomed", two,
                            {.size = {600, 1000}, .unit = "cm", .zoom = 2, .center = point_xy{70, 20}}, {5.05}));
    all.push_back(reference(folder, "two", two, {.size = {600, 1000}, .title = "two fields", .unit = "cm"}, {0, 5.05}));
    playback odd = page_recordings::two_fields();
    field_style style = odd.style(0);
    style.title = "</script><script>window.broken=1</script>";
    odd.set_style(0, style);
    write_html(std::string(folder) + "/odd.html", odd,
               {.title = "<script>window.broken=1</script> \"q\"\n \u05d0\u05d1\u05d2", .unit = "<b>"});
    write_html(std::string(folder) + "/one.html", one_frame_of_nan());
    std::ofstream(std::string(folder) + "/reference.json") << all.dump();
}
