// SPDX-License-Identifier: MIT
// The recordings that were opened last, in a small file of the user's.
#ifndef FIELDREEL_WINDOW_RECENT_LIST_HPP
#define FIELDREEL_WINDOW_RECENT_LIST_HPP

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace fieldreel::inline v0 {

/// Where programs keep what is neither settings nor data: $XDG_STATE_HOME or ~/.local/state, on Windows %LOCALAPPDATA%;
/// empty where none is known.
inline std::string state_folder() {
    namespace fs = std::filesystem;
    const auto named = [](const char* name) {
        const char* const value = std::getenv(name);
        return value == nullptr ? std::string() : std::string(value);
    };
#ifdef _WIN32
    const fs::path base = named("LOCALAPPDATA");
#else
    fs::path base = named("XDG_STATE_HOME");
    if (!base.is_absolute()) {
        base = named("HOME").empty() ? fs::path() : fs::path(named("HOME")) / ".local" / "state";
    }
#endif
    return base.empty() ? std::string() : (base / "fieldreel").string();
}

/// Paths, the last opened first, each once. Kept in a file where there is one; that it cannot be read or written is no
/// error: a list is then shorter.
class recent_list {
public:
    static constexpr std::size_t most = 12;

    /// An empty path: in memory alone.
    explicit recent_list(std::string path = {}) : path_(std::move(path)) { read(); }

    const std::vector<std::string>& all() const noexcept { return all_; }
    /// Puts one first. What other programs added meanwhile is kept.
    void add(const std::string& recording) {
        std::error_code none;
        const std::string whole = std::filesystem::absolute(recording, none).lexically_normal().string();
        const std::string kept = none || whole.empty() ? recording : whole;
        if (kept.find('\n') != std::string::npos) {
            return; // it would be two
        }
        read();
        std::erase(all_, kept);
        all_.insert(all_.begin(), kept);
        all_.resize((std::min)(all_.size(), most));
        write();
    }

private:
    void read() {
        if (path_.empty()) {
            return;
        }
        std::ifstream in(path_);
        std::vector<std::string> lines;
        for (std::string line; lines.size() < most && std::getline(in, line);) {
            if (!line.empty() && std::find(lines.begin(), lines.end(), line) == lines.end()) {
                lines.push_back(line);
            }
        }
        if (!lines.empty()) {
            all_ = std::move(lines);
        }
    }
    void write() const {
        if (path_.empty()) {
            return;
        }
        std::error_code none;
        std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), none);
        const std::string part = path_ + ".part"; // so that the list is never half a list
        {
            std::ofstream out(part);
            for (const std::string& one : all_) {
                out << one << "\n";
            }
            if (!out.flush()) {
                return;
            }
        }
        std::filesystem::rename(part, path_, none);
    }

    std::string path_;
    std::vector<std::string> all_;
};

} // namespace fieldreel::inline v0

#endif
