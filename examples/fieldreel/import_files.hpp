// SPDX-License-Identifier: MIT
// Files of other programs, given in place of a recording's folder: what reads them, and what they do not say.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include <fieldreel/session/storage.hpp>

namespace CLI {
class App;
}
namespace fieldreel::inline v0 {
class recording_import;
struct session_files;
} // namespace fieldreel::inline v0

/// What a person states about files that do not say it themselves.
struct import_arguments {
    double fps = std::numeric_limits<double>::quiet_NaN();
    double assumed_fps = std::numeric_limits<double>::quiet_NaN(); ///< where nothing else says it, with a warning
    std::string delimiter = "comma";
    std::string time_unit = "s";
    double min_likelihood = 0;
    std::string shape; ///< FRAMES,ROWS,COLUMNS of a raw file
    std::string dtype;
    std::string order = "C";
    std::size_t offset_bytes = 0;
    std::vector<std::string> datasets; ///< of HDF5 files
    bool trusted = false;              ///< files may name others outside their folder
    void add_to(CLI::App& command);
};

/// What opens the files that sessions name: those of the components this program was built with.
std::vector<fieldreel::file_opener> file_openers();

/// Takes in files by their endings. Errors: file_error with the endings there are, and those of each reader.
void import_files(fieldreel::recording_import& into, const std::vector<std::string>& files,
                  const import_arguments& stated);

/// A folder without session.json and without arrays by their usual names: its only film, its only pose, or both; empty
/// when there is none, or when it is not clear which.
std::vector<std::string> files_to_show(const std::string& folder);

/// A recording of these files, everything small in memory.
void take_imported(fieldreel::session_files& out, const std::vector<std::string>& files, const import_arguments& stated,
                   std::vector<std::string>& warnings);
