// SPDX-License-Identifier: MIT
// Any bytes are a .npy file that is read, or an error of ours.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/samples.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto* const first = reinterpret_cast<const std::byte*>(data);
    const auto file =
        std::make_shared<const fieldreel::read_only_file>("f.npy", std::vector<std::byte>(first, first + size));
    try {
        const fieldreel::samples table = fieldreel::samples::open_npy_rows(file);
        double sum = 0;
        for (std::size_t i = 0; i < table.size(); ++i) {
            for (std::size_t c = 0; c < table.columns(); ++c) {
                sum += table(i, c);
            }
        }
        static_cast<void>(sum);
    } catch (const fieldreel::error&) {
    }
    try {
        const fieldreel::any_source frames = fieldreel::open_npy(file);
        auto cursor = frames.cursor();
        cursor.frame(frames.frame_count() - 1);
    } catch (const fieldreel::error&) {
    }
    return 0;
}
