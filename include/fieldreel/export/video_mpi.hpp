// SPDX-License-Identifier: MIT
// One film made by all ranks of mpirun. Only who makes a segment changes; the packets are those of every other export.
#ifndef FIELDREEL_EXPORT_VIDEO_MPI_HPP
#define FIELDREEL_EXPORT_VIDEO_MPI_HPP

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <mpi.h>

#include <fieldreel/error.hpp>
#include <fieldreel/export/video.hpp>

namespace fieldreel::inline v0 {

/// Starts MPI, and ends it where it goes out of scope. MPI is called on this thread alone. Where the host has started
/// MPI itself, nothing is started and nothing ended.
class mpi_environment {
public:
    mpi_environment() {
        int started = 0;
        MPI_Initialized(&started);
        if (started == 0) {
            int level = 0;
            MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level);
            ends_ = true;
        }
    }
    mpi_environment(const mpi_environment&) = delete;
    mpi_environment& operator=(const mpi_environment&) = delete;
    ~mpi_environment() {
        if (ends_) {
            MPI_Finalize();
        }
    }
    int rank() const {
        int rank = 0;
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        return rank;
    }
    int size() const {
        int size = 1;
        MPI_Comm_size(MPI_COMM_WORLD, &size);
        return size;
    }

private:
    bool ends_ = false;
};

namespace detail {

inline constexpr std::size_t rank_sentence_size = 1024;
using rank_sentence = std::array<char, rank_sentence_size>; // empty: all is well

/// What went wrong on each rank, told to all. Waits without keeping a core busy, and stops when `progress` says so: the
/// other ranks may be gone.
inline std::vector<std::string> exchange(MPI_Comm comm, const std::string& path, const std::string& ours,
                                         const std::function<bool(const export_progress&)>& progress,
                                         const export_progress& shown) {
    int size = 1;
    MPI_Comm_size(comm, &size);
    rank_sentence mine{};
    ours.copy(mine.data(), mine.size() - 1);
    std::vector<char> all(rank_sentence_size * static_cast<std::size_t>(size));
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Iallgather(mine.data(), static_cast<int>(mine.size()), MPI_CHAR, all.data(), static_cast<int>(mine.size()),
                   MPI_CHAR, comm, &request);
    for (int arrived = 0;;) {
        MPI_Test(&request, &arrived, MPI_STATUS_IGNORE);
        if (arrived != 0) {
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        if (progress && !progress(shown)) {
            throw export_stopped(text("the export was stopped while it waited for the other ranks; what is finished is "
                                      "kept in ",
                                      path, ".parts, continue with --resume"));
        }
    }
    std::vector<std::string> out;
    for (std::size_t rank = 0; rank < static_cast<std::size_t>(size); ++rank) {
        out.emplace_back(&all[rank * rank_sentence_size]);
    }
    return out;
}

/// Runs `work`, then tells all ranks how it went on each. Errors: the own one; else, when others failed, video_error
/// with their sentences.
template <class Work>
void together(MPI_Comm comm, const export_options& options, const export_progress& shown, Work&& work) {
    std::exception_ptr own;
    std::string sentence;
    try {
        work();
    } catch (const export_stopped&) {
        throw; // the others are stopped too, or gone
    } catch (const std::exception& problem) {
        own = std::current_exception();
        sentence = problem.what();
    }
    const std::vector<std::string> all = exchange(comm, options.path, sentence, options.progress, shown);
    std::string others;
    std::size_t failed = 0;
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
        if (!all[rank].empty()) {
            others += text(failed++ == 0 ? "" : "; and ", "rank ", rank, ": ", all[rank]);
        }
    }
    if (failed > 0) {
        if (own && failed == 1) {
            std::rethrow_exception(own);
        }
        throw video_error(others);
    }
}

} // namespace detail

/// As export_video, on all ranks of `comm`: rank r of n makes segments r, r + n, …, and rank 0 joins them. All ranks
/// call it with the same options; `path` is in a folder that all can write. options.shard is not used. The report
/// counts the segments of all ranks. Errors: those of export_video, on every rank; a failure on one rank leaves what
/// the others finished. A rank that dies ends the others by mpirun's rules; what is finished is kept, and `resume` goes
/// on with any number of ranks.
inline export_report export_video_mpi(const export_options& options, const frame_maker_factory& make_frames,
                                      MPI_Comm comm = MPI_COMM_WORLD) {
    FIELDREEL_TRACE_SPAN("export.film");
    const auto start = std::chrono::steady_clock::now();
    int rank = 0, size = 1;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    export_report report;
    std::unique_ptr<detail::film_parts> parts;
    int nothing_to_do = 0;
    const auto rank_0 = [&](auto work) { return [&, work] { rank == 0 ? work() : void(); }; };

    detail::together(comm, options, {}, [&] { parts = std::make_unique<detail::film_parts>(options); });
    report.frame_count = parts->frame_count();
    report.segments = parts->segment_count();
    detail::together(comm, options, {}, rank_0([&] {
                         nothing_to_do = detail::already_complete(*parts, options) ? 1 : 0;
                         if (nothing_to_do == 0) {
                             detail::check_output(options.path, options.replace);
                             const detail::segment_encoder settings_are_possible(parts->settings());
                             parts->prepare(options.resume, options.replace, false);
                         }
                     }));
    MPI_Bcast(&nothing_to_do, 1, MPI_INT, 0, comm);
    if (nothing_to_do != 0) {
        report.segments_kept = report.segments;
        detail::note_film(report, *parts);
        return report;
    }
    const export_shard share{static_cast<std::size_t>(rank) + 1, static_cast<std::size_t>(size)};
    export_progress done;
    detail::together(comm, options, done, [&] {
        parts->prepare(true, false, true); // the same settings, encoder and processor here as on rank 0
        done.frame_count = parts->frames_of(share);
        done.frames_done = done.frame_count;
        detail::make_segments(*parts, options, share, make_frames, report);
    });
    detail::together(comm, options, done, rank_0([&] { parts->join(); }));
    std::array<unsigned long long, 3> counts{report.segments_made, report.segments_kept, report.segments_damaged};
    MPI_Allreduce(MPI_IN_PLACE, counts.data(), 3, MPI_UNSIGNED_LONG_LONG, MPI_SUM, comm);
    report.segments_made = static_cast<std::size_t>(counts[0]);
    report.segments_kept = static_cast<std::size_t>(counts[1]);
    report.segments_damaged = static_cast<std::size_t>(counts[2]);
    detail::note_film(report, *parts);
    report.seconds = detail::seconds_since(start);
    return report;
}

} // namespace fieldreel::inline v0

#endif
