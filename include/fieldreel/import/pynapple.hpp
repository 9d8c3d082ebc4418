// SPDX-License-Identifier: MIT
// What .npz archives hold: pynapple's objects by their keys, else arrays by their names.
#ifndef FIELDREEL_IMPORT_PYNAPPLE_HPP
#define FIELDREEL_IMPORT_PYNAPPLE_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/import/npz.hpp>
#include <fieldreel/import/recording.hpp>
#include <fieldreel/session/storage.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// Opens "FILE.npz#ARRAY" for sessions. Errors, cost: those of npz_archive.
inline file_opener npz_opener() {
    const auto named = [](const npz_archive& archive, const std::string& part) {
        if (part.empty()) {
            throw file_error(archive.path(),
                             detail::text(archive.path(), " holds several arrays; name one: ", archive.path(),
                                          "#NAME, with one of ", detail::join(archive.names())));
        }
        return part;
    };
    return {.endings = {".npz"},
            .table =
                [named](const std::string& path, const std::string& part, const open_options& how) {
                    const npz_archive archive(path, {.access = how.access});
                    const std::string name = named(archive, part);
                    return stored_table{archive.table(name), archive.header(name).shape};
                },
            .frames =
                [named](const std::string& path, const std::string& part, const open_options& how) {
                    const npz_archive archive(path, {.access = how.access});
                    return archive.frames(named(archive, part));
                }};
}

namespace detail {

inline std::vector<double> all_numbers(const samples& of) {
    std::vector<double> out(of.size() * of.columns());
    of.values().visit([&](auto values) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<double>(values[i]);
        }
    });
    return out;
}

/// A Tsd, TsdFrame, TsdTensor, Ts, TsGroup or IntervalSet. Source: the keys that pynapple 0.2 to 0.10 writes.
class pynapple_archive {
public:
    pynapple_archive(const npz_archive& archive, std::string type) : archive_(archive), type_(std::move(type)) {}

    void into(recording_import& to) const {
        const std::string name = to.stem();
        if (type_ == "IntervalSet") {
            const std::vector<double> starts = column("start");
            const std::vector<double> stops = column("end");
            same(starts.size(), stops.size(), "start", "end");
            to.intervals(name, starts, stops, {});
        } else if (type_ == "TsGroup") {
            group(to, name);
        } else if (type_ == "Ts") {
            to.events(name, column("t"), {});
        } else if (type_ == "Tsd") {
            std::vector<double> times_s = column("t");
            std::vector<double> values = column("d");
            same(times_s.size(), values.size(), "t", "d");
            to.time_series(name, std::move(times_s), std::move(values), {name});
        } else if (type_ == "TsdFrame") {
            frame(to, name);
        } else if (type_ == "TsdTensor") {
            const any_source frames = archive_.frames("d");
            std::vector<double> times_s = column("t");
            same(times_s.size(), frames.frame_count(), "t", "d");
            to.movie(name, "d", frames, std::move(times_s));
        } else {
            throw data_error(text(archive_.path(), " holds a ", type_,
                                  "; of pynapple Ts, Tsd, TsdFrame, TsdTensor, TsGroup and IntervalSet are read"));
        }
    }

private:
    std::vector<double> column(const char* key) const { return all_numbers(archive_.table(key)); }
    void same(std::size_t a, std::size_t b, std::string_view key_a, std::string_view key_b) const {
        if (a != b) {
            throw data_error(text(archive_.path(), ": '", key_a, "' has ", a, " values and '", key_b, "' has ", b,
                                  "; they must be as many; save it again with pynapple"));
        }
    }
    void frame(recording_import& to, const std::string& name) const {
        const samples table = archive_.table("d");
        std::vector<double> times_s = column("t");
        same(times_s.size(), table.size(), "t", "d");
        std::vector<std::string> columns;
        if (archive_.has("columns")) {
            try {
                columns = archive_.words("columns");
            } catch (const file_error&) { // numbers
                for (const double number : column("columns")) {
                    columns.push_back(text(number));
                }
            }
        }
        if (columns.size() != table.columns()) {
            columns.clear();
            for (std::size_t c = 0; c < table.columns(); ++c) {
                columns.push_back(text(c));
            }
        }
        const auto at = [&](std::string_view wanted) {
            return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), wanted) - columns.begin());
        };
        if (at("x") < columns.size() && at("y") < columns.size()) { // positions, as everybody names them
            std::vector<double> xy;
            for (std::size_t i = 0; i < table.size(); ++i) {
                xy.insert(xy.end(), {table(i, at("x")), table(i, at("y"))});
            }
            to.positions(std::move(times_s), std::move(xy));
        } else {
            to.time_series(name, std::move(times_s), all_numbers(table), std::move(columns));
        }
    }
    void group(recording_import& to, const std::string& name) const {
        const std::vector<double> times_s = column("t");
        const std::vector<double> units = column("index");
        same(times_s.size(), units.size(), "t", "index");
        std::map<double, std::vector<double>> each;
        if (archive_.has("keys")) { // also of those without a spike
            for (const double key : column("keys")) {
                each[key];
            }
        }
        for (std::size_t i = 0; i < times_s.size(); ++i) {
            each[units[i]].push_back(times_s[i]);
        }
        for (auto& [unit, spikes] : each) {
            to.spikes(text(name, " ", unit), std::move(spikes));
        }
    }

    const npz_archive& archive_;
    std::string type_;
};

} // namespace detail

