// SPDX-License-Identifier: MIT
// Reads the file that a killed process left behind, and makes of it the trace that the process did not come to write.
#ifndef FIELDREEL_TRACE_RECOVER_HPP
#define FIELDREEL_TRACE_RECOVER_HPP

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include <fieldreel/error.hpp>
#include <fieldreel/trace/chrome_json.hpp>
#include <fieldreel/trace/part_file.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/trace/recording.hpp>

namespace fieldreel::inline v0 {
namespace trace {

/// A recording read from the file it was made in (`path.part`), whether or not its process ended well.
struct recorded_part {
    std::string process_name;
    unsigned long process = 0;
    std::uint64_t dropped = 0;          ///< events that found no room
    bool written = false;               ///< its process has written the finished file
    bool blank = false;                 ///< empty, or nothing but zeros: its process ended before it recorded anything
    std::vector<thread_events> threads; ///< the names live in `texts`
    std::vector<std::shared_ptr<const std::string>> texts;
};

/// What `recover` did.
struct recovery {
    std::string path; ///< the trace; empty: the part held nothing that its process had not written itself
    std::size_t events = 0;
    std::size_t unfinished = 0; ///< spans that were open when the process ended
    std::uint64_t dropped = 0;
    bool blank = false; ///< see recorded_part
};

} // namespace trace

namespace detail {

inline bool trace_exists(const std::string& path) {
    struct stat info = {};
    return ::stat(path.c_str(), &info) == 0;
}

/// "a/trace.json" with "recovered" is "a/trace.recovered.json".
inline std::string trace_name_with(const std::string& path, std::string_view word) {
    const std::size_t name = path.find_last_of("/\\") + 1;
    const std::size_t dot = path.rfind('.');
    const std::size_t at = dot != std::string::npos && dot > name ? dot : path.size();
    return text(std::string_view(path).substr(0, at), ".", word, std::string_view(path).substr(at));
}

/// The first of trace.recovered.json, trace.recovered-2.json … that is not there.
inline std::string trace_recovered_name(const std::string& path) {
    std::string name = trace_name_with(path, "recovered");
    for (unsigned i = 2; trace_exists(name); ++i) {
        name = trace_name_with(path, text("recovered-", i));
    }
    return name;
}

/// Writes a file under a draft's name and gives it its own when all is there. `write(sink)` hands std::string& pieces
/// to the sink. Returns 0, or the errno of what failed, after which the draft is gone and `path` as it was.
template <class Write>
int trace_write_whole(const std::string& path, const std::string& draft, Write write) {
    int failure = 0;
    const auto check = [&failure](bool good) {
        if (!good && failure == 0) {
            failure = errno != 0 ? errno : EIO;
        }
    };
    errno = 0;
    std::FILE* file = std::fopen(draft.c_str(), "wb");
    check(file != nullptr);
    if (file != nullptr) {
        std::setvbuf(file, nullptr, _IONBF, 0);
        try {
            write([&](std::string& piece) {
                if (failure == 0) {
                    check(std::fwrite(piece.data(), 1, piece.size(), file) == piece.size());
                }
                piece.clear();
            });
        } catch (...) {
            std::fclose(file);
            std::remove(draft.c_str());
            throw;
        }
        check(std::fclose(file) == 0);
        if (failure == 0) {
#ifdef _WIN32
            std::remove(path.c_str()); // rename does not replace there
#endif
            check(std::rename(draft.c_str(), path.c_str()) == 0);
        }
        if (failure != 0) {
            std::remove(draft.c_str());
        }
    }
    return failure;
}

// The bytes of a file, at an address fit for atomics.
struct trace_bytes {
    std::unique_ptr<std::byte[]> data;
    std::size_t size = 0;
};

inline trace_bytes trace_read_bytes(const std::string& path) {
    struct closer {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    const auto fail = [&](int error) {
        throw file_error(path,
                         text("the recording \"", path, "\" cannot be read: ", std::strerror(error),
                              "; give the .part file that a killed process left behind, or the name of its trace"));
    };
    errno = 0;
    struct stat info = {};
    const std::unique_ptr<std::FILE, closer> file(std::fopen(path.c_str(), "rb"));
    if (file == nullptr || ::stat(path.c_str(), &info) != 0) {
        fail(errno);
    }
    if ((info.st_mode & S_IFMT) != S_IFREG) {
        fail(EISDIR);
    }
    trace_bytes bytes{std::unique_ptr<std::byte[]>(new std::byte[static_cast<std::size_t>(info.st_size) + 1]),
                      static_cast<std::size_t>(info.st_size)};
    bytes.size = std::fread(bytes.data.get(), 1, bytes.size, file.get());
    if (std::ferror(file.get()) != 0) {
        fail(EIO);
    }
    return bytes;
}

inline bool trace_is_part(const trace_bytes& bytes) {
    return bytes.size >= sizeof(trace_part_head) &&
           std::memcmp(bytes.data.get(), trace_part_head().magic, sizeof trace_part_head().magic) == 0;
}
inline bool trace_is_blank(const trace_bytes& bytes) {
    return std::all_of(bytes.data.get(), bytes.data.get() + bytes.size, [](std::byte b) { return b == std::byte{0}; });
}

} // namespace detail

namespace trace {

/// Reads a `.part` file, also while its process still writes to it. Open spans end with the last thing that happened,
/// and are marked unfinished. Errors: file_error when it cannot be read or is no recording of this kind of machine.
inline recorded_part read_part(const std::string& path) {
    const detail::trace_bytes bytes = detail::trace_read_bytes(path);
    std::byte* const data = bytes.data.get();
    if (detail::trace_is_blank(bytes)) {
        recorded_part nothing;
        nothing.blank = true;
        return nothing;
    }
    if (!detail::trace_is_part(bytes)) {
        throw file_error(path, detail::text("the file \"", path, "\" is no fieldreel recording (", bytes.size,
                                            " bytes); give the .part file that a killed process left behind"));
    }
    const auto& head = *reinterpret_cast<const detail::trace_part_head*>(data);
    if (head.layout != detail::trace_part_head::expected_layout) {
        throw file_error(path, detail::text("the recording \"", path,
                                            "\" was made by another version of fieldreel, or "
                                            "on another kind of machine; recover it with the program that made it"));
    }
    recorded_part made;
    made.process = static_cast<unsigned long>(head.process);
    made.dropped = head.dropped.load();
    made.written = head.written.load() != 0;
    std::unordered_map<std::uint64_t, const char*> names;
    std::unordered_map<std::uint64_t, std::string> thread_names;
    std::vector<detail::trace_chunk*> all;
    for (std::size_t at = detail::trace_part_head_bytes; at + sizeof(detail::trace_chunk) <= bytes.size;) {
        auto* chunk = reinterpret_cast<detail::trace_chunk*>(data + at);
        if (chunk->bytes < sizeof(detail::trace_chunk) || chunk->bytes % 8 != 0 || chunk->bytes > bytes.size - at) {
            break; // room that nobody had taken yet
        }
        const std::uint64_t used = chunk->used.load();
        if (used < sizeof(detail::trace_chunk) || used > chunk->bytes) {
            // being taken when the process ended
        } else if (chunk->tid != 0) {
            all.push_back(chunk);
        } else {
            for (std::size_t i = at + sizeof(detail::trace_chunk); i + sizeof(detail::trace_name) <= at + used;) {
                detail::trace_name name = {};
                std::memcpy(&name, data + i, sizeof name);
                i += sizeof name;
                if (name.bytes > at + used - i) {
                    break;
                }
                std::string text(reinterpret_cast<const char*>(data + i), name.bytes);
                i += (name.bytes + std::size_t{7}) / 8 * 8;
                if (name.what == detail::trace_name::kind::of_pointer) {
                    made.texts.push_back(std::make_shared<const std::string>(std::move(text)));
                    names[name.key] = made.texts.back()->c_str();
                } else if (name.what == detail::trace_name::kind::of_thread) {
                    thread_names[name.key] = std::move(text);
                } else {
                    made.process_name = std::move(text);
                }
            }
        }
        at += chunk->bytes;
    }
    std::int64_t base = std::numeric_limits<std::int64_t>::max();
    std::int64_t last = std::numeric_limits<std::int64_t>::min();
    std::sort(all.begin(), all.end(),
              [](const auto* x, const auto* y) { return x->tid != y->tid ? x->tid < y->tid : x->serial < y->serial; });
    for (detail::trace_chunk* chunk : all) {
        for (std::size_t i = 0; i < chunk->size(); ++i) {
            const detail::trace_event& e = chunk->events()[i];
            if (e.kind > detail::trace_kind::flow_end) { // damaged: what came before it is read
                chunk->used = sizeof(detail::trace_chunk) + i * sizeof(detail::trace_event);
                break;
            }
            base = (std::min)(base, e.start);
            last = (std::max)({last, e.start, e.kind == detail::trace_kind::span ? e.end.load() : e.start});
        }
    }
    const double ns_per_tick = std::bit_cast<double>(head.ns_per_tick.load());
    for (std::size_t i = 0; i < all.size();) {
        const unsigned tid = all[i]->tid;
        std::vector<detail::trace_chunk*> chunks;
        for (; i < all.size() && all[i]->tid == tid; ++i) {
            chunks.push_back(all[i]);
        }
        made.threads.push_back({tid, detail::trace_thread_name(thread_names[tid], tid),
                                detail::trace_resolve(detail::trace_parts(chunks), base, ns_per_tick, last, &names)});
    }
    return made;
}

} // namespace trace

namespace detail {

/// Writes what a part holds to `output` and removes nothing. Nothing is written when there is nothing new.
inline trace::recovery trace_recover_part(const std::string& part, const std::string& output,
                                          const trace::file_window& window) {
    const trace::recorded_part read = trace::read_part(part);
    trace::recovery done;
    done.dropped = read.dropped;
    done.blank = read.blank;
    for (const trace::thread_events& thread : read.threads) {
        done.events += thread.events.size();
        for (const trace::event& e : thread.events) {
            done.unfinished += e.unfinished ? 1 : 0;
        }
    }
    if (done.events == 0 || read.written) {
        return done;
    }
    done.path = output;
    const int failure = trace_write_whole(output, text(output, ".", trace_process_id(), ".draft"), [&](auto sink) {
        chrome_json_writer<decltype(sink)> writer(window, std::move(sink));
        writer.begin(read.process_name);
        for (const trace::thread_events& thread : read.threads) {
            writer.thread(thread.tid, thread.name, thread.events);
        }
        writer.finish(read.dropped);
    });
    if (failure != 0) {
        throw file_error(output,
                         text("the trace file \"", output, "\" could not be written: ", std::strerror(failure),
                              "; what was recorded is still in \"", part, "\"; make room or name another output"));
    }
    return done;
}

} // namespace detail

namespace trace {

/// Makes the trace of a process that was killed, and removes its `.part`. `file` is the trace's name or the part's.
/// Writes to `output`; left empty, to the trace's own name or, when that exists, to name.recovered.json (-2, -3 …), so
/// that nothing is written over. Spans that were open are in it, up to the last time recorded, marked unfinished.
/// The next recorder with the same path does the same, always to name.recovered.json, before it starts.
/// Errors: file_error when there is no such recording, when it is still being made, or when the trace cannot be
/// written; the part is then as it was.
inline recovery recover(const std::string& file, std::string output = {}, const file_window& window = {}) {
    constexpr std::string_view end = ".part";
    const bool is_part = file.ends_with(end);
    const std::string trace_name = is_part ? file.substr(0, file.size() - end.size()) : file;
    const std::string part = is_part ? file : file + std::string(end);
    if (!detail::trace_exists(part)) {
        throw file_error(file, detail::text("there is no recording \"", part,
                                            "\" to recover: its process ended well and removed it, or ran elsewhere; "
                                            "give the .part file that a killed process left behind"));
    }
    if (output.empty()) {
        output = detail::trace_exists(trace_name) ? detail::trace_recovered_name(trace_name) : trace_name;
    }
    detail::check_trace_name(output);
    detail::trace_part_file mine;
    const auto taken = mine.lock(part); // not while it is being made
    if (taken == detail::trace_part_file::outcome::busy) {
        throw file_error(file, detail::text("the recording \"", part, "\" is still being made by process ",
                                            read_part(part).process,
                                            "; it becomes a trace when that process ends; stop it first"));
    }
    recovery done = detail::trace_recover_part(part, output, window);
    if (mine.is_open()) {
        mine.close(true);
    } else {
        std::remove(part.c_str());
    }
    return done;
}

} // namespace trace
} // namespace fieldreel::inline v0

#endif
