// SPDX-License-Identifier: MIT
// Which keypoints an animal has, and which of them are joined.
#ifndef FIELDREEL_OVERLAY_SKELETON_HPP
#define FIELDREEL_OVERLAY_SKELETON_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>

namespace fieldreel::inline v0 {

/// Two keypoints that are joined, by name. What is unset is as the pose says.
struct named_edge {
    std::string from;
    std::string to;
    std::optional<rgba8> color = {};
    std::optional<float> width_px = {};
};

/// Two keypoints that are joined, by number.
struct skeleton_edge {
    std::size_t from = 0;
    std::size_t to = 0;
    std::optional<rgba8> color = {};
    std::optional<float> width_px = {};
};

/// The names of an animal's keypoints and the edges between them. Default-constructed it has neither: a pose without
/// a skeleton shows its keypoints alone.
class skeleton {
public:
    skeleton() = default;
    /// Errors: invalid_value for no keypoints, a name that is empty or there twice, an edge to a keypoint that is not
    /// there (it tells the nearest name), from a keypoint to itself, or twice (either direction), and for a width that
    /// is not positive.
    explicit skeleton(std::vector<std::string> keypoints, std::span<const named_edge> edges = {})
        : keypoints_(std::move(keypoints)), colors_(keypoints_.size()) {
        check_names();
        edges_.reserve(edges.size());
        for (const named_edge& edge : edges) {
            const auto end = [&](const std::string& name) {
                const auto k = find(name);
                if (!k) {
                    throw invalid_value("edges",
                                        detail::text("the edge '", edge.from, "'-'", edge.to, "' names the keypoint '",
                                                     name, "'; the skeleton has ", detail::join(keypoints_),
                                                     "; did you mean '", detail::nearest_name(name, keypoints_), "'?"));
                }
                return *k;
            };
            const std::size_t from = end(edge.from);
            add({from, end(edge.to), edge.color, edge.width_px});
        }
    }
    skeleton(std::vector<std::string> keypoints, const std::vector<named_edge>& edges)
        : skeleton(std::move(keypoints), std::span<const named_edge>(edges)) {}
    /// By number. Errors: as above.
    static skeleton numbered(std::vector<std::string> keypoints, std::span<const skeleton_edge> edges) {
        skeleton out(std::move(keypoints));
        for (const skeleton_edge& edge : edges) {
            const std::size_t most = (std::max)(edge.from, edge.to);
            if (most >= out.size()) {
                throw invalid_value("edges", detail::text("the edge ", edge.from, "-", edge.to, " names keypoint ",
                                                          most, "; the skeleton has ", out.size(), " keypoints (0-",
                                                          out.size() - 1, "); count from 0"));
            }
            out.add(edge);
        }
        return out;
    }
    static skeleton numbered(std::vector<std::string> keypoints, const std::vector<skeleton_edge>& edges) {
        return numbered(std::move(keypoints), std::span<const skeleton_edge>(edges));
    }
    /// From edges alone: the keypoints are those they name, in the order in which they come. Errors: as above.
    static skeleton from_edges(std::span<const named_edge> edges) {
        std::vector<std::string> names;
        for (const named_edge& edge : edges) {
            for (const std::string* name : {&edge.from, &edge.to}) {
                if (std::find(names.begin(), names.end(), *name) == names.end()) {
                    names.push_back(*name);
                }
            }
        }
        return skeleton(std::move(names), edges);
    }
    static skeleton from_edges(const std::vector<named_edge>& edges) {
        return from_edges(std::span<const named_edge>(edges));
    }

    /// head, body and tail in a row.
    static skeleton simple() { return chain_of({"head", "body", "tail"}, {{"head", "body"}, {"body", "tail"}}); }
    /// 7 keypoints: nose, left_ear, right_ear, neck, body, tail_base, tail_tip.
    static skeleton mouse() {
        return chain_of({"nose", "left_ear", "right_ear", "neck", "body", "tail_base", "tail_tip"},
                        {{"nose", "left_ear"},
                         {"nose", "right_ear"},
                         {"left_ear", "neck"},
                         {"right_ear", "neck"},
                         {"neck", "body"},
                         {"body", "tail_base"},
                         {"tail_base", "tail_tip"}});
    }
    /// 12 keypoints: those of the mouse, shoulders, hips and the middle of the tail.
    static skeleton rat() {
        return chain_of({"nose", "left_ear", "right_ear", "neck", "left_shoulder", "right_shoulder", "body", "left_hip",
                         "right_hip", "tail_base", "tail_middle", "tail_tip"},
                        {{"nose", "left_ear"},
                         {"nose", "right_ear"},
                         {"left_ear", "neck"},
                         {"right_ear", "neck"},
                         {"neck", "body"},
                         {"left_shoulder", "neck"},
                         {"right_shoulder", "neck"},
                         {"left_hip", "body"},
                         {"right_hip", "body"},
                         {"body", "tail_base"},
                         {"tail_base", "tail_middle"},
                         {"tail_middle", "tail_tip"}});
    }
    /// "mouse", "rat" or "simple". Errors: invalid_value for another; it tells the nearest.
    static skeleton named(std::string_view name) {
        constexpr std::array<std::string_view, 3> names{"mouse", "rat", "simple"};
        if (name == "mouse") {
            return mouse();
        }
        if (name == "rat") {
            return rat();
        }
        if (name == "simple") {
            return simple();
        }
        throw invalid_value("skeleton",
                            detail::text("the skeleton '", name, "' was asked for; there are ", detail::join(names),
                                         "; did you mean '", detail::nearest_name(name, names), "'?"));
    }

