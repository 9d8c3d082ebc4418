// SPDX-License-Identifier: MIT
// HDF5 files: their datasets as numbers, words and frames.
#ifndef FIELDREEL_IMPORT_HDF5_HPP
#define FIELDREEL_IMPORT_HDF5_HPP

#if !__has_include(<hdf5.h>)
#error "fieldreel's HDF5 files need libhdf5: apt install libhdf5-dev, and the flags of pkg-config hdf5"
#endif

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <hdf5.h>

#include <fieldreel/cache/chunk_cache.hpp>
#include <fieldreel/cache/playhead.hpp>
#include <fieldreel/error.hpp>
#include <fieldreel/frame.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/file.hpp>
#include <fieldreel/source/frame_source.hpp>
#include <fieldreel/source/npy.hpp>
#include <fieldreel/source/raw_movie.hpp>
#include <fieldreel/source/samples.hpp>
#include <fieldreel/trace/point.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// libhdf5 may be built without threads: everything that calls it takes this.
inline std::recursive_mutex& hdf5_lock() {
    static std::recursive_mutex lock;
    return lock;
}

/// An identifier of libhdf5, closed by what opened it.
class hdf5_id {
public:
    hdf5_id() = default;
    hdf5_id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
    hdf5_id(hdf5_id&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    hdf5_id& operator=(hdf5_id&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~hdf5_id() {
        if (id_ >= 0) {
            const std::scoped_lock ours(hdf5_lock());
            close_(id_);
        }
    }
    operator hid_t() const noexcept { return id_; }
    bool ok() const noexcept { return id_ >= 0; }

private:
    hid_t id_ = -1;
    herr_t (*close_)(hid_t) = nullptr;
};

} // namespace detail

/// An HDF5 file opened for reading. A handle: copies share the file.
///
/// What a path leads to through links to other files, and datasets whose numbers are in other files, are refused: a
/// file reads itself and nothing else. Errors: file_error. One thread at a time is inside libhdf5.
class hdf5_file {
public:
    explicit hdf5_file(std::string path) : path_(std::move(path)) {
        const read_only_file exists(path_, access::pread); // or says why not
        char start[128] = {};
        exists.read(0, start, static_cast<std::size_t>((std::min)(exists.size(), std::uint64_t{sizeof start})));
        const std::scoped_lock ours(detail::hdf5_lock());
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); // what is wrong is said in sentences
        const detail::hdf5_id how(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
        H5Pset_fclose_degree(how, H5F_CLOSE_SEMI);
        auto file = std::make_shared<detail::hdf5_id>(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, how), H5Fclose);
        if (!file->ok()) {
            const std::string_view words(start, sizeof start);
            if (words.starts_with("MATLAB 5.0 MAT-file")) {
                throw file_error(path_, detail::text(path_,
                                                     " is a .mat file of the old kind; in MATLAB, convert it with: "
                                                     "m = load('",
                                                     path_, "'); save('", path_, "', '-struct', 'm', '-v7.3')"));
            }
            if (words.starts_with("CDF\x01") || words.starts_with("CDF\x02") || words.starts_with("CDF\x05")) {
                throw file_error(path_, detail::text(path_,
                                                     " is a netCDF-3 file, which is no HDF5; convert it with: "
                                                     "nccopy -k netCDF-4 ",
                                                     path_,
                                                     " OUT.nc, or save it by xarray with "
                                                     "to_netcdf(..., engine='netcdf4')"));
            }
            const bool signature = words.starts_with("\x89HDF\r\n\x1a\n");
            throw file_error(path_, signature ? detail::text(path_, " is cut or damaged: libhdf5 cannot open it; copy "
                                                                    "or write it again")
                                              : detail::text(path_, " is no HDF5 file; check what wrote it"));
        }
        file_ = std::move(file);
    }

    const std::string& path() const noexcept { return path_; }

