// SPDX-License-Identifier: MIT
// An HDF5 file with the names that programs give, and any shapes, types, values and words behind them, is a session
// whose first and last frames are read, or an error of ours. (Any bytes at all would test libhdf5, not what is here.)
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <string>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>
#include <hdf5.h>
#include <unistd.h>

#include <fieldreel/import/hdf5_recording.hpp>
#include <fieldreel/session/session.hpp>

#include "../support/made_hdf5.hpp"

namespace {

namespace fr = fieldreel;

/// Writes what is expected, now and then something else.
class maker {
public:
    maker(FuzzedDataProvider& in, support::made_hdf5& file, bool promises)
        : in_(in), file_(file), promises_(promises) {}

    bool rarely() { return in_.ConsumeIntegral<std::uint8_t>() > 235; }
    double number() {
        static constexpr double odd[] = {-1, 0, 1, 2, 0.5, 1e300, -1e300, 1e-300, 4294967296.0, 9.3e18};
        switch (in_.ConsumeIntegral<std::uint8_t>() % 8) {
        case 0: return in_.ConsumeFloatingPoint<double>();
        case 1: return odd[in_.ConsumeIntegralInRange<std::size_t>(0, std::size(odd) - 1)];
        case 2: return std::nan("");
        default: return last_ += in_.ConsumeIntegral<std::uint8_t>() / 16;
        }
    }
    std::string word(const char* expected) { return rarely() ? in_.ConsumeRandomLengthString(20) : expected; }
    void group(const char* path) { file_.group(path); }
    void numbers(const char* path, std::vector<hsize_t> shape, const std::vector<const char*>& dims = {}) {
        if (rarely()) {
            return; // is not there
        }
        bend(shape);
        if (promises_ && rarely()) { // more numbers than anybody reads at once
            shape[in_.ConsumeIntegralInRange<std::size_t>(0, shape.size() - 1)] =
                hsize_t{1} << in_.ConsumeIntegralInRange<unsigned>(31, 62);
            file_.numbers(path, shape, {});
            if (!dims.empty()) {
                dimension_list(path, dims);
            }
            return;
        }
        std::size_t count = 1;
        for (const hsize_t n : shape) {
            count *= static_cast<std::size_t>(n);
        }
        last_ = 0;
        std::vector<double> values;
        for (std::size_t i = 0; i < count; ++i) {
            values.push_back(number());
        }
        const hid_t types[] = {H5T_IEEE_F64LE, H5T_IEEE_F32LE, H5T_STD_I16LE, H5T_STD_I64LE, H5T_STD_U8BE};
        const hid_t type = types[rarely() ? in_.ConsumeIntegralInRange<std::size_t>(0, 4) : 0];
        file_.numbers(path, shape, values, type);
        if (!dims.empty()) {
            dimension_list(path, dims);
        }
        for (const char* const name : {"conversion", "offset", "scale_factor", "add_offset", "_FillValue", "rate"}) {
            if (rarely()) {
                attribute(path, name, number());
            }
        }
    }
    void words(const char* path, const std::vector<const char*>& expected) {
        if (rarely()) {
            numbers(path, {expected.size()});
            return;
        }
        std::vector<std::string> own;
        for (const char* const one : expected) {
            own.push_back(word(one));
        }
        if (rarely()) {
            own.pop_back();
        }
        file_.words(path, own);
    }
    void attribute(const char* of, const char* name, double value) { file_.attribute(of, name, value); }
    void attribute(const char* of, const char* name, const char* expected) {
        file_.attribute(of, name, word(expected));
    }

private:
    void bend(std::vector<hsize_t>& shape) {
        if (rarely()) {
            shape.resize(in_.ConsumeIntegralInRange<std::size_t>(1, 5), 2);
        }
        for (hsize_t& n : shape) {
            n = rarely() ? in_.ConsumeIntegralInRange<hsize_t>(0, 5) : n;
        }
    }
    void dimension_list(const char* of, std::vector<const char*> dims) {
        for (const char*& one : dims) {
            one = rarely() ? nullptr : one;
        }
        file_.dimensions(of, dims);
    }

