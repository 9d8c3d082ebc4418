// SPDX-License-Identifier: MIT
// Any values, times and words become a page whose data come back: its JSON is JSON, no word of it ends a script, and
// each chunk inflates to the codes of its values; or an error of ours.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <zlib.h>

#include <fieldreel/export/html.hpp>
#include <fieldreel/overlay/event.hpp>
#include <fieldreel/playback/playback.hpp>
#include <fieldreel/source/generate.hpp>
#include <fieldreel/source/timed.hpp>
#include <fieldreel/space/grid.hpp>

namespace {

namespace fr = fieldreel;

void require(bool what) {
    if (!what) {
        std::abort();
    }
}

/// The bytes of the element at a place of the page.
std::vector<std::uint8_t> piece(const std::string& page, std::size_t at, std::size_t size) {
    const std::size_t first = page.find('>', at) + 1;
    std::vector<std::uint8_t> packed;
    std::uint32_t bits = 0;
    int filled = 0;
    for (std::size_t i = first; page[i] != '<' && page[i] != '='; ++i) {
        const char c = page[i];
        bits = bits << 6 | static_cast<std::uint32_t>(c >= 'a'   ? c - 'a' + 26
                                                      : c >= 'A' ? c - 'A'
                                                      : c >= '0' ? c - '0' + 52
                                                      : c == '+' ? 62
                                                                 : 63);
        if ((filled += 6) >= 8) {
            filled -= 8;
            packed.push_back(static_cast<std::uint8_t>(bits >> filled));
        }
    }
    std::vector<std::uint8_t> out(size);
    uLongf got = size;
    require(uncompress(out.data(), &got, packed.data(), packed.size()) == Z_OK && got == size);
    return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider in(data, size);
    static const std::string path = "/dev/shm/fieldreel_fuzz_" + std::to_string(::getpid()) + ".html";
    const std::size_t cols = in.ConsumeIntegralInRange<std::size_t>(1, 6);
    const std::size_t rows = in.ConsumeIntegralInRange<std::size_t>(1, 6);
    const std::size_t frames = in.ConsumeIntegralInRange<std::size_t>(1, 40);
    const std::size_t together = in.ConsumeIntegralInRange<std::size_t>(1, 3 * cols * rows);
    const bool posterior = in.ConsumeBool();
    const double low = in.ConsumeBool() ? 0 : in.ConsumeFloatingPoint<double>();
    const double high = in.ConsumeBool() ? 1 : in.ConsumeFloatingPoint<double>();
    const std::string title = in.ConsumeRandomLengthString(60);
    const std::string label = in.ConsumeRandomLengthString(60);
    const std::string unit = in.ConsumeRandomLengthString(20);
    const std::string name = in.ConsumeRandomLengthString(40);
    const double start = in.ConsumeBool() ? 0 : in.ConsumeFloatingPoint<double>();
    const double rate = in.ConsumeBool() ? 50 : in.ConsumeFloatingPoint<double>();
    std::vector<float> values(frames * cols * rows);
    for (float& value : values) {
        const auto byte = in.ConsumeIntegral<std::uint8_t>();
        value = byte == 255   ? std::numeric_limits<float>::quiet_NaN()
                : byte == 254 ? std::numeric_limits<float>::infinity()
                : byte == 253 ? in.ConsumeFloatingPoint<float>()
                              : static_cast<float>(byte) / 200.0F;
    }
    try {
        const auto bins = fr::grid::full({0, 0}, {static_cast<double>(cols), static_cast<double>(rows)}, {cols, rows});
        fr::playback from;
        const std::size_t each = cols * rows;
        from.add_field(fr::generate<float>(frames, each,
                                           [&values, each](std::size_t i, std::span<float> out) {
                                               std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(i * each),
                                                           out.size(), out.begin());
                                           }) |
                           fr::timed({.rate_hz = rate, .start_s = start}),
                       bins,
                       {.range = {low, high},
                        .kind = posterior ? fr::field_kind::posterior : fr::field_kind::other,
                        .title = title,
                        .label = label,
                        .unit = unit});
        std::vector<fr::event_group> events(1);
        events[0] = {.name = label, .times = fr::event_times({start, start + 0.1})};
        from.add_overlay({name, fr::event(std::move(events))});
        const fr::render_options look{.title = title, .unit = unit};
        fr::write_html(path, from, look, {.chunk_bytes = together, .level = 1, .threads = 1});
        std::string page;
        {
            std::ifstream file(path, std::ios::binary);
            page.assign(std::istreambuf_iterator<char>(file), {});
        }
        const std::size_t at = page.find('>', page.find("id=\"about\"")) + 1;
        const std::string words = page.substr(at, page.find("</script>", at) - at);
        require(words.find('<') == std::string::npos);
        const nlohmann::json about = nlohmann::json::parse(words); // throws what is no error of ours
        const auto& stream = about.at("streams").at(0);
        const auto per_chunk = stream.at("per_chunk").get<std::size_t>();
        require(stream.at("frames") == frames && stream.at("size") == each && per_chunk > 0);
        const fr::value_codes codes{.range = {low, high}, .scaling = {}};
        for (std::size_t first = 0, k = 0; first < frames; first += per_chunk, ++k) {
            const std::size_t now = std::min(per_chunk, frames - first);
            const std::size_t tail = posterior ? 4 * now : 0;
            std::vector<std::uint8_t> wanted(now * each);
            codes.encode({fr::dtype::f32, values.data() + first * each, now * each}, wanted.data());
            const std::string id = "s0." + std::to_string(k);
            const std::size_t place = page.find("id=\"" + id + "\"");
            require(place != std::string::npos);
            const int how = page.at(page.find("data-how=\"", place) + 10) - '0';
            std::vector<std::uint8_t> got = piece(page, place, (how == 3 ? each : now * each) + tail);
            const std::size_t back = how == 1 ? each : 1;
            for (std::size_t i = back; (how == 1 || how == 2) && i < now * each; ++i) {
                got[i] = static_cast<std::uint8_t>(got[i] + got[i - back]);
            }
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                require(got[how == 3 ? i % each : i] == wanted[i]);
            }
        }
    } catch (const fr::error&) {
    }
    std::remove(path.c_str());
    return 0;
}