    /// True when there is a dataset or group of that name, in this file.
    bool has(const std::string& name) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        for (std::size_t at = 0; at != std::string::npos;) {
            at = name.find('/', at + 1);
            const std::string part = name.substr(0, at);
            if (part.empty() || part == "/") {
                continue;
            }
            H5L_info_t link;
            if (H5Lexists(*file_, part.c_str(), H5P_DEFAULT) <= 0 ||
                H5Lget_info(*file_, part.c_str(), &link, H5P_DEFAULT) < 0 || link.type == H5L_TYPE_EXTERNAL) {
                return false;
            }
        }
        return name == "/" || H5Oexists_by_name(*file_, name.c_str(), H5P_DEFAULT) > 0;
    }
    bool is_group(const std::string& name) const { return kind_of(name) == H5O_TYPE_GROUP; }
    bool is_dataset(const std::string& name) const { return kind_of(name) == H5O_TYPE_DATASET; }
    /// The names in a group, in the order of the alphabet.
    std::vector<std::string> members(const std::string& group) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        std::vector<std::string> out;
        const detail::hdf5_id at(H5Gopen2(*file_, group.c_str(), H5P_DEFAULT), H5Gclose);
        H5G_info_t info;
        if (!at.ok() || H5Gget_info(at, &info) < 0) {
            return out;
        }
        for (hsize_t i = 0; i < info.nlinks; ++i) {
            const ssize_t length = H5Lget_name_by_idx(at, ".", H5_INDEX_NAME, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT);
            if (length > 0) {
                std::string name(static_cast<std::size_t>(length) + 1, '\0');
                H5Lget_name_by_idx(at, ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(), name.size(), H5P_DEFAULT);
                name.pop_back();
                out.push_back(std::move(name));
            }
        }
        return out;
    }
    /// The full names of all datasets, of the first 10 000 things that are there: groups may hold each other.
    std::vector<std::string> datasets() const {
        std::vector<std::string> out;
        std::vector<std::string> groups = {"/"};
        std::size_t seen = 0;
        for (std::size_t g = 0; g < groups.size() && seen < 10'000; ++g) {
            for (const std::string& name : members(groups[g])) {
                const std::string full = (groups[g] == "/" ? "/" : groups[g] + "/") + name;
                if (++seen > 10'000) {
                    break;
                }
                if (is_dataset(full)) {
                    out.push_back(full);
                } else if (is_group(full)) {
                    groups.push_back(full);
                }
            }
        }
        std::sort(out.begin(), out.end());
        return out;
    }

    /// Of a dataset; empty: one number. Errors: file_error, as the others below, when there is none of that name.
    std::vector<std::size_t> shape(const std::string& name) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        return shape_of(open(name));
    }
    /// The type of its numbers; nothing: words, tables or others. Half precision is float32.
    std::optional<dtype> type(const std::string& name) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        return type_of(open(name));
    }
    /// How its chunks lie; empty: in one piece.
    std::vector<std::size_t> chunks(const std::string& name) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        const detail::hdf5_id set = open(name);
        const detail::hdf5_id how(H5Dget_create_plist(set), H5Pclose);
        std::vector<hsize_t> sizes(shape_of(set).size());
        if (H5Pget_layout(how) != H5D_CHUNKED || H5Pget_chunk(how, static_cast<int>(sizes.size()), sizes.data()) < 0) {
            return {};
        }
        return {sizes.begin(), sizes.end()};
    }

    /// All numbers of a dataset, the last axis fastest. Errors: file_error for words, for more than `most` (before any
    /// memory is asked for), and where the file is damaged.
    std::vector<double> numbers(const std::string& name, std::uint64_t most = std::uint64_t{1} << 29) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        const detail::hdf5_id set = open(name);
        check_readable(set, name);
        if (!type_of(set)) {
            fail(name, "holds no numbers; name another dataset");
        }
        std::uint64_t count = 1;
        for (const std::size_t n : shape_of(set)) {
            if (n != 0 && count > most / n) {
                fail(name, detail::text("has more than ", most,
                                        " numbers, too many to be read at once; name it as a "
                                        "movie (--dataset)"));
            }
            count *= n;
        }
        std::vector<double> out(static_cast<std::size_t>(count));
        if (!out.empty() && H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()) < 0) {
            fail_read(name);
        }
        return out;
    }
    /// A list of words, or one. Errors: file_error when it holds none.
    std::vector<std::string> words(const std::string& name) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        const detail::hdf5_id set = open(name);
        check_readable(set, name);
        const detail::hdf5_id type(H5Dget_type(set), H5Tclose);
        const detail::hdf5_id space(H5Dget_space(set), H5Sclose);
        return words_of(name, type, space,
                        [&](hid_t as, void* out) { return H5Dread(set, as, H5S_ALL, H5S_ALL, H5P_DEFAULT, out); });
    }
    /// One member of a table of compounds (PyTables, pandas), an array per row: rows x columns.
    std::pair<std::vector<double>, std::size_t> table_member(const std::string& name, const std::string& member) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        const detail::hdf5_id set = open(name);
        check_readable(set, name);
        const detail::hdf5_id type(H5Dget_type(set), H5Tclose);
        const int index = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_member_index(type, member.c_str()) : -1;
        if (index < 0) {
            fail(name, detail::text("has no column '", member, "'; export it again"));
        }
        const detail::hdf5_id inner(H5Tget_member_type(type, static_cast<unsigned>(index)), H5Tclose);
        hsize_t columns = 1;
        if (H5Tget_class(inner) == H5T_ARRAY) {
            if (H5Tget_array_ndims(inner) != 1) {
                fail(name, "has rows of several axes; export it again");
            }
            H5Tget_array_dims2(inner, &columns);
        }
        const std::vector<std::size_t> rows = shape_of(set);
        if (rows.size() != 1 || columns == 0 || columns > (1U << 16) || rows[0] > (std::size_t{1} << 29) / columns) {
            fail(name, "has a shape that no table of poses has; export it again");
        }
        const detail::hdf5_id wanted(H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &columns), H5Tclose);
        const detail::hdf5_id as(H5Tcreate(H5T_COMPOUND, static_cast<std::size_t>(columns) * sizeof(double)), H5Tclose);
        const detail::hdf5_id& of_one = wanted;
        H5Tinsert(as, member.c_str(), 0,
                  H5Tget_class(inner) == H5T_ARRAY ? static_cast<hid_t>(of_one) : H5T_NATIVE_DOUBLE);
        std::vector<double> out(rows[0] * static_cast<std::size_t>(columns));
        if (!out.empty() && H5Dread(set, as, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()) < 0) {
            fail_read(name);
        }
        return {std::move(out), static_cast<std::size_t>(columns)};
    }

    /// An attribute of a dataset or group; nothing when it is not there or of another kind.
    std::optional<double> number_attribute(const std::string& of, const std::string& name) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        const detail::hdf5_id at = attribute(of, name);
        if (!at.ok()) {
            return std::nullopt;
        }
        const detail::hdf5_id type(H5Aget_type(at), H5Tclose);
        const detail::hdf5_id space(H5Aget_space(at), H5Sclose);
        double out = 0;
        if ((H5Tget_class(type) != H5T_FLOAT && H5Tget_class(type) != H5T_INTEGER) ||
            H5Sget_simple_extent_npoints(space) != 1 || H5Aread(at, H5T_NATIVE_DOUBLE, &out) < 0) {
            return std::nullopt;
        }
        return out;
    }
    /// The first word of an attribute; empty when it is not there or of another kind.
    std::string word_attribute(const std::string& of, const std::string& name) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        const detail::hdf5_id at = attribute(of, name);
        if (!at.ok()) {
            return {};
        }
        const detail::hdf5_id type(H5Aget_type(at), H5Tclose);
        const detail::hdf5_id space(H5Aget_space(at), H5Sclose);
        if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) < 1) {
            return {};
        }
        const auto all = words_of(of, type, space, [&](hid_t as, void* out) { return H5Aread(at, as, out); });
        return all.empty() ? std::string() : all.front();
    }
    /// The dimensions of a netCDF variable by the names of their coordinates: the attribute DIMENSION_LIST.
    std::vector<std::string> dimensions(const std::string& of) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        std::vector<std::string> out;
        const detail::hdf5_id at = attribute(of, "DIMENSION_LIST");
        if (!at.ok()) {
            return out;
        }
        const detail::hdf5_id type(H5Aget_type(at), H5Tclose);
        const detail::hdf5_id space(H5Aget_space(at), H5Sclose);
        const hssize_t count = H5Sget_simple_extent_npoints(space);
        const detail::hdf5_id super(H5Tget_super(type), H5Tclose);
        if (H5Tget_class(type) != H5T_VLEN || H5Tget_class(super) != H5T_REFERENCE || count < 1 || count > 32) {
            return out;
        }
        std::vector<hvl_t> lists(static_cast<std::size_t>(count));
        if (H5Aread(at, type, lists.data()) < 0) {
            return out;
        }
        for (const hvl_t& list : lists) {
            std::string name;
            if (list.len > 0 && H5Tget_size(super) == sizeof(hobj_ref_t)) {
                const detail::hdf5_id scale(H5Rdereference2(at, H5P_DEFAULT, H5R_OBJECT, list.p), H5Oclose);
                std::array<char, 256> words = {};
                if (scale.ok() && H5Iget_name(scale, words.data(), words.size()) > 0) {
                    name = words.data();
                }
            }
            out.push_back(name.starts_with('/') ? name.substr(1) : name);
        }
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, lists.data());
        return out;
    }

    // ---- for sources
    detail::hdf5_id open(const std::string& name) const {
        if (!has(name)) {
            throw file_error(path_, detail::text(path_, " has no dataset '", name,
                                                 "'; fieldreel reads no links to "
                                                 "other files; list what is there with h5ls -r"));
        }
        detail::hdf5_id out(H5Dopen2(*file_, name.c_str(), H5P_DEFAULT), H5Dclose);
        if (!out.ok()) {
            fail(name, "is no dataset; name one inside it");
        }
        return out;
    }
    void check_readable(const detail::hdf5_id& set, const std::string& name) const {
        const detail::hdf5_id how(H5Dget_create_plist(set), H5Pclose);
        if (H5Pget_external_count(how) > 0 || H5Pget_layout(how) == H5D_VIRTUAL) {
            fail(name, "keeps its numbers in other files, which are not read; copy it into one file (h5repack)");
        }
        for (int i = 0; i < H5Pget_nfilters(how); ++i) {
            unsigned flags = 0;
            unsigned config = 0;
            std::size_t values = 0;
            std::array<char, 64> words = {};
            const H5Z_filter_t id = H5Pget_filter2(how, static_cast<unsigned>(i), &flags, &values, nullptr,
                                                   words.size(), words.data(), &config);
            if (id >= 0 && H5Zfilter_avail(id) <= 0) {
                fail(name, detail::text("is packed by the filter ", static_cast<int>(id), " (",
                                        std::string_view(words.data()),
                                        "), which this libhdf5 lacks; install its plugin (such as "
                                        "hdf5-filter-plugin-blosc-serial), or repack it: h5repack -f GZIP=4"));
            }
        }
    }
    [[noreturn]] void fail(const std::string& name, const std::string& what) const {
        throw file_error(path_, detail::text(path_, "#", name, " ", what));
    }
    [[noreturn]] void fail_read(const std::string& name) const {
        fail(name, "cannot be read: the file is cut or damaged there; copy or write it again");
    }
    static std::vector<std::size_t> shape_of(const detail::hdf5_id& set) {
        const detail::hdf5_id space(H5Dget_space(set), H5Sclose);
        const int axes = H5Sget_simple_extent_ndims(space);
        if (H5Sget_simple_extent_type(space) == H5S_NULL) {
            return {0};
        }
        std::vector<hsize_t> sizes(static_cast<std::size_t>((std::max)(axes, 0)));
        H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
        return {sizes.begin(), sizes.end()};
    }
    static std::optional<dtype> type_of(const detail::hdf5_id& set) {
        detail::hdf5_id type(H5Dget_type(set), H5Tclose);
        if (H5Tget_class(type) == H5T_ENUM) { // truth values, as h5py stores them
            type = detail::hdf5_id(H5Tget_super(type), H5Tclose);
        }
        const std::size_t size = H5Tget_size(type);
        if (H5Tget_class(type) == H5T_FLOAT) {
            return size <= 4 ? dtype::f32 : dtype::f64;
        }
        if (H5Tget_class(type) != H5T_INTEGER || size > 8) {
            return std::nullopt;
        }
        const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;
        const unsigned step = size == 1 ? 0 : size == 2 ? 2 : size <= 4 ? 4 : 6;
        return static_cast<dtype>(step + (is_signed ? 0 : 1));
    }

