// SPDX-License-Identifier: MIT
// The version, readable by the compiler and (by text search) by CMake.
#ifndef FIELDREEL_VERSION_HPP
#define FIELDREEL_VERSION_HPP

#define FIELDREEL_VERSION_MAJOR 0
#define FIELDREEL_VERSION_MINOR 1
#define FIELDREEL_VERSION_PATCH 0
#define FIELDREEL_VERSION_STRING "0.1.0"

#endif
