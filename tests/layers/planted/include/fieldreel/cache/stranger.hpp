// SPDX-License-Identifier: MIT
// Planted: a project that the table does not know.
#ifndef FIELDREEL_CACHE_STRANGER_HPP
#define FIELDREEL_CACHE_STRANGER_HPP

#include <boost/optional.hpp>

#endif
