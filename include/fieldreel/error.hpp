// SPDX-License-Identifier: MIT
// The errors fieldreel throws, and how their sentences are made: what was asked; what is allowed; what to do.
#ifndef FIELDREEL_ERROR_HPP
#define FIELDREEL_ERROR_HPP

#include <charconv>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fieldreel::inline v0 {

/// Base of everything fieldreel throws about data, files and options. The text is one sentence for a person.
class error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A file is missing, is no file, cannot be read or written, is cut, or is not what its name or header says.
class file_error : public error {
public:
    file_error(std::string path, const std::string& sentence) : error(sentence), path_(std::move(path)) {}
    const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// An argument or option has a value that is not allowed.
class invalid_value : public error {
public:
    invalid_value(std::string name, const std::string& sentence) : error(sentence), name_(std::move(name)) {}
    /// The argument, spelled as in the options structure, e.g. "chunk_size".
    const std::string& name() const noexcept { return name_; }

private:
    std::string name_;
};

/// The numbers of a recording contradict each other or themselves: times that do not increase, lengths that differ.
class data_error : public error {
public:
    explicit data_error(const std::string& sentence, std::size_t index = 0) : error(sentence), index_(index) {}
    /// The first sample that is wrong, where one can be named.
    std::size_t index() const noexcept { return index_; }

private:
    std::size_t index_;
};

/// A frame was asked for that the source does not have.
class frame_out_of_range : public error {
public:
    frame_out_of_range(std::size_t frame, std::size_t frame_count, const std::string& sentence)
        : error(sentence), frame_(frame), frame_count_(frame_count) {}
    std::size_t frame() const noexcept { return frame_; }
    std::size_t frame_count() const noexcept { return frame_count_; }

private:
    std::size_t frame_;
    std::size_t frame_count_;
};

namespace detail {

inline void append(std::string& out, std::string_view part) {
    out += part;
}
inline void append(std::string& out, char part) {
    out += part;
}
template <class T>
requires std::integral<T> || std::floating_point<T>
void append(std::string& out, T part) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, part).ptr;
    out.append(buffer, end);
}

/// Concatenates words and numbers; numbers in their shortest exact form.
template <class... Parts>
std::string text(const Parts&... parts) {
    std::string out;
    (append(out, parts), ...);
    return out;
}

/// The frame that is past the end: one sentence for every source and adaptor.
[[noreturn]] inline void throw_frame_out_of_range(std::size_t frame, std::size_t frame_count) {
    if (frame_count == 0) {
        throw frame_out_of_range(
            frame, 0, text("frame ", frame, " was asked of a source that has no frames; check frame_count() first"));
    }
    throw frame_out_of_range(frame, frame_count,
                             text("frame ", frame, " is past the end: the source has ", frame_count, " frames (0-",
                                  frame_count - 1, "); clamp the index or use subsample"));
}

/// Case-insensitive edit distance (insert, delete, replace), for "did you mean". Cost: O(|a| |b|).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            const std::size_t inserted = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            row[j + 1] = replaced < inserted ? replaced : inserted;
        }
    }
    return row[b.size()];
}

/// The name in `names` that is spelled most like `asked`; empty when there are no names.
template <class Names>
std::string_view nearest_name(std::string_view asked, const Names& names) {
    std::string_view best;
    std::size_t best_distance = static_cast<std::size_t>(-1);
    for (const auto& name : names) {
        const std::size_t distance = edit_distance(asked, name);
        if (distance < best_distance) {
            best = name;
            best_distance = distance;
        }
    }
    return best;
}

/// "a, b, c".
template <class Names>
std::string join(const Names& names) {
    std::string out;
    for (const auto& name : names) {
        if (!out.empty()) {
            out += ", ";
        }
        out += name;
    }
    return out;
}

} // namespace detail
} // namespace fieldreel::inline v0

#endif