private:
    int kind_of(const std::string& name) const {
        const std::scoped_lock ours(detail::hdf5_lock());
        if (!has(name)) {
            return -1;
        }
        const detail::hdf5_id at(H5Oopen(*file_, name.c_str(), H5P_DEFAULT), H5Oclose);
        const H5I_type_t kind = at.ok() ? H5Iget_type(at) : H5I_BADID;
        return kind == H5I_GROUP     ? static_cast<int>(H5O_TYPE_GROUP)
               : kind == H5I_DATASET ? static_cast<int>(H5O_TYPE_DATASET)
                                     : -1;
    }
    detail::hdf5_id attribute(const std::string& of, const std::string& name) const {
        if (!has(of) || H5Aexists_by_name(*file_, of.c_str(), name.c_str(), H5P_DEFAULT) <= 0) {
            return {};
        }
        return {H5Aopen_by_name(*file_, of.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose};
    }
    template <class Read>
    std::vector<std::string> words_of(const std::string& name, hid_t type, hid_t space, const Read& read) const {
        const hssize_t count = H5Sget_simple_extent_npoints(space);
        if (H5Tget_class(type) != H5T_STRING || count < 0 || count > (hssize_t{1} << 24)) {
            fail(name, "holds no words; name another");
        }
        std::vector<std::string> out(static_cast<std::size_t>(count));
        if (out.empty()) {
            return out;
        }
        if (H5Tis_variable_str(type) > 0) {
            std::vector<char*> all(out.size(), nullptr);
            const detail::hdf5_id as(H5Tcopy(type), H5Tclose);
            if (read(as, all.data()) < 0) {
                fail_read(name);
            }
            for (std::size_t i = 0; i < out.size(); ++i) {
                out[i] = all[i] == nullptr ? "" : all[i];
            }
            H5Dvlen_reclaim(as, space, H5P_DEFAULT, all.data());
            return out;
        }
        const std::size_t each = H5Tget_size(type);
        if (each > (std::size_t{1} << 20) || each * out.size() > (std::size_t{1} << 28)) {
            fail(name, "holds words that are too long");
        }
        std::vector<char> all(each * out.size());
        if (read(type, all.data()) < 0) {
            fail_read(name);
        }
        for (std::size_t i = 0; i < out.size(); ++i) {
            const std::string_view word(all.data() + i * each, each);
            out[i] = word.substr(0, word.find('\0'));
            while (!out[i].empty() && out[i].back() == ' ') {
                out[i].pop_back();
            }
        }
        return out;
    }

    std::string path_;
    std::shared_ptr<detail::hdf5_id> file_;
};

