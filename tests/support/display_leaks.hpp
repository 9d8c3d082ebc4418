// SPDX-License-Identifier: MIT
// What the leak sanitizer shall not report of programs with a window: OpenGL in software, X11 and fonts keep memory
// until the end. Included by one file of a test program.
#ifndef FIELDREEL_TESTS_SUPPORT_DISPLAY_LEAKS_HPP
#define FIELDREEL_TESTS_SUPPORT_DISPLAY_LEAKS_HPP

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libfontconfig\nleak:libGLX\nleak:libGL.so\nleak:swrast_dri\nleak:libLLVM\nleak:libX11\nleak:libglapi\n"
           "leak:_dri.so\nleak:libxcb\nleak:<unknown module>";
}

#endif
