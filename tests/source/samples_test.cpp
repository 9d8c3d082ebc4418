// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/samples.hpp>

#include "support/npy_bytes.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::npy_file;
using support::sentence_of;
using support::temporary_directory;
using support::thrown_by;

namespace {

const double nan_value = std::nan("");
constexpr double infinity = std::numeric_limits<double>::infinity();

fr::samples mapped(const temporary_directory& folder, const std::vector<double>& values,
                   const char* name = "samples.npy") {
    return fr::samples::open_npy(
        folder.write(name, npy_file("<f8", "(" + std::to_string(values.size()) + ",)", values)));
}

/// The last time at or before t, by looking at all of them.
std::optional<std::size_t> naive_at_or_before(const std::vector<double>& times, double t) {
    std::optional<std::size_t> out;
    for (std::size_t i = 0; i < times.size(); ++i) {
        if (times[i] <= t) {
            out = i;
        }
    }
    return out;
}

/// The sample that is valid at t, from the rule as the design words it.
std::optional<std::size_t> naive_valid_at(const std::vector<double>& times, double t) {
    std::vector<double> steps;
    for (std::size_t i = 1; i < times.size(); ++i) {
        steps.push_back(times[i] - times[i - 1]);
    }
    std::sort(steps.begin(), steps.end());
    const std::size_t half = steps.size() / 2;
    const double median = steps.empty() ? 1 : steps.size() % 2 == 1 ? steps[half] : (steps[half - 1] + steps[half]) / 2;
    const auto i = naive_at_or_before(times, t);
    if (!i) {
        return std::nullopt;
    }
    const double step = *i + 1 < times.size() ? times[*i + 1] - times[*i] : median;
    return t < times[*i] + std::min(step, 1.5 * median) ? i : std::nullopt;
}

std::vector<double> random_times(std::mt19937& engine, std::size_t count, double start) {
    std::uniform_real_distribution<double> step(0.001, 0.02);
    std::vector<double> out;
    double t = start;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(t);
        t += step(engine) + (engine() % 20 == 0 ? 1 : 0); // some gaps
    }
    return out;
}

} // namespace

TEST_CASE("samples in memory: rows and columns") {
    const fr::samples table({1, 2, 3, 4, 5, 6}, 2);
    CHECK(table.size() == 3);
    CHECK(table.columns() == 2);
    CHECK(table.shape(0) == 3);
    CHECK(table.shape(1) == 2);
    CHECK(table(2, 1) == 6);
    CHECK(table[1] == 3);
    CHECK(table.type() == fr::dtype::f64);
    CHECK_FALSE(table.mapped());
    CHECK(table.values().size() == 6);
    CHECK(fr::samples(std::vector<double>{}).empty());
    CHECK(fr::samples().empty());
    const auto copy = table;
    CHECK(copy.values().data() == table.values().data()); // a handle

    CHECK(sentence_of<fr::data_error>([] {
              (void)fr::samples({1, 2, 3}, 2);
          }) == "3 values fill no whole number of rows of 2 columns; check the column count");
    CHECK(sentence_of<fr::data_error>([] {
              (void)fr::samples({1, 2, 3}, 0);
          }) == "3 values fill no whole number of rows of 0 columns; check the column count");
}

TEST_CASE("samples of other types come out as double") {
    const std::vector<std::int16_t> numbers = {-1, 300, 7, 8};
    const auto borrowed = fr::samples::borrow(std::span<const std::int16_t>(numbers), 2);
    CHECK(borrowed(0, 1) == 300);
    CHECK(borrowed[1] == 7);
    CHECK(borrowed.type() == fr::dtype::i16);
    CHECK(borrowed.values().data() == numbers.data());
}

