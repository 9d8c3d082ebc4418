// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <fieldreel/import/netcdf.hpp>
#include <fieldreel/session/session.hpp>

#include "support/made_hdf5.hpp"
#include "support/sentence.hpp"
#include "support/temporary_directory.hpp"

namespace fr = fieldreel;
using support::sentence_of;

namespace {

std::string golden(const char* name) {
    return std::string(FIELDREEL_TEST_DIR) + "/golden/" + name;
}
fr::session opened(fr::recording_import& found) {
    return fr::open_session(fr::files_of(found, {fr::hdf5_opener()}));
}
void take(fr::recording_import& found, const std::string& path) {
    found.begin_file(path);
    CHECK(fr::import_netcdf(found, fr::hdf5_file(path)));
}
/// A posterior of two frames, whose bins have these centres, one after the other.
std::string placed(const support::temporary_directory& folder, const std::vector<double>& xs,
                   const std::vector<double>& ys) {
    const std::string path = folder.file("placed.nc");
    support::made_hdf5 file(path);
    const hsize_t bins = xs.size();
    file.numbers("/time", {2}, {0, 0.5});
    file.numbers("/x_position", {bins}, xs);
    file.numbers("/y_position", {bins}, ys);
    file.numbers("/state_bins", {bins}, {});
    file.attribute("/state_bins", "NAME", "This is a netCDF dimension but not a netCDF variable");
    file.numbers("/posterior", {2, bins}, std::vector<double>(2 * bins, 0.25));
    file.dimensions("/posterior", {"/time", "/state_bins"});
    return path;
}
std::string refused(const std::string& path) {
    return sentence_of<fr::file_error>([&] {
        fr::recording_import into;
        fr::import_netcdf(into, fr::hdf5_file(path));
    });
}
/// Of one frame over the active bins.
std::vector<double> shown(const fr::session& session, std::size_t frame) {
    const fr::session_field& field = session.fields.at(0);
    const fr::any_source frames = fr::in_active_order(field, *field.space);
    auto cursor = frames.cursor();
    const fr::values_view values = cursor.frame(frame);
    std::vector<double> out;
    for (std::size_t b = 0; b < values.size(); ++b) {
        out.push_back(values[b]);
    }
    return out;
}

} // namespace

TEST_CASE("netcdf: a posterior of xarray, whose bins off the track are not active") {
    fr::recording_import found;
    take(found, golden("import_posterior.nc"));
    const fr::session session = opened(found);
    REQUIRE(session.fields.size() == 1);
    const fr::session_field& field = session.fields[0];
    CHECK(field.kind == fr::field_kind::posterior);
    CHECK((*field.times)[1] == doctest::Approx(3.002));
    REQUIRE(field.space);
    CHECK(field.space->bin_count() == 11); // of 12, one is NaN
    CHECK(field.space->bounds().low == fr::point_xy{0, 0});
    CHECK(field.space->bounds().high == fr::point_xy{40, 6});
    const fr::any_source frames = fr::in_active_order(field, *field.space);
    auto cursor = frames.cursor();
    const std::vector<double> stored = fr::hdf5_file(golden("import_posterior.nc")).numbers("/acausal_posterior");
    for (std::size_t b = 0; b < 11; ++b) {
        CHECK(cursor.frame(2)[b] == stored[2 * 12 + b + (b > 0 ? 1 : 0)]);
    }
}

TEST_CASE("netcdf: a posterior with states over a line") {
    fr::recording_import found;
    take(found, golden("import_states.nc"));
    const fr::session session = opened(found);
    REQUIRE(session.fields.size() == 1);
    const fr::session_field& field = session.fields[0];
    CHECK(field.states->names() == std::vector<std::string>{"Continuous", "Fragmented"});
    CHECK(field.space->bin_count() == 7);
    const fr::any_source frames = fr::in_active_order(field, *field.space);
    const std::vector<double> stored = fr::hdf5_file(golden("import_states.nc")).numbers("/acausal_posterior");
    auto cursor = frames.cursor();
    CHECK(cursor.frame(1)[0] == doctest::Approx(stored[16] + stored[16 + 8]));
    CHECK(cursor.frame(1)[3] == doctest::Approx(stored[16 + 4] + stored[16 + 12])); // bin 3 is off the track
}

TEST_CASE("netcdf: movement's poses") {
    fr::recording_import found;
    take(found, golden("import_movement.nc"));
    const nlohmann::json made = found.describe();
    const nlohmann::json& pose = made["overlays"][0];
    REQUIRE(pose["animals"].size() == 3);
    CHECK(pose["animals"][2]["name"] == "m3");
    CHECK(pose["animals"][0]["names"] == nlohmann::json{"nose", "tail"});
    const fr::samples third = found.tables().at(pose["animals"][2]["file"].get<std::string>()).values;
    CHECK(third(1, 3) == 12 + 1 * 3 + 2);     // frame 1, tail, x
    CHECK(third(1, 4) == 12 + 6 + 1 * 3 + 2); // y
    CHECK(third(1, 5) == doctest::Approx(0.06 + 0.05));
    CHECK(found.tables().at(pose["times"].get<std::string>()).values[3] == doctest::Approx(0.1));
}

