// SPDX-License-Identifier: MIT
// What the leak sanitizer shall not report: fontconfig keeps some hundred bytes per family of letters, until the end.
// Included by one file of a test program that draws text.
#ifndef FIELDREEL_TESTS_SUPPORT_FONT_LEAKS_HPP
#define FIELDREEL_TESTS_SUPPORT_FONT_LEAKS_HPP

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfontconfig";
}

#endif
