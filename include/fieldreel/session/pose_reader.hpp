// SPDX-License-Identifier: MIT
// Poses of a session: keypoints, likelihoods and skeletons from their description in session.json.
#ifndef FIELDREEL_SESSION_POSE_READER_HPP
#define FIELDREEL_SESSION_POSE_READER_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/overlay/named_style.hpp>
#include <fieldreel/overlay/pose.hpp>
#include <fieldreel/overlay/skeleton.hpp>
#include <fieldreel/session/overlay_facts.hpp>
#include <fieldreel/session/overlay_reader.hpp>

namespace fieldreel::inline v0 {
namespace detail {

/// One animal: "keypoints": [{"name", "file", "likelihood": FILE}], or "file": FILE (n, keypoints, 2; or 3 with the
/// likelihood) and "names"; a file named with {name} is one of each keypoint. "likelihood": FILE (n, keypoints).
inline std::vector<pose_keypoint> read_keypoints(const overlay_reader& in, const overlay_reader& outer) {
    std::vector<pose_keypoint> out;
    std::vector<std::string> names = in.words("names");
    names = names.empty() ? outer.words("names") : names;
    const auto of_name = [](std::string pattern, const std::string& name) {
        const std::size_t at = pattern.find("{name}");
        return at == std::string::npos ? std::string() : pattern.replace(at, 6, name);
    };
    const std::string likelihood = in.in.string("likelihood");
    if (in.in.has("keypoints")) {
        for (const overlay_reader& one : in.parts("keypoints")) {
            out.push_back({one.in.required("name"), one.table("file")});
            if (one.in.has("likelihood")) {
                out.back().likelihood = one.table("likelihood");
            }
            one.finish();
        }
    } else {
        const std::string file = in.in.required("file");
        if (!of_name(file, "").empty()) {
            if (names.empty()) {
                in.in.refuse("file", text("is '", file,
                                          "', a file of each name, and there are no names; give "
                                          "\"names\": a list, or a text file of them"));
            }
            for (const std::string& name : names) {
                out.push_back({name, in.open(of_name(file, name))});
            }
        } else {
            const std::vector<std::size_t> shape = in.shape_of(file);
            const std::size_t each = shape.size() == 3 ? shape[2] : 2;
            const samples table = in.open(file);
            if (shape.size() < 2 || (each != 2 && each != 3) || table.columns() % each != 0) {
                in.in.refuse("file", text("is '", file, "' of shape ", shape_text(shape),
                                          "; a pose is (n, keypoints, 2), x and y, or (n, keypoints, 3) with the "
                                          "likelihood"));
            }
            const std::size_t count = table.columns() / each;
            for (std::size_t k = 0; names.size() < count && k < count && in.words("names").empty(); ++k) {
                names.push_back(text(k));
            }
            if (names.size() != count) {
                in.in.refuse("names",
                             text("has ", names.size(), " names for ", count, " keypoints; give one for each"));
            }
            for (std::size_t k = 0; k < count; ++k) {
                out.push_back({names[k], table, {}, each * k, {}});
                if (each == 3) {
                    out.back().likelihood = table;
                    out.back().likelihood_column = 3 * k + 2;
                }
            }
        }
    }
    if (!likelihood.empty() && !of_name(likelihood, "").empty()) {
        for (pose_keypoint& one : out) {
            one.likelihood = in.open(of_name(likelihood, one.name));
        }
    } else if (!likelihood.empty()) {
        const samples table = in.open(likelihood);
        if (table.columns() != out.size()) {
            in.in.refuse("likelihood", text("is '", likelihood, "' of ", table.columns(), " columns for ", out.size(),
                                            " keypoints; give one for each"));
        }
        for (std::size_t k = 0; k < out.size(); ++k) {
            out[k].likelihood = table;
            out[k].likelihood_column = k;
        }
    }
    return out;
}
inline std::string without_spaces_around(const std::string& word) {
    const std::size_t first = word.find_first_not_of(" \t\"");
    return first == std::string::npos ? std::string() : word.substr(first, word.find_last_not_of(" \t\"") - first + 1);
}

inline skeleton ready_skeleton(const overlay_reader& in, const std::string& name,
                               const std::vector<std::string>& names) {
    const skeleton all = in.at("skeleton", [&] { return skeleton::named(name); });
    std::vector<std::string> missing;
    for (const std::string& keypoint : all.keypoints()) {
        if (std::find(names.begin(), names.end(), keypoint) == names.end()) {
            missing.push_back(keypoint);
        }
    }
    if (missing.size() == all.size()) {
        in.in.refuse("skeleton", text("is '", name, "', which joins ", join(all.keypoints()),
                                      "; the pose has none of them, it has ", join(names),
                                      "; name the keypoints so, or give a list of edges"));
    }
    const skeleton left = all.only(names);
    if (!missing.empty()) {
        in.note(text("session.json: ", in.in.where(), ": the skeleton '", name, "' is drawn without ", join(missing),
                     ", which the pose does not have (", left.edges().size(), " of ", all.edges().size(),
                     " edges are left)"));
    }
    return left;
}
/// "skeleton": "mouse"|"rat"|"simple", or [[from, to] or {"from", "to", "color", "width_px"}], or a text file with
/// "from,to" in each line.
inline skeleton read_skeleton(const overlay_reader& in, const std::vector<std::string>& names) {
    if (!in.in.has("skeleton")) {
        return skeleton();
    }
    const nlohmann::json& value = in.in.raw("skeleton");
    std::vector<named_edge> edges;
    if (value.is_string() && value.get<std::string>().find('.') == std::string::npos) {
        return ready_skeleton(in, value.get<std::string>(), names);
    }
    if (value.is_string()) {
        bool first = true;
        for (const std::string& line : in.lines(value.get<std::string>())) {
            const std::size_t comma = line.find(',');
            if (comma == std::string::npos) {
                in.in.refuse("skeleton", text("has the line '", line, "'; an edge is 'from,to'"));
            }
            named_edge edge{without_spaces_around(line.substr(0, comma)),
                            without_spaces_around(line.substr(comma + 1))};
            constexpr std::array<std::string_view, 4> headings = {"source,target", "from,to", "start,end",
                                                                  "keypoint_1,keypoint_2"};
            const bool heading =
                first && std::find(headings.begin(), headings.end(), edge.from + "," + edge.to) != headings.end();
            if (!heading) {
                edges.push_back(std::move(edge));
            }
            first = false;
        }
    } else {
        for (const nlohmann::json& edge : in.in.array("skeleton")) {
            if (edge.is_object()) {
                const overlay_reader one = in.part(json_object(edge, in.in.path(), text(in.in.where(), ".skeleton")));
                edges.push_back({one.in.required("from"), one.in.required("to"), one.color(), {}});
                if (one.in.has("width_px")) {
                    edges.back().width_px = static_cast<float>(one.in.number("width_px", 2));
                }
                one.finish();
            } else if (edge.is_array() && edge.size() == 2 && edge[0].is_string() && edge[1].is_string()) {
                edges.push_back({edge[0].get<std::string>(), edge[1].get<std::string>()});
            } else {
                in.in.fail("skeleton",
                           "a ready skeleton (mouse, rat, simple), a list of edges [from, to], or a "
                           "text file of them",
                           edge);
            }
        }
    }
    return in.at("skeleton", [&] { return skeleton(names, edges); });
}
inline std::vector<pose> read_poses(const overlay_reader& in) {
    const json_object& o = in.in;
    pose_options how;
    how.min_likelihood = o.number("min_likelihood", how.min_likelihood);
    how.max_gap_s = o.number("max_gap_s", in.from().max_gap_s);
    how.how =
        o.choice("between", how.how, {{"linear", between_samples::linear}, {"nearest", between_samples::nearest}});
    how.to_environment = in.to_environment();
    how.color = in.color();
    how.marker = in.style("marker", how.marker);
    how.edge = in.style("edge", how.edge);
    std::vector<std::pair<std::string, rgba8>> colors;
    if (o.has("keypoint_colors")) {
        const overlay_reader each = in.part(o.object("keypoint_colors"));
        for (const auto& [name, value] : each.in.all().items()) {
            colors.emplace_back(name, *each.color(name.c_str()));
        }
    }
    const std::vector<overlay_reader> animals = in.parts("animals");
    const bool several = !animals.empty();
    std::vector<pose> out;
    for (std::size_t a = 0; a < (several ? animals.size() : 1); ++a) {
        const overlay_reader& animal = several ? animals[a] : in;
        std::vector<pose_keypoint> points = read_keypoints(animal, in);
        pose_options looks = how;
        if (several) {
            animal.in.string("name"); // for people
            looks.color = animal.color().value_or(how.color.value_or(animal_color(a)));
        }
        std::vector<std::string> names;
        bool likely = false;
        for (const pose_keypoint& one : points) {
            names.push_back(one.name);
            likely = likely || !one.likelihood.empty();
        }
        if (how.min_likelihood > 0 && !likely && !points.empty() && !points.front().positions.empty()) {
            o.refuse("min_likelihood", text("is ", how.min_likelihood,
                                            " and there are no likelihoods; give \"likelihood\", or leave it out"));
        }
        skeleton bones = read_skeleton(animal.in.has("skeleton") ? animal : in, names);
        for (const auto& [name, color] : colors) {
            if (std::find(names.begin(), names.end(), name) == names.end()) {
                o.refuse("keypoint_colors", text("names '", name, "'; the pose has ", join(names), "; did you mean '",
                                                 nearest_name(name, names), "'?"));
            }
            bones = bones.size() == 0 ? skeleton(names) : bones;
            bones.color_keypoint(name, color);
        }
        const std::size_t rows = points.empty() ? 0 : points.front().positions.size();
        const overlay_reader& clock = animal.has_clock() ? animal : in;
        const sample_times times = clock.times(rows);
        in.max_gap_s(times); // notes samples that are farther apart
        out.emplace_back(times, std::move(points), bones, looks);
        if (several) {
            animal.finish();
        }
    }
    in.finish();
    return out;
}
inline overlay_facts pose_facts(const std::string& name, const std::vector<pose>& animals, const any_space& space) {
    overlay_facts out;
    std::size_t missing = 0;
    std::size_t points = 0;
    for (const pose& animal : animals) {
        const std::size_t rows = animal.times().size();
        const std::size_t step = rows / 256 + 1;
        std::vector<double> some;
        for (std::size_t k = 0; k < animal.keypoint_count(); ++k) {
            for (std::size_t i = 0; i < rows; ++i) {
                const point_xy at = animal.sample(k, i);
                missing += std::isfinite(at.x) && std::isfinite(at.y) ? 0u : 1u;
                if (i % step == 0) {
                    some.insert(some.end(), {at.x, at.y});
                }
            }
        }
        points += rows * animal.keypoint_count();
        examine_times(animal.times(), out);
        warn_outside(space, text("the keypoints of '", name, "'"), samples(std::move(some), 2), out);
    }
    if (!animals.empty()) {
        const pose& first = animals.front();
        const double least = first.options().min_likelihood;
        if (missing == points && points > 0) {
            out.problems.push_back(text("all ", points, " points are missing",
                                        least > 0 ? text(" or of a likelihood below ", least) : std::string()));
        }
        out.counts = text(animals.size() == 1 ? std::string() : text(animals.size(), " animals of "),
                          first.keypoint_count(), first.keypoint_count() == 1 ? " keypoint" : " keypoints", " and ",
                          first.edges().size(), first.edges().size() == 1 ? " edge at " : " edges at ",
                          first.times().size(), " times, ", missing, " of ", points, " points missing",
                          least > 0 ? text(" (or of a likelihood below ", least, ")") : std::string());
    }
    return out;
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
