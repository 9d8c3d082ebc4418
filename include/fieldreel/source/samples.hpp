// SPDX-License-Identifier: MIT
// The numbers of a recording that are no frames: positions, angles, and the times at which they were taken.
#ifndef FIELDREEL_SOURCE_SAMPLES_HPP
#define FIELDREEL_SOURCE_SAMPLES_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/file.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/npy.hpp>

namespace fieldreel::inline v0 {

/// A table of numbers, rows x columns: in memory or mapped from a .npy file. A handle: copies share the numbers.
/// Models number_table (and, with one column, number_list). Values come out as double whatever their type.
class samples {
public:
    samples() = default;
    /// Takes `values`, row after row. Errors: data_error when they fill no whole number of rows.
    explicit samples(std::vector<double> values, std::size_t columns = 1) {
        auto owned = std::make_shared<const std::vector<double>>(std::move(values));
        set({std::span<const double>(*owned)}, columns);
        owner_ = std::move(owned);
    }
    /// Looks at the caller's numbers, which must outlive every copy of this.
    template <field_value T>
    static samples borrow(std::span<const T> values, std::size_t columns = 1) {
        samples out;
        out.set(values, columns);
        return out;
    }
    /// A .npy file of shape (rows) or (rows, columns). Files on network file systems, and with access::pread, are read
    /// whole; so are several columns in Fortran order (as MATLAB writes them). Errors: file_error as read_npy_header,
    /// and for other shapes. Cost: O(1) in the length when mapped.
    static samples open_npy(const std::string& path, const open_options& options = {}) {
        return open(std::make_shared<const read_only_file>(path, options.access), false);
    }
    /// The same for (rows, a, b) as well: a row is then its a x b values one after the other, in C order.
    static samples open_npy_rows(const std::string& path, const open_options& options = {}) {
        return open(std::make_shared<const read_only_file>(path, options.access), true);
    }
    /// The same for a file that is open: a part of another, or bytes in memory.
    static samples open_npy_rows(std::shared_ptr<const read_only_file> file) { return open(std::move(file), true); }
    std::size_t size() const noexcept { return rows_; }
    std::size_t columns() const noexcept { return columns_; }
    bool empty() const noexcept { return rows_ == 0; }
    std::size_t shape(std::size_t axis) const noexcept { return axis == 0 ? rows_ : columns_; }
    dtype type() const noexcept { return type_; }
    bool mapped() const noexcept { return file_ != nullptr; }
    values_view values() const noexcept { return {type_, data_, rows_ * columns_}; }

    double operator()(std::size_t row, std::size_t column) const noexcept {
        const std::size_t i = row * columns_ + column;
        return type_ == dtype::f64 ? static_cast<const double*>(data_)[i] : values()[i];
    }
    double operator[](std::size_t row) const noexcept { return (*this)(row, 0); }

    /// Copies values, row after row, from value `first` on, in their own type, which must be T. Of a mapped file they
    /// are read, so that no page of it is mapped for a few numbers at its far end. Errors: file_error when the file was
    /// cut.
    template <field_value T>
    void read(std::size_t first, std::span<T> out) const {
        const T* const from = values().as<T>().data() + first;
        if (file_ != nullptr && !out.empty()) {
            const auto* const bytes = reinterpret_cast<const std::byte*>(from);
            file_->read(static_cast<std::uint64_t>(bytes - file_->data()), out.data(), out.size_bytes());
        } else {
            std::copy_n(from, out.size(), out.begin());
        }
    }
    /// The same as doubles.
    std::vector<double> copy(std::size_t first, std::size_t count) const {
        return visit_dtype(type_, [&]<class T>(std::type_identity<T>) {
            std::vector<T> some(count);
            read(first, std::span<T>(some));
            return std::vector<double>(some.begin(), some.end());
        });
    }

