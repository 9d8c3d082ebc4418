// SPDX-License-Identifier: MIT
// What the leak sanitizer shall not report: OpenGL in software keeps memory until the end and unloads itself, so that
// not even its name is left to go by. Tests that open a display are not checked for leaks. Included by one file of a
// test program.
#ifndef FIELDREEL_TESTS_SUPPORT_DISPLAY_LEAKS_HPP
#define FIELDREEL_TESTS_SUPPORT_DISPLAY_LEAKS_HPP

#include "support/virtual_display.hpp"

extern "C" int __lsan_is_turned_off();
extern "C" int __lsan_is_turned_off() {
    return support::virtual_display::was_used ? 1 : 0;
}

#endif
