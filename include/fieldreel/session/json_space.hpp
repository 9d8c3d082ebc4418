// SPDX-License-Identifier: MIT
// Grids, tracks, regions and the states of a frame, as session.json describes them.
#ifndef FIELDREEL_SESSION_JSON_SPACE_HPP
#define FIELDREEL_SESSION_JSON_SPACE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/session/json.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/source/state_bins.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/region.hpp>
#include <fieldreel/space/track.hpp>

namespace fieldreel::inline v0 {

namespace detail {

inline grid json_grid(const json_object& in, const session_storage& files) {
    for (const char* key : {"edges_x", "edges_y"}) {
        if (!in.has(key)) {
            in.required(key);
        }
    }
    std::vector<double> edges_x = json_numbers(in, "edges_x", files);
    std::vector<double> edges_y = json_numbers(in, "edges_y", files);
    if (!in.has("mask") || in.raw("mask") == "full") {
        return grid::full(std::move(edges_x), std::move(edges_y));
    }
    std::vector<std::uint8_t> mask;
    for (const double v : json_numbers(in, "mask", files)) {
        mask.push_back(v != 0 ? 1 : 0);
    }
    return grid(std::move(edges_x), std::move(edges_y), std::move(mask));
}

inline track json_track(const json_object& in, const session_storage& files, std::vector<std::string>& warnings) {
    in.warn_unknown({"nodes", "edges", "edge_order", "edge_spacing", "bin_size", "width"}, warnings);
    for (const char* key : {"nodes", "edges", "bin_size", "width"}) {
        if (!in.has(key)) {
            in.required(key);
        }
    }
    std::vector<point_xy> nodes;
    for (const auto& [x, y] : json_pairs(in, "nodes", files)) {
        nodes.push_back({x, y});
    }
    const auto edges = [&](const char* key) {
        std::vector<track_edge> out;
        for (const auto& [from, to] : json_pairs(in, key, files)) {
            for (const double node : {from, to}) {
                if (!(node >= 0 && node < 1e9 && node == std::floor(node))) {
                    throw data_error(text("the track's ", std::string_view(key), " name a node ", node,
                                          "; nodes are whole numbers counted from 0; correct the pair"));
                }
            }
            out.push_back({static_cast<std::size_t>(from), static_cast<std::size_t>(to)});
        }
        return out;
    };
    track_spacing spacing = 0;
    if (in.has("edge_spacing")) {
        spacing = in.raw("edge_spacing").is_number() ? track_spacing(in.number("edge_spacing", 0))
                                                     : track_spacing(json_numbers(in, "edge_spacing", files));
    }
    return track::from_graph(nodes, edges("edges"),
                             in.has("edge_order") ? edges("edge_order") : std::vector<track_edge>(), spacing,
                             {.bin_size = in.number("bin_size", 0), .width = in.number("width", 0)});
}

/// Names, or {"name", "bins"} for states of their own size; the others share the rest of a frame in equal parts.
inline state_bins json_states(const json_object& field, const std::string& name, std::size_t frame_size) {
    const nlohmann::json& values = field.raw("states");
    if (!values.is_array()) {
        field.fail("states", "a list of names", values);
    }
    std::vector<std::string> names;
    std::vector<std::size_t> bins;
    std::size_t sharing = 0;
    std::size_t taken = 0;
    for (const nlohmann::json& state : values) {
        const bool sized = state.is_object() && state.contains("name") && state.at("name").is_string() &&
                           state.contains("bins") && state.at("bins").is_number_unsigned();
        if (!state.is_string() && !sized) {
            field.fail("states", "a list of names or of {\"name\": text, \"bins\": whole number}", state);
        }
        names.push_back((sized ? state.at("name") : state).get<std::string>());
        bins.push_back(sized ? state.at("bins").get<std::size_t>() : 0);
        sharing += sized ? 0 : 1;
        taken += bins.back();
    }
    if (!names.empty() &&
        (taken > frame_size || (sharing == 0 ? taken != frame_size : (frame_size - taken) % sharing != 0))) {
        throw data_error(text("a frame of '", name, "' has ", frame_size, " values and its ", names.size(), " states (",
                              join(names), ") ",
                              taken == 0 ? std::string("share them equally")
                                         : text(sharing == 0 ? "have " : "have at least ", taken, " bins"),
                              "; a frame holds the bins of one state after the other; give {\"name\", \"bins\"} for "
                              "each state that has fewer bins than the others"));
    }
    for (std::size_t state = 0; state < bins.size(); ++state) {
        bins[state] = values[state].is_string() ? (frame_size - taken) / sharing : bins[state];
    }
    if (std::find(names.begin(), names.end(), "sum") != names.end()) {
        throw invalid_value("states", text("a state of '", name,
                                           "' is named 'sum', which means all states together; give it another name"));
    }
    return state_bins(std::move(names), std::move(bins));
}

inline regions json_regions(const json_object& top, std::vector<std::string>& warnings) {
    std::vector<region> found;
    for (const json_object& place : top.list("regions")) {
        place.warn_unknown({"name", "polygon", "point", "radius"}, warnings);
        std::string name = place.required("name");
        if (place.has("polygon") == place.has("point")) {
            throw data_error(text("the region '", name, "' has ",
                                  place.has("polygon") ? "both a polygon and a point" : "no polygon and no point",
                                  "; give \"polygon\": [[x, y], ...], or \"point\": [x, y] with \"radius\""));
        }
        if (place.has("polygon")) {
            std::vector<point_xy> corners;
            for (const nlohmann::json& corner : place.array("polygon")) {
                corners.push_back(json_point(place, "polygon", "a list of corners [x, y]", corner));
            }
            found.push_back(region::polygon(std::move(name), corners));
        } else {
            if (!place.has("radius")) {
                throw data_error(text("the region '", name,
                                      "' has a point and its radius is missing; give \"radius\", in the units of "
                                      "the positions"));
            }
            found.push_back(region::disc(std::move(name),
                                         json_point(place, "point", "a place [x, y]", place.raw("point")),
                                         place.number("radius", 0)));
        }
    }
    return regions(std::move(found));
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
