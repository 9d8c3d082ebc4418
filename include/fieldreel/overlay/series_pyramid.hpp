// SPDX-License-Identifier: MIT
// Least and greatest values of any stretch of a long signal, from blocks that are made where somebody looks.
#ifndef FIELDREEL_OVERLAY_SERIES_PYRAMID_HPP
#define FIELDREEL_OVERLAY_SERIES_PYRAMID_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// The least and the greatest of a stretch of samples; NaN when it has none. NaN and infinite samples are "no value":
/// they are in neither, and `missing` says that there are some.
struct series_extent {
    double low = std::numeric_limits<double>::quiet_NaN();
    double high = std::numeric_limits<double>::quiet_NaN();
    bool missing = false;
    bool empty() const noexcept { return !(low <= high); }
};

namespace detail {

/// Least and greatest in the samples' own type. Empty: low above high.
template <field_value T>
struct extent_of {
    T low = (std::numeric_limits<T>::max)();
    T high = std::numeric_limits<T>::lowest();
    bool missing = false;

    void add(T value) noexcept {
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    void add(const extent_of& other) noexcept {
        low = other.low < low ? other.low : low;
        high = other.high > high ? other.high : high;
        missing = missing || other.missing;
    }
    /// Any sample, finite or not.
    void add_checked(T value) noexcept {
        if constexpr (std::is_floating_point_v<T>) {
            if (!(value - value == 0)) {
                missing = true;
                return;
            }
        }
        add(value);
    }
};

/// Several samples at once, which must be finite; false when there are too few of them or one is not.
template <std::floating_point T>
bool scan_finite(const T* at, std::size_t count, extent_of<T>& out) noexcept {
    constexpr std::size_t lanes = 8;
    if (count < lanes) {
        return false;
    }
    T low[lanes];
    T high[lanes];
    T wrong[lanes] = {}; // stays 0 while all are finite
    std::copy_n(at, lanes, low);
    std::copy_n(at, lanes, high);
    const auto add = [&](const T* from) {
        for (std::size_t k = 0; k < lanes; ++k) {
            const T value = from[k];
            low[k] = value < low[k] ? value : low[k];
            high[k] = value > high[k] ? value : high[k];
            wrong[k] += value - value;
        }
    };
    for (std::size_t i = 0; i + lanes <= count; i += lanes) {
        add(at + i);
    }
    add(at + count - lanes); // some a second time, which changes nothing
    for (std::size_t k = 0; k < lanes; ++k) {
        out.low = low[k] < out.low ? low[k] : out.low;
        out.high = high[k] > out.high ? high[k] : out.high;
        wrong[0] += k > 0 ? wrong[k] : 0;
    }
    if (wrong[0] == 0) {
        return true;
    }
    out = {};
    return false;
}

/// `count` samples, `stride` values apart.
template <field_value T>
extent_of<T> scan(const T* at, std::size_t stride, std::size_t count) noexcept {
    extent_of<T> out;
    if (stride == 1) {
        if constexpr (std::is_floating_point_v<T>) {
            if (scan_finite(at, count, out)) {
                return out;
            }
        } else {
            for (std::size_t i = 0; i < count; ++i) { // the compiler takes vectors
                out.add(at[i]);
            }
            return out;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        out.add_checked(at[i * stride]);
    }
    return out;
}

/// Asks for memory that is soon read: many at once come in the time of a few.
inline void prefetch([[maybe_unused]] const void* at) noexcept {
#ifdef __GNUC__
    __builtin_prefetch(at);
#endif
}

/// Pages found by number, at most `limit` held: beyond, the oldest is used again.
template <class Page>
class page_store {
public:
    page_store() = default;
    page_store(std::size_t numbers, std::size_t limit) : numbers_(numbers), limit_(limit) {}

    Page* find(std::size_t number) const noexcept { return table_.empty() ? nullptr : table_[number].get(); }
    /// A page for a number that has none: a new one made by `make`, or an old one with its old content.
    template <class Make>
    Page& add(std::size_t number, const Make& make) {
        if (table_.empty()) {
            table_.resize(numbers_);
        }
        if (order_.size() < limit_) {
            auto fresh = make();
            order_.push_back(number);
            table_[number] = std::move(fresh);
        } else {
            table_[number] = std::move(table_[order_[oldest_]]);
            order_[oldest_] = number;
            oldest_ = (oldest_ + 1) % order_.size();
        }
        return *table_[number];
    }
    std::size_t held() const noexcept { return order_.size(); }
    std::size_t table_bytes() const noexcept {
        return table_.capacity() * sizeof(table_[0]) + order_.capacity() * sizeof(std::size_t);
    }

private:
    std::vector<std::unique_ptr<Page>> table_;
    std::vector<std::size_t> order_;
    std::size_t numbers_ = 0;
    std::size_t limit_ = 0;
    std::size_t oldest_ = 0;
};

struct erased_pyramid {
    virtual ~erased_pyramid() = default;
    virtual series_extent extent(std::size_t first, std::size_t last, std::size_t column) = 0;
    virtual series_extent sampled(std::size_t column, std::size_t places) = 0;
    virtual void read(std::size_t first, std::size_t last, std::size_t column, double* out) = 0;
    virtual void expect(std::size_t row, std::size_t column) const noexcept = 0;
    virtual void check_size() const = 0;
    virtual std::size_t bytes() const = 0;
    std::mutex one_reader;
    std::size_t rows = 0;
    std::size_t columns = 0;
};

/// Samples that lie in memory, row after row.
template <field_value T>
class rows_in_memory {
public:
    explicit rows_in_memory(samples values)
        : values_(std::move(values)), data_(static_cast<const T*>(values_.values().data())) {}
    std::size_t rows() const { return values_.size(); }
    std::size_t columns() const { return values_.columns(); }
    /// Where rows from `row` on are; all of one block are there.
    const T* at(std::size_t row, std::size_t column) const { return data_ + row * values_.columns() + column; }
    std::size_t stride() const { return values_.columns(); }
    /// A look at rows, nothing kept: what is mapped is read, or each look would map a page.
    extent_of<T> glance(std::size_t row, std::size_t count, std::size_t column) const {
        if (!values_.mapped()) {
            return scan(at(row, column), stride(), count);
        }
        std::vector<T> some(count * stride());
        values_.read(row * stride(), std::span<T>(some));
        return scan(some.data() + column, stride(), count);
    }
    static constexpr std::size_t glance_rows = 256;
    static constexpr std::size_t few_rows = 131'072; ///< so many are all looked at: a millisecond at most
    /// Rows [row, row + count) are soon looked at.
    void expect(std::size_t row, std::size_t count, std::size_t column) const noexcept {
        constexpr std::size_t line = 64; // bytes
        const auto* const first = reinterpret_cast<const char*>(at(row, column));
        const std::size_t bytes = count * sizeof(T);
        for (std::size_t b = 0; stride() == 1 && b < bytes + line; b += line) {
            prefetch(first + (std::min)(b, bytes - 1));
        }
    }
    void check_size() const { values_.check_size(); }
    std::size_t bytes() const { return 0; }

private:
    samples values_;
    const T* data_;
};

/// Samples that a source reads or computes: kept in pages of 256 rows, column after column.
template <field_value T>
class rows_of_source {
public:
    static constexpr std::size_t page_rows = 256;
    rows_of_source(const any_source& source, std::size_t max_bytes)
        : source_(source.as<T>()),
          columns_(source_.frame_size()),
          pages_((source_.frame_count() + page_rows - 1) / page_rows,
                 (std::max)(std::size_t{4}, max_bytes / (page_rows * columns_ * sizeof(T)))) {}
    std::size_t rows() const { return source_.frame_count(); }
    std::size_t columns() const { return columns_; }
    const T* at(std::size_t row, std::size_t column) {
        const std::size_t number = row / page_rows;
        const std::vector<T>* page = pages_.find(number);
        return (page != nullptr ? *page : load(number)).data() + column * page_rows + row % page_rows;
    }
    static constexpr std::size_t stride() { return 1; }
    extent_of<T> glance(std::size_t row, std::size_t count, std::size_t column) {
        staging_.resize(count * columns_);
        source_.read(row, std::span<T>(staging_));
        return scan(staging_.data() + column, columns_, count);
    }
    static constexpr std::size_t glance_rows = 16;
    static constexpr std::size_t few_rows = 64 * glance_rows;
    void expect(std::size_t, std::size_t, std::size_t) const noexcept {}
    void check_size() const {}
    std::size_t bytes() const {
        return pages_.held() * page_rows * columns_ * sizeof(T) + pages_.table_bytes() +
               staging_.capacity() * sizeof(T);
    }

private:
    /// The read comes first, so that a source that throws leaves all as it was.
    const std::vector<T>& load(std::size_t number) {
        const std::size_t first = number * page_rows;
        const std::size_t count = (std::min)(page_rows, rows() - first);
        staging_.resize(count * columns_);
        source_.read(first, std::span<T>(staging_));
        auto& page = pages_.add(number, [&] { return std::make_unique<std::vector<T>>(page_rows * columns_); });
        for (std::size_t row = 0; row < count; ++row) {
            for (std::size_t column = 0; column < columns_; ++column) {
                page[column * page_rows + row] = staging_[row * columns_ + column];
            }
        }
        return page;
    }

    any_source::typed<T> source_;
    std::size_t columns_;
    page_store<std::vector<T>> pages_;
    std::vector<T> staging_;
};

template <field_value T, class Rows>
class pyramid_of final : public erased_pyramid {
public:
    static constexpr std::size_t base = 64;         ///< samples of a block of the lowest level
    static constexpr std::size_t factor = 16;       ///< blocks of one level in a block of the next
    static constexpr std::size_t page_blocks = 512; ///< blocks in a page

    pyramid_of(Rows values, std::size_t max_bytes) : values_(std::move(values)) {
        rows = values_.rows();
        columns = values_.columns();
        // Only whole blocks: what is left at the end is looked at sample by sample.
        for (std::size_t size = base; rows / size > 0; size *= factor) {
            const std::size_t pages = (rows / size + page_blocks - 1) / page_blocks * columns;
            const std::size_t limit =
                size == base ? (std::max)(std::size_t{4}, max_bytes / page_bytes) : pages; // the others are small
            levels_.emplace_back(pages, limit);
        }
    }

    series_extent extent(std::size_t first, std::size_t last, std::size_t column) override {
        extent_of<T> all;
        while (first < last) {
            if (first % base != 0 || last - first < base) {
                const std::size_t stop = (std::min)(last, (first / base + 1) * base);
                all.add(scan(values_.at(first, column), values_.stride(), stop - first));
                first = stop;
                continue;
            }
            std::size_t level = 0;
            std::size_t size = base;
            while (level + 1 < levels_.size() && first % (size * factor) == 0 && last - first >= size * factor) {
                ++level;
                size *= factor;
            }
            // All of this level up to where a larger block begins, or the end.
            const std::size_t number = first / size;
            const std::size_t count = (std::min)((last - first) / size, factor - number % factor);
            all.add(blocks(level, number, count, column));
            first += count * size;
        }
        return as_double(all);
    }
    series_extent sampled(std::size_t column, std::size_t places) override {
        constexpr std::size_t length = Rows::glance_rows;
        if (rows <= places * length) {
            return extent(0, rows, column);
        }
        if (rows <= Rows::few_rows) {
            return as_double(values_.glance(0, rows, column));
        }
        extent_of<T> all;
        for (std::size_t p = 0; p < places; ++p) {
            all.add(values_.glance((rows - length) / (places - 1) * p, length, column));
        }
        return as_double(all);
    }
    void read(std::size_t first, std::size_t last, std::size_t column, double* out) override {
        while (first < last) {
            const std::size_t stop = (std::min)(last, (first / base + 1) * base);
            const T* at = values_.at(first, column);
            for (; first < stop; ++first, at += values_.stride()) {
                *out++ = static_cast<double>(*at);
            }
        }
    }
    void expect(std::size_t row, std::size_t column) const noexcept override {
        const std::size_t first = row / base * base;
        if (first < rows) {
            values_.expect(first, (std::min)(base, rows - first), column);
        }
    }
    void check_size() const override { values_.check_size(); }
    std::size_t bytes() const override {
        std::size_t all = values_.bytes();
        for (const auto& level : levels_) {
            all += level.held() * page_bytes + level.table_bytes();
        }
        return all;
    }

private:
    enum state : std::uint8_t { unknown, known, known_missing };
    struct page {
        std::array<T, page_blocks> low;
        std::array<T, page_blocks> high;
        std::array<std::uint8_t, page_blocks> states;
    };
    static constexpr std::size_t page_bytes = sizeof(page);

    static series_extent as_double(const extent_of<T>& all) noexcept {
        series_extent out;
        out.missing = all.missing;
        if (all.low <= all.high) {
            out.low = static_cast<double>(all.low);
            out.high = static_cast<double>(all.high);
        }
        return out;
    }

    /// Of `count` blocks that lie in one page.
    extent_of<T> blocks(std::size_t level, std::size_t number, std::size_t count, std::size_t column) {
        const page* const found = levels_[level].find(number / page_blocks * columns + column);
        const std::size_t slot = number % page_blocks;
        std::size_t missing = 0;
        bool all_known = found != nullptr;
        for (std::size_t i = slot; all_known && i < slot + count; ++i) {
            all_known = found->states[i] != unknown;
            missing += found->states[i] == known_missing ? std::size_t{1} : 0;
        }
        extent_of<T> all;
        if (!all_known) {
            for (std::size_t i = 0; i < count; ++i) {
                all.add(block(level, number + i, column));
            }
            return all;
        }
        for (std::size_t i = slot; i < slot + count; ++i) {
            all.add({found->low[i], found->high[i], false});
        }
        all.missing = missing > 0;
        return all;
    }
    extent_of<T> block(std::size_t level, std::size_t number, std::size_t column) {
        const std::size_t page_number = number / page_blocks * columns + column;
        const std::size_t slot = number % page_blocks;
        page* found = levels_[level].find(page_number);
        if (found != nullptr && found->states[slot] != unknown) {
            return {found->low[slot], found->high[slot], found->states[slot] == known_missing};
        }
        extent_of<T> all;
        if (level == 0) {
            all = scan(values_.at(number * base, column), values_.stride(), base);
        } else {
            for (std::size_t child = number * factor; child < (number + 1) * factor; ++child) {
                all.add(block(level - 1, child, column));
            }
        }
        if (found == nullptr) { // after the reading, which may throw
            found = &levels_[level].add(page_number, [] { return std::make_unique<page>(); });
            found->states.fill(unknown);
        }
        found->low[slot] = all.low;
        found->high[slot] = all.high;
        found->states[slot] = all.missing ? known_missing : known;
        return all;
    }

    Rows values_;
    std::vector<page_store<page>> levels_;
};

} // namespace detail

/// How much a pyramid may hold: its lowest blocks at most this, the higher ones a fifteenth of what all blocks would
/// take; of a source, its samples at most this once more. Beyond, the oldest make room. Units: bytes.
inline constexpr std::size_t default_pyramid_bytes = std::size_t{64} << 20;

/// The least and the greatest of any stretch of samples, exactly. A handle: copies share the blocks.
///
/// Blocks of 64 samples, of 16 x 64, 16 x 16 x 64 and so on are made where a stretch touches them first; nothing is
/// read at construction. They take about 4 % of the bytes of the samples looked at (5 % of 8-bit ones), rounded up to
/// pages of 512 blocks, and see default_pyramid_bytes. Several columns are several signals with the same rows.
/// One thread at a time: where copies are used on several, each takes `hold()` first.
///
/// Cost: extent O(log samples) once its blocks are made, then without allocation; the first look reads each sample
/// of the stretch once.
class series_pyramid {
public:
    series_pyramid() = default;
    /// Numbers in memory or mapped. Errors: invalid_value for max_bytes of 0.
    explicit series_pyramid(samples values, std::size_t max_bytes = default_pyramid_bytes) {
        check(max_bytes);
        visit_dtype(values.type(), [&]<class T>(std::type_identity<T>) {
            using rows = detail::rows_in_memory<T>;
            self_ = std::make_shared<detail::pyramid_of<T, rows>>(rows(std::move(values)), max_bytes);
        });
    }
    /// Frames of a source: frame i is row i, its values the columns. Its samples are kept in pages of 256 rows, so that
    /// what is computed is computed once while it is looked at. Errors: as above; a look throws what the source throws.
    explicit series_pyramid(const any_source& source, std::size_t max_bytes = default_pyramid_bytes) {
        check(max_bytes);
        visit_dtype(source.type(), [&]<class T>(std::type_identity<T>) {
            using rows = detail::rows_of_source<T>;
            self_ = std::make_shared<detail::pyramid_of<T, rows>>(rows(source, max_bytes), max_bytes);
        });
    }