/// How the numbers of a dataset become values: fill becomes NaN, the others number * conversion + offset.
struct hdf5_values {
    double conversion = 1;
    double offset = 0;
    double fill = std::numeric_limits<double>::quiet_NaN(); ///< stands for "no value"
    bool rows_fastest = false;                              ///< MATLAB's: a frame is stored as its transpose

    bool changes() const noexcept { return conversion != 1 || offset != 0 || !std::isnan(fill); }
    template <std::floating_point T>
    void apply(std::span<T> values) const {
        if (!std::isnan(fill)) {
            const T none = static_cast<T>(fill);
            for (T& value : values) {
                value = value == none ? std::numeric_limits<T>::quiet_NaN() : value;
            }
        }
        if (conversion != 1 || offset != 0) {
            for (T& value : values) {
                value = static_cast<T>(static_cast<double>(value) * conversion + offset);
            }
        }
    }
};

/// What a dataset's attributes say of its values: `conversion` and `offset` (NWB), `scale_factor`, `add_offset` and
/// `_FillValue` or `missing_value` (netCDF).
inline hdf5_values values_stated(const hdf5_file& file, const std::string& name) {
    const auto said = [&](const char* nwb, const char* netcdf, double none) {
        const auto of_nwb = file.number_attribute(name, nwb);
        return of_nwb ? *of_nwb : file.number_attribute(name, netcdf).value_or(none);
    };
    return {.conversion = said("conversion", "scale_factor", 1),
            .offset = said("offset", "add_offset", 0),
            .fill = said("_FillValue", "missing_value", std::numeric_limits<double>::quiet_NaN())};
}

