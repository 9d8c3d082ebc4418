// SPDX-License-Identifier: MIT
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/space/grid.hpp>
#include <fieldreel/viewer/scene.hpp>

#define FIELDREEL_TEST_COUNTS_ALLOCATIONS
#include "support/allocation_counter.hpp"

namespace {

using namespace fieldreel;

template <class T>
values_view view_of(const std::vector<T>& values) {
    return std::span<const T>(values);
}

TEST_CASE_TEMPLATE("values are copied in their own type", T, std::int8_t, std::uint8_t, std::int16_t, std::uint32_t,
                   std::int64_t, float, double) {
    scene_field field;
    std::vector<T> values = {1, 2, 3, 4, 5};
    field.set_values(17, view_of(values));
    values.assign(values.size(), T{99});
    CHECK(field.values().type() == dtype_of<T>());
    REQUIRE(field.values().size() == 5);
    CHECK(field.values().template as<T>()[0] == T{1});
    CHECK(field.values().template as<T>()[4] == T{5});
    CHECK(field.frame() == 17);
    CHECK(reinterpret_cast<std::uintptr_t>(field.values().data()) % 8 == 0);
}

TEST_CASE("a field starts without data, and loses what it had") {
    scene_field field;
    CHECK(field.values().empty());
    CHECK(!field.frame());
    const std::vector<float> values = {1, 2, 3};
    field.set_values(3, view_of(values));
    field.set_no_data();
    CHECK(field.values().empty());
    CHECK(!field.frame());
    field.set_values(0, view_of(std::vector<std::uint8_t>{7}));
    CHECK(field.values().size() == 1);
    CHECK(field.values()[0] == 7);
}

TEST_CASE("filling again allocates nothing, also after a time without data and with a smaller type") {
    scene_field field;
    const std::vector<double> values(1000, 1.5);
    const std::vector<float> floats(1000, 2.5f);
    field.set_values(0, view_of(values));
    const std::size_t allocations = support::count_allocations([&] {
        for (std::size_t i = 1; i < 100; ++i) {
            field.set_values(i, view_of(values));
            field.set_no_data();
            field.set_values(i, view_of(floats));
        }
    });
    CHECK(allocations == 0);
}

TEST_CASE("the look is shared, and a new one replaces it") {
    scene_field field;
    const any_space bins = grid::full({0, 0}, {1, 1}, {1, 1});
    const auto look = std::make_shared<const field_style>(field_style{.title = "cell01"});
    field.set_look(bins, look);
    CHECK(&field.style() == look.get());
    CHECK(field.space().bin_count() == 1);
    const auto other = std::make_shared<const field_style>(field_style{.title = "cell02"});
    field.set_look(grid::full({0, 0}, {1, 1}, {2, 1}), other);
    CHECK(field.style().title == "cell02");
    CHECK(field.space().bin_count() == 2);
}

TEST_CASE("a copy of a scene is whole, and independent") {
    scene first;
    first.time_s = 5;
    first.fields.resize(1);
    first.fields[0].set_values(1, view_of(std::vector<float>{1, 2}));
    first.shapes.marker({1, 1}, {});
    const scene copy(first);
    first.fields[0].set_values(2, view_of(std::vector<float>{3, 4}));
    first.shapes.clear();
    CHECK(copy.time_s == 5);
    CHECK(copy.fields[0].values()[1] == 2);
    CHECK(copy.shapes.shapes().size() == 1);
    const scene moved(std::move(first));
    CHECK(moved.fields[0].values()[1] == 4);
}

} // namespace
