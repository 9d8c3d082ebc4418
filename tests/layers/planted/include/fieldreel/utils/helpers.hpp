// SPDX-License-Identifier: MIT
// Planted: a folder whose name says nothing.
#ifndef FIELDREEL_UTILS_HELPERS_HPP
#define FIELDREEL_UTILS_HELPERS_HPP

#include <cstddef>

#endif
