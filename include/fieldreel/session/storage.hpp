// SPDX-License-Identifier: MIT
// How the names of files in a session.json become tables, frames and films, and which names are allowed.
#ifndef FIELDREEL_SESSION_STORAGE_HPP
#define FIELDREEL_SESSION_STORAGE_HPP

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fieldreel/error.hpp>
#include <fieldreel/source/any_source.hpp>
#include <fieldreel/source/mapped_source.hpp>
#include <fieldreel/source/npy.hpp>
#include <fieldreel/source/samples.hpp>

namespace fieldreel::inline v0 {

/// Numbers and the shape they have in their file.
struct stored_table {
    samples values;
    std::vector<std::size_t> shape = {};
};

/// Opens files that are no .npy: a session asks the first opener that knows the ending. What an opener does not offer
/// is empty. `part` is what follows '#' in the name: an array of an archive, a dataset.
struct file_opener {
    std::vector<std::string> endings = {}; ///< ".npz", in lower case
    std::function<stored_table(const std::string& path, const std::string& part, const open_options& how)> table = {};
    /// Fields, and films, which know their times and the shape of their pictures.
    std::function<any_source(const std::string& path, const std::string& part, const open_options& how)> frames = {};
};

/// Where a session's files are, and who opens them.
///
/// A name is FILE or FILE#PART, relative to the folder. Names from a session.json must lie inside its folder: absolute
/// ones, those with "..", and links that lead out are refused unless they are `trusted`.
struct session_storage {
    std::string folder = {};
    fieldreel::access access = fieldreel::access::automatic;
    bool trusted = false;
    std::vector<file_opener> openers = {};
    std::map<std::string, stored_table, std::less<>> in_memory = {}; ///< asked first, by the whole name
    std::string named_by = "session.json";                           ///< for sentences: where the names stand

    open_options how() const { return {access}; }

    /// The file of a name, without its part. Errors: file_error for a name that leads out of the folder.
    std::string path(const std::string& name) const {
        namespace fs = std::filesystem;
        const fs::path file = split(name).first;
        const fs::path full = fs::path(folder) / file;
        if (trusted) {
            return full.string();
        }
        const auto refuse = [&](std::string_view why) {
            throw file_error(full.string(),
                             detail::text(named_by, " names the file '", name, "', ", why,
                                          "; files of a session must lie in its folder, so that a session from "
                                          "elsewhere reads nothing else; move the file there, or say --trust (in "
                                          "C++ .trusted = true) if you know this session"));
        };
        if (file.is_absolute()) {
            refuse("an absolute path");
        }
        for (const fs::path& step : file) {
            if (step == "..") {
                refuse("which leads out of its folder");
            }
        }
        std::error_code problem;
        const fs::path base = fs::weakly_canonical(folder.empty() ? "." : folder, problem);
        const fs::path real = fs::weakly_canonical(full, problem);
        const fs::path inside = real.lexically_relative(base);
        if (!problem && (inside.empty() || *inside.begin() == "..")) {
            refuse("a link that leads out of its folder");
        }
        return full.string();
    }
    /// Numbers of shape (rows) or (rows, columns); with `tables` also (rows, a, b). Errors: file_error.
    samples table(const std::string& name, bool tables = false) const {
        if (const stored_table* const found = known(name); found != nullptr) {
            return found->values;
        }
        const auto [path, part] = found_file(name);
        if (const file_opener* const opener = opener_of(path)) {
            if (!opener->table) {
                throw file_error(path, detail::text(path, " holds frames and no table of numbers; name another file"));
            }
            return opener->table(path, part, how()).values;
        }
        return tables ? samples::open_npy_rows(path, how()) : samples::open_npy(path, how());
    }
    /// The shape of that table in its file.
    std::vector<std::size_t> shape(const std::string& name) const {
        if (const stored_table* const found = known(name); found != nullptr) {
            return found->shape;
        }
        const auto [path, part] = found_file(name);
        if (const file_opener* const opener = opener_of(path); opener != nullptr && opener->table) {
            return opener->table(path, part, how()).shape;
        }
        return read_npy_header(read_only_file(path, access), npy_order::c_or_fortran).shape;
    }
    /// Frames of a field or film. Errors: file_error.
    any_source frames(const std::string& name) const {
        const auto [path, part] = found_file(name);
        if (const file_opener* const opener = opener_of(path)) {
            if (!opener->frames) {
                throw file_error(path, detail::text(path, " holds no frames; name another file"));
            }
            return opener->frames(path, part, how());
        }
        return open_npy(path, how());
    }
    /// The opener of a file by the ending of its name; nullptr: it is a .npy, or nobody knows it.
    const file_opener* opener_of(const std::string& name) const { return opener_by_ending(split(name).first); }

private:
    const file_opener* opener_by_ending(const std::string& file) const {
        std::string ending = std::filesystem::path(file).extension().string();
        for (char& c : ending) {
            c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        for (const file_opener& one : openers) {
            for (const std::string& known_ending : one.endings) {
                if (known_ending == ending) {
                    return &one;
                }
            }
        }
        return nullptr;
    }

    /// FILE and PART, which follows a file that an opener knows: names of files and folders may hold a '#' too.
    std::pair<std::string, std::string> split(const std::string& name) const {
        for (std::size_t end = name.size(); end > 0;) {
            const std::size_t at = name.rfind('#', end - 1);
            if (at == std::string::npos) {
                break;
            }
            if (opener_by_ending(name.substr(0, at)) != nullptr) {
                return {name.substr(0, at), name.substr(at + 1)};
            }
            end = at;
        }
        return {name, std::string()};
    }
    const stored_table* known(std::string_view name) const {
        const auto at = in_memory.find(name);
        return at == in_memory.end() ? nullptr : &at->second;
    }
    std::pair<std::string, std::string> found_file(const std::string& name) const {
        return {path(name), split(name).second};
    }
};

} // namespace fieldreel::inline v0

#endif