    /// Throws file_error when the mapped file has become shorter. Programs of one moment call it once per look-up.
    void check_size() const {
        if (file_ != nullptr) {
            file_->check_size();
        }
    }

private:
    static samples open(std::shared_ptr<const read_only_file> file, bool tables) {
        const std::string& path = file->path();
        const npy_header header = read_npy_header(*file, npy_order::c_or_fortran);
        const std::size_t axes = header.shape.size();
        if (axes == 0 || axes > (tables ? 3u : 2u)) {
            throw file_error(path,
                             detail::text(path, " has the shape ", detail::shape_text(header.shape),
                                          "; allowed are (samples)", tables ? ", " : " and ", "(samples, columns)",
                                          tables ? " and (samples, keypoints, 2)" : "", "; use numpy.reshape"));
        }
        if (axes == 3 && header.fortran_order) {
            throw file_error(path, detail::text(path, " is in Fortran order; write it with "
                                                      "numpy.ascontiguousarray(a)"));
        }
        if (header.shape[0] > 0 && header.value_count() == 0) { // any number of rows fits in an empty file
            throw file_error(path, detail::text(path, " has the shape ", detail::shape_text(header.shape),
                                                ", rows without columns; write at least one column"));
        }
        samples out;
        out.rows_ = header.shape[0];
        out.columns_ = (axes > 1 ? header.shape[1] : 1) * (axes > 2 ? header.shape[2] : 1);
        out.type_ = header.type;
        const std::size_t bytes = header.value_count() * size_of(header.type);
        const auto place = reinterpret_cast<std::uintptr_t>(file->data()) + header.data_offset;
        if (file->mapped() && place % size_of(header.type) == 0) { // an array in an archive lies anywhere
            out.data_ = file->data() == nullptr ? nullptr : file->data() + header.data_offset;
            out.file_ = file;
            out.owner_ = std::move(file);
        } else {
            auto owned = std::make_shared<std::vector<std::uint64_t>>((bytes + 7) / 8);
            file->read(header.data_offset, owned->data(), bytes);
            out.data_ = owned->data();
            out.owner_ = std::move(owned);
        }
        return header.fortran_order ? out.columns_first() : out;
    }

    /// The same numbers, which lie column after column, as rows.
    samples columns_first() const {
        const values_view from = values();
        std::vector<double> rows(rows_ * columns_);
        for (std::size_t row = 0; row < rows_; ++row) {
            for (std::size_t column = 0; column < columns_; ++column) {
                rows[row * columns_ + column] = from[column * rows_ + row];
            }
        }
        return samples(std::move(rows), columns_);
    }

    void set(values_view values, std::size_t columns) {
        if (columns == 0 || values.size() % columns != 0) {
            throw data_error(detail::text(values.size(), " values fill no whole number of rows of ", columns,
                                          " columns; check the column count"));
        }
        data_ = values.data();
        type_ = values.type();
        rows_ = values.size() / columns;
        columns_ = columns;
    }

