// SPDX-License-Identifier: MIT
// Keeps what trace points record, in bounded memory, and writes it as a Chrome Trace Event file.
#ifndef FIELDREEL_TRACE_RECORDER_HPP
#define FIELDREEL_TRACE_RECORDER_HPP

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>
#ifdef _WIN32
#include <process.h>
#else
#include <unistd.h>
#endif

#include <fieldreel/error.hpp>
#include <fieldreel/trace/chrome_json.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/trace/recording.hpp>

namespace fieldreel::inline v0 {
namespace detail {

inline unsigned long trace_process_id() noexcept {
#ifdef _WIN32
    return static_cast<unsigned long>(::_getpid());
#else
    return static_cast<unsigned long>(::getpid());
#endif
}

[[noreturn]] inline void throw_trace_file_error(const std::string& path, std::string_view reason) {
    throw file_error(path, text("the trace file \"", path, "\" cannot be written: ", reason,
                                "; give the name of a file in an existing, writable directory"));
}

/// A name of its own beside the final one, which is replaced when all is written.
inline std::string trace_part_path(const trace_state& state) {
    return text(state.path, ".", trace_process_id(), "-", state.serial, ".part");
}

inline void trace_check_writable(const trace_state& state) {
    check_trace_name(state.path);
    struct stat info = {};
    if (::stat(state.path.c_str(), &info) == 0) {
        if ((info.st_mode & S_IFMT) != S_IFREG) {
            throw_trace_file_error(state.path, (info.st_mode & S_IFMT) == S_IFDIR ? "it is a directory"
                                                                                  : "it is not a regular file");
        }
        if (std::FILE* file = std::fopen(state.path.c_str(), "ab")) {
            std::fclose(file);
        } else {
            throw_trace_file_error(state.path, std::strerror(errno));
        }
    }
    const std::string part = trace_part_path(state);
    if (std::FILE* file = std::fopen(part.c_str(), "wb")) {
        std::fclose(file);
        std::remove(part.c_str());
    } else {
        throw_trace_file_error(state.path, std::strerror(errno));
    }
}

template <class Sink>
void trace_write_json(trace_state& state, Sink sink) {
    const trace_snapshot snapshot = trace_take_snapshot(state);
    chrome_json_writer<Sink> writer(state.options.window, std::move(sink));
    writer.begin(state.options.process_name);
    for (const trace_snapshot::track& track : snapshot.tracks) {
        writer.thread(track.tid, track.name, snapshot.resolve(track));
    }
    writer.finish(snapshot.dropped);
}

inline void trace_write_file(trace_state& state) {
    const std::lock_guard lock(state.write_mutex);
    const std::string part = trace_part_path(state);
    int failure = 0; // errno of what failed first
    const auto check = [&failure](bool good) {
        if (!good && failure == 0) {
            failure = errno != 0 ? errno : EIO;
        }
        return good;
    };
    errno = 0;
    std::FILE* file = std::fopen(part.c_str(), "wb");
    if (check(file != nullptr)) {
        std::setvbuf(file, nullptr, _IONBF, 0);
        try {
            trace_write_json(state, [&](std::string& piece) {
                check(std::fwrite(piece.data(), 1, piece.size(), file) == piece.size());
                piece.clear();
            });
        } catch (...) {
            std::fclose(file);
            std::remove(part.c_str());
            throw;
        }
        check(std::fclose(file) == 0);
        if (failure == 0) {
#ifdef _WIN32
            std::remove(state.path.c_str()); // rename does not replace there
#endif
            check(std::rename(part.c_str(), state.path.c_str()) == 0);
        }
    }
    if (failure != 0) {
        std::remove(part.c_str());
        throw file_error(state.path,
                         text("the trace file \"", state.path, "\" could not be completed: ", std::strerror(failure),
                              "; what was there before is unchanged; make room or choose another directory"));
    }
}

// For destructors and the end of the process, which cannot throw.
inline void trace_finish(trace_state& state) noexcept {
    try {
        if (!state.path.empty() && state.process == trace_process_id() && state.unwritten.exchange(false)) {
            trace_write_file(state);
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "fieldreel: %s\n", e.what());
    } catch (...) {
        std::fputs("fieldreel: the trace file could not be written\n", stderr);
    }
}

inline void trace_finish_all() noexcept {
    trace::current.store(nullptr, std::memory_order_release);
    for (trace_state* state = trace_states.load(std::memory_order_acquire); state != nullptr; state = state->older) {
        trace_finish(*state);
    }
}

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

/// Makes the trace points of this process (or shared library) write to `next`, or to nothing. Returns what they wrote
/// to before. Cost: one exchange; any thread at any time.
recorder* attach(recorder* next) noexcept;

/// Keeps events in memory and writes them as Chrome Trace Event JSON, which chrome://tracing, Perfetto and speedscope
/// open. Recording starts with `start` and may stop and start again; the file is written by `stop`, `write`, the
/// destructor, or the end of the process (std::exit), under its name only when it is complete.
/// Threads may record while the recorder stops or is destroyed: a trace point that was already under way writes into
/// memory that its own thread keeps alive, and everything a trace point reads of a recorder lives until the process
/// ends (some 300 bytes per recorder). Memory of a thread that never records again is freed when that thread ends.
/// Errors: file_error at construction when the path cannot be written. Cost: 32 bytes per event up to max_bytes; a lock
/// only when a thread needs a new chunk (128 to 2048 events).
class recorder {
public:
    /// Records in memory only.
    explicit recorder(recorder_options options = {}) : recorder(std::string(), std::move(options), false) {}
    /// Will write to `path`.
    explicit recorder(std::string path, recorder_options options = {})
        : recorder(std::move(path), std::move(options), true) {}

