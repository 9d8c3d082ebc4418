// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/source/array_source.hpp>
#include <fieldreel/source/field_check.hpp>
#include <fieldreel/source/generate.hpp>

#include "../support/sentence.hpp"

using namespace fieldreel;

namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

using list = std::vector<double>;

/// Frames of three values.
auto frames_of(const std::vector<list>& frames) {
    return generate<double>(frames.size(), 3, [frames](std::size_t i, std::span<double> out) {
        for (std::size_t b = 0; b < 3; ++b) {
            out[b] = frames[i][b];
        }
    });
}

std::string joined(const std::vector<std::string>& sentences) {
    std::string out;
    for (const std::string& sentence : sentences) {
        out += sentence + "\n";
    }
    return out;
}

} // namespace

TEST_CASE("field check: each kind of frame is counted where it belongs") {
    const field_check found = check_field(frames_of({{0.5, 0.25, 0.25},
                                                     {nan_value, 0.5, 0.5},
                                                     {nan_value, nan_value, nan_value},
                                                     {0, 0, 0},
                                                     {0, nan_value, 0},
                                                     {0.5, 0.5, 0.5},
                                                     {-0.5, 0.5, 1},
                                                     {infinity, 0, 0},
                                                     {0.3, 0.3, 0.4005}}));
    CHECK(found.frames == 9);
    CHECK(found.whole);
    CHECK(found.values == 27);
    CHECK(found.nan == 5);
    CHECK(found.infinite == 1);
    CHECK(found.low == -0.5);
    CHECK(found.high == 1);
    CHECK(found.all_nan == frames_with{1, 2});
    CHECK(found.some_nan == frames_with{2, 1});
    CHECK(found.all_zero == frames_with{2, 3});
    CHECK(found.negative == frames_with{1, 6});
    CHECK(found.sum_one == frames_with{4, 0});
    CHECK(found.other_sum == frames_with{2, 5});
    CHECK(found.log_sum_one.count == 0);
    CHECK(found.low_sum == 1);
    CHECK(found.high_sum == infinity);
    CHECK_FALSE(found.looks_like_probabilities());
    CHECK(check_field(frames_of({{0.3, 0.3, 0.4005}}), 1e-4).sum_one.count == 0);
}

TEST_CASE("field check: a posterior without fault has no problem, NaN frames and NaN bins included") {
    const field_check found = check_field(
        frames_of({{0.5, 0.25, 0.25}, {nan_value, nan_value, nan_value}, {0, 1, 0}, {0.5, nan_value, 0.5}}));
    CHECK(found.looks_like_probabilities());
    CHECK_FALSE(found.looks_like_logarithms());
    CHECK(posterior_problems(found).empty());
    CHECK(found.frames_with_values() == 3);
}

TEST_CASE("field check: what is wrong with a posterior is said with counts and the first frame") {
    CHECK(joined(posterior_problems(
              check_field(frames_of({{0.5, 0.25, 0.25}, {0.5, 0.5, 0.5}, {0, 0, 0}, {-0.5, 1, 0.5}, {0.25, 0, 0}})))) ==
          "1 frame with values below 0 (frame 3), which probabilities never are; check what was stored, or state "
          "another kind\n"
          "2 frames of 5 that do not add up to 1 (the first is 1); sums go from 0.25 to 1.5; divide each frame by its "
          "sum, or sum over the states that were left out\n"
          "1 frame of zeros alone (frame 2); if nothing was decoded there, store NaN: a 0 is drawn as a probability of "
          "0\n");
}