/// All numbers of a dataset as values. Errors: as hdf5_file::numbers.
inline std::vector<double> values_of(const hdf5_file& file, const std::string& name) {
    std::vector<double> out = file.numbers(name);
    values_stated(file, name).apply(std::span<double>(out));
    return out;
}

/// A dataset whose first axis counts frames: (frames, bins) or (frames, rows, columns). One reader at a time. Made by
/// open_hdf5, which puts a cache of the dataset's own chunks before it.
template <field_value T>
class hdf5_source {
public:
    using value_type = T;

    /// Errors: file_error for other shapes and for what cannot be read.
    hdf5_source(hdf5_file file, std::string name, const hdf5_values& values = {})
        : file_(std::move(file)), name_(std::move(name)), values_(values) {
        const std::scoped_lock ours(detail::hdf5_lock());
        set_ = std::make_shared<detail::hdf5_id>(file_.open(name_));
        file_.check_readable(*set_, name_);
        shape_ = hdf5_file::shape_of(*set_);
        if (shape_.size() < 2 || shape_.size() > 4 || std::find(shape_.begin(), shape_.end(), 0u) != shape_.end()) {
            file_.fail(name_, detail::text("has the shape ", detail::shape_text(shape_),
                                           "; allowed are (frames, bins) and (frames, rows, columns)"));
        }
        constexpr std::size_t most_frames = 2'147'483'646; // of a chunk_cache
        if (shape_[0] > most_frames) {
            file_.fail(name_, detail::text("has the shape ", detail::shape_text(shape_), "; at most ", most_frames,
                                           " frames are played; is the first axis that of time?"));
        }
        constexpr std::size_t most = std::size_t{1} << 28;
        for (std::size_t k = 1; k < shape_.size(); ++k) {
            if (frame_size_ > most / shape_[k]) {
                file_.fail(name_, detail::text("has the shape ", detail::shape_text(shape_), "; a frame has at most ",
                                               most, " values; is the first axis that of time?"));
            }
            frame_size_ *= shape_[k];
        }
        if (shape_.size() == 3) {
            frame_shape_ = values.rows_fastest ? fieldreel::image_shape{shape_[2], shape_[1]}
                                               : fieldreel::image_shape{shape_[1], shape_[2]};
        }
    }

