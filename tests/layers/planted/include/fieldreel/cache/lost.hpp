// SPDX-License-Identifier: MIT
// Planted: an include of nothing.
#ifndef FIELDREEL_CACHE_LOST_HPP
#define FIELDREEL_CACHE_LOST_HPP

#include <fieldreel/cache/nowhere.hpp>

#endif
