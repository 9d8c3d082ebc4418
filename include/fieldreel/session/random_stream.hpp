// SPDX-License-Identifier: MIT
// Random numbers that are the same for the same seed: a generator and distributions of our own, and smooth noise in
// time.
#ifndef FIELDREEL_SESSION_RANDOM_STREAM_HPP
#define FIELDREEL_SESSION_RANDOM_STREAM_HPP

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace fieldreel::inline v0 {

namespace detail {

/// Mixes 64 bits so that neighbouring inputs give unrelated outputs. Source: splitmix64 (Steele, Lea, Flood 2014).
constexpr std::uint64_t mix_bits(std::uint64_t x) noexcept {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/// 53 random bits as a number in [0, 1).
constexpr double unit_interval(std::uint64_t bits) noexcept {
    return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

} // namespace detail

/// One stream of random numbers. Streams of one seed with different numbers are unrelated, so that a part which draws
/// more numbers changes no other part. The standard library's distributions differ between implementations; these are
/// written out. Source: xoshiro256++ (Blackman and Vigna 2019).
class random_stream {
public:
    constexpr explicit random_stream(std::uint64_t seed, std::uint64_t stream = 0) noexcept {
        std::uint64_t x = detail::mix_bits(seed) ^ detail::mix_bits(~stream);
        for (auto& word : state_) {
            x = detail::mix_bits(x);
            word = x;
        }
    }

    /// 64 random bits.
    constexpr std::uint64_t next() noexcept {
        const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = rotate(state_[3], 45);
        return result;
    }
    /// In [0, 1).
    constexpr double uniform() noexcept { return detail::unit_interval(next()); }
    /// In [low, high).
    constexpr double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }
    /// In [0, count), for a count that is small against 2^53; 0 for a count of 0.
    constexpr std::size_t index(std::size_t count) noexcept {
        return static_cast<std::size_t>(uniform() * static_cast<double>(count));
    }
    /// Mean 0, standard deviation 1. Cost: two are made at once, the second is kept.
    double normal() noexcept {
        if (has_spare_) {
            has_spare_ = false;
            return spare_;
        }
        const double radius = std::sqrt(-2 * std::log(1 - uniform()));
        const double angle = 2 * std::numbers::pi * uniform();
        spare_ = radius * std::sin(angle);
        has_spare_ = true;
        return radius * std::cos(angle);
    }
    /// Mean 1.
    double exponential() noexcept { return -std::log(1 - uniform()); }
    /// `median` times exp(`sigma` x normal).
    double log_normal(double median, double sigma) noexcept { return median * std::exp(sigma * normal()); }

private:
    static constexpr std::uint64_t rotate(std::uint64_t x, int by) noexcept { return (x << by) | (x >> (64 - by)); }

    std::uint64_t state_[4] = {};
    double spare_ = 0;
    bool has_spare_ = false;
};

/// Noise that changes smoothly with time and can be asked at any time: the same time gives the same value. Values lie
/// within (-1, 1), with standard deviation 0.4 and two continuous derivatives; it moves on the scale of `scale_s`.
/// Cost: O(1); cheapest when asked in the order of time.
class smooth_noise {
public:
    smooth_noise(std::uint64_t seed, std::uint64_t stream, double scale_s) noexcept
        : key_(detail::mix_bits(seed) ^ detail::mix_bits(~stream)), per_s_(1 / scale_s) {}

    double operator()(double time_s) noexcept {
        const double at = time_s * per_s_;
        const double whole = std::floor(at);
        if (whole != knot_) {
            knot_ = whole;
            for (int i = 0; i < 4; ++i) {
                knots_[i] = value(whole + i - 1);
            }
        }
        // A uniform cubic B-spline through random knots.
        const double u = at - whole;
        const double v = 1 - u;
        return (v * v * v * knots_[0] + (3 * u * u * u - 6 * u * u + 4) * knots_[1] +
                (3 * v * v * v - 6 * v * v + 4) * knots_[2] + u * u * u * knots_[3]) /
               6;
    }

private:
    double value(double knot) const noexcept {
        const auto number = static_cast<std::uint64_t>(static_cast<std::int64_t>(knot));
        return 2 * detail::unit_interval(detail::mix_bits(key_ ^ detail::mix_bits(number))) - 1;
    }

    std::uint64_t key_;
    double per_s_;
    double knot_ = -1e300;
    double knots_[4] = {};
};

} // namespace fieldreel::inline v0

#endif