    std::size_t frame_count() const noexcept { return shape_[0]; }
    std::size_t frame_size() const noexcept { return frame_size_; }
    std::optional<fieldreel::image_shape> frame_shape() const noexcept { return frame_shape_; }
    /// Frames that lie in one chunk of the file; 1 when it is in one piece.
    std::size_t chunk_frames() const {
        const auto chunk = file_.chunks(name_);
        return chunk.empty() ? 1 : chunk[0];
    }

    /// Errors: frame_out_of_range; file_error where the file is damaged.
    void read(std::size_t first, std::span<T> out) const {
        FIELDREEL_TRACE_SPAN("hdf5.read");
        const std::size_t frames = detail::check_read(*this, first, out.size());
        if (frames == 0) {
            return;
        }
        const std::scoped_lock ours(detail::hdf5_lock());
        std::vector<hsize_t> start(shape_.size(), 0);
        std::vector<hsize_t> count(shape_.begin(), shape_.end());
        start[0] = first;
        count[0] = frames;
        const detail::hdf5_id from(H5Dget_space(*set_), H5Sclose);
        const detail::hdf5_id to(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose);
        if (H5Sselect_hyperslab(from, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr) < 0 ||
            H5Dread(*set_, native(), to, from, H5P_DEFAULT, out.data()) < 0) {
            file_.fail_read(name_);
        }
        if constexpr (std::is_floating_point_v<T>) {
            values_.apply(out);
        }
        if (values_.rows_fastest && frame_shape_) {
            turn(out, frames);
        }
    }

private:
    static hid_t native() {
        if constexpr (std::is_same_v<T, float>) {
            return H5T_NATIVE_FLOAT;
        } else if constexpr (std::is_same_v<T, double>) {
            return H5T_NATIVE_DOUBLE;
        } else if constexpr (std::is_signed_v<T>) {
            return sizeof(T) == 1   ? H5T_NATIVE_INT8
                   : sizeof(T) == 2 ? H5T_NATIVE_INT16
                   : sizeof(T) == 4 ? H5T_NATIVE_INT32
                                    : H5T_NATIVE_INT64;
        } else {
            return sizeof(T) == 1   ? H5T_NATIVE_UINT8
                   : sizeof(T) == 2 ? H5T_NATIVE_UINT16
                   : sizeof(T) == 4 ? H5T_NATIVE_UINT32
                                    : H5T_NATIVE_UINT64;
        }
    }
    void turn(std::span<T> out, std::size_t frames) const {
        const auto [rows, cols] = *frame_shape_;
        std::vector<T> stored(frame_size_);
        for (std::size_t f = 0; f < frames; ++f) {
            T* const frame = out.data() + f * frame_size_;
            std::copy(frame, frame + frame_size_, stored.begin());
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t col = 0; col < cols; ++col) {
                    frame[row * cols + col] = stored[col * rows + row];
                }
            }
        }
    }

    hdf5_file file_;
    std::string name_;
    hdf5_values values_;
    std::shared_ptr<detail::hdf5_id> set_;
    std::vector<std::size_t> shape_;
    std::size_t frame_size_ = 1;
    std::optional<fieldreel::image_shape> frame_shape_;
};