    bool empty() const noexcept { return keypoints_.empty(); }
    std::size_t size() const noexcept { return keypoints_.size(); }
    /// Valid as long as the skeleton: a temporary one has none to give (a loop over them would outlive it).
    std::span<const std::string> keypoints() const& noexcept { return keypoints_; }
    std::span<const skeleton_edge> edges() const& noexcept { return edges_; }
    void keypoints() const&& = delete;
    void edges() const&& = delete;
    std::optional<rgba8> keypoint_color(std::size_t k) const noexcept { return colors_[k]; }

    std::optional<std::size_t> find(std::string_view name) const noexcept {
        const auto at = std::find(keypoints_.begin(), keypoints_.end(), name);
        return at == keypoints_.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - keypoints_.begin()));
    }
    /// The number of a keypoint. Errors: invalid_value for a name that is not there; it tells the nearest.
    std::size_t index_of(std::string_view name) const {
        if (const auto k = find(name)) {
            return *k;
        }
        throw invalid_value("keypoint",
                            keypoints_.empty()
                                ? detail::text("the keypoint '", name,
                                               "' was asked of a skeleton that has none; give it keypoints first")
                                : detail::text("the keypoint '", name, "' was asked for; the skeleton has ",
                                               detail::join(keypoints_), "; did you mean '",
                                               detail::nearest_name(name, keypoints_), "'?"));
    }
    /// Colours a keypoint's marker. Errors: as index_of.
    skeleton& color_keypoint(std::string_view name, rgba8 color) {
        colors_[index_of(name)] = color;
        return *this;
    }
    /// Without the keypoints that are not among `names`, and without what touches them: for a ready skeleton of which
    /// a recording has only some keypoints. Errors: invalid_value when none is left.
    skeleton only(std::span<const std::string> names) const {
        skeleton out;
        std::vector<std::size_t> number(size(), size());
        for (std::size_t k = 0; k < size(); ++k) {
            if (std::find(names.begin(), names.end(), keypoints_[k]) != names.end()) {
                number[k] = out.size();
                out.keypoints_.push_back(keypoints_[k]);
                out.colors_.push_back(colors_[k]);
            }
        }
        out.check_names();
        for (const skeleton_edge& edge : edges_) {
            if (number[edge.from] != size() && number[edge.to] != size()) {
                out.edges_.push_back({number[edge.from], number[edge.to], edge.color, edge.width_px});
            }
        }
        return out;
    }
    skeleton only(const std::vector<std::string>& names) const { return only(std::span<const std::string>(names)); }

private:
    static skeleton chain_of(std::vector<std::string> names, const std::vector<named_edge>& edges) {
        return skeleton(std::move(names), edges);
    }
    void check_names() const {
        if (keypoints_.empty()) {
            throw invalid_value("keypoints", "a skeleton of no keypoints was asked for; it needs at least one; name "
                                             "the tracked points");
        }
        for (std::size_t k = 0; k < keypoints_.size(); ++k) {
            if (keypoints_[k].empty()) {
                throw invalid_value(
                    "keypoints", detail::text("keypoint ", k, " has an empty name; each keypoint needs one; name it"));
            }
            for (std::size_t j = 0; j < k; ++j) {
                if (keypoints_[j] == keypoints_[k]) {
                    throw invalid_value("keypoints",
                                        detail::text("keypoints ", j, " and ", k, " are both named '", keypoints_[k],
                                                     "'; the names of keypoints must differ; rename one"));
                }
            }
        }
    }
    void add(const skeleton_edge& edge) {
        const std::string& from = keypoints_[edge.from];
        const std::string& to = keypoints_[edge.to];
        if (edge.from == edge.to) {
            throw invalid_value("edges", detail::text("the edge '", from, "'-'", to,
                                                      "' joins a keypoint to itself; an edge needs two; remove it"));
        }
        for (const skeleton_edge& other : edges_) {
            if ((other.from == edge.from && other.to == edge.to) || (other.from == edge.to && other.to == edge.from)) {
                throw invalid_value("edges", detail::text("the edge '", from, "'-'", to, "' is there twice (as '",
                                                          keypoints_[other.from], "'-'", keypoints_[other.to],
                                                          "' before); either direction is the same; remove one"));
            }
        }
        if (edge.width_px && !(*edge.width_px > 0 && std::isfinite(*edge.width_px))) {
            throw invalid_value("width_px", detail::text("the edge '", from, "'-'", to, "' has the width ",
                                                         *edge.width_px, " px; it must be positive; 2 is usual"));
        }
        edges_.push_back(edge);
    }

    std::vector<std::string> keypoints_;
    std::vector<std::optional<rgba8>> colors_;
    std::vector<skeleton_edge> edges_;
};

} // namespace fieldreel::inline v0

#endif
