// SPDX-License-Identifier: MIT
// Where the animal is, decoded from its cells' spikes: one probability per bin and frame, computed when read.
#ifndef FIELDREEL_SESSION_SIMULATED_POSTERIOR_HPP
#define FIELDREEL_SESSION_SIMULATED_POSTERIOR_HPP

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/session/simulated_cells.hpp>
#include <fieldreel/session/simulation_options.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/space/grid.hpp>
#include <fieldreel/space/space.hpp>
#include <fieldreel/space/track.hpp>

namespace fieldreel::inline v0 {

/// The bins of a simulated recording's environment: a full grid of the open field, or the linear track, whose bins lie
/// one after the other. Errors: throws invalid_value.
inline any_space simulated_arena(const simulation_options& options) {
    const box_xy arena = detail::plan_simulation(options).arena;
    if (options.task == simulation_task::linear_track) {
        const double middle = arena.high.y / 2;
        return track::from_graph(std::vector<point_xy>{{0, middle}, {arena.high.x, middle}}, {{0, 1}}, {}, 0,
                                 {.bin_size = options.bin_size, .width = arena.high.y});
    }
    const auto edges = [&](double length) {
        const auto bins = static_cast<std::size_t>(std::ceil(length / options.bin_size - 1e-9));
        std::vector<double> out;
        for (std::size_t i = 0; i <= bins; ++i) {
            out.push_back(static_cast<double>(i) * options.bin_size);
        }
        return out;
    };
    return grid::full(edges(arena.high.x), edges(arena.high.y));
}

namespace detail {

/// Refuses rate maps that need more than max_bytes.
inline void check_decoding_bytes(const simulation_options& options, std::size_t cells) {
    const box_xy arena = plan_simulation(options).arena;
    check_bytes(options,
                4 * static_cast<double>(cells) * arena.high.x * arena.high.y / (options.bin_size * options.bin_size),
                text("decoding ", cells, " cells in bins of ", options.bin_size, " cm"));
}

/// values[i] = exp(values[i] - most) for values up to `most`, relative error below 3e-7; what would be under e^-60 is
/// e^-60. Written so that compilers vectorise it. Source: range reduction to 2^n and a polynomial, as in Cephes expf.
inline void exp_below(float* values, std::size_t count, float most) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        float x = values[i] - most;
        x = x < -60.0f ? -60.0f : x;
        const float shifted = x * 1.44269504f + 12582912.0f; // the sum's last bits are the rounded whole number
        const float n = shifted - 12582912.0f;
        const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
        float p = 1.9875691500e-4f;
        p = p * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        p = p * r * r + r + 1.0f;
        values[i] = p * std::bit_cast<float>((std::bit_cast<std::uint32_t>(shifted) + 127u) << 23);
    }
}

/// Turns log-likelihoods into probabilities that sum to 1.
inline void normalize(float* values, std::size_t count) noexcept {
    constexpr std::size_t lanes = 8; // several partial results: one chain would not vectorise
    float most[lanes];
    std::fill_n(most, lanes, values[0]);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        for (std::size_t k = 0; k < lanes; ++k) {
            most[k] = values[i + k] > most[k] ? values[i + k] : most[k];
        }
    }
    for (; i < count; ++i) {
        most[0] = values[i] > most[0] ? values[i] : most[0];
    }
    exp_below(values, count, *std::max_element(most, most + lanes));
    float sums[lanes] = {};
    for (i = 0; i + lanes <= count; i += lanes) {
        for (std::size_t k = 0; k < lanes; ++k) {
            sums[k] += values[i + k];
        }
    }
    for (; i < count; ++i) {
        sums[0] += values[i];
    }
    float sum = 0;
    for (const float part : sums) {
        sum += part;
    }
    const float scale = 1 / sum;
    for (i = 0; i < count; ++i) {
        values[i] *= scale;
    }
}

} // namespace detail

/// The decoded posterior as a frame source: frame i holds P(bin | spikes in [time_s(i), time_s(i) + decode_bin_s)) of
/// every active bin, decoded when it is read, with each cell's own rate map, independent Poisson spikes and a flat
/// prior. A handle; any number of threads may read. Cost: one row addition per spike and one exp per bin; memory of the
/// rate maps and the spikes.
class simulated_posterior {
public:
    using value_type = float;
    static constexpr bool concurrent_read = true;

    simulated_posterior() : simulated_posterior(simulation_options{.frames = 1, .cell_count = 1}, {}, {}) {}
    /// `spikes`: sorted times of each of the cells. Errors: throws invalid_value; data_error when the lists' lengths
    /// differ.
    simulated_posterior(const simulation_options& options, std::span<const simulated_cell> cells,
                        std::span<const std::vector<double>> spikes)
        : data_(std::make_shared<const data>(options, cells, spikes)) {}