/// A dataset as frames, in its own type; with a conversion or fill value, integers become float32, those of 32 bits and
/// more float64. What its attributes say of its values (values_stated) is applied where `values` does not say
/// otherwise. Behind a cache whose chunks are those of the file (up to 64 MB: of larger ones libhdf5 unpacks some
/// again), or about 1 MB of it, read ahead by one thread.
/// Shape: the first axis counts frames; of two more, (rows, columns). Errors: those of hdf5_source.
/// Cost: opening reads the description of the dataset, whatever its size.
inline any_source open_hdf5(const hdf5_file& file, const std::string& name, std::optional<hdf5_values> values = {}) {
    const auto type = file.type(name);
    if (!type) {
        file.fail(name, "holds no numbers; name another dataset");
    }
    if (!values) {
        values = values_stated(file, name);
    }
    const bool whole = *type != dtype::f32 && *type != dtype::f64;
    const dtype real = size_of(*type) < 4 ? dtype::f32 : dtype::f64;
    return visit_dtype(whole && values->changes() ? real : *type, [&]<class T>(std::type_identity<T>) {
        const hdf5_source<T> frames(file, name, *values);
        const std::size_t frame = frames.frame_size() * sizeof(T);
        cache_options how;
        std::size_t together = frames.chunk_frames();
        if (together == 1) { // lies in one piece, or frame by frame
            together = (std::max)(std::size_t{1}, (std::min)((std::size_t{1} << 20) / frame, std::size_t{64}));
        }
        const std::size_t fit = (std::max)(std::size_t{1}, (std::size_t{64} << 20) / frame);
        how.chunk_size = (std::min)({together, fit, frames.frame_count()});
        how.max_bytes = (std::max)(std::size_t{64} << 20, 4 * *how.chunk_size * frame);
        auto held = frames | cached<playhead>(how);
        const auto shape = frames.frame_shape();
        return shape ? any_source(detail::shaped_frames<decltype(held)>(std::move(held), *shape))
                     : any_source(std::move(held));
    });
}

/// Opens "FILE#/dataset" for sessions; "FILE#/dataset@F" for frames whose rows are fastest (MATLAB's).
inline file_opener hdf5_opener() {
    return {.endings = {".h5", ".hdf5", ".nwb", ".nc", ".mat"},
            .table =
                [](const std::string& path, const std::string& part, const open_options&) {
                    const hdf5_file file(path);
                    std::vector<std::size_t> shape = file.shape(part);
                    std::size_t columns = 1;
                    for (std::size_t k = 1; k < shape.size(); ++k) {
                        columns *= shape[k];
                    }
                    return stored_table{samples(values_of(file, part), (std::max)(columns, std::size_t{1})),
                                        std::move(shape)};
                },
            .frames =
                [](const std::string& path, const std::string& part, const open_options&) {
                    const hdf5_file file(path);
                    const bool turned = part.ends_with("@F");
                    const std::string name = turned ? part.substr(0, part.size() - 2) : part;
                    hdf5_values how = values_stated(file, name);
                    how.rows_fastest = turned;
                    return open_hdf5(file, name, how);
                }};
}

} // namespace fieldreel::inline v0

#endif
