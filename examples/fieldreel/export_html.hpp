// SPDX-License-Identifier: MIT
// The page part of `fieldreel export`.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}
struct part_arguments;
struct picture_arguments;

/// What is asked of a page beside what is asked of every picture.
struct page_arguments {
    static constexpr const char* group = "Page";
    std::optional<double> target_hz;
    double max_mb = 500;
    void add_to(CLI::App& command);
};

/// Whether the name ends like that of a page: .html or .htm.
bool is_page(const std::string& path);
/// Makes the page. Gives the exit code.
int export_page(const page_arguments& page, const part_arguments& part, picture_arguments& pictures,
                const std::string& path, bool force);