TEST_CASE("netcdf: states and positions stacked in one dimension, two states without a place") {
    fr::recording_import found;
    take(found, golden("import_stacked.nc"));
    const fr::session session = opened(found);
    CHECK(found.warnings().empty());
    const fr::session_field& field = session.fields.at(0);
    CHECK(field.states->names() ==
          std::vector<std::string>{"Local", "No-Spike", "Non-Local Continuous", "Non-Local Fragmented"});
    CHECK(field.states->bins() == std::vector<std::size_t>{1, 1, 6, 6});
    CHECK(field.space->bin_count() == 5); // bin 3 of 3 x 2 is NaN in both states
    CHECK(field.space->bounds().high == fr::point_xy{30, 8});
    CHECK((*field.times)[1] == 10.5);
    const std::vector<double> sum = shown(session, 2);
    for (std::size_t b = 0; b < 5; ++b) {
        const double stored = 2 * 14 + 2 + static_cast<double>(b < 3 ? b : b + 1);
        CHECK(sum[b] == doctest::Approx((2 * stored + 6) / 1000));
    }
}

TEST_CASE("netcdf: a stacked dimension compressed by gathering holds the active bins alone") {
    fr::recording_import found;
    take(found, golden("import_compress.nc"));
    const fr::session session = opened(found);
    const fr::session_field& field = session.fields.at(0);
    CHECK(field.states->names() == std::vector<std::string>{"Non-Local Continuous", "Non-Local Fragmented"});
    REQUIRE(field.space->bin_count() == 5);
    CHECK(field.space->center(2) == fr::point_xy{15, 2});
    CHECK(field.space->center(3) == fr::point_xy{25, 2}); // (15, 6) is off the track
    fr::recording_import whole;
    take(whole, golden("import_stacked.nc"));
    CHECK(shown(session, 3) == shown(opened(whole), 3));
}

TEST_CASE("netcdf: packed numbers, rows of y, milliseconds, and a first frame that is missing") {
    fr::recording_import found;
    take(found, golden("import_packed.nc"));
    const fr::session session = opened(found);
    CHECK(session.units == "cm");
    const fr::session_field& field = session.fields.at(0);
    CHECK((*field.times)[3] == doctest::Approx(0.75));
    REQUIRE(field.space->bin_count() == 5);
    CHECK(field.space->bounds().high == fr::point_xy{30, 8});
    const std::vector<double> third = shown(session, 2); // stored: 0.12 to 0.17, by rows of y
    const double wanted[] = {0.12, 0.15, 0.13, 0.14, 0.17};
    for (std::size_t b = 0; b < 5; ++b) {
        CHECK(third[b] == doctest::Approx(wanted[b]).epsilon(1e-5));
    }
    CHECK(std::isnan(shown(session, 0)[0]));
}

TEST_CASE("netcdf: bins along a line") {
    const auto bins = [](std::vector<double> centers) { return fr::detail::bins_around(centers); };
    CHECK(bins({3}).edges == std::vector<double>{2.5, 3.5});
    CHECK(bins({1, 3, 5}).edges == std::vector<double>{0, 2, 4, 6});
    const fr::detail::bins_along hole = bins({1, 3, 9, 11});
    CHECK(hole.equal);
    CHECK(hole.count() == 6);
    CHECK(hole.at == std::vector<std::size_t>{0, 1, 4, 5});
    CHECK(bins({5, 5, 1, 1}).at == std::vector<std::size_t>{1, 1, 0, 0});
    const fr::detail::bins_along uneven = bins({0, 1, 2.2, 3});
    CHECK_FALSE(uneven.equal);
    CHECK(uneven.edges == std::vector<double>{-0.5, 0.5, 1.5, 2.5, 3.5});
    CHECK(uneven.at == std::vector<std::size_t>{0, 1, 2, 3});
    CHECK(bins({0, 1e-9, 1}).count() == 2); // the same place, written twice
    CHECK_FALSE(bins({0, 1e-4, 1}).equal);  // 10 000 bins for three centres
}