    std::shared_ptr<const void> owner_;
    std::shared_ptr<const read_only_file> file_;
    const void* data_ = nullptr;
    std::size_t rows_ = 0;
    std::size_t columns_ = 1;
    dtype type_ = dtype::f64;
};

/// A clock that ticks evenly. Units: Hz and seconds.
struct uniform_times {
    double rate_hz = 0;
    double start_s = 0;
};

/// The times of samples or frames: given one by one (in memory or mapped), or uniform. Units: seconds, strictly
/// increasing.
///
/// Times in memory are checked at once. Mapped times are checked where they are used (the neighbours of each look-up),
/// and wholly by `first_not_increasing`, so that opening costs the same for any length.
class sample_times {
public:
    sample_times() = default;
    /// `offset_s` is added to each time: for files whose clock starts elsewhere.
    /// Errors: data_error naming the first time that is not finite or not after the one before.
    explicit sample_times(samples times, double offset_s = 0)
        : given_(std::move(times)), size_(given_.size()), offset_s_(offset_s) {
        if (given_.columns() != 1) {
            throw data_error(detail::text("times have ", given_.columns(), " columns; give one time per sample"));
        }
        if (!std::isfinite(offset_s)) {
            throw invalid_value("offset_s", detail::text("the clock offset is ", offset_s, "; give finite seconds"));
        }
        if (!given_.mapped()) {
            if (const auto wrong = first_not_increasing(); wrong) {
                throw_not_increasing(*wrong);
            }
        }
        look_at_some();
    }
    explicit sample_times(std::vector<double> times, double offset_s = 0)
        : sample_times(samples(std::move(times)), offset_s) {}
    /// `count` samples at start_s + i / rate_hz. Errors: invalid_value for a rate that is not positive and finite.
    sample_times(const uniform_times& clock, std::size_t count)
        : size_(count), offset_s_(clock.start_s), rate_hz_(clock.rate_hz), front_s_(clock.start_s) {
        if (!(clock.rate_hz > 0) || !std::isfinite(clock.rate_hz) || !std::isfinite(clock.start_s)) {
            throw invalid_value("rate_hz", detail::text("a clock of ", clock.rate_hz, " Hz starting at ", clock.start_s,
                                                        " s was asked for; the rate must be positive and both finite"));
        }
        median_dt_s_ = 1 / clock.rate_hz;
        back_s_ = count == 0 ? front_s_ : (*this)[count - 1];
    }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    double operator[](std::size_t i) const noexcept {
        return rate_hz_ > 0 ? offset_s_ + static_cast<double>(i) / rate_hz_ : given_[i] + offset_s_;
    }
    double front() const noexcept { return front_s_; }
    double back() const noexcept { return back_s_; }

    /// The median distance of neighbours; from 3 neighbourhoods of 128 when there are more, so that it costs the
    /// same for any length. One sample: 1 s.
    double median_dt_s() const noexcept { return median_dt_s_; }
    /// How long sample i holds: to the next one, but at most 1.5 x the median distance; the last one: the median
    /// distance.
    double duration_s(std::size_t i) const noexcept {
        return i + 1 >= size_ ? median_dt_s_ : (std::min)((*this)[i + 1] - (*this)[i], 1.5 * median_dt_s_);
    }

    /// The last sample at or before `time_s`; nothing before the first. Errors: data_error when the times around the
    /// answer do not increase; file_error when a mapped file was cut. Cost: O(log samples).
    std::optional<std::size_t> at_or_before(double time_s) const {
        given_.check_size(); // before the first look
        if (size_ == 0 || !(time_s >= front())) {
            return std::nullopt;
        }
        if (rate_hz_ > 0) {
            const double guess = std::floor((time_s - offset_s_) * rate_hz_);
            std::size_t i = guess >= static_cast<double>(size_ - 1) ? size_ - 1
                            : guess > 0                             ? static_cast<std::size_t>(guess)
                                                                    : 0;
            while (i + 1 < size_ && (*this)[i + 1] <= time_s) { // rounding: at most one step either way
                ++i;
            }
            while (i > 0 && (*this)[i] > time_s) {
                --i;
            }
            return i;
        }
        // From where an even clock would put it, outwards in doubling steps, then by halves: near-even times, which are
        // the rule, touch one or two pages of a mapped file instead of one for each halving.
        // (Mapped times are unchecked until here: the median may be anything.)
        const double guess = (time_s - front()) / median_dt_s_;
        std::size_t low = !(guess > 0)                             ? 0
                          : guess < static_cast<double>(size_ - 1) ? static_cast<std::size_t>(guess)
                                                                   : size_ - 1;
        std::size_t high = low;
        std::size_t step = 1;
        if ((*this)[low] <= time_s) {
            for (high = low + 1; high < size_ && (*this)[high] <= time_s; step *= 2) {
                low = high;
                high += step;
            }
            high = (std::min)(high, size_);
        } else {
            for (low = high - 1; low > 0 && (*this)[low] > time_s; step *= 2) {
                high = low;
                low -= (std::min)(step, low);
            }
        }
        while (high - low > 1) { // invariant: time[low] <= time_s < time[high]
            const std::size_t middle = low + (high - low) / 2;
            ((*this)[middle] <= time_s ? low : high) = middle;
        }
        if (given_.mapped()) {
            check_neighbourhood(low);
        }
        return low;
    }

