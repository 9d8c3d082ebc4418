// SPDX-License-Identifier: MIT
// NumPy's .npy files: a strict header reader (versions 1 to 3) and a writer that leaves no half file.
#ifndef FIELDREEL_SOURCE_NPY_HPP
#define FIELDREEL_SOURCE_NPY_HPP

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/source/file.hpp>

namespace fieldreel::inline v0 {

/// Whether an array in Fortran order (first index fastest), as MATLAB writes them, is wanted.
enum class npy_order : unsigned char { c_only, c_or_fortran };

/// What the header of a .npy file says. Order: C (last index fastest) unless `fortran_order`; little-endian.
struct npy_header {
    dtype type = dtype::f64;
    std::vector<std::size_t> shape;
    std::size_t data_offset = 0; ///< bytes before the first value
    bool fortran_order = false;  ///< and not the same as C order

    std::size_t value_count() const noexcept {
        std::size_t count = 1;
        for (const std::size_t n : shape) {
            count *= n;
        }
        return count;
    }
};

namespace detail {

/// "100 x 2"; "()" for a scalar.
inline std::string shape_text(std::span<const std::size_t> shape) {
    if (shape.empty()) {
        return "()";
    }
    std::string out;
    for (const std::size_t n : shape) {
        out += text(out.empty() ? "" : " x ", n);
    }
    return out;
}

/// The header's dictionary: the three keys NumPy writes, in any order, and no other.
class npy_dictionary {
public:
    npy_dictionary(std::string_view words, const std::string& path) : rest_(words), path_(path) {
        expect('{');
        while (!accept('}')) {
            const std::string key = quoted();
            expect(':');
            if (key == "descr") {
                descr = peek() == '\'' || peek() == '"' ? quoted() : structured();
            } else if (key == "fortran_order") {
                fortran_order = boolean();
            } else if (key == "shape") {
                shape = tuple();
            } else {
                fail(text("the key '", key, "'"));
            }
            if (!accept(',') && peek() != '}') {
                fail("a missing comma");
            }
        }
        if (!descr || !fortran_order || !shape) {
            fail("no descr, fortran_order or shape");
        }
    }
    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::size_t>> shape;

private:
    [[noreturn]] void fail(const std::string& what) const {
        throw file_error(path_, text(path_, " has a .npy header with ", what, "; write it again with numpy.save"));
    }
    void skip() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n' || rest_.front() == '\t')) {
            rest_.remove_prefix(1);
        }
    }
    char peek() {
        skip();
        return rest_.empty() ? '\0' : rest_.front();
    }
    bool accept(char c) {
        if (peek() != c) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c) {
        if (!accept(c)) {
            fail(text("no '", c, "' where one belongs"));
        }
    }
    std::string quoted() {
        const char quote = peek();
        if (quote != '\'' && quote != '"') {
            fail("a name without quotes");
        }
        rest_.remove_prefix(1);
        const std::size_t end = rest_.find(quote);
        if (end == std::string_view::npos) {
            fail("an unfinished name");
        }
        std::string out(rest_.substr(0, end));
        rest_.remove_prefix(end + 1);
        return out;
    }
    std::string structured() {
        throw file_error(path_, text(path_, " holds a structured array (named columns); save one plain array per file: "
                                            "numpy.save(path, a['name'])"));
    }
    bool boolean() {
        skip();
        for (const bool value : {true, false}) {
            const std::string_view word = value ? "True" : "False";
            if (rest_.starts_with(word)) {
                rest_.remove_prefix(word.size());
                return value;
            }
        }
        fail("a fortran_order that is neither True nor False");
    }
    std::vector<std::size_t> tuple() {
        std::vector<std::size_t> out;
        expect('(');
        while (!accept(')')) {
            skip();
            std::size_t n = 0;
            const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), n);
            if (problem != std::errc{}) {
                fail("a shape that is no list of whole numbers");
            }
            rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
            out.push_back(n);
            if (!accept(',') && peek() != ')') {
                fail("a shape without commas");
            }
        }
        return out;
    }

    std::string_view rest_;
    const std::string& path_;
};

