// SPDX-License-Identifier: MIT
// Planted: a guard copied from another header.
#ifndef FIELDREEL_OVERLAY_TRAIL_HPP
#define FIELDREEL_OVERLAY_TRAIL_HPP

#include <cstddef>

#endif
