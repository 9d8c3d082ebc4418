// SPDX-License-Identifier: MIT
// Planted: a folder that is in no layer.
#ifndef FIELDREEL_PLOT_AXES_HPP
#define FIELDREEL_PLOT_AXES_HPP

#include <cstddef>

#endif
