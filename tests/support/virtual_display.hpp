// SPDX-License-Identifier: MIT
// A display of its own for a test, in memory (Xvfb); and keys and a mouse for the windows on it (xdotool).
#ifndef FIELDREEL_TESTS_SUPPORT_VIRTUAL_DISPLAY_HPP
#define FIELDREEL_TESTS_SUPPORT_VIRTUAL_DISPLAY_HPP

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace support {

class virtual_display {
public:
    static inline bool was_used = false; ///< by this program, ever

    /// Waits until the display is there: Xvfb then writes its number.
    virtual_display() {
        int ends[2] = {-1, -1};
        if (::pipe(ends) != 0) {
            return;
        }
        server_ = ::fork();
        if (server_ == 0) {
            ::close(ends[0]);
            const std::string number_to = std::to_string(ends[1]);
            std::freopen("/dev/null", "w", stderr);
            ::execlp("Xvfb", "Xvfb", "-displayfd", number_to.c_str(), "-screen", "0", "1280x800x24", "-nolisten", "tcp",
                     static_cast<char*>(nullptr));
            ::_exit(127);
        }
        ::close(ends[1]);
        std::string number;
        char letter = 0;
        while (::read(ends[0], &letter, 1) == 1 && letter != '\n') {
            number += letter;
        }
        ::close(ends[0]);
        if (!number.empty()) {
            was_used = true;
            name_ = ":" + number;
            ::setenv("DISPLAY", name_.c_str(), 1);
            ::setenv("LIBGL_ALWAYS_SOFTWARE", "1", 1);
            ::unsetenv("WAYLAND_DISPLAY");
        }
    }
    virtual_display(const virtual_display&) = delete;
    virtual_display& operator=(const virtual_display&) = delete;
    ~virtual_display() {
        if (server_ > 0) {
            ::kill(server_, SIGTERM);
            ::waitpid(server_, nullptr, 0);
        }
        ::unsetenv("DISPLAY");
    }

    /// False where Xvfb or xdotool is not installed.
    bool there() const { return !name_.empty() && hand("version"); }

    /// Runs xdotool with these words; false when it is absent or fails.
    bool hand(const std::string& words) const {
        return std::system(("timeout 60 xdotool " + words + " >/dev/null").c_str()) == 0;
    }
    /// Waits for a window of this name and gives it the keyboard: no window manager runs here that would.
    bool focus(const std::string& name) const {
        return hand("search --sync --onlyvisible --name '" + name + "' windowfocus --sync");
    }

    /// The process of a window; -1 when there is none.
    ::pid_t process_of(const std::string& name) const {
        std::FILE* const words = ::popen(("xdotool search --name '" + name + "' getwindowpid").c_str(), "r");
        int out = -1;
        if (words != nullptr) {
            out = std::fscanf(words, "%d", &out) == 1 ? out : -1;
            ::pclose(words);
        }
        return out;
    }

private:
    ::pid_t server_ = -1;
    std::string name_;
};

} // namespace support

#endif