TEST_CASE("samples of a .npy file, mapped and read whole") {
    const temporary_directory folder;
    const auto path = folder.write("p.npy", npy_file<float>("<f4", "(3, 2)", {1, 2, 3, 4, 5, 6.5}));
    for (const fr::access how : {fr::access::map, fr::access::pread}) {
        const auto table = fr::samples::open_npy(path, {.access = how});
        CHECK(table.mapped() == (how == fr::access::map));
        CHECK(table.size() == 3);
        CHECK(table.columns() == 2);
        CHECK(table(2, 1) == 6.5);
        CHECK(table.type() == fr::dtype::f32);
        CHECK(table.copy(2, 3) == std::vector<double>{3, 4, 5});
        CHECK(table.copy(5, 1) == std::vector<double>{6.5});
        CHECK(table.copy(6, 0).empty());
        table.check_size();
    }
    const auto row = fr::samples::open_npy(folder.write("t.npy", npy_file<std::int64_t>("<i8", "(2,)", {5, 6})));
    CHECK(row.columns() == 1);
    CHECK(row[1] == 6);
    const auto none = fr::samples::open_npy(folder.write("n.npy", npy_file<double>("<f8", "(0, 2)", {})));
    CHECK(none.empty());
    CHECK(none.columns() == 2);
    for (const bool by_columns : {false, true}) { // any number of rows without columns fits in 128 bytes
        const auto rows =
            folder.write("r.npy", support::npy_head(support::npy_words("<f8", "(1000000000000000, 0)", by_columns)));
        CHECK(sentence_of<fr::file_error>([&] { fr::samples::open_npy(rows); }) ==
              rows + " has the shape 1000000000000000 x 0, rows without columns; write at least one column");
    }
    // Columns one after the other, as MATLAB writes them; a single one is mapped.
    for (const fr::access how : {fr::access::map, fr::access::pread}) {
        const auto matlab = fr::samples::open_npy(
            folder.write("m.npy",
                         support::npy_head(support::npy_words("<f4", "(3, 2)", true)) +
                             support::raw_bytes(std::span<const float>(std::vector<float>{1, 3, 5, 2, 4, 6.5}))),
            {.access = how});
        CHECK(matlab.size() == 3);
        CHECK(matlab.columns() == 2);
        CHECK(matlab(0, 1) == 2);
        CHECK(matlab(1, 0) == 3);
        CHECK(matlab(2, 1) == 6.5);
        CHECK_FALSE(matlab.mapped());
    }
    CHECK(fr::samples::open_npy(folder.write("m.npy", support::npy_head(support::npy_words("<f8", "(1, 1)", true)) +
                                                          std::string(8, '\0')),
                                {.access = fr::access::map})
              .mapped());
    const auto cube = folder.write("c.npy", npy_file<float>("<f4", "(1, 1, 2)", {1, 2}));
    CHECK(sentence_of<fr::file_error>([&] { (void)fr::samples::open_npy(cube); }) ==
          cube + " has the shape 1 x 1 x 2; allowed are (samples) and (samples, columns); use numpy.reshape");
    // a header of an odd length, as other writers make: the numbers lie askew and are read whole
    std::string head = support::npy_head(support::npy_words("<f8", "(1,)"));
    head.pop_back();
    head[8] = static_cast<char>(head[8] - 1);
    const double seven = 7;
    const auto askew =
        fr::samples::open_npy(folder.write("a.npy", head + support::raw_bytes(std::span<const double>(&seven, 1))));
    CHECK_FALSE(askew.mapped());
    CHECK(askew[0] == 7);
}

TEST_CASE("at_or_before equals looking at every time, in memory and mapped, at 0 and at 1.6e9 seconds") {
    std::mt19937 engine(23);
    const temporary_directory folder;
    for (const double start : {0.0, -3.0, 1.6e9}) {
        for (const std::size_t count : {1U, 2U, 3U, 7U, 64U, 200U}) {
            const auto made = random_times(engine, count, start);
            for (const fr::sample_times& times : {fr::sample_times(made), fr::sample_times(mapped(folder, made)),
                                                  fr::sample_times(made, 1024), fr::sample_times(made, -0.3)}) {
                REQUIRE(times.size() == count);
                std::vector<double> list;
                for (std::size_t i = 0; i < count; ++i) {
                    list.push_back(times[i]);
                }
                std::uniform_real_distribution<double> anywhere(list[0] - 1, list.back() + 3);
                for (int k = 0; k < 200; ++k) {
                    const double t = k % 3 == 0 ? list[engine() % count] : anywhere(engine); // exact hits too
                    CAPTURE(t);
                    REQUIRE(times.at_or_before(t) == naive_at_or_before(list, t));
                    REQUIRE(times.valid_at(t) == naive_valid_at(list, t));
                }
                CHECK_FALSE(times.at_or_before(std::nextafter(list[0], -infinity)).has_value());
                CHECK_FALSE(times.at_or_before(nan_value).has_value());
                CHECK_FALSE(times.at_or_before(-infinity).has_value());
                CHECK(times.at_or_before(infinity) == count - 1);
                CHECK_FALSE(times.valid_at(infinity).has_value());
            }
        }
    }
}

