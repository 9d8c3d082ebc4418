// SPDX-License-Identifier: MIT
// Tables in text files: a line of column names, then rows of numbers and words.
#ifndef FIELDREEL_IMPORT_CSV_HPP
#define FIELDREEL_IMPORT_CSV_HPP

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/source/file.hpp>

namespace fieldreel::inline v0 {

struct csv_options {
    char delimiter = ','; ///< what separates columns; it is stated, never guessed
};

namespace detail {

/// The bytes of a text file, and a place in them. Lines end with LF or CRLF; cells may stand in double quotes.
class csv_scanner {
public:
    csv_scanner(std::shared_ptr<const read_only_file> file, char delimiter)
        : file_(std::move(file)), delimiter_(delimiter) {
        if (delimiter == '"' || delimiter == '\n' || delimiter == '\r' || delimiter == '.' || delimiter == '-' ||
            (delimiter >= '0' && delimiter <= '9')) {
            throw invalid_value("delimiter", text("the delimiter '", delimiter,
                                                  "' cannot separate numbers; usual are ',', ';' and a tab"));
        }
        if (file_->data() == nullptr) { // not mapped
            bytes_.resize(static_cast<std::size_t>(file_->size()));
            file_->read(0, bytes_.data(), bytes_.size());
            at_ = bytes_.data();
        } else {
            at_ = reinterpret_cast<const char*>(file_->data());
        }
        at_ = at_ == nullptr ? "" : at_;
        begin_ = at_;
        end_ = at_ + file_->size();
        const std::string_view all(at_, static_cast<std::size_t>(end_ - at_));
        if (all.starts_with("\xef\xbb\xbf")) { // written by some editors before UTF-8
            at_ += 3;
        } else if (all.starts_with("\xff\xfe") || all.starts_with("\xfe\xff") ||
                   all.substr(0, 4096).find('\0') != std::string_view::npos) {
            throw file_error(path(), text(path(), " is no plain text (it holds zero bytes or is UTF-16); save it as "
                                                  "UTF-8 or plain ASCII text"));
        }
    }

    const std::string& path() const noexcept { return file_->path(); }
    bool at_end() const noexcept { return at_ == end_; }
    std::size_t line() const noexcept { return line_; } ///< that comes next, from 1
    std::size_t bytes_left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

    /// The next line, without its end; empty lines are passed over. Advances.
    std::string_view next_line() {
        std::string_view out;
        do {
            const char* const stop = line_end();
            out = {at_, static_cast<std::size_t>(stop - at_)};
            if (out.ends_with('\r')) {
                out.remove_suffix(1);
            }
            at_ = stop == end_ ? end_ : stop + 1;
            ++line_;
        } while (out.empty() && at_ != end_);
        return out;
    }
    /// Without moving on.
    std::string_view peek_line() {
        const char* const at = at_;
        const std::size_t line = line_;
        const std::string_view out = next_line();
        at_ = at;
        line_ = line;
        return out;
    }
    void rewind() noexcept {
        at_ = begin_;
        line_ = 1;
    }
    /// The cells of a line, without quotes and the spaces around them.
    std::vector<std::string> cells(std::string_view line) const {
        std::vector<std::string> out;
        for (bool more = true; more;) {
            out.push_back(cell(line, more));
        }
        return out;
    }
    /// Takes the first cell off a line.
    std::string cell(std::string_view& line, bool& more) const {
        std::string out;
        std::string_view rest = line;
        while (!rest.empty() && rest.front() == ' ') {
            rest.remove_prefix(1);
        }
        if (rest.starts_with('"')) {
            std::size_t i = 1;
            for (; i < rest.size(); ++i) {
                if (rest[i] == '"' && !(i + 1 < rest.size() && rest[i + 1] == '"')) {
                    break;
                }
                i += rest[i] == '"' ? 1u : 0u; // two quotes are one
                out += rest[i];
            }
            rest.remove_prefix((std::min)(i + 1, rest.size()));
        }
        const std::size_t stop = rest.find(delimiter_);
        out += rest.substr(0, stop);
        while (!out.empty() && out.back() == ' ') {
            out.pop_back();
        }
        more = stop != std::string_view::npos;
        line = more ? rest.substr(stop + 1) : std::string_view();
        return out;
    }
    /// Takes the first cell off a line as a number: NaN where it is empty or says so. False: it is no number, and the
    /// line stays. Cost: about 20 ns.
    bool number(std::string_view& line, bool& more, double& out) const noexcept {
        const char* at = line.data();
        const char* const end = at + line.size();
        while (at != end && (*at == ' ' || *at == '+')) {
            ++at;
        }
        const auto [stop, problem] = std::from_chars(at, end, out);
        const char* next = stop;
        if (problem == std::errc::result_out_of_range) {
            out = std::numeric_limits<double>::quiet_NaN(); // beyond what a double holds
        } else if (problem != std::errc{}) {
            next = at;
            for (const std::string_view word : {"NaN", "NA", "nan", "None", "null"}) {
                if (std::string_view(at, static_cast<std::size_t>(end - at)).starts_with(word)) {
                    next = at + word.size();
                    break;
                }
            }
            out = std::numeric_limits<double>::quiet_NaN();
        }
        while (next != end && *next == ' ') {
            ++next;
        }
        if (next != end && *next != delimiter_) {
            return false;
        }
        more = next != end;
        line = more ? std::string_view(next + 1, static_cast<std::size_t>(end - next - 1)) : std::string_view();
        return true;
    }

private:
    const char* line_end() const noexcept {
        const void* const found = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
        return found == nullptr ? end_ : static_cast<const char*>(found);
    }

