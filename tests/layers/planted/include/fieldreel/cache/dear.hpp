// SPDX-License-Identifier: MIT
// Planted: a dear header in a low layer.
#ifndef FIELDREEL_CACHE_DEAR_HPP
#define FIELDREEL_CACHE_DEAR_HPP

#include <functional>

#endif
