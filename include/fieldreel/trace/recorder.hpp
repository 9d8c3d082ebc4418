// SPDX-License-Identifier: MIT
// Keeps what trace points record, in bounded memory, and writes it as a Chrome Trace Event file.
#ifndef FIELDREEL_TRACE_RECORDER_HPP
#define FIELDREEL_TRACE_RECORDER_HPP

#include <algorithm>
#include <atomic>
#include <bit>
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
#ifndef _WIN32
#include <pthread.h>
#endif

#include <fieldreel/error.hpp>
#include <fieldreel/trace/chrome_json.hpp>
#include <fieldreel/trace/part_file.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/trace/recording.hpp>
#include <fieldreel/trace/recover.hpp>

namespace fieldreel::inline v0 {
namespace detail {

[[noreturn]] inline void throw_trace_file_error(const std::string& path, std::string_view reason) {
    throw file_error(path, text("the trace file \"", path, "\" cannot be written: ", reason,
                                "; give the name of a file in an existing, writable directory"));
}

/// A name of its own beside the final one, which is replaced when all is written.
inline std::string trace_draft_path(const trace_state& state) {
    return text(state.path, ".", trace_process_id(), "-", state.serial, ".draft");
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
    const std::string draft = trace_draft_path(state);
    if (std::FILE* file = std::fopen(draft.c_str(), "wb")) {
        std::fclose(file);
        std::remove(draft.c_str());
    } else {
        throw_trace_file_error(state.path, std::strerror(errno));
    }
}

inline void trace_add_notice(trace_state& state, std::string_view sentence) {
    state.notice += state.notice.empty() ? "" : "\n";
    state.notice += sentence;
}

/// Takes `path.part` for this recorder; what a killed process left in it is made into a trace first. Where another
/// recorder has it, this one goes to a name of its own; where there is no shared mapping, to the heap.
inline void trace_open_part(trace_state& state) {
    trace_part_file& file = state.memory->file;
    const std::string asked = state.path;
    state.part = asked + ".part";
    auto outcome = file.lock(state.part);
    for (unsigned i = 1; outcome == trace_part_file::outcome::busy; ++i) {
        state.path = trace_name_with(asked, i == 1 ? text(trace_process_id()) : text(trace_process_id(), "-", i));
        state.part = state.path + ".part";
        outcome = file.lock(state.part);
    }
    if (state.path != asked) {
        trace_add_notice(state, text("the trace file \"", asked,
                                     "\" is being recorded by another process; this one "
                                     "goes to \"",
                                     state.path, "\" (a name with %p gives each process its own)"));
    }
    if (outcome == trace_part_file::outcome::ready) {
        try {
            const trace_bytes left = trace_read_bytes(state.part);
            if (left.size > 0) {
                const std::string output = trace_recovered_name(state.path);
                const trace::recovery found = trace_recover_part(state.part, output, state.options.window);
                if (!found.path.empty()) {
                    trace_add_notice(state, text("an earlier run was killed before it wrote \"", state.path, "\"; its ",
                                                 found.events, " events are in \"", found.path, "\""));
                }
            }
        } catch (const error& e) { // not ours, or no room: it stays as it is
            file.close(false);
            state.part = text(state.path, ".", trace_process_id(), "-", state.serial, ".part");
            trace_add_notice(state, text("\"", state.path, ".part\" was left by an earlier run and stays: ", e.what()));
            outcome = file.lock(state.part);
        }
    }
    const bool waits = !state.recycles();
    constexpr std::size_t most = sizeof(void*) == 8 ? std::size_t{1} << (sizeof(void*) == 8 ? 36 : 0) : 0;
    // A chunk of names and the head come on top; the file grows under the addresses as it is used.
    const std::size_t wanted = waits && most != 0 ? most : state.options.max_bytes + (std::size_t{16} << 20);
    if (outcome != trace_part_file::outcome::ready || !file.map(wanted)) {
        state.part.clear();
        trace_add_notice(state,
                         text("the trace is kept in memory until it is written, and would be lost if the process "
                              "were killed: ",
                              file.why()));
    }
}

/// Writes everything to `sink(std::string&)`, which empties what it is given.
template <class Sink>
void trace_write_json(trace_state& state, Sink sink) {
    chrome_json_writer<Sink> writer(state.options.window, std::move(sink));
    writer.begin(state.options.process_name);
    trace_each_thread(state, [&writer](unsigned tid, const std::string& name, const std::vector<trace::event>& events) {
        writer.thread(tid, name, events);
    });
    writer.finish(state.dropped.load(std::memory_order_relaxed));
}

inline void trace_write_file(trace_state& state) {
    const std::lock_guard lock(state.write_mutex);
    const int failure = trace_write_whole(state.path, trace_draft_path(state),
                                          [&state](auto sink) { trace_write_json(state, std::move(sink)); });
    if (failure != 0) {
        state.keep_part = true;
        const std::string what =
            text("the trace file \"", state.path, "\" could not be completed: ", std::strerror(failure),
                 "; what was there before is unchanged; ");
        throw file_error(state.path, !state.part.empty() && trace_exists(state.part)
                                         ? text(what, "what was recorded stays in \"", state.part,
                                                "\": make room, then run: fieldreel trace recover \"", state.part, "\"")
                                         : text(what, "make room or choose another directory"));
    }
    state.keep_part = false;
}

// All that was recorded is in the file: a part that a kill leaves from here on is not recovered again.
inline void trace_mark_written(trace_state& state, bool written) noexcept {
    if (trace_part_head* head = state.memory->file.head()) {
        head->written.store(written ? 1 : 0, std::memory_order_release);
    }
}

// For destructors and the end of the process, which cannot throw.
inline void trace_finish(trace_state& state) noexcept {
    try {
        if (!state.path.empty() && state.process == trace_process_id()) {
            if (state.unwritten.exchange(false)) {
                trace_write_file(state);
                trace_mark_written(state, true);
            }
        }
    } catch (const std::exception& e) {
        std::fprintf(stderr, "fieldreel: %s\n", e.what());
    } catch (...) {
        state.keep_part = true;
        std::fputs("fieldreel: the trace file could not be written\n", stderr);
    }
    if (state.process == trace_process_id()) {
        const std::lock_guard lock(state.mutex);
        if (state.memory != nullptr) {
            state.memory->file.close(!state.keep_part);
        }
    }
}

inline void trace_finish_all() noexcept {
    trace::current.store(nullptr, std::memory_order_release);
    for (trace_state* state = trace_states.load(std::memory_order_acquire); state != nullptr; state = state->older) {
        if (state->owner.load(std::memory_order_acquire) != nullptr) { // else its recorder has seen to it
            trace_finish(*state);
        }
    }
}

inline int trace_register_handlers() noexcept {
#ifndef _WIN32
    ::pthread_atfork(nullptr, nullptr, [] { trace_forked(); });
#endif
    return std::atexit([] { trace_finish_all(); });
}

} // namespace detail

namespace trace {

/// Makes the trace points of this process (or shared library) write to `next`, or to nothing. Returns what they wrote
/// to before. Cost: one exchange; any thread at any time.
recorder* attach(recorder* next) noexcept;

/// Keeps events and writes them as Chrome Trace Event JSON, which chrome://tracing, Perfetto and speedscope open.
/// Recording starts with `start` and may stop and start again; the file is written by `stop`, `write`, the destructor,
/// or the end of the process (std::exit), under its name only when it is complete.
///
/// With a path, events go into `path.part`, a file mapped into memory that the kernel keeps when the process is killed:
/// the next recorder with that path, or `recover` (recover.hpp), makes the trace of it, and no span that had ended is
/// lost. It goes when the recorder goes, unless the trace could not be written. Another recorder on the same path,
/// here or in another process, writes to path with its process id in the name. Where there is no shared mapping, a heap
/// buffer serves. `notice` tells when one of these happened. A machine that loses power is not covered.
///
/// Threads may record while the recorder stops or is destroyed: a trace point that was already under way writes into
/// memory that its own thread keeps alive, and everything a trace point reads of a recorder lives until the process
/// ends (some 500 bytes per recorder). A forked child records nothing until it starts a recorder of its own.
/// Errors: file_error at construction when the path cannot be written. Cost: 32 bytes per event up to max_bytes; a lock
/// only when a thread needs a chunk (127 to 2047 events) or uses a name for the first time.
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
            state_->memory.reset();
            state_->owner.store(nullptr, std::memory_order_release);
        }
        for (detail::trace_track* track : tracks) {
            track->release();
        }
        if (!detail::trace_here.gone) {
            detail::trace_held_here.tidy();
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
            detail::trace_mark_written(*state_, true);
        }
    }
    /// Writes what was recorded so far, and goes on recording (see `events`). Errors: file_error; invalid_value without
    /// a path.
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
    /// The same without what ended more than so many seconds before the newest event. Errors: invalid_value for
    /// seconds that are not positive. Cost: as `events`, beside the text.
    std::string json_of_last(double seconds) const {
        if (!(seconds > 0)) {
            throw invalid_value("seconds",
                                detail::text("the last ", seconds, " s of a trace were asked for; give more than 0"));
        }
        const std::vector<thread_events> threads = events();
        std::int64_t newest_ns = 0;
        for (const thread_events& one : threads) {
            for (const event& e : one.events) {
                newest_ns = (std::max)(newest_ns, e.end_ns);
            }
        }
        std::string all;
        const auto keep = [&all](std::string& piece) {
            all += piece;
            piece.clear();
        };
        const double from_s = (std::max)(0.0, static_cast<double>(newest_ns) * 1e-9 - seconds);
        detail::chrome_json_writer<decltype(keep)> writer({.from_s = from_s}, keep);
        writer.begin(state_->options.process_name);
        for (const thread_events& one : threads) {
            writer.thread(one.tid, one.name, one.events);
        }
        writer.finish(dropped());
        return all;
    }
    /// What was recorded so far, by thread. Cost: a copy. When max_bytes are used up, events recorded meanwhile are
    /// dropped.
    std::vector<thread_events> events() const {
        std::vector<thread_events> result;
        detail::trace_each_thread(*state_, [&](unsigned tid, const std::string& name, const std::vector<event>& all) {
            result.push_back({tid, name, all});
        });
        return result;
    }

    bool recording() const noexcept { return current.load(std::memory_order_relaxed) == state_; }
    /// Empty when it records in memory only. Not always the path asked for: see `notice`.
    const std::string& path() const noexcept { return state_->path; }
    /// The file that outlives a kill; empty when there is none.
    const std::string& part() const noexcept { return state_->part; }
    /// What differs from what was asked, as sentences for a person, one a line: another name, a trace recovered, no
    /// shared mapping, a full disk. Mostly empty.
    std::string notice() const {
        const std::lock_guard lock(state_->mutex);
        std::string all = state_->notice;
        if (state_->memory->file.full()) {
            all += detail::text(all.empty() ? "" : "\n", "the disk of \"", state_->part, "\" had no more room (",
                                state_->memory->file.why(), "): ", state_->recycles() ? "the oldest" : "the newest",
                                " events were dropped, ", state_->dropped.load(std::memory_order_relaxed),
                                " so far; make room, or give a directory on another disk");
        }
        return all;
    }
    /// Events that found no room, or had to make room for later ones. The file says how many.
    std::uint64_t dropped() const noexcept { return state_->dropped.load(std::memory_order_relaxed); }
    /// Bytes held for events.
    std::size_t bytes() const {
        const std::lock_guard lock(state_->mutex);
        return state_->bytes;
    }