inline dtype npy_dtype(const std::string& descr, const std::string& path) {
    struct known {
        std::string_view descr;
        dtype type;
    };
    static constexpr known types[] = {{"<f4", dtype::f32}, {"<f8", dtype::f64}, {"|i1", dtype::i8},
                                      {"|u1", dtype::u8},  {"|b1", dtype::u8},  {"<i2", dtype::i16},
                                      {"<u2", dtype::u16}, {"<i4", dtype::i32}, {"<u4", dtype::u32},
                                      {"<i8", dtype::i64}, {"<u8", dtype::u64}};
    for (const known& k : types) {
        if (descr == k.descr) {
            return k.type;
        }
    }
    if (descr.find('O') != std::string::npos) {
        throw file_error(
            path,
            text(path, " holds pickled Python objects, which are never read because they can run code; save numbers: "
                       "numpy.save(path, numpy.asarray(a, dtype=float))"));
    }
    if (descr.starts_with('>')) {
        throw file_error(path, text(path, " is big-endian ('", descr,
                                    "'); fieldreel reads little-endian; save it again with a.astype('<",
                                    descr.substr(1), "')"));
    }
    throw file_error(
        path, text(path, " holds values of type '", descr,
                   "'; allowed are float32, float64 and integers of 8 to 64 bits; convert with a.astype('float32')"));
}

} // namespace detail

/// Reads and checks the header of a .npy file, and that the file holds all the values it promises.
/// Errors: file_error for a file that is no .npy, is cut, is big-endian, in Fortran order (unless that is allowed),
/// holds objects, or has a type fieldreel does not read. Cost: one small read. Source: the NEP 1 format description,
/// versions 1.0, 2.0, 3.0.
inline npy_header read_npy_header(const read_only_file& file, npy_order allowed = npy_order::c_only) {
    const std::string& path = file.path();
    unsigned char start[12] = {};
    const std::uint64_t size = file.size();
    const std::size_t got = static_cast<std::size_t>((std::min)(size, std::uint64_t{sizeof start}));
    file.read(0, start, got);
    if (got < 10 || std::memcmp(start, "\x93NUMPY", 6) != 0) {
        throw file_error(
            path,
            detail::text(
                path, " is no .npy file: it does not start with NumPy's signature; write it with numpy.save, or open "
                      "raw numbers with open_raw"));
    }
    const unsigned version = start[6];
    if (version < 1 || version > 3) {
        throw file_error(path, detail::text(path, " is a .npy file of version ", version,
                                            "; versions 1 to 3 are read; write it again with numpy.save"));
    }
    const std::size_t prefix = version == 1 ? 10 : 12;
    const std::size_t length =
        version == 1 ? start[8] + 256u * start[9]
                     : start[8] + 256u * start[9] + 65536u * start[10] + std::size_t{16777216} * start[11];
    const auto cut = [&](std::uint64_t needed) {
        throw file_error(path, detail::text(path, " is cut: it has ", size, " bytes and its header promises ", needed,
                                            "; copy or write it again"));
    };
    if (size < prefix + length) {
        cut(prefix + length);
    }
    if (length > (std::size_t{1} << 20)) {
        throw file_error(path, detail::text(path, " has a .npy header of ", length,
                                            " bytes; plain arrays need under 1000; write it again with numpy.save"));
    }
    std::string words(length, '\0');
    file.read(prefix, words.data(), length);
    const detail::npy_dictionary dictionary(words, path);

    npy_header header;
    header.type = detail::npy_dtype(*dictionary.descr, path);
    header.shape = *dictionary.shape;
    header.data_offset = prefix + length;

    std::uint64_t bytes = size_of(header.type);
    std::size_t longer_than_one = 0;
    bool empty = false;
    for (const std::size_t n : header.shape) {
        longer_than_one += n > 1 ? 1 : 0;
        empty = empty || n == 0;
    }
    for (const std::size_t n : header.shape) {
        if (!empty && bytes > (std::uint64_t{1} << 62) / n) {
            throw file_error(path, detail::text(path, " promises an array of ", detail::shape_text(header.shape),
                                                " values, which no file can hold; write it again with numpy.save"));
        }
        bytes *= empty ? 0 : n;
    }
    header.fortran_order = *dictionary.fortran_order && longer_than_one > 1;
    if (header.fortran_order && allowed == npy_order::c_only) {
        throw file_error(path,
                         detail::text(path, " is stored in Fortran order (shape ", detail::shape_text(header.shape),
                                      "); frames must lie one after the other in C order; save it with "
                                      "numpy.save(path, numpy.ascontiguousarray(a))"));
    }
    if (size - header.data_offset < bytes) {
        cut(header.data_offset + bytes);
    }
    return header;
}

