// SPDX-License-Identifier: MIT
// Opening an array of 20 GB, in an archive or by itself: a directory and a header, whatever its size.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <benchmark/benchmark.h>

#include <fieldreel/import/npz.hpp>
#include <fieldreel/source/any_source.hpp>

#include "support/claim.hpp"

namespace {

namespace fr = fieldreel;

const bench::claim archived{"import.open_npz_20_GB", "ms", ""};
const bench::claim alone{"import.open_npy_20_GB", "ms", ""};

std::string temporary(const char* ending) {
    return (std::filesystem::temp_directory_path() / ("fieldreel_bench_" + std::to_string(::getpid()) + ending))
        .string();
}

std::string little(std::uint64_t value, std::size_t width) {
    std::string out;
    for (std::size_t k = 0; k < width; ++k) {
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * k)));
    }
    return out;
}

/// The start of 500 000 frames of 10 000 float32.
std::string header() {
    std::string words = "{'descr': '<f4', 'fortran_order': False, 'shape': (500000, 10000), }";
    words.resize(117, ' ');
    return std::string("\x93NUMPY\x01\0", 8) + little(words.size() + 1, 2) + words + "\n";
}
constexpr std::uint64_t bytes = std::uint64_t{4} * 500000 * 10000;

/// That array, all holes, stored as numpy.savez lays it out (zip64).
class sparse_archive {
public:
    sparse_archive() {
        const std::string head = header();
        const std::uint64_t size = head.size() + bytes;
        const std::string ones = little(0xffffffff, 4) + little(0xffffffff, 4);
        const std::string start = "PK\3\4" + little(45, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(0, 4) +
                                  ones + little(5, 2) + little(20, 2) + "f.npy" + little(1, 2) + little(16, 2) +
                                  little(size, 8) + little(size, 8);
        const std::string entry = "PK\1\2" + little(45, 2) + little(45, 2) + little(0, 2) + little(0, 2) +
                                  little(0, 4) + little(0, 4) + ones + little(5, 2) + little(20, 2) + little(0, 2) +
                                  little(0, 2) + little(0, 2) + little(0, 4) + little(0, 4) + "f.npy" + little(1, 2) +
                                  little(16, 2) + little(size, 8) + little(size, 8);
        const std::uint64_t directory = start.size() + size;
        const std::uint64_t end64 = directory + entry.size();
        const std::string tail = entry + "PK\6\6" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4) +
                                 little(0, 4) + little(1, 8) + little(1, 8) + little(entry.size(), 8) +
                                 little(directory, 8) + "PK\6\7" + little(0, 4) + little(end64, 8) + little(1, 4) +
                                 "PK\5\6" + little(0, 4) + little(0xffff, 2) + little(0xffff, 2) + ones + little(0, 2);
        std::ofstream(path_, std::ios::binary) << start << head;
        std::filesystem::resize_file(path_, directory);
        std::ofstream(path_, std::ios::binary | std::ios::app) << tail;
    }
    ~sparse_archive() { std::remove(path_.c_str()); }
    const std::string& path() const { return path_; }

private:
    std::string path_ = temporary(".npz");
};

/// The same array by itself, as numpy.save does it.
class sparse_array {
public:
    sparse_array() {
        const std::string head = header();
        std::ofstream(path_, std::ios::binary) << head;
        std::filesystem::resize_file(path_, head.size() + bytes);
    }
    ~sparse_array() { std::remove(path_.c_str()); }
    const std::string& path() const { return path_; }

private:
    std::string path_ = temporary(".npy");
};

template <class Open>
void opened(benchmark::State& state, const Open& open) {
    for (auto _ : state) {
        const fr::any_source frames = open();
        auto cursor = frames.cursor();
        if (frames.frame_count() != 500000 || frames.frame_size() != 10000 || cursor.frame(499999)[9999] != 0) {
            state.SkipWithError("the array is not what was written");
            return;
        }
    }
}
void open_archive(benchmark::State& state) {
    static const sparse_archive file;
    opened(state, [&] { return fr::npz_archive(file.path()).frames("f"); });
}
void open_array(benchmark::State& state) {
    static const sparse_array file;
    opened(state, [&] { return fr::open_npy(file.path()); });
}
BENCHMARK(open_archive)->Name("import.open_npz_20_GB/ours")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(open_array)->Name("import.open_npy_20_GB/ours")->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