private:
    friend recorder* attach(recorder*) noexcept;

    recorder(std::string path, recorder_options options, bool to_file) {
        if (options.max_bytes < detail::trace_first_chunk) {
            throw invalid_value("max_bytes",
                                detail::text("max_bytes is ", options.max_bytes, "; at least ",
                                             detail::trace_first_chunk, " are needed; leave it unset for 67108864"));
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
        if (options.when_full == when_full::wait && (!to_file || !options.shared_mapping)) {
            throw invalid_value("when_full", "when_full is wait, and there is no file to wait for; give a path and "
                                             "leave shared_mapping on, or leave when_full unset to drop the oldest");
        }
        static std::atomic<unsigned> serials{0};
        auto state = std::make_unique<detail::trace_state>();
        state->join = detail::trace_join;
        state->grow = detail::trace_grow;
        state->learn = detail::trace_learn;
        state->rename = detail::trace_rename;
        state->serial = serials.fetch_add(1, std::memory_order_relaxed);
        state->process = detail::trace_process_id();
        state->path = std::move(path);
        state->options = std::move(options);
        if (to_file) {
            if (state->path.empty()) {
                detail::throw_trace_file_error(state->path, "the name is empty");
            }
            detail::trace_check_writable(*state);
            if (state->options.shared_mapping) {
                detail::trace_open_part(*state);
            } else {
                detail::trace_add_notice(*state,
                                         "the trace is kept in memory until it is written, and would be lost if "
                                         "the process were killed: shared_mapping is off");
            }
            [[maybe_unused]] static const int registered = detail::trace_register_handlers();
        }
        if (state->options.when_full == when_full::wait && state->part.empty()) {
            state->options.when_full = when_full::drop_oldest;
            detail::trace_add_notice(*state, "when_full is wait, which needs a shared mapping: the oldest events are "
                                             "dropped instead");
        }
        state->clock = state->options.clock != nullptr ? state->options.clock : detail::trace_best_clock();
        state->first = detail::trace_both_clocks(state->clock);
        if (detail::trace_part_head* head = state->memory->file.head()) {
            head->first_ticks = state->first.ticks;
            double ns_per_tick = 1;
            if (state->clock == nullptr) { // good to 0.1 % from the start, and better with every chunk
                detail::trace_instant_pair now = state->first;
                while (now.ns - state->first.ns < 200000) {
                    now = detail::trace_both_clocks(state->clock);
                }
                ns_per_tick = detail::trace_ns_per_tick(state->first, now);
            }
            head->ns_per_tick = std::bit_cast<std::uint64_t>(ns_per_tick);
            detail::trace_write_name(*state, detail::trace_name::kind::of_process, 0, state->options.process_name);
        }
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
        detail::trace_mark_written(*next->state_, false);
    }
    detail::trace_recording* before =
        current.exchange(next != nullptr ? next->state_ : nullptr, std::memory_order_acq_rel);
    return before != nullptr ? static_cast<detail::trace_state*>(before)->owner.load(std::memory_order_acquire)
                             : nullptr;
}

} // namespace trace

using trace::recorder;
using trace::recorder_options;

} // namespace fieldreel::inline v0

#endif
