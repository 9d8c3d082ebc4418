// SPDX-License-Identifier: MIT
// The program `fieldreel`: its commands, exit codes and errors.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>

#include <fieldreel/error.hpp>
#include <fieldreel/trace/from_environment.hpp>
#include <fieldreel/trace/point.hpp>
#include <fieldreel/version.hpp>

#include "commands.hpp"
#include "machine.hpp"

std::string command_line;

int main(int count, char** words) {
    for (int i = 0; i < count; ++i) {
        const std::string word = words[i];
        const bool quoted = word.empty() || word.find_first_of(" \t\"'\\$&;|<>()*?") != std::string::npos;
        command_line += (i > 0 ? " " : "") + (quoted ? "'" + word + "'" : word);
    }
#ifdef SIGXFSZ
    std::signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error to be told, not the end
#endif
    fieldreel::trace::name_thread("main");
    CLI::App app{"Plays long recordings of spatial fields, and says where every millisecond went.", "fieldreel"};
    app.set_version_flag("--version", FIELDREEL_VERSION_STRING);
    app.require_subcommand(1);
    app.option_defaults()->take_last(); // given twice, the last counts: a script's own options can be overruled
    int result = done;
    add_simulate(app, result);
    add_info(app, result);
    add_field(app, result);
    add_profile(app, result);
    add_export(app, result);
    add_trace(app, result);
    add_view(app, result);
    add_import(app, result);
    add_join(app, result);
    const CLI::Validator not_negative( // the library would read -1 as 18 quintillion
        [](std::string& word) {
            return word.starts_with('-') ? "'" + word + "' was given; give a whole number, 0 or more" : std::string();
        },
        "");
    for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        for (CLI::Option* option : command->get_options([](const CLI::Option*) { return true; })) {
            if (option->get_type_name().starts_with("UINT")) {
                option->check(not_negative);
            }
        }
    }
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(command->get_name());
    }
    if (count > 1 && words[1][0] != '-' && std::find(names.begin(), names.end(), words[1]) == names.end()) {
        const std::string_view word = words[1];
        std::error_code none;
        const bool file = std::filesystem::exists(word, none);
        const bool show = file || word == "play" || word == "open" || word == "show" || word == "watch";
        const std::string meant = show ? "view" : std::string(fieldreel::detail::nearest_name(word, names));
        std::fprintf(stderr, "fieldreel: '%s' is no command; there are %s; did you mean '%s%s'? (see --help)\n",
                     words[1], fieldreel::detail::join(names).c_str(), meant.c_str(),
                     file ? (" " + std::string(word)).c_str() : "");
        return wrong_usage;
    }
    try {
        const auto tracing = fieldreel::trace::from_environment();
        try {
            app.parse(count, words);
        } catch (const CLI::ParseError& problem) {
            const int code = app.exit(problem);
            return code == 0 ? done : wrong_usage;
        }
    } catch (const std::exception& problem) { // bad_alloc included
        std::fprintf(stderr, "fieldreel: %s\n", problem.what());
        return failed;
    }
    return result;
}