    FuzzedDataProvider& in_;
    support::made_hdf5& file_;
    bool promises_;
    double last_ = 0;
};

void posterior(maker& make, unsigned kind) {
    make.numbers("/time", {3});
    if (make.rarely()) {
        make.attribute("/", "time_unit", "seconds");
    }
    make.numbers("/x_position", {kind == 2 ? 8U : 2U});
    make.numbers("/y_position", {kind == 2 ? 8U : 2U});
    if (kind == 0) {
        make.numbers("/acausal_posterior", {3, 2, 2}, {"/time", "/x_position", "/y_position"});
    } else if (kind == 1) {
        make.words("/state", {"a", "b"});
        make.numbers("/posterior", {3, 2, 2, 2}, {"/time", "/state", "/y_position", "/x_position"});
    } else if (kind == 2) {
        make.words("/state", {"a", "a", "a", "a", "b", "b", "b", "b"});
        make.numbers("/state_bins", {8});
        make.attribute("/state_bins", "NAME", "This is a netCDF dimension but not a netCDF variable");
        make.numbers("/acausal_posterior", {3, 8}, {"/time", "/state_bins"});
    } else {
        make.words("/state", {"a", "b"});
        make.numbers("/state_bins", {8});
        make.attribute("/state_bins", "compress", "state x_position y_position");
        make.numbers("/acausal_posterior", {3, 8}, {"/time", "/state_bins"});
    }
}
void neurodata(maker& make) {
    make.attribute("/", "nwb_version", "2.6.0");
    for (const char* const name : {"/p", "/hd", "/pose", "/trials", "/video"}) {
        make.group(name);
    }
    make.attribute("/p", "neurodata_type", "SpatialSeries");
    make.numbers("/p/data", {4, 2});
    make.numbers("/p/timestamps", {4});
    make.attribute("/hd", "neurodata_type", "SpatialSeries");
    make.numbers("/hd/data", {4});
    make.numbers("/hd/starting_time", {1});
    make.attribute("/pose", "neurodata_type", "PoseEstimation");
    for (const char* const name : {"/pose/a_nose", "/pose/a_tail"}) {
        make.group(name);
        make.attribute(name, "neurodata_type", "PoseEstimationSeries");
        make.numbers((std::string(name) + "/data").c_str(), {4, 2});
        make.numbers((std::string(name) + "/timestamps").c_str(), {4});
        make.numbers((std::string(name) + "/confidence").c_str(), {4});
    }
    make.words("/pose/nodes", {"a_nose", "a_tail"});
    make.numbers("/pose/edges", {1, 2});
    make.attribute("/trials", "neurodata_type", "TimeIntervals");
    make.numbers("/trials/start_time", {3});
    make.numbers("/trials/stop_time", {3});
    make.words("/trials/label", {"left", "right", "left"});
    make.attribute("/video", "neurodata_type", "ImageSeries");
    make.words("/video/external_file", {"film.mp4", "/etc/film.mp4"});
    make.numbers("/units/spike_times", {6});
    make.numbers("/units/spike_times_index", {2});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider in(data, size);
    static const std::string path = "/dev/shm/fieldreel_fuzz_" + std::to_string(::getpid()) + ".h5";
    const unsigned choice = in.ConsumeIntegralInRange<unsigned>(0, 15);
    const unsigned kind = choice % 8;
    {
        support::made_hdf5 file(path);
        maker make(in, file, choice > 7);
        if (kind < 4) {
            posterior(make, kind);
        } else if (kind == 4) {
            neurodata(make);
        } else if (kind == 5) { // SLEAP
            make.numbers("/tracks", {2, 2, 3, 4});
            make.words("/node_names", {"a", "b", "c"});
            make.words("/track_names", {"m", "f"});
            make.numbers("/edge_inds", {2, 2});
            make.numbers("/point_scores", {2, 3, 4});
        } else if (kind == 6) { // movement
            make.numbers("/time", {4});
            make.words("/space", {"x", "y"});
            make.words("/keypoints", {"a", "b", "c"});
            make.words("/individuals", {"m", "f"});
            make.numbers("/position", {4, 2, 3, 2}, {"/time", "/space", "/keypoints", "/individuals"});
            make.numbers("/confidence", {4, 3, 2}, {"/time", "/keypoints", "/individuals"});
        } else { // MATLAB
            make.numbers("/t", {1, 4});
            make.numbers("/pos", {2, 4});
            make.numbers("/hd", {1, 4});
            make.numbers("/spikes_1", {1, 3});
            make.numbers("/stack", {4, 2, 3});
        }
    }
    try {
        fr::recording_import found({.fps = 30});
        fr::import_hdf5(found, path);
        const fr::session made = fr::open_session(fr::files_of(found, {fr::hdf5_opener()}));
        for (const fr::session_field& field : made.fields) {
            if (field.space && field.kind != fr::field_kind::other) {
                const fr::any_source frames = fr::in_active_order(field, *field.space);
                auto cursor = frames.cursor();
                cursor.frame(0);
                cursor.frame(frames.frame_count() - 1);
            }
        }
    } catch (const fr::error&) {
    }
    std::remove(path.c_str());
    return 0;
}
