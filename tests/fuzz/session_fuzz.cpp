// SPDX-License-Identifier: MIT
// Any JSON is a session, or an error of ours. Its files are in memory: t.npy, p.npy and f.npy.
#include <cstddef>
#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include <fieldreel/session/session.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fieldreel::session_files files;
    files.description = nlohmann::json::parse(data, data + size, nullptr, false);
    if (files.description->is_discarded()) {
        return 0;
    }
    files.in_memory["t.npy"] = {fieldreel::samples({0, 0.1, 0.2}), {3}};
    files.in_memory["p.npy"] = {fieldreel::samples({1, 2, 3, 4, 5, 6}, 2), {3, 2}};
    try {
        fieldreel::open_session(files);
    } catch (const fieldreel::error&) {
    }
    return 0;
}
