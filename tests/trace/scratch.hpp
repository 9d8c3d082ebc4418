// SPDX-License-Identifier: MIT
// A directory to write traces to, and something to trace.
#ifndef FIELDREEL_TESTS_TRACE_SCRATCH_HPP
#define FIELDREEL_TESTS_TRACE_SCRATCH_HPP

#include "fieldreel/trace/part_file.hpp"
#include "fieldreel/trace/point.hpp"

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <string>
#include <system_error>

namespace test {

// An empty directory of its own, gone at the end.
struct scratch {
    std::filesystem::path dir;
    scratch() {
        static std::atomic<int> serial{0};
        dir = std::filesystem::temp_directory_path() /
              ("fieldreel_trace_" + std::to_string(fieldreel::detail::trace_process_id()) + "_" +
               std::to_string(serial++));
        std::filesystem::remove_all(dir);
        std::filesystem::create_directories(dir);
    }
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(dir, ignored);
    }
    scratch(const scratch&) = delete;
    std::string file(const std::string& name) const { return (dir / name).string(); }
    std::size_t count() const {
        std::size_t n = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir)) {
            ++n;
        }
        return n;
    }
};

inline void work(int spans) {
    FIELDREEL_TRACE_SPAN("work");
    for (int i = 0; i < spans; ++i) {
        FIELDREEL_TRACE_SPAN("step");
        FIELDREEL_TRACE_COUNTER("i", i);
        { FIELDREEL_TRACE_SPAN("inner"); }
        if (i % 10 == 0) {
            FIELDREEL_TRACE_INSTANT("tenth");
        }
    }
}

} // namespace test

#endif
