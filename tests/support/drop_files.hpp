// SPDX-License-Identifier: MIT
// Drags files onto a window as a file manager does.
#ifndef FIELDREEL_TESTS_SUPPORT_DROP_FILES_HPP
#define FIELDREEL_TESTS_SUPPORT_DROP_FILES_HPP

#include <string>

namespace support {

/// Drops one file or folder on the middle of the only window of the display that $DISPLAY names, by the protocol of
/// X11 (XDND 5, https://freedesktop.org/wiki/Specifications/XDND). Gives what went wrong; empty: the window took it.
std::string drop_file(const std::string& path);

} // namespace support

#endif
