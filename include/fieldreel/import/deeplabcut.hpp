// SPDX-License-Identifier: MIT
// DeepLabCut's tables of keypoints as text, of one animal and of several.
#ifndef FIELDREEL_IMPORT_DEEPLABCUT_HPP
#define FIELDREEL_IMPORT_DEEPLABCUT_HPP

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/import/csv.hpp>
#include <fieldreel/import/pose_tracks.hpp>
#include <fieldreel/source/file.hpp>

namespace fieldreel::inline v0 {

namespace detail {

/// Whose x, y or likelihood a column is.
struct deeplabcut_column {
    std::size_t animal = 0;
    std::size_t keypoint = 0;
    std::size_t coordinate = 0; ///< 0: x, 1: y, 2: likelihood
};

/// The rows of names above the numbers; those of the numbers follow.
struct deeplabcut_header {
    bool several = false; ///< has a row of individuals, so that 0, 0, 0 means missing
    std::vector<pose_track> animals;
    std::vector<deeplabcut_column> columns;
};

/// `individuals` may be empty. The three lists have one word per column. Errors: file_error.
inline deeplabcut_header deeplabcut_columns(const std::string& path, const std::vector<std::string>& individuals,
                                            const std::vector<std::string>& bodyparts,
                                            const std::vector<std::string>& coords) {
    deeplabcut_header out;
    out.several = !individuals.empty();
    if (coords.size() != bodyparts.size() || (out.several && individuals.size() != bodyparts.size())) {
        throw file_error(path, text(path, " has header rows of different lengths (", bodyparts.size(), " bodyparts, ",
                                    coords.size(), " coords); export it again from DeepLabCut"));
    }
    constexpr std::size_t most = 10'000;
    if (coords.size() > most) {
        throw file_error(path, text(path, " has ", coords.size(), " columns; a table of keypoints has at most ", most,
                                    "; is it one?"));
    }
    const auto number_of = [](auto& list, const std::string& name, const auto& name_in) {
        const auto at = std::find_if(list.begin(), list.end(), [&](const auto& one) { return name_in(one) == name; });
        return static_cast<std::size_t>(at - list.begin());
    };
    for (std::size_t c = 0; c < coords.size(); ++c) {
        const std::string& animal = out.several ? individuals[c] : std::string();
        deeplabcut_column to;
        to.animal = number_of(out.animals, animal, [](const pose_track& one) { return one.name; });
        if (to.animal == out.animals.size()) {
            out.animals.push_back({.name = animal});
        }
        auto& keypoints = out.animals[to.animal].keypoints;
        to.keypoint = number_of(keypoints, bodyparts[c], [](const std::string& one) { return one; });
        if (to.keypoint == keypoints.size()) {
            keypoints.push_back(bodyparts[c]);
        }
        to.coordinate = coords[c] == "x" ? 0 : coords[c] == "y" ? 1 : coords[c] == "likelihood" ? 2 : 3;
        if (to.coordinate == 3) {
            throw file_error(path, text(path, " has a column of '", coords[c],
                                        "'; the coords of DeepLabCut are x, y and likelihood"));
        }
        for (const deeplabcut_column& other : out.columns) {
            if (other.animal == to.animal && other.keypoint == to.keypoint && other.coordinate == to.coordinate) {
                throw file_error(
                    path, text(path, " has two columns ", coords[c], " of '", bodyparts[c], "'; keep one of them"));
            }
        }
        out.animals[to.animal].has_likelihood = out.animals[to.animal].has_likelihood || to.coordinate == 2;
        out.columns.push_back(to);
    }
    return out;
}

/// The rows of names, which stand first. Errors: file_error.
inline deeplabcut_header read_deeplabcut_header(csv_scanner& in) {
    const std::string& path = in.path();
    const auto names = [&](std::string_view wanted) {
        std::vector<std::string> cells = in.cells(in.next_line());
        if (cells.front() != wanted) {
            throw file_error(path, text(path, " has '", std::string_view(cells.front()).substr(0, 40),
                                        "' where the header row '", wanted,
                                        "' belongs; a table of DeepLabCut starts with scorer, "
                                        "(individuals,) bodyparts and coords; export it again"));
        }
        cells.erase(cells.begin());
        return cells;
    };
    names("scorer");
    std::vector<std::string> individuals;
    if (in.peek_line().starts_with("individuals") || in.peek_line().starts_with("\"individuals")) {
        individuals = names("individuals");
    }
    const std::vector<std::string> bodyparts = names("bodyparts");
    const std::vector<std::string> coords = names("coords");
    return deeplabcut_columns(path, individuals, bodyparts, coords);
}

/// In tables of several animals a point that was not found is written 0, 0, 0.
inline void mark_missing(pose_track& of) noexcept {
    for (std::size_t i = 0; i + 2 < of.values.size(); i += 3) {
        if (of.values[i] == 0 && of.values[i + 1] == 0 && !(of.values[i + 2] > 0)) {
            of.values[i] = of.values[i + 1] = of.values[i + 2] = std::numeric_limits<double>::quiet_NaN();
        }
    }
}

} // namespace detail

/// Whether a text file starts as DeepLabCut's (and LightningPose's) tables do.
inline bool is_deeplabcut_csv(const read_only_file& file) {
    char start[16] = {};
    const std::size_t some = static_cast<std::size_t>((std::min)(file.size(), std::uint64_t{sizeof start}));
    file.read(0, start, some);
    const std::string_view words(start, some);
    return words.starts_with("scorer,") || words.starts_with("\xef\xbb\xbfscorer,") || words.starts_with("\"scorer\",");
}

/// A DeepLabCut table: 3 rows of names (scorer, bodyparts, coords), or 4 with the individuals. Lines end with LF or
/// CRLF; scorers may carry the suffixes that spreadsheets add. Row i is frame i of the film. In tables of several
/// animals 0, 0, 0 is missing. Errors: file_error for another header; data_error for a row that is cut or holds words.
/// Cost: one pass; about 20 ns for a number.
inline pose_tracks read_deeplabcut_csv(std::shared_ptr<const read_only_file> file) {
    detail::csv_scanner in(std::move(file), ',');
    const std::string& path = in.path();
    const detail::deeplabcut_header header = detail::read_deeplabcut_header(in);
    pose_tracks out;
    out.animals = header.animals;
    struct place {
        std::vector<double>* values;
        std::size_t offset; ///< within a frame
    };
    std::vector<place> places;
    for (const auto& column : header.columns) {
        places.push_back({&out.animals[column.animal].values, 3 * column.keypoint + column.coordinate});
    }
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::size_t columns = places.size();
    // About as many rows as the rest of the file holds lines like the first.
    const std::size_t rows = in.bytes_left() / (in.peek_line().size() + 1) + 1;
    for (pose_track& animal : out.animals) {
        animal.values.reserve((std::min)(rows, in.bytes_left() / (2 * columns + 1) + 1) * 3 * animal.keypoints.size());
    }
    std::vector<double> row(columns);
    while (!in.at_end()) {
        const std::size_t number = in.line();
        std::string_view line = in.next_line();
        if (line.empty()) {
            break;
        }
        bool more = true;
        double frame = 0; // the first cell numbers the frames, or names an image: its value says nothing
        if (!in.number(line, more, frame)) {
            in.cell(line, more);
        }
        std::size_t c = 0;
        for (; more && c < columns; ++c) {
            if (!in.number(line, more, row[c])) {
                throw data_error(detail::text(path, ", line ", number, ": column ", c + 2, " is '", in.cell(line, more),
                                              "', which is no number; correct the cell"),
                                 number);
            }
        }
        if (c != columns || more) {
            detail::throw_uneven_row(path, number, c + 1 + (more ? in.cells(line).size() : 0), columns + 1);
        }
        for (pose_track& animal : out.animals) {
            animal.values.resize(animal.values.size() + 3 * animal.keypoints.size(), nan);
        }
        for (c = 0; c < columns; ++c) {
            const auto& column = header.columns[c];
            std::vector<double>& values = *places[c].values;
            values[values.size() - 3 * out.animals[column.animal].keypoints.size() + places[c].offset] = row[c];
        }
    }
    if (out.frames() == 0) {
        throw data_error(
            detail::text(path, " has no rows of keypoints; it is cut, or was exported from an empty video"));
    }
    for (pose_track& animal : out.animals) {
        if (header.several) {
            detail::mark_missing(animal);
        }
    }
    return out;
}
inline pose_tracks read_deeplabcut_csv(const std::string& path) {
    return read_deeplabcut_csv(std::make_shared<const read_only_file>(path));
}

} // namespace fieldreel::inline v0

#endif
