// SPDX-License-Identifier: MIT
// Planted: a relative include.
#ifndef FIELDREEL_CACHE_RELATIVE_HPP
#define FIELDREEL_CACHE_RELATIVE_HPP

#include "../frame.hpp"

#endif
