// SPDX-License-Identifier: MIT
// The page part of `fieldreel export`.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}
struct picture_arguments;

/// What is asked of a page beside what is asked of every picture.
struct page_arguments {
    std::optional<double> target_hz;
    double max_mb = 500;
    void add_to(CLI::App& command);
};

/// Whether the name ends like that of a page: .html or .htm.
bool is_page(const std::string& path);
/// The first of the page's own options that was given; empty without.
std::string page_option_given(const CLI::App& command);
/// Makes the page. Gives the exit code.
int export_page(const page_arguments& page, picture_arguments& pictures, const std::string& path, bool force);
