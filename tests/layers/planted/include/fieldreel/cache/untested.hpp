// SPDX-License-Identifier: MIT
// Planted: no test mirrors it.
#ifndef FIELDREEL_CACHE_UNTESTED_HPP
#define FIELDREEL_CACHE_UNTESTED_HPP

#include <cstddef>

#endif
