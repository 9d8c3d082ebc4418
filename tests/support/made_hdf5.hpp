// SPDX-License-Identifier: MIT
// A small HDF5 file, made for a test.
#ifndef FIELDREEL_TESTS_SUPPORT_MADE_HDF5_HPP
#define FIELDREEL_TESTS_SUPPORT_MADE_HDF5_HPP

#include <cstddef>
#include <string>
#include <vector>

#include <hdf5.h>

namespace support {

/// Written when it goes. Groups on the way to a name are made.
class made_hdf5 {
public:
    explicit made_hdf5(const std::string& path) : parents_(H5Pcreate(H5P_LINK_CREATE)) {
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
        H5Pset_create_intermediate_group(parents_, 1);
        const hid_t in_memory = H5Pcreate(H5P_FILE_ACCESS);
        H5Pset_fapl_core(in_memory, std::size_t{1} << 16, true);
        file_ = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, in_memory);
        H5Pclose(in_memory);
    }
    made_hdf5(const made_hdf5&) = delete;
    made_hdf5& operator=(const made_hdf5&) = delete;
    ~made_hdf5() {
        H5Pclose(parents_);
        H5Fclose(file_);
    }
    hid_t file() const { return file_; }

    void group(const char* path) { H5Gclose(H5Gcreate2(file_, path, parents_, H5P_DEFAULT, H5P_DEFAULT)); }
    /// Without values the file only says that they are there: a promise of any size costs nothing.
    void numbers(const char* path, const std::vector<hsize_t>& shape, const std::vector<double>& values,
                 hid_t type = H5T_IEEE_F64LE) {
        const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
        const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_alloc_time(how, H5D_ALLOC_TIME_LATE);
        const hid_t set = H5Dcreate2(file_, path, type, space, parents_, how, H5P_DEFAULT);
        if (set >= 0 && !values.empty()) {
            H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
        }
        H5Dclose(set);
        H5Pclose(how);
        H5Sclose(space);
    }
    void words(const char* path, const std::vector<std::string>& words) {
        std::vector<const char*> all;
        for (const std::string& one : words) {
            all.push_back(one.c_str());
        }
        const hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, H5T_VARIABLE);
        const hsize_t count = all.size();
        const hid_t space = H5Screate_simple(1, &count, nullptr);
        const hid_t set = H5Dcreate2(file_, path, type, space, parents_, H5P_DEFAULT, H5P_DEFAULT);
        if (set >= 0 && count > 0) {
            H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, all.data());
        }
        H5Dclose(set);
        H5Sclose(space);
        H5Tclose(type);
    }
    void attribute(const char* of, const char* name, double value) {
        const hid_t space = H5Screate(H5S_SCALAR);
        const hid_t at =
            H5Acreate_by_name(file_, of, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(at, H5T_NATIVE_DOUBLE, &value);
        H5Aclose(at);
        H5Sclose(space);
    }
    void attribute(const char* of, const char* name, const std::string& value) {
        const hid_t type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, value.size() + 1);
        const hid_t space = H5Screate(H5S_SCALAR);
        const hid_t at = H5Acreate_by_name(file_, of, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(at, type, value.c_str());
        H5Aclose(at);
        H5Sclose(space);
        H5Tclose(type);
    }
    /// netCDF's DIMENSION_LIST: for each axis the dataset of its coordinate; one that is not there, or nullptr, is
    /// none.
    void dimensions(const char* of, const std::vector<const char*>& coordinates) {
        const hid_t set = H5Dopen2(file_, of, H5P_DEFAULT);
        std::vector<hobj_ref_t> scales(coordinates.size());
        std::vector<hvl_t> lists(coordinates.size());
        for (std::size_t i = 0; i < coordinates.size(); ++i) {
            const bool there =
                coordinates[i] != nullptr && H5Rcreate(&scales[i], file_, coordinates[i], H5R_OBJECT, -1) >= 0;
            lists[i] = {there ? std::size_t{1} : std::size_t{0}, &scales[i]};
        }
        const hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ);
        const hsize_t count = coordinates.size();
        const hid_t space = H5Screate_simple(1, &count, nullptr);
        const hid_t at = H5Acreate2(set, "DIMENSION_LIST", type, space, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(at, type, lists.data());
        H5Aclose(at);
        H5Sclose(space);
        H5Tclose(type);
        H5Dclose(set);
    }

private:
    hid_t parents_;
    hid_t file_ = -1;
};

} // namespace support

#endif
