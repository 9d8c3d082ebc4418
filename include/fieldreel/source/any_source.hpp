// SPDX-License-Identifier: MIT
// A source whose value type and adaptors are known only at run time: what playback, sessions and viewers hold.
#ifndef FIELDREEL_SOURCE_ANY_SOURCE_HPP
#define FIELDREEL_SOURCE_ANY_SOURCE_HPP

#include <concepts>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/reader_turns.hpp>

namespace fieldreel::inline v0 {

class any_source;

namespace detail {

struct erased_cursor {
    virtual ~erased_cursor() = default;
    virtual values_view frame(std::size_t i) = 0;
    virtual values_view try_frame(std::size_t i) = 0;
    virtual std::pair<std::size_t, values_view> nearest(std::size_t i) = 0;
    virtual std::shared_ptr<const void> share(std::size_t i, values_view& values) = 0;
    virtual void hint(const motion& going) = 0;
};

/// `one_reader`: the lock of a source whose readers must take turns; nothing when threads may read at once. Only frame
/// and share read.
template <frame_cursor Cursor>
struct cursor_model final : erased_cursor {
    cursor_model(Cursor c, std::shared_ptr<reader_turns> lock) : cursor(std::move(c)), one_reader(std::move(lock)) {}
    using value_type = typename Cursor::value_type;
    std::unique_lock<reader_turns> turn() const {
        return one_reader == nullptr ? std::unique_lock<reader_turns>() : std::unique_lock(*one_reader);
    }
    values_view frame(std::size_t i) override {
        const auto ours = turn();
        return std::span<const value_type>(cursor.frame(i));
    }
    values_view try_frame(std::size_t i) override {
        const auto values = cursor.try_frame(i);
        return values ? values_view(std::span<const value_type>(*values)) : values_view();
    }
    std::pair<std::size_t, values_view> nearest(std::size_t i) override {
        const auto found = cursor.nearest(i);
        return found ? std::pair(found->index, values_view(found->values)) : std::pair(std::size_t{0}, values_view());
    }
    std::shared_ptr<const void> share(std::size_t i, values_view& values) override {
        const auto ours = turn();
        auto shared = cursor.share(i);
        values = shared.values;
        return std::move(shared.owner);
    }
    void hint(const motion& going) override { cursor.hint(going); }
    Cursor cursor;
    std::shared_ptr<reader_turns> one_reader;
};

struct erased_source {
    virtual ~erased_source() = default;
    virtual dtype type() const = 0;
    virtual std::size_t frame_count() const = 0;
    virtual std::size_t frame_size() const = 0;
    virtual void read(std::size_t first, void* out, std::size_t values) const = 0;
    virtual std::unique_ptr<erased_cursor> cursor() const = 0;
    virtual std::optional<fieldreel::image_shape> frame_shape() const = 0;
    virtual bool concurrent() const = 0;
    virtual bool timed() const = 0;
    virtual double time_s(std::size_t i) const = 0;
    virtual double duration_s(std::size_t i) const = 0;
    virtual std::optional<std::size_t> frame_at(double time_s) const = 0;
};

template <frame_source Source>
struct source_model final : erased_source {
    using value_type = typename Source::value_type;
    explicit source_model(Source s) : source(std::move(s)) {}

    dtype type() const override { return dtype_of<value_type>(); }
    std::size_t frame_count() const override { return source.frame_count(); }
    std::size_t frame_size() const override { return source.frame_size(); }
    void read(std::size_t first, void* out, std::size_t values) const override {
        const std::span<value_type> to(static_cast<value_type*>(out), values);
        if constexpr (concurrent_read<Source>) {
            source.read(first, to);
        } else {
            const std::scoped_lock ours(*one_reader);
            source.read(first, to);
        }
    }
    std::unique_ptr<erased_cursor> cursor() const override {
        return std::make_unique<cursor_model<cursor_t<Source>>>(cursor_of(source), one_reader);
    }
    std::optional<fieldreel::image_shape> frame_shape() const override { return frame_shape_of(source); }
    bool concurrent() const override { return reads_at_once(source); }
    bool timed() const override { return knows_times(source); }
    double time_s(std::size_t i) const override {
        if constexpr (timed_source<Source>) {
            return source.time_s(i);
        } else {
            return static_cast<double>(i);
        }
    }
    double duration_s(std::size_t i) const override {
        if constexpr (timed_source<Source>) {
            return source.duration_s(i);
        } else {
            return 1;
        }
    }
    std::optional<std::size_t> frame_at(double time_s) const override {
        if constexpr (timed_source<Source>) {
            return source.frame_at(time_s);
        } else {
            return std::nullopt;
        }
    }

