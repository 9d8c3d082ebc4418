// SPDX-License-Identifier: MIT
#include "import_files.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <fieldreel/import/csv.hpp>
#include <fieldreel/import/deeplabcut.hpp>
#include <fieldreel/import/recording.hpp>
#include <fieldreel/source/raw_movie.hpp>
#ifdef FIELDREEL_PROGRAM_ZLIB
#include <fieldreel/import/pynapple.hpp>
#endif
#ifdef FIELDREEL_PROGRAM_VIDEO
#include <fieldreel/import/film.hpp>
#endif
#ifdef FIELDREEL_PROGRAM_HDF5
#include <fieldreel/import/hdf5_recording.hpp>
#endif

namespace {

using fieldreel::detail::text;

std::string ending_of(const std::string& path) {
    std::string out = std::filesystem::path(path).extension().string();
    for (char& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}
bool one_of(std::string_view ending, std::span<const std::string_view> all) {
    for (const std::string_view one : all) {
        if (one == ending) {
            return true;
        }
    }
    return false;
}

fieldreel::import_options options_of(const import_arguments& stated) {
    fieldreel::import_options out;
    out.fps = stated.fps;
    out.units_per_s = stated.time_unit == "us" ? 1e6 : stated.time_unit == "ms" ? 1e3 : 1;
    out.csv.delimiter = stated.delimiter == "tab"         ? '\t'
                        : stated.delimiter == "semicolon" ? ';'
                        : stated.delimiter == "space"     ? ' '
                                                          : ',';
    out.min_likelihood = stated.min_likelihood;
    out.openers = file_openers();
    out.trusted = stated.trusted;
    return out;
}

/// "1000,512,512", or "512,512" and as many frames as the file holds; of CaImAn's files what their names say.
fieldreel::raw_movie_layout layout_of(const import_arguments& stated, const std::string& path, std::uint64_t bytes) {
    if (stated.shape.empty() && stated.dtype.empty()) {
        if (const auto named = fieldreel::caiman_layout(std::filesystem::path(path).filename().string())) {
            return *named;
        }
    }
    if (stated.shape.empty() || stated.dtype.empty()) {
        throw fieldreel::file_error(path, path + " holds bare numbers, which do not say what they are; state --shape "
                                                 "FRAMES,ROWS,COLUMNS or ROWS,COLUMNS (suite2p's Ly,Lx), --dtype "
                                                 "(such as int16) and --data-fps");
    }
    std::vector<std::size_t> numbers;
    const char* at = stated.shape.data();
    const char* const end = at + stated.shape.size();
    for (bool more = true; more;) {
        std::size_t number = 0;
        const auto [stop, problem] = std::from_chars(at, end, number);
        more = stop != end && *stop == ',';
        at = stop + (more ? 1 : 0);
        if (problem != std::errc{} || (!more && stop != end)) {
            numbers.clear();
            break;
        }
        numbers.push_back(number);
    }
    const fieldreel::dtype type = fieldreel::dtype_named(stated.dtype);
    if (numbers.size() == 2 && numbers[0] > 0 && numbers[1] > 0) {
        const std::uint64_t there = bytes - (std::min)(bytes, stated.offset_bytes);
        const std::uint64_t rows = there / fieldreel::size_of(type) / numbers[1];
        numbers.insert(numbers.begin(), static_cast<std::size_t>(rows / numbers[0]));
        if (numbers[0] == 0 || there != numbers[0] * numbers[1] * numbers[2] * fieldreel::size_of(type)) {
            throw fieldreel::file_error(
                path, text(path, " has ", there, " bytes, which are no whole number of frames of ", numbers[1], " x ",
                           numbers[2], " ", stated.dtype, " values; check --shape, --dtype and --offset-bytes"));
        }
    }
    if (numbers.size() != 3) {
        throw fieldreel::invalid_value(
            "shape", text("the shape '", stated.shape,
                          "' was given; it is FRAMES,ROWS,COLUMNS, such as 1000,512,512, or ROWS,COLUMNS"));
    }
    return {.type = type,
            .frames = numbers[0],
            .shape = {numbers[1], numbers[2]},
            .rows_fastest = stated.order == "F",
            .offset_bytes = stated.offset_bytes};
}

void import_raw(fieldreel::recording_import& into, const std::string& path, const import_arguments& stated) {
    const std::uint64_t bytes = fieldreel::read_only_file(path).size();
    const fieldreel::raw_movie_layout layout = layout_of(stated, path, bytes);
    into.begin_file(path);
    const fieldreel::any_source frames = fieldreel::open_raw_movie(path, layout);
    const std::uint64_t used =
        layout.offset_bytes + std::uint64_t{layout.frames} * frames.frame_size() * fieldreel::size_of(layout.type);
    if (used < bytes) {
        into.warn(text(path, " has ", bytes - used, " bytes after the ", layout.frames,
                       " frames that were stated; check --shape and --dtype, or state ROWS,COLUMNS for all of it"));
    }
    into.movie(into.stem(), "", frames, {},
               {{"dtype", std::string(fieldreel::name_of(layout.type))},
                {"frames", layout.frames},
                {"rows", layout.shape.rows},
                {"cols", layout.shape.cols},
                {"order", layout.rows_fastest ? "F" : "C"},
                {"offset_bytes", layout.offset_bytes}});
}

constexpr std::string_view text_endings[] = {".csv", ".tsv", ".txt"};
constexpr std::string_view hdf5_endings[] = {".h5", ".hdf5", ".nwb", ".nc", ".mat", ".slp"};
constexpr std::string_view film_endings[] = {".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv"};
constexpr std::string_view raw_endings[] = {".bin", ".raw", ".dat", ".mmap"};

/// What a file is by its first bytes, and the endings of such files.
struct kind_of_file {
    std::string_view name;
    std::vector<std::string_view> endings;
};
std::optional<kind_of_file> kind_by_bytes(const fieldreel::read_only_file& file) {
    char bytes[12] = {};
    const auto count = static_cast<std::size_t>((std::min)(file.size(), std::uint64_t{sizeof bytes}));
    file.read(0, bytes, count);
    const std::string_view start(bytes, count);
    if (start.starts_with("\x89HDF\r\n\x1a\n")) {
        return kind_of_file{"an HDF5 file", {std::begin(hdf5_endings), std::end(hdf5_endings)}};
    }
    if (start.starts_with("PK\3\4") || start.starts_with("PK\5\6")) {
        return kind_of_file{"a zip archive (as numpy.savez and Excel write)", {".npz"}};
    }
    if (start.starts_with("\x93NUMPY")) {
        return kind_of_file{"an array of numpy.save", {".npy"}};
    }
    if (start.substr((std::min)(count, std::size_t{4})).starts_with("ftyp")) {
        return kind_of_file{"a film", {".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv"}};
    }
    return std::nullopt;
}
/// Bare numbers may start with anything.
void check_ending(const std::string& path, const std::string& ending) {
    const fieldreel::read_only_file file(path); // or says why not
    if (file.size() == 0) {
        throw fieldreel::file_error(path, path + " is empty; copy or write it again");
    }
    const auto kind = kind_by_bytes(file);
    if (kind && !one_of(ending, kind->endings) && !one_of(ending, raw_endings)) {
        throw fieldreel::file_error(path, text(path, " is ", kind->name,
                                               " by its first bytes, and not what its name "
                                               "says; rename it to end with ",
                                               kind->endings.front(),
                                               one_of(ending, text_endings) ? ", or save it as text" : ""));
    }
}

/// Files that many have and nothing here reads: what to do.
std::string refusal_of(const std::string& ending) {
    if (ending == ".tif" || ending == ".tiff") {
        return " is a TIFF stack, which is not read here; in Python, save it as an array: "
               "numpy.save('OUT.npy', tifffile.imread(...))";
    }
    if (ending == ".pkl" || ending == ".pickle") {
        return " holds pickled Python objects, which are never read because they can run code; in Python, save its "
               "numbers: numpy.savez('OUT.npz', t=..., pos=...)";
    }
    if (ending == ".xlsx" || ending == ".xls" || ending == ".ods") {
        return " is a spreadsheet, which is not read here; save it as a .csv table";
    }
    return "";
}

/// What a file would be; empty: nothing here reads it.
std::string meaning_of(const std::string& path) {
    const std::string ending = ending_of(path);
    if (one_of(ending, text_endings)) {
        return fieldreel::is_deeplabcut_csv(fieldreel::read_only_file(path)) ? "poses of DeepLabCut"
                                                                             : "positions, events or intervals";
    }
    return ending == ".npz"                                   ? "arrays of NumPy"
           : ending == ".npy"                                 ? "an array, given by its option"
           : one_of(ending, film_endings)                     ? "a film"
           : one_of(ending, raw_endings)                      ? "a raw movie, with --shape and --dtype"
           : one_of(ending, hdf5_endings) && ending != ".slp" ? "poses, positions or fields"
                                                              : "";
}

/// A folder without a session: says what is in it. Nobody guesses which of it belongs together.
[[noreturn]] void refuse_folder(const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code problem;
    if (fs::exists(fs::path(folder) / ".zgroup", problem) || fs::exists(fs::path(folder) / ".zarray", problem) ||
        fs::exists(fs::path(folder) / "zarr.json", problem)) {
        throw fieldreel::file_error(folder, folder + " is a Zarr store, which is not read here; in Python, save it as "
                                                     "netCDF: xarray.open_zarr(...).to_netcdf('OUT.nc')");
    }
    if (fs::exists(fs::path(folder) / "session.json", problem)) {
        throw fieldreel::file_error(folder, folder + " is the folder of a recording already; give it alone");
    }
    std::vector<std::string> found;
    std::size_t others = 0;
    for (const auto& beside : fs::directory_iterator(folder, problem)) {
        std::string meaning;
        try {
            meaning = beside.is_regular_file(problem) ? meaning_of(beside.path().string()) : "";
        } catch (const fieldreel::error&) { // one that cannot be read
        }
        if (meaning.empty()) {
            ++others;
        } else {
            found.push_back(beside.path().filename().string() + " (" + meaning + ")");
        }
    }
    std::sort(found.begin(), found.end());
    constexpr std::size_t most = 8;
    const std::size_t more = found.size() > most ? found.size() - most : 0;
    found.resize(found.size() - more);
    throw fieldreel::file_error(
        folder,
        text(folder, " holds no recording: no session.json and no positions.npy; ",
             found.empty() ? text(others == 0 ? "it is empty" : "nothing here reads what it holds",
                                  "; give the folder of a recording, or its files")
                           : text("it holds ", fieldreel::detail::join(found),
                                  more > 0 ? text(" and ", more, " more") : std::string(),
                                  others > 0 ? text(", and ", others, " that nothing here reads") : std::string(),
                                  "; give those that belong together, as in: fieldreel import FILE... -o ", folder)));
}

void import_npy(fieldreel::recording_import& into, const std::string& path) {
    into.begin_file(path);
    const auto header = fieldreel::read_npy_header(fieldreel::read_only_file(path));
    if (header.shape.size() != 3) {
        throw fieldreel::file_error(path, text(path, " has the shape ", fieldreel::detail::shape_text(header.shape),
                                               ", and a .npy file does not say what it holds; give it by its option "
                                               "(--positions, --times, --spikes, --head-direction, --field); movies "
                                               "(frames, rows, columns) need none"));
    }
    into.movie(into.stem(), "", fieldreel::open_npy(path), {});
}

} // namespace

void import_arguments::add_to(CLI::App& command) {
    // "export" and "profile" have an --fps of their own, of the film they write and of the screen.
    const bool taken = command.get_name() == "export" || command.get_name() == "profile";
    command
        .add_option(taken ? "--data-fps" : "--data-fps,--fps", fps,
                    "Frames per second of poses and movies that have no times of their own")
        ->group("Files of other programs");
    command
        .add_option("--delimiter", delimiter, "What separates the columns of .csv files: comma, semicolon, tab, space")
        ->check(CLI::IsMember({"comma", "semicolon", "tab", "space"}))
        ->group("Files of other programs");
    command.add_option("--time-unit", time_unit, "Of the times in .csv files: s, ms or us")
        ->check(CLI::IsMember({"s", "ms", "us"}))
        ->group("Files of other programs");
    command.add_option("--min-likelihood", min_likelihood, "Keypoints that are less likely are not drawn (0-1)")
        ->check(CLI::Range(0.0, 1.0))
        ->group("Files of other programs");
    command.add_option("--shape", shape, "Of a raw movie: FRAMES,ROWS,COLUMNS, or ROWS,COLUMNS and all of the file")
        ->group("Files of other programs");
    command.add_option("--dtype", dtype, "Of a raw movie: int16, uint16, float32, ...")
        ->group("Files of other programs");
    command
        .add_option("--order", order,
                    "Of a raw movie's frames: C, columns fastest (suite2p), or F, rows fastest (CaImAn's order F)")
        ->check(CLI::IsMember({"C", "F"}))
        ->group("Files of other programs");
    command.add_option("--offset-bytes", offset_bytes, "Of a raw movie: bytes before the first number")
        ->group("Files of other programs");
#ifdef FIELDREEL_PROGRAM_HDF5
    command
        .add_option(
            "--dataset", datasets,
            "A dataset of an HDF5 file that is a movie (frames, rows, columns), such as /estimates/C; or a variable "
            "of xarray over time and places")
        ->group("Files of other programs");
#endif
}

std::vector<fieldreel::file_opener> file_openers() {
    std::vector<fieldreel::file_opener> out;
#ifdef FIELDREEL_PROGRAM_ZLIB
    out.push_back(fieldreel::npz_opener());
#endif
#ifdef FIELDREEL_PROGRAM_VIDEO
    out.push_back(fieldreel::film_opener());
#endif
#ifdef FIELDREEL_PROGRAM_HDF5
    out.push_back(fieldreel::hdf5_opener());
#endif
    return out;
}

void import_files(fieldreel::recording_import& into, const std::vector<std::string>& files,
                  const import_arguments& stated) {
    for (const std::string& path : files) {
        const std::string ending = ending_of(path);
        std::error_code problem;
        if (std::filesystem::is_directory(path, problem)) {
            refuse_folder(path);
        }
        if (const std::string why = refusal_of(ending); !why.empty()) {
            throw fieldreel::file_error(path, path + why);
        }
        check_ending(path, ending);
        if (one_of(ending, text_endings)) {
            if (fieldreel::is_deeplabcut_csv(fieldreel::read_only_file(path))) {
                into.begin_file(path);
                into.pose(fieldreel::read_deeplabcut_csv(path));
            } else {
                fieldreel::import_csv(into, path);
            }
#ifdef FIELDREEL_PROGRAM_ZLIB
        } else if (ending == ".npz") {
            fieldreel::import_npz(into, path);
#endif
#ifdef FIELDREEL_PROGRAM_HDF5
        } else if (one_of(ending, hdf5_endings)) {
            fieldreel::import_hdf5(into, path, stated.datasets);
#endif
#ifdef FIELDREEL_PROGRAM_VIDEO
        } else if (one_of(ending, film_endings)) {
            into.begin_file(path);
            into.film(fieldreel::open_film(path));
#endif
        } else if (ending == ".npy") {
            import_npy(into, path);
        } else if (one_of(ending, raw_endings)) {
            import_raw(into, path, stated);
        } else {
            std::string endings = ".csv, .npy, .bin, .dat, .raw, .mmap";
#ifdef FIELDREEL_PROGRAM_ZLIB
            endings += ", .npz";
#endif
#ifdef FIELDREEL_PROGRAM_HDF5
            endings += ", .h5, .nwb, .nc, .mat";
#endif
#ifdef FIELDREEL_PROGRAM_VIDEO
            endings += ", .mp4, .avi, .mkv, .mov, .webm";
#endif
            throw fieldreel::file_error(path, text(path,
                                                   " is a file that nothing here reads; give the folder of a "
                                                   "recording, or files that end with ",
                                                   endings));
        }
    }
}

void take_imported(fieldreel::session_files& out, const std::vector<std::string>& files, const import_arguments& stated,
                   std::vector<std::string>& warnings) {
    const auto take = [&](const import_arguments& how) {
        fieldreel::recording_import found(options_of(how));
        import_files(found, files, how);
        const fieldreel::session_files made = fieldreel::files_of(found, file_openers());
        out.description = made.description;
        out.in_memory = made.in_memory;
        out.trusted = true;
        warnings = found.warnings();
    };
    const bool film =
        std::any_of(files.begin(), files.end(), [](const auto& f) { return one_of(ending_of(f), film_endings); });
    if (film || !std::isnan(stated.fps) || std::isnan(stated.assumed_fps)) {
        take(stated);
        return;
    }
    try {
        take(stated);
    } catch (const fieldreel::data_error&) { // for want of a rate, or with one it fails again
        import_arguments how = stated;
        how.fps = stated.assumed_fps;
        take(how);
        warnings.push_back(text(files.front(), " has no times in seconds: shown at ", how.fps,
                                " frames per second; state the rate (--data-fps)"));
    }
}

std::vector<std::string> files_to_show(const std::string& folder) {
    namespace fs = std::filesystem;
    std::vector<std::string> films;
    std::vector<std::string> others;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        const std::string ending = ending_of(entry.path().string());
        if (!entry.is_regular_file(none)) {
            continue;
        }
        if (one_of(ending, film_endings)) {
            films.push_back(entry.path().string());
        } else if (ending == ".csv" || ending == ".npz" || one_of(ending, hdf5_endings)) {
            others.push_back(entry.path().string());
        }
    }
    std::erase_if(others, [&](const std::string& one) { // DeepLabCut writes each table twice
        const fs::path table = fs::path(one).replace_extension(".csv");
        return table != one && fs::is_regular_file(table, none);
    });
    if (films.size() > 1 || others.size() > 1) {
        return {};
    }
    films.insert(films.end(), others.begin(), others.end());
    return films;
}