    recorder(const recorder&) = delete;
    recorder& operator=(const recorder&) = delete;
    ~recorder() {
        detach();
        detail::trace_finish(*state_);
        std::vector<detail::trace_track*> tracks;
        {
            const std::lock_guard writing(state_->write_mutex);
            const std::lock_guard lock(state_->mutex);
            state_->alive = false;
            tracks.swap(state_->tracks);
            state_->owner.store(nullptr, std::memory_order_release);
        }
        for (detail::trace_track* track : tracks) {
            track->release();
        }
    }

    /// Records from now on: the same as trace::attach(this).
    void start() noexcept { attach(this); }
    /// Stops recording and writes the file, if there is one. Errors: file_error (disk full, directory gone).
    void stop() {
        detach();
        state_->unwritten.store(false);
        if (!state_->path.empty()) {
            write();
        }
    }
    /// Writes what was recorded so far, and goes on recording. Errors: file_error; invalid_value without a path.
    void write() {
        if (state_->path.empty()) {
            throw invalid_value("path", "a recorder without a path has no file to write; construct it with a path, or "
                                        "use json()");
        }
        detail::trace_write_file(*state_);
    }
    /// What `write` would write.
    std::string json() const {
        std::string all;
        detail::trace_write_json(*state_, [&all](std::string& piece) {
            all += piece;
            piece.clear();
        });
        return all;
    }
    /// What was recorded so far, by thread. Threads that record meanwhile are not disturbed. Cost: a copy.
    std::vector<thread_events> events() const {
        const detail::trace_snapshot snapshot = detail::trace_take_snapshot(*state_);
        std::vector<thread_events> result;
        for (const auto& track : snapshot.tracks) {
            result.push_back({track.tid, track.name, snapshot.resolve(track)});
        }
        return result;
    }

