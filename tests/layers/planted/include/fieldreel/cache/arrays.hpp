// SPDX-License-Identifier: MIT
// Planted: xtensor where it may not be.
#ifndef FIELDREEL_CACHE_ARRAYS_HPP
#define FIELDREEL_CACHE_ARRAYS_HPP

#include <xtensor/xtensor.hpp>

#endif