TEST_CASE("netcdf: centres and grids beyond reason are refused") {
    const support::temporary_directory folder;
    std::string path = placed(folder, {0, 0, 1e100, 1e100}, {0, 1, 0, 1});
    CHECK(refused(path) == path + "#/posterior has a bin at 1e+100; the centres of bins must be finite");
    path = placed(folder, {0, 0, std::nan(""), 1}, {0, 1, 0, 1});
    CHECK(refused(path) == path + "#/posterior has a bin at nan; the centres of bins must be finite");
    // One centre between the others makes each axis four times as fine, and together a grid that nobody draws.
    std::vector<double> xs = {0, 1};
    for (int i = 1; i < 1499; ++i) {
        xs.push_back(4 * i);
    }
    path = placed(folder, xs, xs);
    CHECK(refused(path) == path + "#/posterior has centres that make a grid of 5993 x 5993 bins for 1500 of them; at "
                                  "most 16777216 are drawn; are the centres rounded?");
    path = placed(folder, {0, 0, 1e99, 1e99}, {0, 1, 0, 1});
    fr::recording_import found;
    take(found, path);
    CHECK(opened(found).fields.at(0).space->bin_count() == 4);
}

TEST_CASE("netcdf: a variable over time and places is taken by its name, and what is none is not") {
    const support::temporary_directory folder;
    const std::string path = folder.file("rates.nc");
    {
        support::made_hdf5 file(path);
        file.numbers("/time", {3}, {0, 0.5, 1});
        file.numbers("/x", {2}, {5, 15});
        file.numbers("/y", {2}, {1, 3});
        file.numbers("/rate", {3, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
        file.dimensions("/rate", {"/time", "/x", "/y"});
        file.numbers("/__xarray_dataarray_variable__", {3, 2, 2}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
        file.dimensions("/__xarray_dataarray_variable__", {"/time", "/x", "/time"});
    }
    const fr::hdf5_file file(path);
    fr::recording_import found;
    found.begin_file(path);
    CHECK_FALSE(fr::import_netcdf(found, file));
    CHECK_FALSE(fr::import_netcdf(found, file, "time"));
    CHECK_FALSE(fr::import_netcdf(found, file, "nothing"));
    CHECK(fr::import_netcdf(found, file, "rate"));
    const fr::session session = opened(found);
    CHECK(session.fields.at(0).kind == fr::field_kind::other);
    CHECK(session.fields[0].space->bounds().high == fr::point_xy{20, 4});
    CHECK(shown(session, 2) == std::vector<double>{8, 9, 10, 11});
}

TEST_CASE("netcdf: sizes are bounded before anything is made of them") {
    const support::temporary_directory folder;
    const std::string path = folder.file("promises.nc");
    const hsize_t many = hsize_t{1} << 28;
    {
        support::made_hdf5 file(path);
        file.numbers("/time", {2}, {0, 0.5});
        file.numbers("/x_position", {many}, {});
        file.numbers("/y_position", {many}, {});
        file.numbers("/posterior", {2, many, many}, {});
        file.dimensions("/posterior", {"/time", "/x_position", "/y_position"});
    }
    CHECK(refused(path) == path + "#/posterior has the shape 2 x 268435456 x 268435456, and at most 16777216 values "
                                  "of a frame are drawn; select some states");
    {
        support::made_hdf5 file(path);
        file.numbers("/x_position", {2}, {1, 2});
        file.numbers("/state", {many}, {});
        file.numbers("/state_bins", {2}, {0, 1});
        file.attribute("/state_bins", "compress", "x_position state");
        file.numbers("/posterior", {2, 2}, {1, 2, 3, 4});
        file.numbers("/time", {2}, {0, 0.5});
        file.dimensions("/posterior", {"/time", "/state_bins"});
    }
    CHECK(refused(path) == path + "#/state_bins is compressed over 'x_position state', of which 'state' is no list of "
                                  "values; save it again with to_netcdf");
    {
        support::made_hdf5 file(path);
        file.numbers("/time", {0}, {});
        file.words("/space", {"x", "y"});
        file.words("/keypoints", {"nose"});
        file.numbers("/individuals", {many}, {});
        file.numbers("/position", {0, 2, 1, many}, {});
        file.dimensions("/position", {"/time", "/space", "/keypoints", "/individuals"});
    }
    CHECK(refused(path) == path + "#/position has the dimensions time, space, keypoints, individuals and the shape "
                                  "0 x 2 x 1 x 268435456; movement's are time, space (x and y), keypoints and "
                                  "individuals; save it again with to_netcdf");
}

TEST_CASE("netcdf: netCDF-3 is refused with what converts it") {
    const support::temporary_directory folder;
    const std::string path = folder.write("old.nc", "CDF\x01 and more");
    CHECK(sentence_of<fr::file_error>([&] { fr::hdf5_file{path}; }) ==
          path + " is a netCDF-3 file, which is no HDF5; convert it with: nccopy -k netCDF-4 " + path +
              " OUT.nc, or save it by xarray with to_netcdf(..., engine='netcdf4')");
}
