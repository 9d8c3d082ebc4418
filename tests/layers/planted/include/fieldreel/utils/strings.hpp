// SPDX-License-Identifier: MIT
// Planted: a folder whose name says nothing.
#ifndef FIELDREEL_UTILS_STRINGS_HPP
#define FIELDREEL_UTILS_STRINGS_HPP

#include <cstddef>

#endif
