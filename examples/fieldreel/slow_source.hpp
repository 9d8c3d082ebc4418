// SPDX-License-Identifier: MIT
// A source that takes its time: what a network or a slow decoder would do to playing.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <thread>
#include <utility>

#include <fieldreel/source/any_source.hpp>

/// Waits before each read, of a frame or of a whole chunk. One reader at a time, as with a film or an HDF5 file.
template <fieldreel::frame_source Source>
class slow_source {
public:
    using value_type = typename Source::value_type;

    slow_source(Source source, double latency_s) : source_(std::move(source)), latency_(latency_s) {}
    std::size_t frame_count() const { return source_.frame_count(); }
    std::size_t frame_size() const { return source_.frame_size(); }
    void read(std::size_t first, std::span<value_type> out) const {
        std::this_thread::sleep_for(latency_);
        source_.read(first, out);
    }
    bool timed() const { return source_.timed(); }
    double time_s(std::size_t i) const { return source_.time_s(i); }
    double duration_s(std::size_t i) const { return source_.duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const { return source_.frame_at(time_s); }

private:
    Source source_;
    std::chrono::duration<double> latency_;
};

/// `source | slowed(0.02)`.
inline auto slowed(double latency_s) {
    return fieldreel::frame_adaptor([latency_s]<fieldreel::frame_source Source>(Source source) {
        return slow_source<Source>(std::move(source), latency_s);
    });
}