    Source source;
    /// Who shares a source of one reader serialises on a lock of the source: an erased one is always shared.
    std::shared_ptr<reader_turns> one_reader = concurrent_read<Source> ? nullptr : std::make_shared<reader_turns>();
};

/// Frames kept as bytes, and the type they are of.
class retyped_cursor final : public erased_cursor {
public:
    retyped_cursor(std::unique_ptr<erased_cursor> bytes, dtype type) : bytes_(std::move(bytes)), type_(type) {}
    values_view frame(std::size_t i) override { return retyped(bytes_->frame(i)); }
    values_view try_frame(std::size_t i) override { return retyped(bytes_->try_frame(i)); }
    std::pair<std::size_t, values_view> nearest(std::size_t i) override {
        const auto [index, bytes] = bytes_->nearest(i);
        return {index, retyped(bytes)};
    }
    std::shared_ptr<const void> share(std::size_t i, values_view& values) override {
        auto owner = bytes_->share(i, values);
        values = retyped(values);
        return owner;
    }
    void hint(const motion& going) override { bytes_->hint(going); }

private:
    values_view retyped(values_view bytes) const { return {type_, bytes.data(), bytes.size() / size_of(type_)}; }
    std::unique_ptr<erased_cursor> bytes_;
    dtype type_;
};

template <frame_source Bytes>
struct retyped_model final : erased_source {
    retyped_model(Bytes source, dtype as, std::optional<fieldreel::image_shape> frame_shape)
        : bytes(std::move(source)), value_type(as), shape(frame_shape) {}
    dtype type() const override { return value_type; }
    std::size_t frame_count() const override { return bytes.frame_count(); }
    std::size_t frame_size() const override { return bytes.frame_size() / size_of(value_type); }
    void read(std::size_t first, void* out, std::size_t values) const override {
        check_read(*this, first, values); // here, so that the sentence speaks of values and not of bytes
        bytes.read(first, out, values * size_of(value_type));
    }
    std::unique_ptr<erased_cursor> cursor() const override {
        return std::make_unique<retyped_cursor>(bytes.cursor(), value_type);
    }
    std::optional<fieldreel::image_shape> frame_shape() const override { return shape; }
    bool concurrent() const override { return bytes.concurrent(); }
    bool timed() const override { return bytes.timed(); }
    double time_s(std::size_t i) const override { return bytes.time_s(i); }
    double duration_s(std::size_t i) const override { return bytes.duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const override { return bytes.frame_at(time_s); }

    source_model<Bytes> bytes;
    dtype value_type;
    std::optional<fieldreel::image_shape> shape;
};

} // namespace detail

/// One consumer's place in an any_source. As frame_cursor, with views of a type known at run time; an empty view is
/// "nothing".
class any_cursor {
public:
    explicit any_cursor(std::unique_ptr<detail::erased_cursor> self) : self_(std::move(self)) {}

