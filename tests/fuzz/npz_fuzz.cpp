// SPDX-License-Identifier: MIT
// Any bytes are an archive whose arrays are read, or an error of ours; and no small file takes much memory.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <fieldreel/import/npz.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto* const first = reinterpret_cast<const std::byte*>(data);
    const auto file =
        std::make_shared<const fieldreel::read_only_file>("f.npz", std::vector<std::byte>(first, first + size));
    try {
        const fieldreel::npz_archive archive(file, {.max_unpacked_bytes = 1 << 24});
        for (const std::string& name : archive.names()) {
            try {
                archive.table(name);
            } catch (const fieldreel::error&) {
            }
            try {
                archive.words(name);
            } catch (const fieldreel::error&) {
            }
        }
    } catch (const fieldreel::error&) {
    }
    return 0;
}