    std::size_t frame_count() const noexcept { return data_->plan.frame_count; }
    std::size_t frame_size() const noexcept { return data_->bins; }
    /// The bins of a frame: simulated_arena of the options.
    const any_space& space() const noexcept { return data_->space; }
    /// Errors: throws invalid_value, frame_out_of_range.
    void read(std::size_t first, std::span<float> out) const {
        const std::size_t frames = detail::check_read(*this, first, out.size());
        const data& d = *data_;
        std::size_t start = 0;
        for (std::size_t i = 0; i < frames; ++i) {
            const std::int64_t from = static_cast<std::int64_t>(first + i) * d.plan.step_ticks;
            if (i == 0) {
                start =
                    static_cast<std::size_t>(std::lower_bound(d.ticks.begin(), d.ticks.end(), from) - d.ticks.begin());
            }
            while (start < d.ticks.size() && d.ticks[start] < from) {
                ++start;
            }
            decode(start, from + d.plan.bin_ticks, out.data() + i * d.bins);
        }
    }

    double time_s(std::size_t i) const noexcept { return data_->times[i]; }
    double duration_s(std::size_t i) const noexcept { return data_->times.duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const { return data_->times.valid_at(time_s); }

private:
    struct data {
        data(const simulation_options& options, std::span<const simulated_cell> cells,
             std::span<const std::vector<double>> spikes)
            : plan(detail::plan_simulation(options)), space(arena_of(options, cells.size())) {
            if (cells.size() != spikes.size()) {
                throw data_error(detail::text("there are ", spikes.size(), " lists of spikes for ", cells.size(),
                                              " cells; give one list per cell"));
            }
            times =
                sample_times(uniform_times{simulated_clock_hz / static_cast<double>(plan.step_ticks), options.start_s},
                             plan.frame_count);
            bins = space.bin_count();
            make_rows(options, cells);
            sort_spikes(options, spikes);
        }

        static any_space arena_of(const simulation_options& options, std::size_t cells) {
            detail::check_decoding_bytes(options, cells);
            return simulated_arena(options);
        }

        void make_rows(const simulation_options& options, std::span<const simulated_cell> cells) {
            base.assign(bins, 0.0f);
            log_rates.resize(bins * cells.size());
            std::vector<double> sums(bins);
            // A third of a bin, along x and along y.
            const track* const on_track = space.as<track>();
            const point_xy third = on_track != nullptr ? point_xy{on_track->longest_bin() / 3, on_track->width() / 3}
                                                       : point_xy{options.bin_size / 3, options.bin_size / 3};
            for (std::size_t c = 0; c < cells.size(); ++c) {
                for (std::size_t b = 0; b < bins; ++b) {
                    const point_xy center = space.center(b);
                    double rate = 0; // the mean of nine places in the bin
                    for (int i = -1; i <= 1; ++i) {
                        for (int j = -1; j <= 1; ++j) {
                            rate += cells[c].rate_at({center.x + i * third.x, center.y + j * third.y});
                        }
                    }
                    rate = (std::max)(rate / 9, 0.1); // no single spike excludes a place
                    log_rates[c * bins + b] = static_cast<float>(std::log(rate));
                    sums[b] += rate;
                }
            }
            for (std::size_t b = 0; b < bins; ++b) {
                base[b] = static_cast<float>(-plan.bin_s() * sums[b]);
            }
            silent = base;
            detail::normalize(silent.data(), bins);
        }

        /// All cells' spikes in one list in the order of time; equal times in the order of cells.
        void sort_spikes(const simulation_options& options, std::span<const std::vector<double>> spikes) {
            std::size_t count = 0;
            for (const auto& times_s : spikes) {
                count += times_s.size();
            }
            struct spike {
                std::int64_t tick;
                std::uint32_t cell;
            };
            std::vector<spike> all;
            all.reserve(count);
            for (std::size_t c = 0; c < spikes.size(); ++c) {
                for (const double time_s : spikes[c]) {
                    const auto tick =
                        static_cast<std::int64_t>(std::llround((time_s - options.start_s) * simulated_clock_hz));
                    all.push_back({tick, static_cast<std::uint32_t>(c)});
                }
            }
            std::sort(all.begin(), all.end(), [](const spike& a, const spike& b) {
                return a.tick != b.tick ? a.tick < b.tick : a.cell < b.cell;
            });
            ticks.reserve(count);
            cell_of.reserve(count);
            for (const spike& s : all) {
                ticks.push_back(s.tick);
                cell_of.push_back(s.cell);
            }
        }

        detail::simulation_plan plan;
        sample_times times;
        any_space space;
        std::size_t bins = 0;
        std::vector<float> log_rates; ///< (cells, bins)
        std::vector<float> base;      ///< minus the expected number of spikes
        std::vector<float> silent;    ///< the posterior without any spike
        std::vector<std::int64_t> ticks;
        std::vector<std::uint32_t> cell_of;
    };

    /// The spikes from number `first` on, up to `until`.
    void decode(std::size_t first, std::int64_t until, float* out) const noexcept {
        const data& d = *data_;
        const std::size_t bins = d.bins;
        if (first == d.ticks.size() || d.ticks[first] >= until) {
            std::copy(d.silent.begin(), d.silent.end(), out);
            return;
        }
        std::copy(d.base.begin(), d.base.end(), out);
        for (std::size_t s = first; s < d.ticks.size() && d.ticks[s] < until; ++s) {
            const float* const row = d.log_rates.data() + d.cell_of[s] * bins;
            for (std::size_t b = 0; b < bins; ++b) {
                out[b] += row[b];
            }
        }
        detail::normalize(out, bins);
    }

    std::shared_ptr<const data> data_;
};

static_assert(timed_source<simulated_posterior>);

} // namespace fieldreel::inline v0

#endif