    /// Sample `i` such that [time(i), time(i) + duration) holds `time_s`; nothing outside and in gaps. Cost: as
    /// at_or_before.
    std::optional<std::size_t> valid_at(double time_s) const {
        const auto i = at_or_before(time_s);
        return i && time_s < (*this)[*i] + duration_s(*i) ? i : std::nullopt;
    }

    /// The first index whose time is not finite or not after the one before; nothing when all is well. Errors:
    /// file_error when a mapped file was cut. Cost: reads every time.
    std::optional<std::size_t> first_not_increasing() const {
        given_.check_size();
        double before = -std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; rate_hz_ == 0 && i < size_; ++i) {
            const double now = given_[i];
            if (!(now > before) || !std::isfinite(now)) {
                return i;
            }
            before = now;
        }
        return std::nullopt;
    }

    [[noreturn]] void throw_not_increasing(std::size_t i) const {
        throw data_error(
            i == 0 || !std::isfinite((*this)[i])
                ? detail::text("time ", i, " is ", (*this)[i], "; times must be finite seconds; remove the sample")
                : detail::text("times must increase: time ", i, " is ", (*this)[i], " s after ", (*this)[i - 1],
                               " s; sort the samples by time and remove duplicates"),
            i);
    }

private:
    void check_neighbourhood(std::size_t i) const {
        const std::size_t last = (std::min)(i + 3, size_);
        for (std::size_t k = i; k < last; ++k) {
            if (!std::isfinite((*this)[k]) || (k > 0 && !((*this)[k] > (*this)[k - 1]))) {
                throw_not_increasing(k);
            }
        }
    }

    /// Takes the first time and the median distance from 3 places of 128 distances, the first and the last among them,
    /// and checks both ends. What is mapped is copied: a few numbers of a far page cost less than the page.
    void look_at_some() {
        if (size_ == 0) {
            return;
        }
        constexpr std::size_t places = 3;
        constexpr std::size_t length = 128;
        const std::size_t distances = size_ - 1;
        const bool all = distances <= places * length;
        std::vector<double> steps;
        for (std::size_t p = 0; p < (all ? 1 : places); ++p) {
            const std::size_t start = all ? 0 : (distances - length) * p / (places - 1);
            const std::vector<double> times = given_.copy(start, (all ? distances : length) + 1);
            for (std::size_t k = 0; k < times.size(); ++k) {
                const double step = k == 0 ? 0 : times[k] - times[k - 1];
                const std::size_t i = start + k;
                if ((i < 3 || i == distances) && (!std::isfinite(times[k]) || (k > 0 && !(step > 0)))) {
                    throw_not_increasing(i);
                }
                if (step > 0 && std::isfinite(step)) { // mapped times may be wrong where nobody has looked yet
                    steps.push_back(step);
                }
            }
            front_s_ = p == 0 ? times.front() + offset_s_ : front_s_;
            back_s_ = times.back() + offset_s_;
        }
        if (steps.empty()) {
            return;
        }
        const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
        std::nth_element(steps.begin(), middle, steps.end());
        median_dt_s_ = steps.size() % 2 == 1 ? *middle : (*middle + *std::max_element(steps.begin(), middle)) / 2;
    }

    samples given_;
    std::size_t size_ = 0;
    double offset_s_ = 0;
    double rate_hz_ = 0; ///< 0: the times are given
    double front_s_ = 0;
    double back_s_ = 0;
    double median_dt_s_ = 1;
};

} // namespace fieldreel::inline v0

#endif
