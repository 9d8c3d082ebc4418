// SPDX-License-Identifier: MIT
// What overlays have in common in session.json: files, clocks, looks, places, and maps from pixels.
#ifndef FIELDREEL_SESSION_OVERLAY_READER_HPP
#define FIELDREEL_SESSION_OVERLAY_READER_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/overlay/affine.hpp>
#include <fieldreel/overlay/calibration.hpp>
#include <fieldreel/overlay/canvas.hpp>
#include <fieldreel/overlay/named_style.hpp>
#include <fieldreel/session/json.hpp>
#include <fieldreel/session/session_content.hpp>
#include <fieldreel/source/npy.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/space/space.hpp>

namespace fieldreel::inline v0 {
namespace detail {

/// An overlay's object in session.json, or a part of it, with the session whose files it names.
class overlay_reader {
public:
    overlay_reader(const json_object& object, const session& from, std::vector<std::string>& notes)
        : in(object), from_(&from), notes_(&notes) {}

    json_object in;

    const session& from() const noexcept { return *from_; }
    overlay_reader part(const json_object& object) const { return {object, *from_, *notes_}; }
    std::vector<overlay_reader> parts(const char* key) const {
        std::vector<overlay_reader> out;
        for (const json_object& one : in.list(key)) {
            out.push_back(part(one));
        }
        return out;
    }
    void note(std::string sentence) const { notes_->push_back(std::move(sentence)); }
    /// After everything was asked for: tells of members that nobody knows.
    void finish() const { in.warn_unasked(*notes_); }

    // ---- files
    std::string file(const std::string& name) const { return from_->storage.path(name); }
    samples open(const std::string& name) const { return from_->storage.table(name, true); }
    samples table(const char* key) const { return open(in.required(key)); }
    std::vector<std::size_t> shape_of(const std::string& name) const { return from_->storage.shape(name); }
    /// A list of words, or a text file with one in each line.
    std::vector<std::string> words(const char* key) const {
        std::vector<std::string> out;
        if (!in.has(key)) {
            return out;
        }
        const nlohmann::json& value = in.raw(key);
        if (value.is_string()) {
            return lines(value.get<std::string>());
        }
        for (const nlohmann::json& word : in.array(key)) {
            if (!word.is_string()) {
                in.fail(key, "a list of names or the name of a text file", word);
            }
            out.push_back(word.get<std::string>());
        }
        return out;
    }
    /// Without empty lines.
    std::vector<std::string> lines(const std::string& name) const {
        const std::string path = file(name);
        std::ifstream text_file(path);
        if (!text_file) {
            throw file_error(path, text(path, " cannot be opened; check the path and its permissions"));
        }
        std::vector<std::string> out;
        for (std::string line; std::getline(text_file, line);) {
            while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) {
                line.pop_back();
            }
            if (!line.empty()) {
                out.push_back(line);
            }
        }
        return out;
    }

    // ---- time
    bool has_clock() const { return in.has("times") || in.has("rate_hz"); }
    /// "times": FILE, or "rate_hz" and "start_s"; else the session's. "offset_s" is added.
    sample_times times(std::size_t count) const {
        const double offset_s = in.number("offset_s", 0);
        const double start_s = in.number("start_s", 0);
        if (in.has("times")) {
            return sample_times(table("times"), offset_s);
        }
        if (in.has("rate_hz")) {
            return sample_times({.rate_hz = in.number("rate_hz", 0), .start_s = start_s + offset_s}, count);
        }
        if (!from_->times) {
            in.refuse("times", "is missing and the recording has none; give a file of times (seconds), or "
                               "\"rate_hz\" and \"start_s\"");
        }
        if (from_->times->size() != count) {
            in.refuse("times", text("is missing, and the recording's own ", from_->times->size(),
                                    " times are not one for each of the ", count,
                                    " here; give a file of times (seconds), or \"rate_hz\" and \"start_s\""));
        }
        if (offset_s != 0) {
            in.refuse("offset_s", "moves an overlay's own times and it has none; give \"times\" or \"rate_hz\" too");
        }
        return *from_->times;
    }

    /// The longest gap that is drawn through: its own, or the session's. Notes samples that are farther apart (those of
    /// the session itself were noted when it was opened).
    double max_gap_s(const sample_times& of) const {
        const double gap_s = in.number("max_gap_s", from_->max_gap_s);
        if ((has_clock() || in.has("max_gap_s")) && of.size() > 1 && of.median_dt_s() > gap_s) {
            note(text("session.json: ", in.where(), ": the samples are ", rounded(of.median_dt_s()),
                      " s apart, more than the longest gap that is drawn through, ", gap_s,
                      " s, so that hardly any is seen; ",
                      of.median_dt_s() > 1 ? "if the times are milliseconds, divide them by 1000, else " : "",
                      "set \"max_gap_s\", here or for the whole recording"));
        }
        return gap_s;
    }