    /// Valid until the cursor is next asked. Errors: as the source. Cost: one indirect call over the source's own
    /// cursor.
    values_view frame(std::size_t i) { return self_->frame(i); }
    values_view try_frame(std::size_t i) { return self_->try_frame(i); }
    /// The resident frame nearest to i and its number; an empty view when none is.
    std::pair<std::size_t, values_view> nearest(std::size_t i) { return self_->nearest(i); }
    /// Frame i, valid as long as the pointer lives.
    std::pair<std::shared_ptr<const void>, values_view> share(std::size_t i) {
        values_view values;
        auto owner = self_->share(i, values);
        return {std::move(owner), values};
    }
    void hint(const motion& going) { self_->hint(going); }

private:
    std::unique_ptr<detail::erased_cursor> self_;
};

/// Any frame source behind one type. A handle: copying is O(1). Adaptors apply to it as to any other: `any | slice({0,
/// 100})`. Threads may use copies of it, and cursors of their own, at once: where its source allows one reader at a
/// time they take turns. (Two erasures of one such source do not know of each other: erase it once.)
class any_source {
public:
    template <frame_source S>
    any_source(S source)
        : self_(std::make_shared<const detail::source_model<S>>(std::move(source))) {
    } // implicit: a source is an any_source

    dtype type() const { return self_->type(); }
    std::size_t frame_count() const { return self_->frame_count(); }
    std::size_t frame_size() const { return self_->frame_size(); }
    /// Rows and columns of a frame, where the source states them.
    std::optional<fieldreel::image_shape> frame_shape() const { return self_->frame_shape(); }
    /// Whether reads of several threads go on at once; else they take turns.
    bool concurrent() const { return self_->concurrent(); }
    /// True when the source knows its frames' times. Without times, frame i is at i seconds and frame_at finds nothing.
    bool timed() const { return self_->timed(); }
    double time_s(std::size_t i) const { return self_->time_s(i); }
    double duration_s(std::size_t i) const { return self_->duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const { return self_->frame_at(time_s); }
    any_cursor cursor() const { return any_cursor(self_->cursor()); }

    /// The source as one of T, which must be its type. Models frame_source; threads may read at once.
    template <field_value T>
    class typed;
    /// Errors: invalid_value when the values are of another type.
    template <field_value T>
    typed<T> as() const {
        if (type() != dtype_of<T>()) {
            throw invalid_value("T", detail::text("the source holds ", name_of(type()), " and ", name_of(dtype_of<T>()),
                                                  " was asked for; use any_source::visit"));
        }
        return typed<T>(self_);
    }
    /// Calls `f(typed<T>)` with the source's own type.
    template <class F>
    decltype(auto) visit(F&& f) const {
        return visit_dtype(type(),
                           [&]<class T>(std::type_identity<T>) -> decltype(auto) { return f(typed<T>(self_)); });
    }

    /// The source with frames of bytes: what adaptors that do not look at values are applied to.
    class bytes;

private:
    template <class F>
    friend any_source operator|(const any_source&, const adaptor<F, false>&);
    explicit any_source(std::shared_ptr<const detail::erased_source> self) : self_(std::move(self)) {}
    std::shared_ptr<const detail::erased_source> self_;
};

class any_source::bytes {
public:
    using value_type = std::uint8_t;
    static constexpr bool concurrent_read = true;
    explicit bytes(std::shared_ptr<const detail::erased_source> self) : self_(std::move(self)) {}

    std::size_t frame_count() const { return self_->frame_count(); }
    std::size_t frame_size() const { return self_->frame_size() * size_of(self_->type()); }
    bool concurrent() const { return self_->concurrent(); }
    bool timed() const { return self_->timed(); }
    double time_s(std::size_t i) const { return self_->time_s(i); }
    double duration_s(std::size_t i) const { return self_->duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const { return self_->frame_at(time_s); }
    void read(std::size_t first, std::span<value_type> out) const {
        detail::check_read(*this, first, out.size());
        self_->read(first, out.data(), out.size() / size_of(self_->type()));
    }

    class cursor_type {
    public:
        using value_type = std::uint8_t;
        explicit cursor_type(any_cursor cursor) : cursor_(std::move(cursor)) {}
        std::span<const value_type> frame(std::size_t i) { return of(cursor_.frame(i)); }
        std::optional<std::span<const value_type>> try_frame(std::size_t i) {
            const values_view values = cursor_.try_frame(i);
            return values.empty() ? std::nullopt : std::optional(of(values));
        }
        std::optional<resident_frame<value_type>> nearest(std::size_t i) {
            const auto [index, values] = cursor_.nearest(i);
            return values.empty() ? std::nullopt : std::optional(resident_frame<value_type>{index, of(values)});
        }
        shared_frame<value_type> share(std::size_t i) {
            auto [owner, values] = cursor_.share(i);
            return {std::move(owner), of(values)};
        }
        void hint(const motion& going) { cursor_.hint(going); }

    private:
        static std::span<const value_type> of(values_view values) {
            return {static_cast<const value_type*>(values.data()), values.bytes()};
        }
        any_cursor cursor_;
    };
    cursor_type cursor() const { return cursor_type(any_cursor(self_->cursor())); }

private:
    std::shared_ptr<const detail::erased_source> self_;
};

template <field_value T>
class any_source::typed {
public:
    using value_type = T;
    static constexpr bool concurrent_read = true;
    explicit typed(std::shared_ptr<const detail::erased_source> self) : self_(std::move(self)) {}

