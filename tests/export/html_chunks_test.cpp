// SPDX-License-Identifier: MIT
#include <fieldreel/export/html_chunks.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <zlib.h>

#include "support/sentence.hpp"

using namespace fieldreel;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class T>
std::vector<std::uint8_t> coded(const value_codes& how, const std::vector<T>& values) {
    std::vector<std::uint8_t> out(values.size());
    how.encode(values_view(std::span<const T>(values)), out.data());
    return out;
}

/// What the page does with a piece: base64, checksum, zlib.
std::vector<std::uint8_t> unpacked(const std::string& element, std::size_t size) {
    const std::size_t from = element.find('>') + 1;
    const std::string words = element.substr(from, element.find("</script>") - from);
    std::vector<std::uint8_t> packed;
    std::uint32_t word = 0;
    int bits = 0;
    for (const char c : words) {
        const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        if (c == '=') {
            break;
        }
        word = word << 6 | static_cast<std::uint32_t>(letters.find(c));
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            packed.push_back(static_cast<std::uint8_t>(word >> bits));
        }
    }
    const auto attribute = [&](const std::string& name) {
        const std::size_t at = element.find(name + "=\"") + name.size() + 2;
        return element.substr(at, element.find('"', at) - at);
    };
    CHECK(attribute("data-check") ==
          std::to_string(detail::checksum(attribute("id") + " " + attribute("data-how") + " ", packed)));
    std::vector<std::uint8_t> out(size + 1);
    uLongf have = static_cast<uLongf>(out.size());
    CHECK(uncompress(out.data(), &have, packed.data(), static_cast<uLong>(packed.size())) == Z_OK);
    out.resize(have);
    return out;
}

} // namespace

TEST_CASE("html_chunks: a code is within half a step of its value, and the limits come back exactly") {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> some(-0.1, 1.1);
    for (const color_scaling scaling :
         {color_scaling{}, color_scaling{value_scale::gamma, 0.5}, color_scaling{value_scale::log, 1}}) {
        const value_codes how{{2, 50}, scaling};
        CHECK(how.decode(coded<double>(how, {2})[0]) == 2);
        CHECK(how.decode(coded<double>(how, {50})[0]) == doctest::Approx(50).epsilon(1e-15));
        for (int i = 0; i < 20000; ++i) {
            const double value = 2 + 48 * some(random);
            for (const std::uint8_t code :
                 {coded<double>(how, {value})[0], coded<float>(how, {static_cast<float>(value)})[0]}) {
                const double back = how.decode(code);
                const auto place = [&](double v) {
                    const double part = (v - 2) / 48;
                    return scaling.scale == value_scale::log     ? std::log(v / 2) / std::log(25.0)
                           : scaling.scale == value_scale::gamma ? std::sqrt(std::max(0.0, part))
                                                                 : part;
                };
                if (value < 2) {
                    const bool none = scaling.scale == value_scale::log && value <= 0;
                    CHECK(code == (none ? value_codes::none : value_codes::below));
                } else if (value > 50) {
                    CHECK(code == value_codes::above);
                } else {
                    CHECK(std::abs(place(back) - place(value)) <= 0.5 / 252 * (1 + 1e-4));
                    // Where colours are concerned: at most one entry off.
                    const int entry = color_index(value, how.range, scaling);
                    CHECK(std::abs(entry - color_index(back, how.range, scaling)) <= 1);
                }
            }
        }
    }
}

TEST_CASE("html_chunks: what has no value, and ranges without width") {
    const value_codes how{{0, 1}, {}};
    CHECK(coded<float>(how, {NAN, INFINITY, -INFINITY, 0.0F, 1.0F}) == std::vector<std::uint8_t>{255, 254, 0, 1, 253});
    CHECK(coded<std::uint8_t>(how, {0, 1, 2}) == std::vector<std::uint8_t>{1, 253, 254});
    CHECK(std::isnan(how.decode(255)));
    const value_codes flat{{3, 3}, {}};
    CHECK(flat.flat());
    CHECK(coded<double>(flat, {3, 7, not_a_number}) == std::vector<std::uint8_t>{127, 127, 255});
    CHECK(flat.decode(127) == 3);
    const value_codes log{{1, 10}, {value_scale::log, 1}};
    CHECK(coded<double>(log, {0, -1, 0.5, 1, 10}) == std::vector<std::uint8_t>{255, 255, 0, 1, 253});
    const value_codes narrow{{1e9, 1e9 + 1}, {}}; // floats cannot tell these limits apart
    CHECK(coded<float>(narrow, {1e9F}) == std::vector<std::uint8_t>{1});
    CHECK(support::sentence_of<invalid_value>([] {
              coded<double>({{0, 1}, {value_scale::log, 1}}, {1});
          }) == "vmin is 0 on a log scale; it must be above 0; use the smallest value that matters, or a gamma of 0.5, "
                "which allows 0");
}

