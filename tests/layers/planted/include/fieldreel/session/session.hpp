// SPDX-License-Identifier: MIT
// Planted: right: JSON and dear headers are allowed here.
#ifndef FIELDREEL_SESSION_SESSION_HPP
#define FIELDREEL_SESSION_SESSION_HPP

#include <functional>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include <fieldreel/viewer/scene.hpp>

#endif