    std::size_t frame_count() const { return self_->frame_count(); }
    std::size_t frame_size() const { return self_->frame_size(); }
    std::optional<fieldreel::image_shape> frame_shape() const { return self_->frame_shape(); }
    bool concurrent() const { return self_->concurrent(); }
    bool timed() const { return self_->timed(); }
    double time_s(std::size_t i) const { return self_->time_s(i); }
    double duration_s(std::size_t i) const { return self_->duration_s(i); }
    std::optional<std::size_t> frame_at(double time_s) const { return self_->frame_at(time_s); }
    void read(std::size_t first, std::span<T> out) const { self_->read(first, out.data(), out.size()); }

    class cursor_type {
    public:
        using value_type = T;
        explicit cursor_type(any_cursor cursor) : cursor_(std::move(cursor)) {}
        std::span<const T> frame(std::size_t i) { return cursor_.frame(i).template as<T>(); }
        std::optional<std::span<const T>> try_frame(std::size_t i) {
            const values_view values = cursor_.try_frame(i);
            return values.empty() ? std::nullopt : std::optional(values.template as<T>());
        }
        std::optional<resident_frame<T>> nearest(std::size_t i) {
            const auto [index, values] = cursor_.nearest(i);
            return values.empty() ? std::nullopt : std::optional(resident_frame<T>{index, values.template as<T>()});
        }
        shared_frame<T> share(std::size_t i) {
            auto [owner, values] = cursor_.share(i);
            return {std::move(owner), values.template as<T>()};
        }
        void hint(const motion& going) { cursor_.hint(going); }

    private:
        any_cursor cursor_;
    };
    cursor_type cursor() const { return cursor_type(any_cursor(self_->cursor())); }

private:
    std::shared_ptr<const detail::erased_source> self_;
};

/// An adaptor applied to a source of any type.
template <class F>
any_source operator|(const any_source& source, const adaptor<F, true>& next) {
    return source.visit([&](auto typed) { return any_source(next.apply(std::move(typed))); });
}
template <class F>
any_source operator|(const any_source& source, const adaptor<F, false>& next) {
    auto changed = next.apply(any_source::bytes(source.self_));
    return any_source(std::make_shared<const detail::retyped_model<decltype(changed)>>(
        std::move(changed), source.type(), source.frame_shape()));
}

/// Frames of a .npy file that is open: a part of another, or bytes in memory. Errors: file_error as read_npy_header.
inline any_source open_npy(std::shared_ptr<const read_only_file> file) {
    const npy_header header = read_npy_header(*file);
    return visit_dtype(header.type, [&]<class T>(std::type_identity<T>) {
        return any_source(detail::npy_frames<T>(std::move(file), header));
    });
}

/// Opens a .npy file of whatever type it holds. Errors: file_error as read_npy_header. Cost: O(1) in the length.
inline any_source open_npy(const std::string& path, const open_options& options = {}) {
    return open_npy(std::make_shared<const read_only_file>(path, options.access));
}

} // namespace fieldreel::inline v0

#endif