namespace {

struct arguments {
    std::vector<std::string> files;
    std::string folder;
    bool force = false;
    import_arguments stated;
};

} // namespace

#include "commands.hpp"

void add_import(CLI::App& app, int& result) {
    auto given = std::make_shared<arguments>();
    CLI::App* const command = app.add_subcommand(
        "import", "Write a session.json for files of other programs; large files stay where they are");
    command->add_option("files", given->files, "Files: .csv, .npz, .h5, .nwb, .nc, .mat, films, raw movies")
        ->required();
    command->add_option("-o,--output", given->folder, "Folder to write the session to")->required();
    command->add_flag("--force", given->force, "Replace the session that is there");
    command->add_flag("--trust", given->stated.trusted, "Files may name films outside their folder");
    given->stated.add_to(*command);
    command->callback([given, &result] {
        fieldreel::recording_import found(options_of(given->stated));
        import_files(found, given->files, given->stated);
        const fieldreel::written_session made = fieldreel::write_session(found, given->folder, given->force);
        for (const std::string& sentence : found.warnings()) {
            std::fprintf(stderr, "fieldreel: note: %s\n", sentence.c_str());
        }
        const auto counted = [](std::size_t count, const char* what) {
            return text(count, std::string_view(what), count == 1 ? "" : "s");
        };
        std::printf("%s: %s beside it, %s left where it is\n", made.path.c_str(),
                    counted(found.tables().size(), " table").c_str(),
                    counted(found.large_files().size(), " large file").c_str());
        if (!made.outside.empty()) {
            std::printf("%s lies outside the folder: open the session with --trust, or import into the files' own "
                        "folder\n",
                        made.outside.front().c_str());
        }
        result = done;
    });
}
