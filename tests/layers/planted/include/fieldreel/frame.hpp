// SPDX-License-Identifier: MIT
// Planted: right, so that others can include it.
#ifndef FIELDREEL_FRAME_HPP
#define FIELDREEL_FRAME_HPP

#include <cstddef>

#endif