    std::shared_ptr<const read_only_file> file_;
    std::vector<char> bytes_;
    const char* begin_ = nullptr;
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    std::size_t line_ = 1;
    char delimiter_;
};

[[noreturn]] inline void throw_uneven_row(const std::string& path, std::size_t line, std::size_t found,
                                          std::size_t wanted) {
    throw data_error(text(path, ", line ", line, ": it has ", found, " columns and the header has ", wanted,
                          "; check the delimiter and the line"),
                     line);
}

} // namespace detail

/// One column: numbers, or words where any cell is no number.
struct csv_column {
    std::string name;
    std::vector<double> numbers = {};
    std::vector<std::string> words = {}; ///< empty: the column holds numbers

    bool holds_words() const noexcept { return !words.empty(); }
};

/// A table of a text file. Empty cells, NaN and NA are NaN.
struct csv_table {
    std::string path;
    std::vector<csv_column> columns;
    std::size_t rows = 0;

    /// The first column of one of these names, in capitals or not; nullptr: there is none.
    const csv_column* find(std::initializer_list<std::string_view> names) const noexcept {
        for (const std::string_view name : names) {
            for (const csv_column& one : columns) {
                if (detail::edit_distance(one.name, name) == 0) {
                    return &one;
                }
            }
        }
        return nullptr;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> out;
        for (const csv_column& one : columns) {
            out.push_back(one.name);
        }
        return out;
    }
    /// That column's numbers. Errors: data_error where it holds words.
    const std::vector<double>& numbers(const csv_column& of) const {
        if (of.holds_words()) {
            std::size_t row = 0;
            double value = 0;
            while (row < rows &&
                   (of.words[row].empty() ||
                    std::from_chars(of.words[row].data(), of.words[row].data() + of.words[row].size(), value).ptr ==
                        of.words[row].data() + of.words[row].size())) {
                ++row;
            }
            throw data_error(detail::text(path, ": row ", row + 1, " of the column '", of.name, "' is '",
                                          of.words[row < rows ? row : 0],
                                          "', which is no number; numbers have a point before their decimals; correct "
                                          "the cell"),
                             row);
        }
        return of.numbers;
    }
};

/// Reads a table with a header line. Errors: file_error for what is no text or has no header; data_error for rows of
/// another length than the header. Cost: one pass; about 20 ns for a number.
inline csv_table read_csv(std::shared_ptr<const read_only_file> file, const csv_options& options = {}) {
    detail::csv_scanner in(std::move(file), options.delimiter);
    csv_table out;
    out.path = in.path();
    const std::string_view header = in.next_line();
    if (header.empty()) {
        throw file_error(out.path, detail::text(out.path, " is empty; give a table with a line of column names"));
    }
    for (std::string& name : in.cells(header)) {
        out.columns.push_back({std::move(name)});
    }
    if (out.columns.size() == 1) {
        for (const char other : {';', '\t', ','}) {
            if (other != options.delimiter && header.find(other) != std::string_view::npos) {
                const std::string name = other == '\t' ? std::string("a tab") : detail::text('\'', other, '\'');
                throw file_error(out.path,
                                 detail::text(out.path, " has one column when '", options.delimiter,
                                              "' separates them, '", header.substr(0, 40), "'; it looks as if ", name,
                                              " does; state the delimiter (--delimiter)"));
            }
        }
    }
    for (std::size_t c = 0; c < out.columns.size(); ++c) {
        double value = 0;
        bool more = false;
        std::string_view name = out.columns[c].name;
        if (!name.empty() && in.number(name, more, value) && value == value) {
            throw file_error(out.path, detail::text(out.path, " starts with the number ", value,
                                                    " where its column names belong; add a first line such as "
                                                    "time,x,y"));
        }
    }
    while (!in.at_end()) {
        const std::size_t number = in.line();
        std::string_view line = in.next_line();
        if (line.empty()) {
            break; // the last
        }
        std::size_t c = 0;
        for (bool more = true; more; ++c) {
            if (c == out.columns.size()) {
                detail::throw_uneven_row(out.path, number, c + 1 + in.cells(line).size() - 1, out.columns.size());
            }
            csv_column& to = out.columns[c];
            double value = 0;
            if (!to.holds_words() && in.number(line, more, value)) {
                to.numbers.push_back(value);
                continue;
            }
            if (!to.holds_words()) { // the first word: those before were numbers
                for (const double earlier : to.numbers) {
                    to.words.push_back(earlier == earlier ? detail::text(earlier) : std::string());
                }
                to.numbers = {};
            }
            to.words.push_back(in.cell(line, more));
        }
        if (c != out.columns.size()) {
            detail::throw_uneven_row(out.path, number, c, out.columns.size());
        }
        ++out.rows;
    }
    return out;
}
inline csv_table read_csv(const std::string& path, const csv_options& options = {}) {
    return read_csv(std::make_shared<const read_only_file>(path), options);
}

} // namespace fieldreel::inline v0

#endif