    bool recording() const noexcept { return current.load(std::memory_order_relaxed) == state_; }
    /// Empty when it records in memory only.
    const std::string& path() const noexcept { return state_->path; }
    /// Events that found no room. They are the newest, and the file says how many.
    std::uint64_t dropped() const {
        const std::lock_guard lock(state_->mutex);
        std::uint64_t sum = state_->lost.load(std::memory_order_relaxed);
        for (const detail::trace_track* track : state_->tracks) {
            sum += track->dropped.load(std::memory_order_relaxed);
        }
        return sum;
    }
    /// Bytes held for events.
    std::size_t bytes() const {
        const std::lock_guard lock(state_->mutex);
        return state_->bytes;
    }

private:
    friend recorder* attach(recorder*) noexcept;

    recorder(std::string path, recorder_options options, bool to_file) {
        if (options.max_bytes < detail::trace_min_bytes) {
            throw invalid_value("max_bytes",
                                detail::text("max_bytes is ", options.max_bytes, "; at least ", detail::trace_min_bytes,
                                             " are needed; leave it unset for 67108864"));
        }
        const file_window& window = options.window;
        if (!(window.from_s >= 0 && window.to_s > window.from_s)) {
            throw invalid_value("window", detail::text("the window of the trace file is ", window.from_s, " s to ",
                                                       window.to_s, " s; it must begin at 0 or later and end after it ",
                                                       "begins; leave both unset for everything"));
        }
        if (!(window.min_duration_s >= 0)) {
            throw invalid_value("min_duration_s",
                                detail::text("min_duration_s is ", window.min_duration_s,
                                             "; seconds from 0 on are allowed; leave it unset for every span"));
        }
        static std::atomic<unsigned> serials{0};
        auto state = std::make_unique<detail::trace_state>();
        state->join = detail::trace_join;
        state->grow = detail::trace_grow;
        state->serial = serials.fetch_add(1, std::memory_order_relaxed);
        state->process = detail::trace_process_id();
        state->path = std::move(path);
        state->options = std::move(options);
        if (to_file) {
            if (state->path.empty()) {
                detail::throw_trace_file_error(state->path, "the name is empty");
            }
            detail::trace_check_writable(*state);
            [[maybe_unused]] static const int registered = std::atexit([] { detail::trace_finish_all(); });
        }
        state->clock = state->options.clock != nullptr ? state->options.clock : detail::trace_best_clock();
        state->first = detail::trace_both_clocks(state->clock);
        state->owner.store(this, std::memory_order_relaxed);
        state->older = detail::trace_states.load(std::memory_order_relaxed);
        while (!detail::trace_states.compare_exchange_weak(state->older, state.get(), std::memory_order_acq_rel)) {
        }
        state_ = state.release();
    }
    void detach() noexcept {
        detail::trace_recording* self = state_;
        current.compare_exchange_strong(self, nullptr, std::memory_order_acq_rel);
    }

    detail::trace_state* state_ = nullptr;
};

inline recorder* attach(recorder* next) noexcept {
    if (next != nullptr) {
        next->state_->unwritten.store(true);
    }
    detail::trace_recording* before =
        current.exchange(next != nullptr ? next->state_ : nullptr, std::memory_order_acq_rel);
    return before != nullptr ? static_cast<detail::trace_state*>(before)->owner.load(std::memory_order_acquire)
                             : nullptr;
}

/// The recorder that FIELDREEL_TRACE asks for, recording: unset, empty or "0" = none; "1" = in memory only (print
/// summary_table(summarize(*r)) before it goes); else a path, in which "%p" is the process id. Call it in main only,
/// and keep what it returns until the end. Errors: file_error when the path cannot be written.
inline std::unique_ptr<recorder> from_environment() {
    const char* value = std::getenv("FIELDREEL_TRACE");
    const std::string_view asked = value != nullptr ? value : "";
    if (asked.empty() || asked == "0") {
        return nullptr;
    }
    auto made =
        asked == "1" ? std::make_unique<recorder>() : std::make_unique<recorder>(detail::trace_path_from(asked));
    if (detail::trace_here.name == nullptr) {
        name_thread("main");
    }
    made->start();
    return made;
}

} // namespace trace

using trace::recorder;
using trace::recorder_options;

} // namespace fieldreel::inline v0

#endif
