// SPDX-License-Identifier: MIT
// Planted: a lower layer includes a higher one.
#ifndef FIELDREEL_SOURCE_UPWARDS_HPP
#define FIELDREEL_SOURCE_UPWARDS_HPP

#include <fieldreel/viewer/scene.hpp>

#endif
