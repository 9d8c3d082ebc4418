// SPDX-License-Identifier: MIT
// SHA-256 of some bytes in hexadecimal, to compare long lists with golden ones. Source: FIPS 180-4, section 6.2.
#ifndef FIELDREEL_TESTS_SUPPORT_SHA256_HPP
#define FIELDREEL_TESTS_SUPPORT_SHA256_HPP

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace support {

inline std::string sha256(std::string_view bytes) {
    // The constants are the first 32 bits of the fractions of the roots of the first primes (FIPS 180-4, 4.2.2, 5.3.3).
    std::array<std::uint32_t, 64> k{};
    std::array<std::uint32_t, 8> h{};
    const auto fraction = [](long double x) { return static_cast<std::uint32_t>((x - std::floor(x)) * 4294967296.0L); };
    std::size_t primes = 0;
    for (unsigned n = 2; primes < k.size(); ++n) {
        bool prime = true;
        for (unsigned d = 2; d * d <= n; ++d) {
            prime = prime && n % d != 0;
        }
        if (prime) {
            k[primes] = fraction(std::cbrt(static_cast<long double>(n)));
            if (primes < h.size()) {
                h[primes] = fraction(std::sqrt(static_cast<long double>(n)));
            }
            ++primes;
        }
    }

    std::string message(bytes);
    message += '\x80';
    message.resize((message.size() + 8 + 63) / 64 * 64 - 8, '\0');
    for (int shift = 56; shift >= 0; shift -= 8) {
        message += static_cast<char>((std::uint64_t{bytes.size()} * 8) >> shift & 0xffU);
    }
    for (std::size_t block = 0; block < message.size(); block += 64) {
        std::array<std::uint32_t, 64> w{};
        for (std::size_t t = 0; t < 16; ++t) {
            for (std::size_t b = 0; b < 4; ++b) {
                w[t] = w[t] << 8 | static_cast<unsigned char>(message[block + 4 * t + b]);
            }
        }
        for (std::size_t t = 16; t < 64; ++t) {
            const std::uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3);
            const std::uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10);
            w[t] = s1 + w[t - 7] + s0 + w[t - 16];
        }
        auto v = h;
        for (std::size_t t = 0; t < 64; ++t) {
            const std::uint32_t e = std::rotr(v[4], 6) ^ std::rotr(v[4], 11) ^ std::rotr(v[4], 25);
            const std::uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
            const std::uint32_t t1 = v[7] + e + choice + k[t] + w[t];
            const std::uint32_t a = std::rotr(v[0], 2) ^ std::rotr(v[0], 13) ^ std::rotr(v[0], 22);
            const std::uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            v = {t1 + a + majority, v[0], v[1], v[2], v[3] + t1, v[4], v[5], v[6]};
        }
        for (std::size_t i = 0; i < 8; ++i) {
            h[i] += v[i];
        }
    }
    std::string out;
    for (const std::uint32_t word : h) {
        for (int shift = 28; shift >= 0; shift -= 4) {
            out += "0123456789abcdef"[word >> shift & 0xfU];
        }
    }
    return out;
}

} // namespace support

#endif
