// SPDX-License-Identifier: MIT
// Planted: right.
#ifndef FIELDREEL_VIEWER_SCENE_HPP
#define FIELDREEL_VIEWER_SCENE_HPP

#include <fieldreel/frame.hpp>
#include <fieldreel/space/grid.hpp>

#endif
