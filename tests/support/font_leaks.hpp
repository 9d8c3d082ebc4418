// SPDX-License-Identifier: MIT
// What the leak sanitizer shall not report: fontconfig keeps some hundred bytes per family of letters, until the end,
// and x265 3.5 loses some per encoder. Included by one file of a test program that draws text or makes films.
#ifndef FIELDREEL_TESTS_SUPPORT_FONT_LEAKS_HPP
#define FIELDREEL_TESTS_SUPPORT_FONT_LEAKS_HPP

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfontconfig\nleak:libx265";
}

#endif