/// Writes a .npy file row by row: any length, no copy of the whole in memory. The file appears under its name only when
/// `finish` has returned; until then, and after an error, there is only `path + ".part"`, which the destructor removes.
/// Errors: file_error when the file cannot be made or the disk is full.
template <field_value T>
class npy_writer {
public:
    /// `row_shape`: the shape of one row; {} for a list of numbers, {2} for positions, {bins} for frames.
    explicit npy_writer(std::string path, std::vector<std::size_t> row_shape = {})
        : path_(std::move(path)), part_(path_ + ".part"), row_shape_(std::move(row_shape)) {
        for (const std::size_t n : row_shape_) {
            row_size_ *= n;
        }
        file_ = std::fopen(part_.c_str(), "wb");
        if (file_ == nullptr) {
            fail("cannot be created", "check that the folder exists and may be written");
        }
        try {
            write_header();
        } catch (...) {
            discard();
            throw;
        }
    }
    npy_writer(const npy_writer&) = delete;
    npy_writer& operator=(const npy_writer&) = delete;
    ~npy_writer() { discard(); }

    /// Appends whole rows. Errors: invalid_value for half rows and after finish; file_error when the disk is full.
    void write(std::span<const T> values) {
        check_open();
        if (row_size_ == 0 || values.size() % row_size_ != 0) {
            throw invalid_value("values", detail::text(values.size(), " values are no whole number of rows of ",
                                                       row_size_, " values; write whole rows to ", path_));
        }
        if (std::fwrite(values.data(), sizeof(T), values.size(), file_) != values.size()) {
            fail("cannot be written", "check that the disk is not full");
        }
        rows_ += values.size() / row_size_;
    }

    /// Completes the header and gives the file its name, replacing an older one. Errors: as write.
    void finish() {
        check_open();
        if (std::fseek(file_, 0, SEEK_SET) != 0) { // writes what is still in the buffer
            fail("cannot be written", "check that the disk is not full");
        }
        write_header();
        std::FILE* const file = std::exchange(file_, nullptr);
        if (std::fclose(file) != 0) {
            std::remove(part_.c_str());
            fail("cannot be written", "check that the disk is not full");
        }
#ifdef _WIN32
        std::remove(path_.c_str());
#endif
        if (std::rename(part_.c_str(), path_.c_str()) != 0) {
            std::remove(part_.c_str());
            fail("cannot be given its name", "check the folder");
        }
    }

private:
    void discard() noexcept {
        if (file_ != nullptr) {
            std::fclose(std::exchange(file_, nullptr));
            std::remove(part_.c_str());
        }
    }
    void check_open() const {
        if (file_ == nullptr) {
            throw invalid_value(
                "npy_writer",
                detail::text(path_, " is already finished; write all rows before finish, and call it once"));
        }
    }
    [[noreturn]] void fail(const char* what, const char* remedy) const {
        throw file_error(path_,
                         detail::text(path_, " ", what, " (", std::string_view(std::strerror(errno)), "); ", remedy));
    }
    void write_header() {
        constexpr char kinds[] = {'i', 'u', 'i', 'u', 'i', 'u', 'i', 'u', 'f', 'f'};
        std::string words =
            detail::text("{'descr': '", sizeof(T) == 1 ? '|' : '<', kinds[static_cast<std::size_t>(dtype_of<T>())],
                         sizeof(T), "', 'fortran_order': False, 'shape': (", rows_, ",");
        for (std::size_t k = 0; k < row_shape_.size(); ++k) {
            words += detail::text(" ", row_shape_[k], k + 1 < row_shape_.size() ? "," : "");
        }
        words += "), }";
        if (head_size_ == 0) { // room for as many rows as there may come, and the first value aligned: 128 for most
            head_size_ = (10 + words.size() + 20 + 1 + 63) / 64 * 64;
            head_size_ = (std::max)(head_size_, std::size_t{128});
        }
        const std::size_t length = head_size_ - 10;
        words.resize(length - 1, ' ');
        words += '\n';
        std::string head = "\x93NUMPY";
        head += '\x01';
        head += '\0';
        head += static_cast<char>(length % 256);
        head += static_cast<char>(length / 256);
        head += words;
        if (std::fwrite(head.data(), 1, head.size(), file_) != head.size()) {
            fail("cannot be written", "check that the disk is not full");
        }
    }

    std::string path_;
    std::string part_;
    std::vector<std::size_t> row_shape_;
    std::size_t row_size_ = 1;
    std::size_t head_size_ = 0;
    std::uint64_t rows_ = 0;
    std::FILE* file_ = nullptr;
};

/// Writes one array at once. Errors: as npy_writer.
template <field_value T>
void write_npy(const std::string& path, std::span<const T> values, std::vector<std::size_t> row_shape = {}) {
    npy_writer<T> writer(path, std::move(row_shape));
    writer.write(values);
    writer.finish();
}

} // namespace fieldreel::inline v0

#endif
