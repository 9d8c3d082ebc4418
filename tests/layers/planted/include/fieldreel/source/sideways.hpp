// SPDX-License-Identifier: MIT
// Planted: a folder includes another of its layer.
#ifndef FIELDREEL_SOURCE_SIDEWAYS_HPP
#define FIELDREEL_SOURCE_SIDEWAYS_HPP

#include <fieldreel/space/grid.hpp>

#endif
