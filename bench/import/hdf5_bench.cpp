// SPDX-License-Identifier: MIT
// Frames of a packed HDF5 dataset, played through the cache, against a plain loop of H5Dread over the same slabs; and
// opening a dataset of 20 GB.
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include <benchmark/benchmark.h>
#include <hdf5.h>

#include <fieldreel/import/hdf5.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim registered{"import.hdf5_stream_vs_h5dread", "ms", "≥ 0.8"};
const bench::claim opening{"import.open_hdf5_20_GB", "ms", ""};

constexpr hsize_t frames = 1024, rows = 64, cols = 64, together = 16;

class dataset_file {
public:
    dataset_file() {
        path_ = (std::filesystem::temp_directory_path() / ("fieldreel_bench_" + std::to_string(::getpid()) + ".h5"))
                    .string();
        const hid_t file = H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        const hsize_t shape[3] = {frames, rows, cols};
        const hsize_t chunk[3] = {together, rows, cols};
        const hid_t space = H5Screate_simple(3, shape, nullptr);
        const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_chunk(how, 3, chunk);
        H5Pset_shuffle(how);
        H5Pset_deflate(how, 4);
        const hid_t set = H5Dcreate2(file, "f", H5T_IEEE_F32LE, space, H5P_DEFAULT, how, H5P_DEFAULT);
        std::vector<float> values(frames * rows * cols);
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = static_cast<float>(i * 31 % 997);
            sum_ += static_cast<double>(values[i]);
        }
        H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
        H5Dclose(set);
        H5Pclose(how);
        H5Sclose(space);
        H5Fclose(file);
    }
    ~dataset_file() { std::remove(path_.c_str()); }
    const std::string& path() const { return path_; }
    double sum() const { return sum_; }

private:
    std::string path_;
    double sum_ = 0;
};
const dataset_file& file() {
    static const dataset_file made;
    return made;
}

void ours(benchmark::State& state) {
    file(); // is made before the clock runs
    for (auto _ : state) {
        const fr::any_source source = fr::open_hdf5(fr::hdf5_file(file().path()), "/f");
        auto cursor = source.cursor();
        double sum = 0;
        for (std::size_t i = 0; i < frames; ++i) {
            cursor.hint({.frame = i, .frames_per_s = 1000});
            for (const float value : cursor.frame(i).as<float>()) {
                sum += static_cast<double>(value);
            }
        }
        if (sum != file().sum()) {
            state.SkipWithError("the values are not those that were written");
        }
    }
}
BENCHMARK(ours)->Name("import.hdf5_stream_vs_h5dread/ours")->Unit(benchmark::kMillisecond)->UseRealTime();

void plain(benchmark::State& state) {
    file(); // is made before the clock runs
    std::vector<float> slab(together * rows * cols);
    for (auto _ : state) {
        const hid_t opened = H5Fopen(file().path().c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
        const hid_t set = H5Dopen2(opened, "f", H5P_DEFAULT);
        double sum = 0;
        for (hsize_t first = 0; first < frames; first += together) {
            const hsize_t start[3] = {first, 0, 0};
            const hsize_t count[3] = {together, rows, cols};
            const hid_t from = H5Dget_space(set);
            const hid_t to = H5Screate_simple(3, count, nullptr);
            H5Sselect_hyperslab(from, H5S_SELECT_SET, start, nullptr, count, nullptr);
            H5Dread(set, H5T_NATIVE_FLOAT, to, from, H5P_DEFAULT, slab.data());
            H5Sclose(to);
            H5Sclose(from);
            for (const float value : slab) {
                sum += static_cast<double>(value);
            }
        }
        H5Dclose(set);
        H5Fclose(opened);
        if (sum != file().sum()) {
            state.SkipWithError("the values are not those that were written");
        }
    }
}
BENCHMARK(plain)->Name("import.hdf5_stream_vs_h5dread/peer")->Unit(benchmark::kMillisecond)->UseRealTime();

/// 500 000 frames of 10 000 float32 in one piece, whose place in the file is taken and never written: all holes.
class sparse_dataset {
public:
    sparse_dataset() {
        path_ = (std::filesystem::temp_directory_path() / ("fieldreel_bench_" + std::to_string(::getpid()) + "_20.h5"))
                    .string();
        const hid_t file = H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        const hsize_t shape[2] = {500000, 10000};
        const hid_t space = H5Screate_simple(2, shape, nullptr);
        const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY);
        H5Pset_fill_time(how, H5D_FILL_TIME_NEVER);
        H5Dclose(H5Dcreate2(file, "f", H5T_IEEE_F32LE, space, H5P_DEFAULT, how, H5P_DEFAULT));
        H5Pclose(how);
        H5Sclose(space);
        H5Fclose(file);
    }
    ~sparse_dataset() { std::remove(path_.c_str()); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

void open(benchmark::State& state) {
    static const sparse_dataset made;
    if (std::filesystem::file_size(made.path()) < 20'000'000'000) {
        state.SkipWithError("the file is smaller than 20 GB");
        return;
    }
    for (auto _ : state) {
        const fr::any_source source = fr::open_hdf5(fr::hdf5_file(made.path()), "/f");
        auto cursor = source.cursor();
        if (source.frame_count() != 500000 || source.frame_size() != 10000 || cursor.frame(499999)[9999] != 0) {
            state.SkipWithError("the dataset is not what was written");
            return;
        }
    }
}
BENCHMARK(open)->Name("import.open_hdf5_20_GB/ours")->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