TEST_CASE("field check: logarithms of probabilities are recognised, with minus infinity and NaN frames") {
    const auto logs = [](const list& p) { return list{std::log(p[0]), std::log(p[1]), std::log(p[2])}; };
    const field_check found = check_field(frames_of(
        {logs({0.5, 0.25, 0.25}), {nan_value, nan_value, nan_value}, logs({0, 0.25, 0.75}), logs({1, 0, 0})}));
    CHECK(found.looks_like_logarithms());
    CHECK(found.infinite == 3);
    CHECK(found.log_sum_one == frames_with{3, 0});
    CHECK(joined(posterior_problems(found)) ==
          "the values are logarithms of probabilities (none is above 0, and their exponentials add up to 1 in every "
          "frame); store numpy.exp of them to see probabilities\n");
    // Negative numbers alone are not logarithms; nor are frames of which only some are.
    CHECK_FALSE(check_field(frames_of({{-1, -2, -3}})).looks_like_logarithms());
    CHECK_FALSE(check_field(frames_of({logs({0.5, 0.25, 0.25}), {0.5, 0.25, 0.25}})).looks_like_logarithms());
    CHECK_FALSE(check_field(frames_of({{nan_value, nan_value, nan_value}})).looks_like_logarithms());
    CHECK_FALSE(check_field(frames_of({logs({0.5, 0.25, 0.25}), {-1, -2, -3}})).looks_like_logarithms());
    // A NaN bin is left out of the sum.
    CHECK(check_field(frames_of({{std::log(0.5), nan_value, std::log(0.5)}})).looks_like_logarithms());
}

TEST_CASE("field check: decimal logarithms and logarithms that add up to nothing are told apart") {
    const auto logs = [](const list& p) { return list{std::log10(p[0]), std::log10(p[1]), std::log10(p[2])}; };
    const field_check decimal = check_field(frames_of({logs({0.5, 0.25, 0.25}),
                                                       {nan_value, nan_value, nan_value},
                                                       logs({0, 0.25, 0.75}),
                                                       logs({0.001, 0.009, 0.99})}));
    CHECK_FALSE(decimal.looks_like_logarithms());
    CHECK(decimal.looks_like_decimal_logarithms());
    CHECK_FALSE(decimal.looks_like_log_likelihoods());
    CHECK(joined(posterior_problems(decimal)) ==
          "the values are decimal logarithms of probabilities (none is above 0, and the powers of 10 add up to 1 in "
          "every frame); store 10 ** of them to see probabilities\n");
    const field_check likelihoods = check_field(frames_of({{-41, -37.5, -50}, {-3, -2, -9}}));
    CHECK_FALSE(likelihoods.looks_like_logarithms());
    CHECK_FALSE(likelihoods.looks_like_decimal_logarithms());
    CHECK(
        joined(posterior_problems(likelihoods)) ==
        "these look like logarithms that are not normalised, as log-likelihoods are (no value is above 0, and neither "
        "their exponentials nor their powers of 10 add up to 1); subtract the largest of each frame, take numpy.exp, "
        "and divide by the sum of the frame\n");
    CHECK_FALSE(check_field(frames_of({{-41, -37.5, 2}, {-3, -2, -9}})).looks_like_log_likelihoods());
    CHECK_FALSE(check_field(frames_of({{0.5, 0.25, 0.25}, {-3, -2, -9}})).looks_like_log_likelihoods());
    CHECK_FALSE(check_field(frames_of({{-0.5, -0.25, -0.25}})).looks_like_log_likelihoods()); // the sign is wrong
    CHECK_FALSE(check_field(frames_of({{nan_value, nan_value, nan_value}})).looks_like_log_likelihoods());
}

TEST_CASE("field check: an erased source says the same, and progress can stop it") {
    const auto frames = generate<float>(1000, 2, [](std::size_t i, std::span<float> out) {
        out[0] = i < 300 ? 0.5F : 0.0F;
        out[1] = 0.5F;
    });
    const any_source erased = frames;
    CHECK(check_field(erased).sum_one == frames_with{300, 0});
    CHECK(check_field(erased).other_sum == frames_with{700, 300});
    std::vector<std::size_t> seen;
    const auto stop = [&](std::size_t done, std::size_t count) {
        CHECK(count == 1000);
        seen.push_back(done);
        return done < 512;
    };
    const field_check part = check_field(erased, stop);
    CHECK_FALSE(part.whole);
    CHECK(part.frames == 512);
    CHECK(seen == std::vector<std::size_t>{0, 256, 512});
    CHECK(check_field(frames, stop).frames == 512);
    CHECK(support::sentence_of<invalid_value>([&] { check_field(frames, -1.0); }) ==
          "a tolerance of -1 was given for sums of 1; it must be 0 or more; 0.001 is usual");
}