TEST_CASE("html_chunks: entropy of zeroth order") {
    code_counts counts;
    std::vector<std::uint8_t> codes;
    for (int i = 0; i < 1001; ++i) {
        codes.push_back(static_cast<std::uint8_t>(i % 4));
    }
    codes.pop_back();
    counts.add(codes);
    CHECK(counts.all() == 1000);
    CHECK(counts.entropy_bytes() == doctest::Approx(1000 * 2 / 8.0));
    code_counts one;
    one.add(std::vector<std::uint8_t>(77, 5));
    CHECK(one.entropy_bytes() == 0);
    one.add(counts);
    CHECK(one.all() == 1077);
    CHECK(code_counts{}.entropy_bytes() == 0);
}

TEST_CASE("html_chunks: each prediction is undone, and the shortest is chosen") {
    constexpr std::size_t size = 50;
    constexpr std::size_t frames = 80;
    std::mt19937 random(5);
    const auto packed_as = [&](const std::vector<std::uint8_t>& codes, detail::prediction wanted) {
        detail::chunk_packer packer(6);
        const std::vector<std::uint8_t> tail = {1, 2, 3};
        const auto to = packer.begin(frames, size, tail.size());
        std::copy(tail.begin(), tail.end(), std::copy(codes.begin(), codes.end(), to.begin()));
        packer.pack();
        std::string element;
        const std::uint64_t written = packer.write("s0.0", [&](std::string_view some) { element += some; });
        CHECK(written == element.size());
        CHECK(element.starts_with("<script type=\"text/plain\" id=\"s0.0\" data-how=\"" +
                                  std::to_string(static_cast<int>(wanted)) + "\" data-check=\""));
        std::vector<std::uint8_t> raw = unpacked(element, codes.size() + tail.size());
        const std::size_t count = detail::predicted_size(wanted, frames, size);
        REQUIRE(raw.size() == count + 3);
        CHECK(std::vector<std::uint8_t>(raw.end() - 3, raw.end()) == tail);
        const std::size_t back = wanted == detail::prediction::in_time ? size : 1;
        if (wanted == detail::prediction::in_time || wanted == detail::prediction::in_space) {
            for (std::size_t i = back; i < count; ++i) {
                raw[i] = static_cast<std::uint8_t>(raw[i] + raw[i - back]);
            }
        }
        for (std::size_t i = 0; i < codes.size(); ++i) {
            REQUIRE(raw[wanted == detail::prediction::same ? i % size : i] == codes[i]);
        }
    };
    std::vector<std::uint8_t> codes(size * frames);
    for (auto& code : codes) { // few of them, anywhere
        code = random() % 20 == 0 ? static_cast<std::uint8_t>(random()) : std::uint8_t{1};
    }
    packed_as(codes, detail::prediction::plain);
    for (std::size_t i = 0; i < codes.size(); ++i) { // a noisy frame that grows brighter
        codes[i] = i < size ? static_cast<std::uint8_t>(random()) : static_cast<std::uint8_t>(codes[i - size] + 3);
    }
    packed_as(codes, detail::prediction::in_time);
    for (std::size_t i = 0; i < codes.size(); ++i) { // ramps that start anywhere
        codes[i] = i % size == 0 ? static_cast<std::uint8_t>(random())
                                 : static_cast<std::uint8_t>(codes[i - 1] + 1 + random() % 2);
    }
    packed_as(codes, detail::prediction::in_space);
    for (std::size_t i = 0; i < codes.size(); ++i) {
        codes[i] = static_cast<std::uint8_t>(i % size * 5);
    }
    packed_as(codes, detail::prediction::same);
}

TEST_CASE("html_chunks: words as rows of bytes of their differences") {
    std::vector<std::uint8_t> out;
    const std::vector<std::uint16_t> words = {0x0102, 0x0103, 0x0100};
    detail::shuffle_words<std::uint16_t>(words, out);
    CHECK(out == std::vector<std::uint8_t>{0x02, 0x01, 0xfd, 0x01, 0x00, 0xff});
    detail::shuffle_words<std::uint64_t>({}, out);
    CHECK(out.empty());
}

TEST_CASE("html_chunks: base64 of every remainder") {
    const auto base64 = [](const std::string& words) {
        std::string out;
        detail::append_base64(out, std::span(reinterpret_cast<const std::uint8_t*>(words.data()), words.size()));
        return out;
    };
    CHECK(base64("") == "");
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foob") == "Zm9vYg==");
    CHECK(base64("\xff\xfe\xfd") == "//79");
    CHECK(detail::checksum("123456789") == 0xcbf43926U);
    const std::vector<std::uint8_t> end = {'7', '8', '9'};
    CHECK(detail::checksum("123456", end) == 0xcbf43926U);
    CHECK(detail::checksum("") == 0);
}
