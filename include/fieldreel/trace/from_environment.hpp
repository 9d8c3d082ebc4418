// SPDX-License-Identifier: MIT
// FIELDREEL_TRACE: tracing a program without changing it, with one line in its main.
#ifndef FIELDREEL_TRACE_FROM_ENVIRONMENT_HPP
#define FIELDREEL_TRACE_FROM_ENVIRONMENT_HPP

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/trace/part_file.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/trace/recorder.hpp>
#include <fieldreel/trace/summary.hpp>

namespace fieldreel::inline v0 {
namespace detail {

/// FIELDREEL_TRACE's value as a path: "%p" is the process id, "%%" a percent sign.
inline std::string trace_path_from(std::string_view value) {
    std::string path;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char next = value[i] == '%' && i + 1 < value.size() ? value[i + 1] : '\0';
        if (next == 'p') {
            append(path, trace_process_id());
        } else {
            path += value[i];
        }
        i += next == 'p' || next == '%' ? 1 : 0;
    }
    return path;
}

} // namespace detail

namespace trace {

/// What FIELDREEL_TRACE asked for. Records as long as it lives, and reports on stderr when it goes: where the trace is,
/// or the table of where the time went; and what was lost, if anything was.
class environment_trace {
public:
    environment_trace() = default;
    explicit environment_trace(std::unique_ptr<recorder> made) : recorder_(std::move(made)) {}
    environment_trace(environment_trace&&) = default;
    environment_trace& operator=(environment_trace&&) = delete;
    ~environment_trace() {
        if (recorder_ == nullptr) {
            return;
        }
        try {
            recorder_->stop();
            if (recorder_->path().empty()) {
                std::fputs(summary_table(summarize(*recorder_)).c_str(), stderr);
            } else {
                std::fprintf(stderr, "trace: %s\n", recorder_->path().c_str());
            }
            if (recorder_->dropped() > 0) {
                std::fprintf(stderr, "trace: %llu events were dropped; the newest are there\n",
                             static_cast<unsigned long long>(recorder_->dropped()));
            }
        } catch (const std::exception& e) {
            std::fprintf(stderr, "fieldreel: %s\n", e.what());
        }
        if (const std::string notice = recorder_->notice(); !notice.empty()) {
            std::fprintf(stderr, "trace: %s\n", notice.c_str());
        }
    }

    explicit operator bool() const noexcept { return recorder_ != nullptr; }
    recorder* operator->() const noexcept { return recorder_.get(); }

private:
    std::unique_ptr<recorder> recorder_;
};

/// Records what FIELDREEL_TRACE asks for: unset, empty or "0" = nothing; "1" = in memory only, a table at the end; else
/// a path, in which "%p" is the process id. Call it in main only, and keep what it returns until the end:
///   const auto tracing = fieldreel::trace::from_environment();
/// Errors: file_error when the path cannot be written.
[[nodiscard]] inline environment_trace from_environment(recorder_options options = {}) {
    const char* value = std::getenv("FIELDREEL_TRACE");
    const std::string_view asked = value != nullptr ? value : "";
    if (asked.empty() || asked == "0") {
        return {};
    }
    auto made = asked == "1" ? std::make_unique<recorder>(std::move(options))
                             : std::make_unique<recorder>(detail::trace_path_from(asked), std::move(options));
    if (detail::trace_here.name == nullptr) {
        name_thread("main");
    }
    made->start();
    return environment_trace(std::move(made));
}

} // namespace trace
} // namespace fieldreel::inline v0

#endif
