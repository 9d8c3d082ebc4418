// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/window/view_look.hpp>

namespace fr = fieldreel;

namespace {

/// A marker at x = number.
struct dot {
    double number;
    void build(const fr::moment&, fr::canvas& out) const {
        out.marker({number, 0}, {.color = {10, 20, 30, 200}, .size_px = 4});
    }
};
std::vector<fr::any_overlay> dots(const std::vector<std::string>& names) {
    std::vector<fr::any_overlay> out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        out.emplace_back(names[i], dot{static_cast<double>(i)});
    }
    return out;
}
struct seen {
    double number;
    fr::rgba8 color;
    bool operator==(const seen&) const = default;
};
std::vector<seen> drawn(const std::vector<fr::any_overlay>& overlays) {
    fr::canvas out;
    for (const auto& one : overlays) {
        one.build({}, out);
    }
    std::vector<seen> result;
    for (const auto& s : out.shapes()) {
        result.push_back({out.vertices(s)[0].x, s.style.color});
    }
    return result;
}

} // namespace

TEST_CASE("layers as they are change nothing") {
    const auto all = dots({"a", "b"});
    const auto layers = fr::layers_of(all);
    REQUIRE(layers.size() == 2);
    CHECK(layers[1] == fr::layer_view{.name = "b"});
    CHECK(drawn(fr::dressed(all, layers)) == drawn(all));
}

TEST_CASE("order, colour, opacity and what is hidden") {
    const auto all = dots({"a", "b", "c", "b"});
    const std::vector<fr::layer_view> layers = {{.name = "c", .opacity = 0.5},
                                                {.name = "b", .color = fr::rgba8{1, 2, 3, 255}},
                                                {.name = "a", .visible = false},
                                                {.name = "b"},
                                                {.name = "none"}};
    CHECK(drawn(fr::dressed(all, layers)) ==
          std::vector<seen>{{2, {10, 20, 30, 100}}, {1, {1, 2, 3, 200}}, {3, {10, 20, 30, 200}}});
    CHECK(fr::dressed(all, layers)[0].name() == "c");
}

TEST_CASE("a trail is as long as its layer says") {
    std::vector<double> times;
    std::vector<double> places;
    for (int i = 0; i <= 100; ++i) {
        times.push_back(0.1 * i);
        places.insert(places.end(), {1.0 * i, 0});
    }
    const fr::trail path(fr::trajectory(fr::sample_times(times), fr::samples(places, 2)), {.length_s = 2});
    const std::vector<fr::any_overlay> all = {{"trail", path}, dots({"a"})[0]};
    const auto oldest = [&](double trail_s) {
        const std::vector<fr::layer_view> layers = {{.name = "trail", .trail_s = trail_s},
                                                    {.name = "a", .trail_s = trail_s}};
        const auto dressed = fr::dressed(all, layers);
        REQUIRE(dressed.size() == 2);
        fr::canvas out;
        dressed[0].build({.time_s = 8}, out);
        return out.vertices(out.shapes()[0])[0].x;
    };
    CHECK(oldest(2) == doctest::Approx(60));
    CHECK(oldest(5) == doctest::Approx(30));
    CHECK(oldest(0) == doctest::Approx(80)); // the dot alone
}

TEST_CASE("a view's layers are matched with those that are there") {
    const auto all = dots({"a", "b", "c"});
    const std::vector<fr::layer_view> wished = {{.name = "c", .opacity = 0.25}, {.name = "old"}, {.name = "a"}};
    std::vector<std::string> warnings;
    const auto got = fr::matched_layers(wished, all, warnings);
    REQUIRE(got.size() == 3);
    CHECK(got[0] == wished[0]);
    CHECK(got[1] == wished[2]);
    CHECK(got[2] == fr::layer_view{.name = "b"}); // new since: on top
    CHECK(warnings == std::vector<std::string>{"the view has a layer 'old', which the recording has not; it is left "
                                               "out"});
}

TEST_CASE("a field's view goes over its own style and back") {
    fr::field_style own;
    own.title = "cell02";
    own.range = {1, 9};
    CHECK(fr::with_view(own, {}).range == own.range);
    const fr::field_view view{.title = "cell02",
                              .cell = "cell02",
                              .colormap = "magma_r",
                              .limits = fr::value_range{2, 4},
                              .scaling = {.scale = fr::value_scale::gamma, .gamma = 0.5}};
    const fr::field_style shown = fr::with_view(own, view);
    CHECK(shown.colors.name() == "magma_r");
    CHECK(shown.range == fr::value_range{2, 4});
    CHECK(fr::view_of(shown, "cell02") == view);
    // A logarithm of limits that begin at 0 is left out.
    own.range = {0, 9};
    CHECK(fr::with_view(own, {.scaling = {.scale = fr::value_scale::log}}).paint.scaling == own.paint.scaling);
}
