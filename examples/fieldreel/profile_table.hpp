// SPDX-License-Identifier: MIT
// The table of spans of `fieldreel profile`: at the end of a run, and in the terminal while it goes on.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fieldreel/trace/recorder.hpp>
#include <fieldreel/trace/summary.hpp>

/// The rows of --mode table that are printed and saved; the report has all.
inline constexpr std::size_t table_rows = 50;

/// The spans within the last span `name` (of all threads, by time), as if nothing else had been recorded. Spans that
/// have not ended are left out, of that one too.
std::vector<fieldreel::trace::thread_events> events_within(const std::vector<fieldreel::trace::thread_events>& all,
                                                           std::string_view name);

bool stdout_is_terminal();

/// A table at the bottom of the terminal, written over itself. Refreshing takes a twentieth of the time at most.
class live_table {
public:
    explicit live_table(const fieldreel::trace::recorder& from) : from_(from) {}
    ~live_table(); ///< takes the table away
    live_table(const live_table&) = delete;
    live_table& operator=(const live_table&) = delete;

    bool due() const { return std::chrono::steady_clock::now() >= next_; }
    /// `head` stands above the table.
    void refresh(const std::string& head);

private:
    const fieldreel::trace::recorder& from_;
    std::chrono::steady_clock::time_point next_;
    std::size_t lines_ = 0;
};