    // ---- looks
    /// Says in which member a value is wrong.
    template <class F>
    auto at(const char* key, const F& read) const {
        try {
            return read();
        } catch (const invalid_value& wrong) {
            in.refuse(key, text("is refused: ", std::string_view(wrong.what())));
        }
    }
    std::optional<rgba8> color(const char* key = "color") const {
        return in.has(key) ? std::optional(at(key, [&] { return color_named(in.string(key)); })) : std::nullopt;
    }
    /// 0-1.
    double part_of_one(const char* key, double otherwise) const {
        const double value = in.number(key, otherwise);
        if (!(value >= 0 && value <= 1)) {
            in.refuse(key, text("is ", value, "; it must be from 0 to 1"));
        }
        return value;
    }
    float size(const char* key, float otherwise) const {
        const double value = in.number(key, static_cast<double>(otherwise));
        if (!(value >= 0 && value <= 10000)) {
            in.refuse(key, text("is ", value, "; it must be from 0 to 10000 pixels"));
        }
        return static_cast<float>(value);
    }
    fieldreel::layer layer(fieldreel::layer otherwise) const {
        return in.choice("layer", otherwise, {{"below", layer::below}, {"above", layer::above}});
    }
    /// "color", "alpha", "size_px", "marker", "layer" of this object.
    shape_style look(shape_style style) const {
        style.color = color().value_or(style.color);
        if (in.has("alpha")) {
            style.color.a = static_cast<std::uint8_t>(std::lround(255 * part_of_one("alpha", 1)));
        }
        style.size_px = size("size_px", style.size_px);
        if (in.has("marker")) {
            style.symbol = at("marker", [&] { return marker_named(in.string("marker")); });
        }
        style.layer = layer(style.layer);
        return style;
    }
    /// The look in an object of its own.
    shape_style style(const char* key, const shape_style& otherwise) const {
        if (!in.has(key)) {
            return otherwise;
        }
        const overlay_reader own = part(in.object(key));
        const shape_style out = own.look(otherwise);
        own.finish();
        return out;
    }

    // ---- places
    point_xy point(const char* key, point_xy otherwise) const {
        return in.has(key) ? json_point(in, key, "a place [x, y]", in.raw(key)) : otherwise;
    }
    /// "to_environment": {"units_per_px", "height" (of the picture, px), "lower_left": [x, y]}, or {"scale_bar":
    /// {"from": [x, y], "to": [x, y], "length"}, "height", "lower_left"}, or {"landmarks": [{"pixel": [x, y], "at":
    /// [x, y]}], "fit": "similarity"|"affine"}. Pixels: x to the right, y down, the first one's centre at (0, 0).
    affine_xy to_environment() const {
        if (!in.has("to_environment")) {
            return {};
        }
        const overlay_reader map = part(in.object("to_environment"));
        const json_object& of = map.in;
        try {
            const calibration found = map.calibrate();
            if (!found.warning.empty()) {
                note(text("session.json: ", of.where(), ": ", found.warning));
            }
            map.finish();
            return found.map;
        } catch (const data_error& wrong) {
            in.refuse("to_environment", text("is refused: ", std::string_view(wrong.what())));
        } catch (const invalid_value& wrong) {
            in.refuse("to_environment", text("is refused: ", std::string_view(wrong.what())));
        }
    }

private:
    calibration calibrate() const {
        const auto pixel = [](const overlay_reader& of, const char* key) {
            of.in.required_member(key);
            const point_xy at = of.point(key, {});
            return point_rc{at.y, at.x};
        };
        if (in.has("landmarks")) {
            std::vector<landmark> known;
            for (const overlay_reader& one : parts("landmarks")) {
                one.in.required_member("at");
                known.push_back({pixel(one, "pixel"), one.point("at", {})});
                one.finish();
            }
            return calibration::from_landmarks(
                known, in.choice("fit", calibration_kind::similarity,
                                 {{"similarity", calibration_kind::similarity}, {"affine", calibration_kind::affine}}));
        }
        if (!in.has("units_per_px") && !in.has("scale_bar")) {
            throw invalid_value("to_environment", "it has none of \"landmarks\", \"units_per_px\" and \"scale_bar\"; "
                                                  "give one of them");
        }
        in.required_member("height");
        const double height = in.number("height", 0);
        if (!(height > 0)) {
            in.refuse("height", text("is ", height, "; it must be the picture's height in pixels"));
        }
        const landmark corner{{height - 0.5, -0.5}, point("lower_left", {0, 0})};
        if (in.has("scale_bar")) {
            const overlay_reader bar = part(in.object("scale_bar"));
            const calibration out =
                calibration::from_scale_bar(pixel(bar, "from"), pixel(bar, "to"), bar.in.number("length", 0), corner);
            bar.finish();
            return out;
        }
        return calibration::from_factor(in.number("units_per_px", 0), corner);
    }

    const session* from_;
    std::vector<std::string>* notes_;
};

} // namespace detail
} // namespace fieldreel::inline v0

#endif
