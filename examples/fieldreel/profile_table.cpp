// SPDX-License-Identifier: MIT
#include "profile_table.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#ifdef _WIN32
#include <io.h>
#else
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace trace = fieldreel::trace;

namespace {

/// Those that `keep` wants, at the depths that are left.
template <class Keep>
std::vector<trace::thread_events> picked(const std::vector<trace::thread_events>& all, Keep keep) {
    std::vector<trace::thread_events> out;
    for (const trace::thread_events& thread : all) {
        trace::thread_events& to = out.emplace_back(trace::thread_events{thread.tid, thread.name, {}});
        std::vector<bool> kept; // of the spans around
        for (const trace::event& e : thread.events) {
            kept.resize(e.depth);
            const bool keeps = keep(e);
            if (keeps) {
                to.events.push_back(e);
                to.events.back().depth = static_cast<std::uint32_t>(std::count(kept.begin(), kept.end(), true));
            }
            if (e.kind == trace::event_kind::span) {
                kept.push_back(keeps);
            }
        }
    }
    return out;
}

struct terminal_size {
    std::size_t rows = 24;
    std::size_t columns = 80;
};
terminal_size size_of_stdout() {
    terminal_size out;
#ifndef _WIN32
    winsize told{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) == 0 && told.ws_row > 0 && told.ws_col > 0) {
        out = {told.ws_row, told.ws_col};
    }
#endif
    return out;
}

} // namespace

std::vector<trace::thread_events> events_within(const std::vector<trace::thread_events>& all, std::string_view name) {
    std::int64_t from = std::numeric_limits<std::int64_t>::max();
    std::int64_t to = 0;
    for (const trace::thread_events& thread : all) {
        for (const trace::event& e : thread.events) {
            if (e.kind == trace::event_kind::span && e.name == name) {
                from = e.start_ns;
                to = e.end_ns;
            }
        }
    }
    return picked(all, [&](const trace::event& e) { return !e.unfinished && e.start_ns >= from && e.end_ns <= to; });
}

bool stdout_is_terminal() {
#ifdef _WIN32
    return _isatty(_fileno(stdout)) != 0;
#else
    return ::isatty(STDOUT_FILENO) != 0;
#endif
}

live_table::~live_table() {
    if (lines_ > 0) {
        std::printf("\033[%zuA\r\033[J", lines_);
        std::fflush(stdout);
    }
}

void live_table::refresh(const std::string& head) {
    using namespace std::chrono;
    const auto start = steady_clock::now();
    const terminal_size size = size_of_stdout();
    const std::size_t room = size.rows > 8 ? size.rows - 6 : 2; // head, column names, what is left out, the cursor
    const std::string all =
        head + "\n" +
        trace::summary_table(trace::summarize(events_within(from_.events(), "playback")), room, size.columns - 1);
    std::string out = lines_ > 0 ? "\033[" + std::to_string(lines_) + "A\r" : std::string();
    lines_ = 0;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = all.find('\n', at);
        out += all.substr(at, (std::min)(end - at, size.columns - 1)) + "\033[K\n";
        at = end + 1;
        ++lines_;
    }
    out += "\033[J";
    std::fputs(out.c_str(), stdout);
    std::fflush(stdout);
    const auto took = steady_clock::now() - start;
    next_ = steady_clock::now() + (std::max)(duration_cast<steady_clock::duration>(milliseconds(500)), 20 * took);
}
