// SPDX-License-Identifier: MIT
// Planted: right.
#ifndef FIELDREEL_SPACE_GRID_HPP
#define FIELDREEL_SPACE_GRID_HPP

#include <vector>

#include <fieldreel/frame.hpp>

#endif