TEST_CASE("a clock offset moves every time") {
    const fr::sample_times times(std::vector<double>{1, 2, 3}, 1.6e9);
    CHECK(times[1] == 1.6e9 + 2);
    CHECK(times.at_or_before(1.6e9 + 2.5) == 1);
    CHECK_FALSE(times.at_or_before(2).has_value());
}

TEST_CASE("uniform times equal the same times given one by one") {
    std::mt19937 engine(29);
    for (const double start : {0.0, 0.1, -7.3, 1.6e9}) {
        for (const double rate : {1.0, 30.0, 29.97, 500.0, 30'000.0}) {
            CAPTURE(start);
            CAPTURE(rate);
            const fr::sample_times times(fr::uniform_times{.rate_hz = rate, .start_s = start}, 500);
            std::vector<double> list;
            for (std::size_t i = 0; i < 500; ++i) {
                list.push_back(times[i]);
                REQUIRE(times[i] == start + static_cast<double>(i) / rate);
            }
            CHECK(times.front() == start);
            CHECK(times.back() == list.back());
            CHECK_FALSE(times.first_not_increasing().has_value());
            CHECK(times.median_dt_s() == doctest::Approx(1 / rate));
            std::uniform_real_distribution<double> anywhere(start - 5 / rate, list.back() + 5 / rate);
            for (int k = 0; k < 300; ++k) {
                const double t = k % 2 == 0 ? list[engine() % 500] : anywhere(engine);
                REQUIRE(times.at_or_before(t) == naive_at_or_before(list, t));
            }
            CHECK(times.at_or_before(infinity) == 499);
            CHECK_FALSE(times.valid_at(list.back() + 1.01 / rate).has_value());
            CHECK(times.valid_at(list.back() + 0.9 / rate) == 499);
        }
    }
}

TEST_CASE("a sample holds to the next, at most 1.5 median steps, the last one the median step") {
    const fr::sample_times times(std::vector<double>{0, 1, 2, 3.4, 10, 11});
    CHECK(times.median_dt_s() == 1);
    CHECK(times.duration_s(0) == 1);
    CHECK(times.duration_s(2) == doctest::Approx(1.4));
    CHECK(times.duration_s(3) == 1.5);
    CHECK(times.duration_s(5) == 1);
    CHECK(times.valid_at(4.8) == 3);
    CHECK_FALSE(times.valid_at(4.9).has_value());
    CHECK_FALSE(times.valid_at(12).has_value());

    CHECK(fr::sample_times(std::vector<double>{0, 1, 4}).median_dt_s() == 2); // of two steps, their middle
    CHECK(fr::sample_times(std::vector<double>{5}).duration_s(0) == 1);
    CHECK(fr::sample_times(std::vector<double>{}).empty());
    CHECK_FALSE(fr::sample_times(std::vector<double>{}).at_or_before(0).has_value());
    CHECK_FALSE(fr::sample_times().valid_at(0).has_value());
    CHECK(fr::sample_times(fr::uniform_times{.rate_hz = 4}, 1).duration_s(0) == 0.25);
}

TEST_CASE("the median step of many samples is that of neighbourhoods") {
    std::vector<double> list{0};
    for (std::size_t i = 1; i < 100'000; ++i) {
        list.push_back(list.back() + (i % 1000 == 0 ? 50 : 0.002));
    }
    CHECK(fr::sample_times(list).median_dt_s() == doctest::Approx(0.002));
}

TEST_CASE("times in memory are checked at once, and the first wrong one is named") {
    const auto refused = [](std::vector<double> list) {
        return sentence_of<fr::data_error>([&] { (void)fr::sample_times(list); });
    };
    CHECK(refused({0, 1, 0.5}) ==
          "times must increase: time 2 is 0.5 s after 1 s; sort the samples by time and remove duplicates");
    CHECK(refused({3, 3}) ==
          "times must increase: time 1 is 3 s after 3 s; sort the samples by time and remove duplicates");
    CHECK(refused({0, nan_value, 2}) == "time 1 is nan; times must be finite seconds; remove the sample");
    CHECK(refused({-infinity, 0}) == "time 0 is -inf; times must be finite seconds; remove the sample");
    CHECK(refused({0, infinity}) == "time 1 is inf; times must be finite seconds; remove the sample");
    CHECK(thrown_by<fr::data_error>([] { (void)fr::sample_times(std::vector<double>{0, 1, 2, 1}); }).index() == 3);
    CHECK(sentence_of<fr::data_error>([] {
              (void)fr::sample_times(fr::samples({1, 2, 3, 4}, 2));
          }) == "times have 2 columns; give one time per sample");
    CHECK(sentence_of<fr::invalid_value>([] { (void)fr::sample_times(std::vector<double>{1}, nan_value); }) ==
          "the clock offset is nan; give finite seconds");
    for (const double rate : {0.0, -1.0, nan_value, infinity}) {
        CHECK(sentence_of<fr::invalid_value>([&] { (void)fr::sample_times(fr::uniform_times{.rate_hz = rate}, 3); }) ==
              "a clock of " + fr::detail::text(rate) +
                  " Hz starting at 0 s was asked for; the rate must be positive and both finite");
    }
}

TEST_CASE("mapped times are checked where they are used, and wholly when asked") {
    const temporary_directory folder;
    std::vector<double> list;
    for (int i = 0; i < 2000; ++i) {
        list.push_back(i * 0.01);
    }
    list[1000] = 9.985; // after 9.99
    const fr::sample_times times(mapped(folder, list));
    CHECK(times.first_not_increasing() == 1000);
    CHECK(times.at_or_before(5) == 500); // far away nothing is wrong
    CHECK(sentence_of<fr::data_error>([&] { (void)times.at_or_before(9.987); }) ==
          "times must increase: time 1000 is 9.985 s after 9.99 s; sort the samples by time and remove duplicates");
    CHECK(thrown_by<fr::data_error>([&] { (void)times.valid_at(9.987); }).index() == 1000);

    list = {5, 4, 3};
    CHECK_THROWS_AS(fr::sample_times(mapped(folder, list, "backwards.npy")), fr::data_error); // at the start
    list.assign(2000, 0);
    for (std::size_t i = 0; i < 1999; ++i) {
        list[i] = static_cast<double>(i);
    }
    CHECK_THROWS_AS(fr::sample_times(mapped(folder, list, "end.npy")), fr::data_error); // and at the end
}

TEST_CASE("NaN among mapped times harms neither the median nor what is elsewhere") {
    const temporary_directory folder;
    std::vector<double> list;
    for (int i = 0; i < 100'000; ++i) {
        list.push_back(i * 0.5);
    }
    for (std::size_t i = 4; i < 40; i += 2) { // in the first neighbourhood of the median
        list[i] = nan_value;
    }
    for (std::size_t i = 50; i < 60; ++i) {
        list[i] = 0;
    }
    const fr::sample_times times(mapped(folder, list));
    CHECK(times.median_dt_s() == 0.5);
    CHECK(times.at_or_before(30'000.2) == 60'000);
    CHECK(times.first_not_increasing() == 4);
}

TEST_CASE("mapped times that are cut while open throw, and do not fault") {
    const temporary_directory folder;
    const auto path = folder.file("samples.npy");
    std::vector<double> list;
    for (int i = 0; i < 10'000; ++i) {
        list.push_back(i);
    }
    const fr::sample_times times(mapped(folder, list));
    CHECK(times.at_or_before(9999) == 9999);
    temporary_directory::resize(path, 0);
    const std::string shrunk = path + " has shrunk from 80128 to 0 bytes while it was open; do not rewrite a recording "
                                      "that is being played; open it again";
    CHECK(sentence_of<fr::file_error>([&] { (void)times.at_or_before(9999); }) == shrunk);
    CHECK(sentence_of<fr::file_error>([&] { (void)times.at_or_before(-1); }) == shrunk);
    CHECK(sentence_of<fr::file_error>([&] { (void)times.valid_at(3); }) == shrunk);
    CHECK(sentence_of<fr::file_error>([&] { (void)times.first_not_increasing(); }) == shrunk);
}
