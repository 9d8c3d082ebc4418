// SPDX-License-Identifier: MIT
// Planted: JSON below its layer.
#ifndef FIELDREEL_CACHE_JSON_HPP
#define FIELDREEL_CACHE_JSON_HPP

#include <nlohmann/json.hpp>

#endif