    std::size_t size() const noexcept { return self_ == nullptr ? 0 : self_->rows; }
    std::size_t columns() const noexcept { return self_ == nullptr ? 0 : self_->columns; }
    /// What it holds now, apart from the samples themselves where they lie in memory.
    std::size_t bytes() const { return self_ == nullptr ? 0 : self_->bytes(); }

    /// Of rows [first, last). Errors: frame_out_of_range.
    series_extent extent(std::size_t first, std::size_t last, std::size_t column = 0) const {
        check(first, last, column);
        return first < last ? self_->extent(first, last, column) : series_extent();
    }
    /// Of `places` spread evenly, at least 2 (all rows when there are few, in memory up to 131 072): a guess of the
    /// whole that costs no more for any length.
    series_extent sampled(std::size_t column = 0, std::size_t places = 32) const {
        check(0, 0, column);
        return size() == 0 ? series_extent() : self_->sampled(column, (std::max)(places, std::size_t{2}));
    }
    /// The rows [first, first + out.size()) themselves. Errors: frame_out_of_range.
    void read(std::size_t first, std::span<double> out, std::size_t column = 0) const {
        check(first, first + out.size(), column);
        if (!out.empty()) {
            self_->read(first, first + out.size(), column, out.data());
        }
    }
    /// Says that a stretch that begins or ends at `row` is asked for soon: many of them, said one after the other, are
    /// then found sooner. Nothing is read or kept.
    void expect(std::size_t row, std::size_t column = 0) const noexcept {
        if (self_ != nullptr) {
            self_->expect(row, column);
        }
    }
    /// Throws file_error when a mapped file has become shorter; to be called before a series of looks.
    void check_size() const {
        if (self_ != nullptr) {
            self_->check_size();
        }
    }
    /// A lock for as long as it lives.
    std::unique_lock<std::mutex> hold() const {
        return self_ == nullptr ? std::unique_lock<std::mutex>() : std::unique_lock(self_->one_reader);
    }

private:
    static void check(std::size_t max_bytes) {
        if (max_bytes == 0) {
            throw invalid_value("max_bytes", "a pyramid of at most 0 bytes was asked for; it needs some; 67108864 (64 "
                                             "MiB) is the default");
        }
    }
    void check(std::size_t first, std::size_t last, std::size_t column) const {
        if (last > size() || first > last) {
            detail::throw_frame_out_of_range(last > size() ? last - 1 : first, size());
        }
        if (column >= columns() && size() > 0) {
            throw invalid_value("column", detail::text("column ", column, " was asked for; there are ", columns(),
                                                       ", counted from 0; choose one of them"));
        }
    }
    std::shared_ptr<detail::erased_pyramid> self_;
};

} // namespace fieldreel::inline v0

#endif