/// An .npz archive. With the key "type": pynapple's (a TsdFrame with the columns x and y is positions). Else arrays by
/// their names: t, time or times with pos, position(s) or xy (n, 2), head_direction, spikes…; and movies (frames, rows,
/// columns). Errors: file_error, data_error with the arrays that are there. Cost: movies stay in the file; the others
/// are copied as float64.
inline void import_npz(recording_import& into, const std::string& path) {
    into.begin_file(path);
    const npz_archive archive(path);
    if (archive.has("type")) {
        const std::vector<std::string> type = archive.words("type");
        detail::pynapple_archive(archive, type.empty() ? std::string() : type[0]).into(into);
        return;
    }
    const auto first_of = [&](std::initializer_list<const char*> names) {
        for (const char* const name : names) {
            if (archive.has(name)) {
                return std::string(name);
            }
        }
        return std::string();
    };
    const std::string times = first_of({"t", "time", "times", "times_s", "timestamps"});
    const std::string positions = first_of({"pos", "position", "positions", "xy"});
    const std::string heading = first_of({"head_direction", "hd", "heading"});
    std::vector<double> times_s = times.empty() ? std::vector<double>() : detail::all_numbers(archive.table(times));
    const std::size_t samples_there = times_s.size();
    bool found = false;
    const auto check = [&](const std::string& name, const samples& values, std::size_t columns) {
        if (times.empty() || values.size() != samples_there || values.columns() != columns) {
            throw data_error(detail::text(path, ": '", name, "' is ", values.size(), " x ", values.columns(), " and ",
                                          times.empty() ? std::string("there are no times ('t')")
                                                        : detail::text("'", times, "' has ", samples_there, " values"),
                                          "; give ", columns, " columns, and one time for each row"));
        }
    };
    if (!heading.empty()) {
        const samples angles = archive.table(heading);
        check(heading, angles, 1);
        into.head_direction(times_s, detail::all_numbers(angles));
        found = true;
    }
    if (!positions.empty()) {
        const samples places = archive.table(positions);
        check(positions, places, 2);
        into.positions(times_s, detail::all_numbers(places));
        found = true;
    }
    for (const std::string& name : archive.names()) {
        if (name.starts_with("spikes")) {
            into.spikes(name, detail::all_numbers(archive.table(name)));
            found = true;
        } else if (name != times && name != positions && name != heading && archive.header(name).shape.size() == 3) {
            const any_source frames = archive.frames(name);
            into.movie(name, name, frames, frames.frame_count() == samples_there ? times_s : std::vector<double>());
            found = true;
        }
    }
    if (!found) {
        throw data_error(
            detail::text(path, " holds the arrays ", detail::join(archive.names()),
                         ", of which none is known; known are t and pos, head_direction, spikes..., movies "
                         "of three axes, and what pynapple saves; name others in a session.json: ",
                         path, "#NAME"));
    }
}

} // namespace fieldreel::inline v0

#endif
